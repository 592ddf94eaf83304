"""Binary numbers, bits and small Python programs."""

from collections.abc import Iterator, Sequence
from random import Random

from trivia.generation.facts.core import (
    JUNIOR,
    TEEN,
    Ages,
    Difficulty,
    Draft,
    spread,
)

PYTHON = "procedural: evaluated expressions"


def binary(rng: Random) -> Iterator[Draft]:
    """Numbers in base two and sixteen."""
    while True:
        top = rng.choice((15, 31, 63, 255))
        n = rng.randint(3, top)
        near = spread(rng, n, rng.choice((1, 2, 4)), least=1)
        ages: Ages = JUNIOR if top < 40 else TEEN
        difficulty: Difficulty = "easy" if n < 8 else "medium" if n < 32 else "hard"
        kind = rng.randrange(4)
        reason = f"{n} is {n:b} in binary and {n:X} in hexadecimal."
        if kind == 0:
            yield Draft(
                rng.choice(
                    (
                        f"Which number is {n:b} in binary?",
                        f"A computer shows the bits {n:b}. Which decimal number is that?",
                    )
                ),
                str(n),
                [str(v) for v in near],
                ages,
                difficulty,
                reason,
                "procedural: binary numbers",
            )
        elif kind == 1:
            yield Draft(
                f"How is {n} written in binary?",
                f"{n:b}",
                [f"{v:b}" for v in near],
                ages,
                difficulty,
                reason,
                "procedural: binary numbers",
            )
        elif kind == 2 and n > 9:
            yield Draft(
                f"Which decimal number is {n:X} in hexadecimal?"
                if not f"{n:X}".isdigit()
                else f"Which decimal number is the hexadecimal number {n:X}?",
                str(n),
                [str(v) for v in spread(rng, n, rng.choice((1, 6, 16)) if n > 20 else 1, least=1)],
                TEEN,
                "hard" if n > 15 else "medium",
                reason,
                "procedural: hexadecimal numbers",
            )
        elif kind == 3:
            ones = n.bit_count()
            yield Draft(
                f"How many ones are there in the binary form of {n}?",
                str(ones),
                [str(v) for v in spread(rng, ones, 1, least=1)],
                TEEN,
                "hard" if n > 31 else "medium",
                reason,
                "procedural: binary numbers",
            )


def programs(rng: Random) -> Iterator[Draft]:
    """What a small Python expression gives; every value is what Python itself computes."""
    words = "apple banana python robot galaxy dragon pixel planet rocket window".split()
    while True:
        word = rng.choice(words)
        a, b, c = rng.randint(2, 20), rng.randint(2, 9), rng.randint(1, 9)
        i = rng.randint(1, len(word) - 2)
        numbers = rng.sample(range(1, 30), 4)
        forms: tuple[tuple[str, int | str, Sequence[int | str], Difficulty], ...] = (
            (f"{a} + {b} * {c}", a + b * c, [(a + b) * c, a + b + c, a * b + c, a + b * c + 1], "easy"),
            (f"{a * b + c % b} % {b}", (a * b + c % b) % b, [*range(b)], "medium"),
            (f"{a * 3 + c} // {b}", (a * 3 + c) // b, spread(rng, (a * 3 + c) // b, 1), "medium"),
            (f"len('{word}')", len(word), spread(rng, len(word), 1, least=1), "easy"),
            (f"'{word}'[{i}]", f"'{word[i]}'", [f"'{x}'" for x in word if x != word[i]], "medium"),
            (
                f"'{word}'[::-1]",
                f"'{word[::-1]}'",
                [
                    f"'{word[::-1][1:] + word[-1]}'",
                    f"'{word[1:] + word[0]}'",
                    f"'{word[-1] + word[:-1]}'",
                    f"'{word[:-1]}'",
                ],
                "medium",
            ),
            (f"max({numbers})", max(numbers), [n for n in numbers if n != max(numbers)], "easy"),
            (
                f"sum(range({b}))",
                sum(range(b)),
                [sum(range(b + 1)), b, sum(range(b)) - 1, b * b, sum(range(b)) + 2],
                "hard",
            ),
            (f"len({numbers} * {b})", 4 * b, [4 + b, 4, b, 4 * b + 1, 4 * b - 4], "hard"),
            (
                f"{b} ** {c % 3 + 2}",
                b ** (c % 3 + 2),
                [b * (c % 3 + 2), b ** (c % 3 + 1), b ** (c % 3 + 3), b + c % 3 + 2],
                "medium",
            ),
            (f"sorted({numbers})[0]", min(numbers), [n for n in numbers if n != min(numbers)], "medium"),
            (
                f"'{word[:3]}' * {min(b, 4)}",
                f"'{word[:3] * min(b, 4)}'",
                [
                    f"'{word[:3]}{min(b, 4)}'",
                    f"'{word[:3] * (min(b, 4) + 1)}'",
                    f"'{word[:3] * (min(b, 4) - 1)}'",
                    f"'{word[:2] * min(b, 4)}'",
                ],
                "medium",
            ),
            (f"{a} > {b} and {b} > {c}", "True" if a > b > c else "False", [], "easy"),
            (
                f"list(range({c}, {c + 3}))",
                str(list(range(c, c + 3))),
                [
                    str(list(range(c, c + 4))),
                    str(list(range(c + 1, c + 4))),
                    str([c, c + 3]),
                    str(list(range(c - 1, c + 3))),
                ],
                "medium",
            ),
        )
        text, right, wrong, difficulty = rng.choice(forms)
        if len(set(map(str, wrong)) - {str(right)}) < 3:
            continue
        yield Draft(
            rng.choice(
                (
                    f"What does this Python expression give: {text}",
                    f"You type {text} into Python. What appears?",
                    f"In Python, what is the value of {text}?",
                )
            ),
            str(right),
            [str(w) for w in wrong if str(w) != str(right)],
            (11, 120),
            difficulty,
            f"{text} gives {right}.",
            PYTHON,
        )


def logic_gates(rng: Random) -> Iterator[Draft]:
    """Bits combined by AND, OR and XOR, and shifts."""
    while True:
        a, b = rng.randint(4, 15), rng.randint(4, 15)
        name, right = rng.choice((("AND", a & b), ("OR", a | b), ("XOR", a ^ b)))
        wrong = {a & b, a | b, a ^ b, (a + b) & 15, ~a & 15, a, b} - {right}
        yield Draft(
            f"What is {a:04b} {name} {b:04b}, bit by bit?",
            f"{right:04b}",
            [f"{w:04b}" for w in sorted(wrong)],
            TEEN,
            "hard" if name == "XOR" else "medium",
            f"{a:04b} {name} {b:04b} = {right:04b}.",
            "procedural: Boolean algebra",
        )
