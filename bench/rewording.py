"""Pairs of questions made from real ones, always the same: others' wording of the same fact, and other facts in nearly the same words."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Any

Row = dict[str, Any]
Change = Callable[[Row, random.Random, Sequence[Row]], Row | None]
"""A changed row, or None where this change cannot be made to it."""

# None of this is taken from the product's own list of synonyms: what that does not know shows here as a miss.
SYNONYMS = (
    "biggest largest|big large|film movie|author writer|country nation|start begin|started began|town city|kind type|"
    "made created|called named|created invented|often frequently|located situated|used utilised|quick fast|"
    "colour color|centre center|song tune|leader head|sickness illness|ship vessel|car automobile|"
    "occurred happened|built constructed|child kid|wrote authored|show series|plays portrays|singer vocalist"
)
_PAIRS = [tuple(pair.split(" ", 1)) for pair in SYNONYMS.split("|")]
_WORD = re.compile(r"[A-Za-z]{5,}")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
_NUMBER = re.compile(r"\d+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _prompt(row: Row, prompt: str) -> Row | None:
    return None if prompt == row["prompt"] else {**row, "prompt": prompt}


def _misspell(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    words = list(_WORD.finditer(row["prompt"]))
    if not words:
        return None
    word = dice.choice(words)
    place = dice.randrange(word.start() + 1, word.end() - 1)
    text = row["prompt"]
    slip = dice.randrange(4)
    middle = (
        text[place + 1] + text[place],
        text[place + 1],
        text[place] * 2 + text[place + 1],
        dice.choice(_LETTERS) + text[place + 1],
    )[slip]
    return _prompt(row, text[:place] + middle + text[place + 2 :])


def _ask_otherwise(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    text = row["prompt"]
    forms = [
        (r"^Which of these ", "Which of the following "),
        (r"^Which of the following ", "Which one of these "),
        (r"^Which ", "What "),
        (r"^What is the name of ", "Name "),
        (r"^What is ", "What's "),
        (r"^What is the ", "Name the "),
        (r"^What (?=[a-z]+ (?:is|was|are|were|has|did|does)\b)", "Which "),
        (r"^Who is ", "Who's "),
        (r"^Who (?=[a-z]+ed\b)", "Which person "),
        (r"\?$", ""),
        (r"^(?=[A-Z])", "Quiz question: "),
        (r"^(?=(?:What|Which|Who|Where|When|How)\b)", "Can you tell: "),
        (r"\b(?:the|a|an) (?=[a-z])", ""),
        (r"(?<=[a-z]) is (?=called|known)", " has been "),
    ]
    fitting = [(form, other) for form, other in forms if re.search(form, text)]
    form, other = dice.choice(fitting) if fitting else ("", "")
    return _prompt(row, re.sub(form, other, text, count=1)) if form else None


def _say_otherwise(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    text = row["prompt"]
    found = [
        (word, other)
        for pair in _PAIRS
        for word, other in (pair, pair[::-1])
        if re.search(rf"\b{re.escape(word)}\b", text)
    ]
    if not found:
        return None
    word, other = dice.choice(found)
    return _prompt(row, re.sub(rf"\b{re.escape(word)}\b", other, text, count=1))


def _move_a_clause(row: Row, _: random.Random, __: Sequence[Row]) -> Row | None:
    found = re.fullmatch(r"(.+?),? (in (?:the )?(?:\d{4}|[A-Z]\w+))\?", row["prompt"])
    if not found:
        return None
    rest, clause = found.groups()
    return _prompt(row, f"{clause[0].upper()}{clause[1:]}, {rest[0].lower()}{rest[1:]}?")


def _other_letters(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    return _prompt(row, dice.choice((str.upper, str.lower, str.title))(row["prompt"]))


def _other_order(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    return {**row, "options": dice.sample(row["options"], len(row["options"]))}


def _other_distractor(row: Row, dice: random.Random, rows: Sequence[Row]) -> Row | None:
    wrong = [place for place, option in enumerate(row["options"]) if option != row["answer"]]
    options = list(row["options"])
    options[dice.choice(wrong)] = dice.choice(dice.choice(rows)["options"])
    return {**row, "options": options} if len({option.casefold() for option in options}) == len(options) else None


def _other_number(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    numbers = list(_NUMBER.finditer(row["prompt"]))
    if not numbers:
        return None
    number = dice.choice(numbers)
    return _prompt(row, f"{row['prompt'][: number.start()]}{int(number[0]) + 1}{row['prompt'][number.end() :]}")


def _other_answer(row: Row, dice: random.Random, _: Sequence[Row]) -> Row | None:
    return {**row, "answer": dice.choice([option for option in row["options"] if option != row["answer"]])}


def _other_name(row: Row, dice: random.Random, rows: Sequence[Row]) -> Row | None:
    names = list(_NAME.finditer(row["prompt"]))
    other = next((found[0] for _ in range(50) if (found := _NAME.search(dice.choice(rows)["prompt"]))), None)
    if not names or other is None or other in row["prompt"]:
        return None
    name = dice.choice(names)
    return _prompt(row, f"{row['prompt'][: name.start()]}{other}{row['prompt'][name.end() :]}")


def _swapped_names(row: Row, _: random.Random, __: Sequence[Row]) -> Row | None:
    # What stands between them relates them: "from Lisbon to Porto". A mere list ("Lisbon and Porto", "Lisbon, Porto") does not.
    found = re.search(
        rf"({_NAME.pattern}) ((?:to|beat|from|of|by|than|for|over|against|with) (?:the )?)([A-Z][a-z]{{3,}})\b",
        row["prompt"],
    )
    if not found or found[1] == found[3]:
        return None
    return _prompt(
        row, f"{row['prompt'][: found.start()]}{found[3]} {found[2]}{found[1]}{row['prompt'][found.end() :]}"
    )


def _negated(row: Row, _: random.Random, __: Sequence[Row]) -> Row | None:
    return _prompt(row, re.sub(r"\b(is|are|was|were|has|did|does|can) ", r"\1 not ", row["prompt"], count=1))


SAME: tuple[Change, ...] = (
    _misspell, _ask_otherwise, _say_otherwise, _move_a_clause, _other_letters, _other_order, _other_distractor,
)  # fmt: skip
OTHER: tuple[Change, ...] = (_other_number, _other_answer, _other_name, _swapped_names, _negated)
CHANGES = 2
"""How many changes make one wording another."""


def reworded(row: Row, dice: random.Random, rows: Sequence[Row]) -> Row:
    """The same fact: two changes of those that leave it what it is, one of which changes the prompt."""
    changed, left = row, CHANGES
    while left or changed["prompt"] == row["prompt"]:
        new = dice.choice(SAME)(changed, dice, rows)
        if new is not None:
            changed, left = new, max(0, left - 1)
    return changed


def other_facts(row: Row, dice: random.Random, rows: Sequence[Row]) -> list[Row]:
    """Other facts in nearly the same words, one for each kind of change that can be made."""
    return [changed for change in OTHER if (changed := change(row, dice, rows))]
