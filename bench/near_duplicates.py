"""Near duplicates: how many are found, how many that are none are refused, and what looking costs in a bank of any size."""

import asyncio
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import chain, islice
from statistics import median
from typing import Any

import msgspec

from bench.databases import Databases
from bench.questions import each_made_up, import_lines, lines
from bench.report import Comparison, Figure, Result, interleave
from bench.rewording import other_facts, reworded
from events.vocabulary.questions import QuestionAdded
from projections.models.question_pool import QuestionPool
from trivia.platform.storage import open_storage
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.near_duplicates.finder import NearDuplicates

SMALL, LARGE = 43_003, 1_000_000
CANDIDATES = 3_000
"""Questions of the bank that pairs are made from."""
ROUNDS = 3


def run(databases: Databases) -> list[Result]:
    """Measure; the pairs are made from the starter bank, or from BENCH_QUESTIONS."""
    rows = _base()
    dice = random.Random(20)
    chosen = dice.sample(rows, min(CANDIDATES, len(rows)))
    same = [_question(reworded(row, dice, rows)) for row in chosen]
    other = [_question(changed) for row in chosen for changed in other_facts(row, dice, rows)]

    pool = QuestionPool()
    near = NearDuplicates(pool)
    bank = (_question(row) for row in chain(rows, each_made_up(LARGE)))
    filing = _grow(pool, near, bank, SMALL)
    missed = [question for question in same if near.find_now(question) is None]
    refused = [question for question in other if near.find_now(question) is not None]
    small = _milliseconds(near, [*same, *other])
    _grow(pool, near, bank, LARGE)
    large = _milliseconds(near, [*same, *other])
    if path := os.environ.get("BENCH_PAIRS"):
        _write(path, missed, refused)
    return [
        Figure(f"{len(same):,} reworded questions that are not found", "", [len(missed) / len(same)], 0.05),
        Figure(f"{len(other):,} other facts that are refused", "", [len(refused) / len(other)], 0.02),
        Figure(f"one candidate, a bank of {SMALL:,}", "ms", small, 2),
        Comparison(
            f"one candidate, a bank of {LARGE:,}", "ms", large, small, f"one of {SMALL:,}", 2.0, lower_is_better=True
        ),
        Figure("taking a question of the bank in, once in a process", "us", [filing]),
        Figure("the index, for a question", "bytes", [near.size_in_bytes() / pool.last], 150),
        _import(databases),
    ]


def _base() -> list[dict[str, Any]]:
    """The rows that pairs are made from, each question once."""
    if os.environ.get("BENCH_QUESTIONS"):
        rows = [msgspec.json.decode(line) for line in lines(SMALL).splitlines()]
    else:
        from trivia.generation.facts import starter_bank

        rows = [msgspec.structs.asdict(question) for question in starter_bank()]
    sound = [row for row in rows if row["answer"] in row["options"] and len(set(row["options"])) == 4]
    return list({content_identity(row["prompt"], row["options"]): row for row in sound}.values())


def _question(row: dict[str, Any]) -> QuestionAdded:
    options = tuple(row["options"])
    return QuestionAdded(
        content_identity(row["prompt"], options), "public", row["prompt"], options, row["answer"], row["topic"]
    )


def _grow(pool: QuestionPool, near: NearDuplicates, bank: Iterator[QuestionAdded], size: int) -> float:
    """Fill pool and index up to a size; microseconds that the index took for a question."""
    before = pool.last
    for question in islice(bank, size - before):
        pool.add(pool.last + 1, question)
    began = time.perf_counter()
    asyncio.run(near.catch_up())
    return (time.perf_counter() - began) * 1e6 / (pool.last - before)


def _milliseconds(near: NearDuplicates, candidates: list[QuestionAdded]) -> list[float]:
    """What one candidate costs, the slowest hundredth left out as the machine's own, in each of the rounds."""
    values = []
    for _ in range(ROUNDS):
        took = []
        for question in candidates:
            began = time.perf_counter()
            near.find_now(question)
            took.append((time.perf_counter() - began) * 1e3)
        took.sort()
        values.append(sum(took[: len(took) * 99 // 100]) / (len(took) * 99 // 100))
    print(
        f"one candidate: median {median(took):.3f} ms, the slowest in a hundred {took[len(took) * 99 // 100]:.3f} ms",
        file=sys.stderr,
    )
    return values


def _import(databases: Databases) -> Result:
    """An import with and without looking, on SQLite."""
    text = lines(SMALL)

    def measure(*, looking: bool) -> float:
        return asyncio.run(_seconds(databases, databases.log_url("sqlite"), text, looking=looking))

    values = interleave(ROUNDS, lambda: measure(looking=True), lambda: measure(looking=False))
    return Comparison(
        f"sqlite: import of {SMALL:,}, near duplicates counted",
        "s",
        values[0],
        values[1],
        "without looking for them",
        lower_is_better=True,
    )


async def _seconds(databases: Databases, url: str, text: bytes, *, looking: bool) -> float:
    async with open_storage(url) as storage:
        began = time.perf_counter()
        await import_lines(storage, text, databases.directory, NearDuplicates(QuestionPool()) if looking else None)
        return time.perf_counter() - began


def _write(path: str, missed: list[QuestionAdded], refused: list[QuestionAdded]) -> None:
    """Name what went wrong, for whoever wants to mend it."""
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name from the environment
        for what, questions in (("missed", missed), ("refused", refused)):
            for question in questions:
                print(what, question.prompt, question.answer, question.options, sep=" | ", file=file)
