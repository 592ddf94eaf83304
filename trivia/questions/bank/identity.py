"""When two questions are the same question.

The identity of a question is the SHA-256 of its prompt and its options, folded, the options sorted.
The topic and the answer are no part of it: the same question filed under another topic, or with
another option marked as right, is not a new question.

Folding is NFKC, lower case, white space made single spaces, and no space beside punctuation. The
punctuation itself stays, so `C++` and `C#`, `-4` and `4`, `cos(x)` and `-cos(x)` differ. Letters
that merely look alike (Cyrillic and Latin) differ too.
"""

import re
import unicodedata
from collections.abc import Sequence
from hashlib import sha256

from events.vocabulary.accounts import PUBLIC_ORG

_ASCII_PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# Both expressions begin with a literal space, so that the engine looks for nothing else between two of them.
_ASCII_SPACE_BESIDE = re.compile(rf" (?:(?=[{_ASCII_PUNCTUATION}])|(?<=[{_ASCII_PUNCTUATION}] ))")
_SPACE = re.compile(" ")


def fold_all(texts: Sequence[str]) -> list[str]:
    """Several texts as identity sees them; none of them holds a line break.

    Nearly all text is plain ASCII, and joining it by a punctuation mark makes one pass of the five
    that a question needs.
    """
    joined = "|".join(texts)
    # What is printable holds no white space but the space.
    if joined.isascii() and joined.isprintable():
        if "  " in joined:
            joined = " ".join(joined.split())
        folded = _ASCII_SPACE_BESIDE.sub("", joined.lower().strip()).split("|")
        if len(folded) == len(texts):
            return folded
    return [_fold(text) for text in texts]


def _fold(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    return _SPACE.sub(lambda space: _keep_between_words(text, space.start()), text)


def _keep_between_words(text: str, place: int) -> str:
    # Marks (vowel signs, accents) are not punctuation: a space after one ends a word as any other does.
    before, after = unicodedata.category(text[place - 1]), unicodedata.category(text[place + 1])
    return "" if before[0] in "PS" or after[0] in "PS" else " "


def identity_of_folded(prompt: str, options: Sequence[str]) -> str:
    """The identity of a question whose texts are folded already: 64 hexadecimal digits."""
    # A folded text has no line break in it, so this encoding can be read in one way only.
    return sha256("\n".join((prompt, *sorted(options))).encode()).hexdigest()


def content_identity(prompt: str, options: Sequence[str]) -> str:
    """The identity of a question: 64 hexadecimal digits."""
    folded_prompt, *folded_options = fold_all((prompt, *options))
    return identity_of_folded(folded_prompt, folded_options)


def question_stream(org: str, content: str) -> str:
    """The stream of the question with this content identity in an organisation's bank.

    Those of the shared bank are `question-<identity>`.
    """
    return f"question-{content}" if org == PUBLIC_ORG else f"question-{org}-{content}"
