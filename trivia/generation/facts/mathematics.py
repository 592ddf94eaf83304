"""Arithmetic, numbers, shapes and chance."""

from collections.abc import Iterator
from fractions import Fraction
from math import comb, factorial, gcd, inf, isqrt, lcm
from random import Random

from trivia.generation.facts.core import (
    JUNIOR,
    LITTLE,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    spread,
)
from trivia.generation.facts.journeys import minus
from trivia.generation.facts.shapes import SOURCE, area, numeric, shapes


def adding(rng: Random) -> Iterator[Draft]:
    """Small sums told as little stories."""
    # What is taken away leaves less, so no wrong answer is more.
    stories = (
        ("{n} has {a} {t} and gets {b} more. How many {t} is that altogether?", 1),
        ("There are {a} {t} in one box and {b} in another. How many {t} are there in both?", 1),
        ("{n} had {a} {t} and gave {b} away. How many {t} are left?", -1),
        ("{a} {t} lie on the table. {n} takes {b} of them. How many stay on the table?", -1),
        ("What is {a} + {b}?", 1),
        ("What is {a} − {b}?", -1),
    )
    names = "Mia Noah Aisha Ben Chen Lucía Tom Zara Kofi Yuki Emma Raj".split()
    objects = "apples marbles stickers shells pencils cherries coins crayons cookies stamps".split()
    while True:
        story, sign = rng.choice(stories)
        a, b = rng.randint(2, 20), rng.randint(2, 12)
        if sign < 0 and a - b < 1:
            continue
        right = a + sign * b
        yield numeric(
            story.format(n=rng.choice(names), a=a, b=b, t=rng.choice(objects)),
            right,
            spread(rng, right, 1, most=inf if sign > 0 else a - 1),
            LITTLE if max(a, b) <= 12 else (6, 9),
            "easy" if right <= 12 else "medium",
            f"{a} {'+' if sign > 0 else '−'} {b} = {right}.",
        )


def times(rng: Random) -> Iterator[Draft]:
    """Times tables both ways."""
    while True:
        a, b = rng.randint(2, 12), rng.randint(3, 12)
        product = f"{a} × {b} = {a * b}."
        prompt, right, step, reason = rng.choice(
            (
                (f"What is {a} × {b}?", a * b, a, product),
                (f"A box holds {b} eggs. How many eggs are in {a} full boxes?", a * b, b, product),
                (f"{a * b} children make {a} teams of the same size. How many are in each team?", b, 1, product),
                (f"What is {a * b} ÷ {a}?", b, 1, product),
                (f"Which number goes in the gap: {a} × ? = {a * b}", b, 1, product),
                (f"A spider has eight legs. How many legs do {a} spiders have?", a * 8, 8, f"{a} × 8 = {a * 8}."),
                (f"How many days are {b} weeks?", b * 7, 7, f"{b} × 7 = {b * 7}."),
            )
        )
        wrong = spread(rng, right, step, least=1)
        yield numeric(prompt, right, wrong, (7, 13), "easy" if a * b <= 40 else "medium", reason)


def mental(rng: Random) -> Iterator[Draft]:
    """Two steps in the head."""
    while True:
        a, b, c = rng.randint(11, 99), rng.randint(3, 9), rng.randint(11, 99)
        right, text = rng.choice(
            (
                (a * b + c, f"{a} × {b} + {c}"),
                (a + b * c, f"{a} + {b} × {c}"),
                (a * b - c, f"{a} × {b} − {c}"),
                ((a + c) * b, f"({a} + {c}) × {b}"),
            )
        )
        if right <= 0:
            continue
        yield numeric(
            rng.choice(("Work out in your head: {} = ?", "What is {}?", "No calculator allowed: what is {}?")).format(
                text
            ),
            right,
            spread(rng, right, rng.choice((2, 4, 10))),
            JUNIOR,
            "medium" if right < 400 else "hard",
            f"{text} = {right}.",
        )


