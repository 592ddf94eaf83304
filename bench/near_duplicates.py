"""Near duplicates: how many real ones are found, how many that are none are refused, and what looking costs in a bank of any size.

The pairs are of real questions, labelled by people: a file of JSON Lines named by BENCH_PAIRS, `{"label": "duplicate" | "distinct",
"a": {"prompt", "options", "answer"}, "b": ...}`; other labels are left out. None comes with the product.
"""

import asyncio
import os
import random
import re
import sys
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import msgspec

from bench.databases import Databases
from bench.questions import each_made_up, import_lines, lines
from bench.report import Comparison, Figure, Result, interleave
from events.vocabulary.questions import QuestionAdded
from projections.models.question_pool import QuestionPool
from trivia.platform.storage import open_storage
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.near_duplicates.finder import NearDuplicates, Same

SMALL, LARGE = 43_003, 1_000_000
CANDIDATES = 3_000
"""Questions of the bank that are looked for to see what that costs."""
ROUNDS = 3
BANDS: Final = ((0.8, 1.01, 0.05), (0.6, 0.8, 0.10), (0.0, 1.01, 0.35))
"""From and below which share of words in common, the share of duplicates that may be missed."""
REFUSED: Final = 0.03
"""The share of distinct questions, chosen for being alike, that may be refused."""


class Pair(NamedTuple):
    """Two questions, and whether they ask for the same fact."""

    label: str
    a: QuestionAdded
    b: QuestionAdded

    @property
    def overlap(self) -> float:
        """The share of the words of either prompt that are in both."""
        a, b = (set(re.findall(r"\w+", question.prompt.lower())) for question in (self.a, self.b))
        return len(a & b) / max(1, len(a | b))


def run(databases: Databases) -> list[Result]:
    """Measure; questions are looked for in the starter bank, or in BENCH_QUESTIONS."""
    rows = _base()
    chosen = random.Random(20).sample(rows, min(CANDIDATES, len(rows)))
    candidates = [_question({**row, "prompt": f"{row['prompt']} "}) for row in chosen]
    pool = QuestionPool()
    near = NearDuplicates(pool)
    bank = (_question(row) for row in chain(rows, each_made_up(LARGE)))
    filing = _grow(pool, near, bank, SMALL)
    small = _milliseconds(near, candidates)
    _grow(pool, near, bank, LARGE)
    large = _milliseconds(near, candidates)
    return [
        *_measure_pairs(),
        Figure(f"one candidate, a bank of {SMALL:,}", "ms", small, 2),
        Comparison(
            f"one candidate, a bank of {LARGE:,}", "ms", large, small, f"one of {SMALL:,}", 2.0, lower_is_better=True
        ),
        Figure("taking a question of the bank in, once in a process", "us", [filing]),
        Figure("the index, for a question", "bytes", [near.size_in_bytes() / pool.last], 150),
        _import(databases),
    ]


def _measure_pairs() -> list[Result]:
    """What is found of the duplicates and refused of the others, each looked for in a bank of the other one."""
    path = os.environ.get("BENCH_PAIRS")
    if not path:
        print("near duplicates: no pairs; BENCH_PAIRS names a file of labelled ones", file=sys.stderr)
        return []
    pairs = [_pair(msgspec.json.decode(line)) for line in Path(path).read_bytes().splitlines()]
    found = [(pair, _look(pair)) for pair in pairs]
    same = [(pair, hit) for pair, hit in found if pair.label == "duplicate"]
    other = [(pair, hit) for pair, hit in found if pair.label == "distinct"]
    if target := os.environ.get("BENCH_WRONG"):
        _write(target, same, other)
    figures: list[Result] = []
    for low, high, limit in BANDS:
        band = [hit for pair, hit in same if low <= pair.overlap < high]
        missed = sum([hit is None or not hit.certain for hit in band]) / max(1, len(band))
        unsure = sum([hit is not None and not hit.certain for hit in band])
        name = f"of {len(band)} duplicates with {low:.0%} of words in common or more, not found"
        figures.append(Figure(f"{name} ({unsure} left to a reviewer)", "", [missed], limit))
    refused = sum([hit is not None and hit.certain for _, hit in other]) / max(1, len(other))
    unsure = sum([hit is not None and not hit.certain for _, hit in other])
    name = f"of {len(other)} that are alike but distinct, refused ({unsure} left to a reviewer)"
    return [*figures, Figure(name, "", [refused], REFUSED)]


def _look(pair: Pair) -> Same | None:
    pool = QuestionPool()
    pool.add(1, pair.b)
    return asyncio.run(NearDuplicates(pool).find(pair.a))


def _pair(raw: dict[str, Any]) -> Pair:
    return Pair(raw["label"], *[_question({"topic": "Any", **raw[side]}) for side in ("a", "b")])


def _base() -> list[dict[str, Any]]:
    """The rows of the bank, each question once."""
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


def _write(path: str, same: list[tuple[Pair, Same | None]], other: list[tuple[Pair, Same | None]]) -> None:
    """Name what went wrong, for whoever wants to mend it."""
    wrong = [("missed", pair) for pair, hit in same if hit is None or not hit.certain]
    wrong += [("refused", pair) for pair, hit in other if hit is not None and hit.certain]
    with Path(path).open("w", encoding="utf-8") as file:
        for what, (_, a, b) in wrong:
            print(what, a.prompt, a.answer, b.prompt, b.answer, sep=" | ", file=file)
