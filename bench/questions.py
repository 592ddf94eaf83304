"""Questions to measure with: made up, in the sizes of real ones, or from a file named by BENCH_QUESTIONS (jsonl, or jsonl.gz)."""

import gzip
import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec

from projections.storage.backends import models_of
from trivia.exchange.importing import ImportService, Options
from trivia.exchange.sources import read_lines
from trivia.platform.storage import Storage
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.bank.stored_bank import StoredBank

TOPICS = ("Geography", "Science", "History", "Sports", "Art", "Music", "Literature", "Film")
WORDS = (
    "river mountain capital planet element composer painter treaty empire island novel engine protein theorem orchestra "
    "language century harbour comet satellite glacier emperor sculptor republic desert bridge telescope festival"
).split()
DIFFICULTIES = ("easy", "medium", "hard")


def made_up(count: int) -> list[dict[str, object]]:
    """Rows of an import: prompts of about 80 characters, four options, fit for ages from 6 to 9 on; always the same ones."""
    return list(each_made_up(count))


def each_made_up(count: int) -> Iterator[dict[str, object]]:
    """The same, one after another."""
    dice = random.Random(20)
    for number in range(count):
        yield _one(number, dice)


def _one(number: int, dice: random.Random) -> dict[str, object]:
    words = dice.sample(WORDS, 5)
    options = [f"{word.title()} {dice.randrange(1, 99)}" for word in dice.sample(WORDS, 4)]
    return {
        "prompt": f"Which {words[0]} of the {words[1]} near the {words[2]} has {words[3]} number {number} on its {words[4]}?",
        "options": options,
        "answer": options[dice.randrange(4)],
        "topic": TOPICS[number % len(TOPICS)],
        "min_age": 6 + number % 4,
        "max_age": 99,
        "difficulty": DIFFICULTIES[number % 3],
    }


def lines(count: int) -> bytes:
    """NDJSON of at most `count` rows, from BENCH_QUESTIONS if that is set."""
    if path := os.environ.get("BENCH_QUESTIONS"):
        raw = Path(path).read_bytes()
        text = gzip.decompress(raw) if path.endswith(".gz") else raw
        return b"\n".join(text.splitlines()[:count])
    return b"\n".join([msgspec.json.encode(row) for row in made_up(count)])


async def import_lines(storage: Storage, text: bytes, directory: Path, near: NearDuplicates | None = None) -> int:
    """Bring NDJSON into the bank through the import service; how many questions entered it."""
    service = ImportService(storage.log, StoredBank(storage.log, models_of(storage.database)), directory, near)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(text), 65_536):
            yield text[start : start + 65_536]

    result, _ = await service.run(read_lines(chunks()), Options(source="benchmark", on_error="skip"))
    return result.imported