def percentage(rng: Random) -> Iterator[Draft]:
    """Parts of a whole."""
    while True:
        percent, whole = rng.choice((5, 10, 15, 20, 25, 30, 40, 60, 75, 80)), rng.randrange(20, 600, 20)
        part = Fraction(percent * whole, 100)
        if part.denominator != 1:
            continue
        kind = rng.randrange(3)
        reason = f"{percent}% of {whole} is {int(part)}."
        if kind == 0:
            prompt, right = f"What is {percent}% of {whole}?", int(part)
        elif kind == 1:
            prompt, right = (
                f"A coat costs {whole} dollars and is reduced by {percent}%. What is the new price in dollars?",
                whole - int(part),
            )
            reason = f"{percent}% of {whole} is {int(part)}, and {whole} − {int(part)} = {right}."
        else:
            prompt, right = (
                f"{percent}% of the {whole} guests at a party are children. How many children is that?",
                int(part),
            )
        yield numeric(
            prompt,
            right,
            # A part is less than the whole, and so is a price once it is reduced.
            spread(rng, right, max(2, min(right, whole - right) // 5), least=1, most=whole - 1),
            JUNIOR,
            "easy" if percent in (10, 20, 25) else "medium",
            reason,
        )


def is_prime(number: int) -> bool:
    """By trial division."""
    return number > 1 and all(number % d for d in range(2, isqrt(number) + 1))


def number_kinds(rng: Random) -> Iterator[Draft]:
    """Which of four numbers is prime, square, a multiple, a cube."""
    while True:
        top = rng.choice((50, 100, 200, 400))
        reach = top + 40  # wrong options lie beyond the top, and must be known to be wrong there too
        divisor = rng.choice((3, 4, 6, 7, 8, 9, 11))
        members, word, reason = rng.choice(
            (
                (
                    [n for n in range(11, reach) if is_prime(n)],
                    "a prime number",
                    "{} can be divided only by 1 and by itself",
                ),
                ([n * n for n in range(3, isqrt(reach) + 1)], "a square number", "{} is a whole number times itself"),
                (
                    list(range(divisor * 3, reach, divisor)),
                    f"a multiple of {divisor}",
                    f"{{}} can be divided by {divisor} without remainder",
                ),
                ([8, 27, 64, 125, 216, 343], "a cube number", "{} is a whole number times itself, twice"),
                (
                    [1 << n for n in range(3, 9)],
                    "a power of two",
                    "{} is two multiplied by itself some number of times",
                ),
            )
        )
        right = rng.choice([n for n in members if n <= top])
        near = [
            n
            for n in range(max(9, right - 25), right + 26)
            if n not in members and n != right and (n % 2 == right % 2 or word == "a square number")
        ]
        yield numeric(
            rng.choice(
                ("Which of these is {}?", "Only one of these is {}. Which one?", "Find the number that is {}.")
                if word != "a prime number"
                else ("Which of these is {}?", "Only one of these is {}. Which one?", "Find {} among these.")
            ).format(word),
            right,
            rng.sample(near, 3),
            (9, 120) if "multiple" in word else JUNIOR,
            "easy" if right < 60 else "medium" if right < 150 else "hard",
            reason.format(right) + ".",
        )


def fractions(rng: Random) -> Iterator[Draft]:
    """Sums, sizes and decimals of fractions."""
    while True:
        a, b = Fraction(rng.randint(1, 7), rng.randint(2, 8)), Fraction(rng.randint(1, 7), rng.randint(2, 8))
        if not (a < 1 and b < 1 and a != b):
            continue
        kind = rng.randrange(3)
        if kind == 0:
            total = a + b
            wrong = {
                Fraction(a.numerator + b.numerator, a.denominator + b.denominator),
                total + Fraction(1, total.denominator),
                Fraction(total.numerator, total.denominator + 1),
                a * b,
                total / 2,
                abs(a - b),
                Fraction(a.numerator + b.numerator, lcm(a.denominator, b.denominator)),
            } - {total}
            yield Draft(
                f"What is {a} + {b}?",
                str(total),
                [str(w) for w in sorted(wrong)],
                JUNIOR,
                "hard",
                f"{a} + {b} = {total}.",
                SOURCE,
            )
        elif kind == 1:
            pool = sorted({Fraction(n, d) for d in range(2, 10) for n in range(1, d)})
            four = rng.sample(pool, 4)
            most = rng.choice((True, False))
            best = max(four) if most else min(four)
            yield Draft(
                rng.choice(
                    (
                        f"Which of these fractions is the {'largest' if most else 'smallest'}?",
                        f"Which slice of a pizza is the {'biggest' if most else 'smallest'}?",
                    )
                ),
                str(best),
                [str(f) for f in four if f != best],
                JUNIOR,
                "medium",
                f"{best} is about {float(best):.2f}, the {'largest' if most else 'smallest'} of the four.",
                SOURCE,
            )
        elif Fraction(a * 1000).denominator == 1:
            decimal = f"{float(a):g}"
            wrong_texts = {
                f"{float(f):g}"
                for f in (
                    a / 10,
                    a + Fraction(1, 10),
                    a - Fraction(1, 20),
                    Fraction(a.denominator, 10),
                    Fraction(a.numerator * 10 + a.denominator, 100),
                )
                if f > 0
            } - {decimal}
            yield Draft(
                f"How do you write {a} as a decimal number?",
                decimal,
                sorted(wrong_texts),
                JUNIOR,
                "easy" if a.denominator in (2, 4, 5) else "medium",
                f"{a} = {decimal}.",
                SOURCE,
            )


def chance(rng: Random) -> Iterator[Draft]:
    """Coins, dice, cards and arrangements."""
    while True:
        n, k = rng.randint(3, 7), rng.randint(2, 3)
        target = rng.randint(2, 12)
        ways = sum(a + b == target for a in range(1, 7) for b in range(1, 7))
        dice = Fraction(ways, 36)
        coins = Fraction(comb(n, k), 2**n)
        draws: tuple[tuple[str, str, set[str], Difficulty, str], ...] = (
            (
                f"You roll two dice. How likely is a total of {target}?",
                str(dice),
                {str(Fraction(w, 36)) for w in range(1, 8)} | {"1/11"},
                "hard",
                f"{ways} of the 36 equally likely rolls add up to {target}.",
            ),
            (
                f"You toss a coin {n} times. How likely are exactly {k} heads?",
                str(coins),
                {str(Fraction(w, 2**n)) for w in range(1, 2**n, max(1, 2**n // 9))},
                "hard",
                f"{comb(n, k)} of the {2**n} equally likely results have {k} heads.",
            ),
            (
                f"In how many orders can {n} friends stand in a line?",
                f"{factorial(n):,}",
                {f"{v:,}" for v in (n * n, 2**n, factorial(n - 1), factorial(n + 1), n * (n - 1))},
                "medium",
                f"The number of orders is {n} factorial, {factorial(n):,}.",
            ),
            (
                f"{n + 2} people all shake hands once with each other. How many handshakes are there?",
                str(comb(n + 2, 2)),
                {str(v) for v in ((n + 2) * (n + 1), (n + 2) ** 2, n + 2, comb(n + 3, 2), comb(n + 1, 2))},
                "medium",
                f"{n + 2} × {n + 1} ÷ 2 = {comb(n + 2, 2)}.",
            ),
            (
                f"In how many ways can you choose {k} of {n + 3} books to take on holiday?",
                str(comb(n + 3, k)),
                {str(v) for v in ((n + 3) * k, (n + 3) ** k, comb(n + 4, k), comb(n + 2, k), factorial(n))},
                "hard",
                f"There are {comb(n + 3, k)} different choices.",
            ),
        )
        prompt, right, wrong, difficulty, reason = rng.choice(draws)
        yield Draft(prompt, right, sorted(wrong - {right}), TEEN, difficulty, reason, SOURCE)


def algebra(rng: Random) -> Iterator[Draft]:
    """Unknowns, common divisors, powers and roots."""
    while True:
        x, a, b = rng.randint(2, 20), rng.randint(2, 9), rng.randint(1, 40)
        one, other = rng.randint(4, 20) * a, rng.randint(4, 20) * a
        exponent = rng.randint(3, 10) if a == 2 else rng.randint(2, 4)
        right, prompt, reason, difficulty = rng.choice(
            (
                (x, f"If {a}x + {b} = {a * x + b}, what is x?", f"{a} × {x} + {b} = {a * x + b}.", "medium"),
                (
                    x,
                    f"I think of a number, multiply it by {a} and take away {b}. The result is {minus(a * x - b)}. What was my number?",
                    f"{x} × {a} − {b} = {minus(a * x - b)}.",
                    "medium",
                ),
                (
                    gcd(one, other),
                    f"What is the greatest common divisor of {one} and {other}?",
                    f"{gcd(one, other)} is the largest number that divides both.",
                    "hard",
                ),
                (
                    lcm(a, x),
                    f"What is the smallest number that both {a} and {x} divide?",
                    f"{lcm(a, x)} is the least common multiple of {a} and {x}.",
                    "hard",
                ),
                (
                    a**exponent,
                    f"What is {a} to the power of {exponent}?",
                    f"{exponent} factors of {a} make {a**exponent:,}.",
                    "medium",
                ),
                (
                    x + 5,
                    f"What is the square root of {(x + 5) ** 2}?",
                    f"{x + 5} × {x + 5} = {(x + 5) ** 2}.",
                    "medium",
                ),
            )
        )
        step = max(1, right // 10) if right > 20 else 1
        yield numeric(
            prompt, right, spread(rng, right, step, least=1), TEEN, "hard" if difficulty == "hard" else "medium", reason
        )


def rounding(rng: Random) -> Iterator[Draft]:
    """Rounding and reading big numbers."""
    while True:
        number = rng.randint(1_100, 99_999)
        unit, word = rng.choice(((10, "ten"), (100, "hundred"), (1000, "thousand")))
        right = (number + unit // 2) // unit * unit
        if number % unit in (0, unit // 2):
            continue
        other = number // unit * unit if right > number else right + unit
        wrong = [other, right + 10 * unit, right - unit if right < number else right + unit, right - 10 * unit]
        yield numeric(
            rng.choice(
                (
                    f"What is {number:,}, rounded to the nearest {word}?",
                    f"{number:,} people came to the concert. To the nearest {word}, how many is that?",
                )
            ),
            right,
            [w for w in wrong if w > 0],
            (8, 14),
            "easy" if unit == 10 else "medium",
            f"{number:,} lies nearest to {right:,}.",
        )


SUBJECT = Subject(
    "Mathematics",
    (
        Template(adding, 24),
        Template(times, 20),
        Template(mental, 8),
        Template(percentage, 16),
        Template(number_kinds, 20),
        Template(fractions, 14),
        Template(shapes, 32),
        Template(area, 8),
        Template(chance, 24),
        Template(algebra, 14),
        Template(rounding, 6),
    ),
)
