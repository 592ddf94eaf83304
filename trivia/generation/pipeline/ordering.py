"""Orders of options that depend on nothing but what is asked.

Whoever writes a question puts the right option where habit has it (models at B, mostly). Here the content decides: over many questions
the key comes equally often at each place, and the same question has the same order whenever it is judged again.
"""

from collections.abc import Sequence
from hashlib import sha256


def order_options(options: Sequence[str], content: str, purpose: str = "options") -> tuple[str, ...]:
    """The options of the question with this content identity, in its order for this purpose, however they were ordered before."""
    left = sorted(options)
    # 256 bits leave no place for one order to be likelier than another.
    dice = int.from_bytes(sha256(f"{purpose}\n{content}".encode()).digest())
    ordered = []
    while left:
        dice, place = divmod(dice, len(left))
        ordered.append(left.pop(place))
    return tuple(ordered)
