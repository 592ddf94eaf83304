"""Sums, numbers, chances and puzzles, solved again in another way than the bank does it."""

import math
import re
from fractions import Fraction
from itertools import pairwise

from tests.unit.generation.facts.conftest import Find, number, wrong


def value(expression: str) -> Fraction:
    """Sums with + − × ÷ and brackets, by recursive descent."""
    tokens = re.findall(r"\d+(?:\.\d+)?|[-+−×÷/*()]", expression.replace(",", ""))

    def atom() -> Fraction:
        token = tokens.pop(0)
        if token == "(":
            inner = total()
            tokens.pop(0)
            return inner
        return -atom() if token in "-−" else Fraction(token)

    def product() -> Fraction:
        result = atom()
        while tokens and tokens[0] in "×÷/*":
            result = result * atom() if tokens.pop(0) in "×*" else result / atom()
        return result

    def total() -> Fraction:
        result = product()
        while tokens and tokens[0] in "+-−":
            result = result + product() if tokens.pop(0) == "+" else result - product()
        return result

    return total()


def test_written_sums_have_the_answer_that_another_evaluation_gives(find: Find) -> None:
    for q, m in find(
        "Mathematics",
        r"^(?:What is|Work out in your head:|No calculator allowed: what is) ([\d\s+−×÷/()]+?)(?: = \?|\?)$",
    ):
        assert number(q.answer) == value(m[1]), q
        assert all(number(o) != value(m[1]) for o in wrong(q)), q


def test_gaps_percentages_powers_and_unknowns_solve_their_equations(find: Find) -> None:
    for q, m in find("Mathematics", r"in the gap: (\d+) × \? = (\d+)"):
        assert [o for o in q.options if int(m[1]) * int(o) == int(m[2])] == [q.answer]
    for q, m in find("Mathematics", r"^What is (\d+)% of (\d+)\?"):
        assert [o for o in q.options if int(o) * 100 == int(m[1]) * int(m[2])] == [q.answer]
    for q, m in find("Mathematics", r"If (\d+)x \+ (\d+) = (\d+)"):
        assert [o for o in q.options if int(m[1]) * int(o) + int(m[2]) == int(m[3])] == [q.answer]
    for q, m in find("Mathematics", r"multiply it by (\d+) and take away (\d+). The result is (-?\d+)"):
        assert [o for o in q.options if int(o) * int(m[1]) - int(m[2]) == int(m[3])] == [q.answer]
    for q, m in find("Mathematics", r"square root of (\d+)"):
        assert math.isqrt(int(m[1])) == int(q.answer)
    for q, m in find("Mathematics", r"(\d+) to the power of (\d+)"):
        assert math.prod([int(m[1])] * int(m[2])) == number(q.answer)


def test_exactly_one_number_is_of_the_kind_asked_for(find: Find) -> None:
    def prime(n: int) -> bool:
        return n in sieve

    sieve = set(range(2, 1000))
    for d in range(2, 32):
        sieve -= set(range(2 * d, 1000, d))
    kinds = {
        "a prime number": prime,
        "a square number": lambda n: math.isqrt(n) ** 2 == n,
        "a cube number": lambda n: round(n ** (1 / 3)) ** 3 == n,
        "a power of two": lambda n: n & (n - 1) == 0,
    }
    for q, m in find(
        "Mathematics", r"(?:is|Which of these is) (a (?:prime|square|cube) number|a power of two|a multiple of (\d+))\b"
    ):
        divisor = int(m[2]) if m[2] else 0
        fits = [o for o in q.options if (int(o) % divisor == 0 if divisor else kinds[m[1]](int(o)))]
        assert fits == [q.answer], q


def test_the_greatest_and_least_fraction_is_the_only_one(find: Find) -> None:
    for q, m in find("Mathematics", r"(largest|smallest|biggest)\?$"):
        pick = min if m[1] == "smallest" else max
        assert pick(q.options, key=Fraction) == q.answer
        assert len({Fraction(o) for o in q.options}) == 4


def test_dice_totals_are_as_likely_as_counting_says(find: Find) -> None:
    for q, m in find("Mathematics", r"two dice. How likely is a total of (\d+)"):
        ways = sum(a + b == int(m[1]) for a in range(1, 7) for b in range(1, 7))
        assert Fraction(q.answer) == Fraction(ways, 36)


def test_orders_agree_with_every_clue_and_no_other_option_does(find: Find) -> None:
    for q, m in find(
        "Logic and Puzzles",
        r"(\w+) is (\w+) than (\w+)\. (\w+) is \w+ than (\w+)\. (\w+) is \w+ than (\w+)\. What is their order, from the (\w+) ",
    ):
        upwards = m[8] in ("shortest", "youngest", "slowest", "weakest")
        pairs = [(m[1], m[3]), (m[4], m[5]), (m[6], m[7])]

        def agrees(option: str, pairs: list[tuple[str, str]] = pairs, upwards: object = upwards) -> bool:
            order = option.split(", ")
            return all((order.index(a) > order.index(b)) == upwards for a, b in pairs)

        assert [o for o in q.options if agrees(o)] == [q.answer]


def test_riddles_of_pictures_that_stand_for_numbers_have_one_solution(find: Find) -> None:
    for q, m in find("Logic and Puzzles", r"^(\S+) \+ \1 = (\d+) and \1 \+ (\S+) = (\d+)\. What is \3\?"):
        assert [o for o in q.options if int(m[2]) + 2 * int(o) == 2 * int(m[4])] == [q.answer]


def test_pictures_are_counted_rightly(find: Find) -> None:
    for q, m in find("Logic and Puzzles", r"How many (\S+) can you count\? (.+)"):
        assert m[2].split().count(m[1]) == int(q.answer)
    for q, m in find("Logic and Puzzles", r"in all\? (.+)"):
        assert len(m[1].split()) == int(q.answer)


def test_hidden_numbers_fit_sequences_of_equal_steps(find: Find) -> None:
    checked = 0
    for q, m in find("Logic and Puzzles", r"(\d+(?:, \d+){4})"):
        row = [int(n) for n in m[1].split(", ")]
        steps = {b - a for a, b in pairwise(row)}
        if len(steps) == 1 and "?" not in q.prompt.split(":")[-1][:-3]:
            assert int(q.answer) == row[-1] + steps.pop()
            checked += 1
    assert checked > 10
