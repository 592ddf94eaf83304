"""Sequences, odd ones out, order puzzles and small deductions."""

from collections.abc import Iterator
from itertools import pairwise
from math import inf
from random import Random

from trivia.generation.facts.clocks import ordinal
from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
    JUNIOR,
    LITTLE,
    Ages,
    Difficulty,
    Draft,
    Subject,
    Template,
    spread,
)

SOURCE = "procedural: logic puzzles"
NAMES = "Ana Ben Chen Dina Emil Fay Gus Hana Ivo Jun Kai Lea Mo Nina".split()


TIMES = {2: "twice", 3: "three times", 4: "four times"}


def sequences(rng: Random) -> Iterator[Draft]:
    """What comes next."""
    while True:
        a, d, q = rng.randint(1, 20), rng.randint(2, 12), rng.choice((2, 3))
        b = rng.randint(1, 9)
        kinds: tuple[tuple[list[int], str, Ages, Difficulty], ...] = (
            ([a + d * i for i in range(6)], f"Each number is {d} more than the one before.", (7, 120), "easy"),
            (
                [a + d * (5 - i) + 3 for i in range(6)],
                f"Each number is {d} less than the one before.",
                (7, 120),
                "easy",
            ),
            ([b * q**i for i in range(6)], f"Each number is {TIMES[q]} the one before.", FAMILY, "medium"),
            (
                [a + i * (i + 1) // 2 * (d % 4 + 1) for i in range(6)],
                "The gap grows by the same amount each time.",
                JUNIOR,
                "medium",
            ),
            ([(i + b) ** 2 for i in range(6)], "They are square numbers in a row.", JUNIOR, "medium"),
            ([n + (i % 2) * d for i, n in enumerate(range(a, a + 12, 2))], "Two sequences take turns.", JUNIOR, "hard"),
            (fibonacci(b, a, 6), "Each number is the sum of the two before it.", JUNIOR, "hard"),
            (
                [b * 2**i + (2**i - 1) for i in range(6)],
                "Each number is twice the one before, plus one.",
                JUNIOR,
                "hard",
            ),
        )
        numbers, reason, ages, difficulty = rng.choice(kinds)
        right = numbers[5]
        shown = ", ".join(map(str, numbers[:5]))
        gap = max(1, abs(numbers[5] - numbers[4]) // rng.choice((2, 3, 4)))
        if rng.random() < 0.25:
            right = numbers[2]
            shown = ", ".join(str(n) if i != 2 else "?" for i, n in enumerate(numbers))
            prompt = f"Which number is missing: {shown}"
        else:
            prompt = rng.choice(
                (
                    f"Which number comes next: {shown}, ?",
                    f"How does the sequence go on: {shown}, ?",
                    f"{shown} – and then?",
                )
            )
        yield Draft(
            prompt, f"{right}", [str(n) for n in spread(rng, right, gap, least=0)], ages, difficulty, reason, SOURCE
        )


def fibonacci(first: int, second: int, length: int) -> list[int]:
    """A sequence in which each number is the sum of the two before it."""
    result = [first, second]
    while len(result) < length:
        result.append(result[-1] + result[-2])
    return result


SHAPES = "🔴🟠🟡🟢🔵🟣🟤⚫⬜🔺⭐🌙🍎🍌🍇🍓🐶🐱🐭🐸🚗🚲🚀⛵🌞🌈"


def patterns(rng: Random) -> Iterator[Draft]:
    """Patterns of pictures, for the youngest."""
    while True:
        chosen = rng.sample(SHAPES, 6)
        form = rng.choice(("AB", "ABC", "AAB", "ABB", "AABB", "ABCB", "ABCD"))
        length = len(form) * 2 + rng.randint(1, len(form) - 1)
        row = [chosen["ABCD".index(form[i % len(form)])] for i in range(length + 1)]
        used = sorted(set(form))
        wrong = [c for c in chosen if c != row[-1]]
        hidden = rng.random() < 0.3
        if hidden:
            place = rng.randint(len(form), length - 1)
            right = row[place]
            prompt = f"Which picture is hidden behind the question mark? {' '.join(c if i != place else '❓' for i, c in enumerate(row[:-1]))}"
            wrong = [c for c in chosen if c != right]
        else:
            right = row[-1]
            prompt = rng.choice(
                (f"What comes next? {' '.join(row[:-1])}", f"How does the pattern go on? {' '.join(row[:-1])}")
            )
        yield Draft(
            prompt,
            right,
            wrong,
            LITTLE if len(form) < 4 else CHILDREN,
            "easy" if len(used) < 3 else "medium",
            f"The pattern repeats every {len(form)} pictures.",
            SOURCE,
        )


def counting(rng: Random) -> Iterator[Draft]:
    """Counting and comparing pictures."""
    while True:
        one, other = rng.sample("🍎🍌🍓🐶🐱🐸🚗⭐🌙🐝🦋🍒🎈🐟🦆", 2)
        a, b = rng.randint(2, 7), rng.randint(1, 6)
        row = [one] * a + [other] * b
        rng.shuffle(row)
        kind = rng.randrange(3)
        if kind == 0:
            prompt, right = f"How many {one} can you count? {' '.join(row)}", a
        elif kind == 1:
            prompt, right = f"How many pictures are there in all? {' '.join(row)}", a + b
        else:
            if a <= b:
                continue
            prompt, right = f"How many more {one} than {other} are there? {' '.join(row)}", a - b
        yield Draft(
            prompt,
            str(right),
            [str(n) for n in spread(rng, right, 1, least=1)],
            (5, 7) if kind < 2 else (5, 8),
            "easy" if kind < 2 else "medium",
            f"There are {a} {one} and {b} {other}.",
            SOURCE,
        )


COMPARISONS = (
    ("taller", "tallest", "shortest"),
    ("older", "oldest", "youngest"),
    ("faster", "fastest", "slowest"),
    ("stronger", "strongest", "weakest"),
)


def orders(rng: Random) -> Iterator[Draft]:
    """Who is tallest when each clue compares two."""
    while True:
        people = rng.sample(NAMES, 4)
        more, most, least = rng.choice(COMPARISONS)
        clues = [f"{a} is {more} than {b}" for a, b in pairwise(people)]
        rng.shuffle(clues)
        right = ", ".join(people)
        wrong = {", ".join(rng.sample(people, 4)) for _ in range(12)} | {", ".join(reversed(people))}
        first = rng.random() < 0.5
        yield Draft(
            f"{clues[0]}. {clues[1]}. {clues[2]}. What is their order, from the {most if first else least} to the {least if first else most}?",
            right if first else ", ".join(reversed(people)),
            sorted(wrong - {right if first else ", ".join(reversed(people))}),
            (8, 120),
            "medium" if first else "hard",
            f"From {most} to {least}: {right}.",
            SOURCE,
        )


def races(rng: Random) -> Iterator[Draft]:
    """Places in a race and a queue."""
    places = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    while True:
        i = rng.randint(2, 8)
        kind = rng.randrange(3)
        front, behind = rng.randint(2, 12), rng.randint(2, 12)
        who = rng.choice(NAMES)
        if kind == 0:
            yield Draft(
                f"In a race {who} overtakes the runner in {places[i]} place. Which place is {who} in now?",
                ordinal(i + 1),
                [ordinal(n) for n in spread(rng, i + 1, 1, least=1)],
                FAMILY,
                "medium",
                f"Who overtakes the runner in {places[i]} place takes that place.",
                SOURCE,
            )
        elif kind == 1:
            total = front + behind + 1
            yield Draft(
                f"{who} stands in a queue with {front} people in front and {behind} behind. How many people are in the queue?",
                str(total),
                [str(n) for n in spread(rng, total, 1, least=1)],
                (7, 120),
                "easy",
                f"{front} + {behind} and {who}: {total}.",
                SOURCE,
            )
        else:
            gap = rng.randint(3, 8)
            yield Draft(
                f"{gap + 1} trees stand in a row, {front} metres apart. How far is the first from the last?",
                f"{gap * front} m",
                [
                    f"{n} m"
                    for n in (gap * front + front, gap * front - front, (gap + 2) * front, gap * front + 1)
                    if n > 0
                ],
                FAMILY,
                "medium",
                f"{gap + 1} trees have {gap} gaps: {gap} × {front} = {gap * front}.",
                SOURCE,
            )


def odd_number(rng: Random) -> Iterator[Draft]:
    """The number that does not fit a rule shared by the others."""
    while True:
        divisor = rng.choice((2, 3, 5, 10, 4, 7, 9, 11))
        start = rng.randint(1, 9)
        family = [divisor * (start + k) for k in range(1, 12)]
        trio = rng.sample(family, 3)
        right = rng.choice(
            [
                n
                for n in range(min(trio), max(trio) + divisor)
                if n % divisor and all(n % d == 0 or t % d for d in (2, 3, 5) for t in trio)
            ]
            or [0]
        )
        if not right or any(
            all(x % 2 == 1 for x in (*rest, right)) and t % 2 == 0
            for t, rest in ((t, [u for u in trio if u != t]) for t in trio)
        ):
            continue
        yield Draft(
            rng.choice(
                (
                    f"All but one of these can be shared out equally among {divisor} people. Which one can't?",
                    f"Three of these numbers are in the {divisor} times table. Which one is not?",
                )
            ),
            str(right),
            [str(n) for n in trio],
            FAMILY,
            "easy" if divisor in (2, 5, 10) else "medium",
            f"{right} can't be divided by {divisor} without remainder.",
            SOURCE,
        )


def balances(rng: Random) -> Iterator[Draft]:
    """Scales and pictures that stand for numbers."""
    while True:
        one, other = rng.sample("🍎🍌🍓🍇🍋🍐🥝🍒⭐🌙🎈🐟", 2)
        x, y = rng.randint(2, 12), rng.randint(2, 12)
        if x == y:
            continue
        kind = rng.randrange(3)
        if kind == 0:
            prompt, right, reason = (
                f"{one} + {one} = {2 * x} and {one} + {other} = {x + y}. What is {other}?",
                y,
                f"{one} is {x}, so {other} is {y}.",
            )
        elif kind == 1:
            prompt, right, reason = (
                f"{one} × {one} = {x * x} and {other} − {one} = {y}. What is {other}?",
                x + y,
                f"{one} is {x}, so {other} is {x + y}.",
            )
        else:
            prompt, right, reason = (
                f"{one} + {one} + {other} = {2 * x + y} and {other} + {other} = {2 * y}. What is {one}?",
                x,
                f"{other} is {y}, so {one} is {x}.",
            )
        yield Draft(
            prompt,
            str(right),
            [str(n) for n in spread(rng, right, 1, least=1)],
            (8, 120),
            "easy" if kind == 0 else "medium",
            reason,
            SOURCE,
        )


def ages(rng: Random) -> Iterator[Draft]:
    """Riddles about ages and pairs."""
    while True:
        who, friend = rng.sample(NAMES, 2)
        x, k, d = rng.randint(4, 15), rng.choice((2, 3, 4)), rng.randint(2, 9)
        kind = rng.randrange(4)
        if kind == 0:
            prompt, right, reason = (
                f"{who} is {x} years old and {friend} is {TIMES[k]} as old. How old will {friend} be in {d} years?",
                k * x + d,
                f"{k} × {x} + {d} = {k * x + d}.",
            )
        elif kind == 1:
            prompt, right, reason = (
                f"The ages of {who} and {friend} add up to {2 * x + d}. {who} is {d} years older. How old is {friend}?",
                x,
                f"{x} + {x + d} = {2 * x + d}.",
            )
        elif kind == 2:
            legs = 2 * x + 4 * d
            prompt, right, reason = (
                f"In a yard there are hens and cows: {x + d} heads and {legs} legs. How many cows are there?",
                d,
                f"{d} cows and {x} hens have {4 * d} + {2 * x} = {legs} legs.",
            )
        else:
            prompt, right, reason = (
                f"A drawer holds socks of {k + 1} colours. How many must you take in the dark to be sure of a pair?",
                k + 2,
                f"With {k + 1} socks all may differ; one more makes a pair.",
            )
        yield Draft(
            prompt,
            str(right),
            [str(n) for n in spread(rng, right, 1, least=1, most=x + d - 1 if kind == 2 else inf)],
            JUNIOR,
            "hard" if kind in (1, 2) else "medium",
            reason,
            SOURCE,
        )


SUBJECT = Subject(
    "Logic and Puzzles",
    (
        Template(sequences, 40),
        Template(patterns, 44),
        Template(counting, 28),
        Template(orders, 35),
        Template(races, 25),
        Template(odd_number, 12),
        Template(balances, 25),
        Template(ages, 30),
    ),
)
