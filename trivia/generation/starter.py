"""The questions that a fresh install starts with, made from facts.

They enter through the same import as any others, so each enters once, whichever processes start together; an event in the stream
`installation-bank` says that all have. A start that is killed before that leaves the rest to the next one.
"""

from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from events.log import NO_STREAM, Context, EventLog, StreamMoved, StreamWrite
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import StarterBankAdded
from trivia.exchange.importing import ImportService, Options, Progress
from trivia.exchange.sources import BATCH
from trivia.questions.bank.question_row import RawRow
from trivia.questions.bank.stored_bank import Bank

STREAM: Final = "installation-bank"
ORIGIN: Final = "starter-bank"


async def add_starter_bank(log: EventLog, bank: Bank, directory: Path, progress: Progress | None = None) -> int | None:
    """Add the starter bank unless it has been; how many questions it has, or None where it was there already.

    Raises LogUnavailable, and OSError where there is no room to keep the questions aside.
    """
    if (await log.versions([STREAM]))[0]:
        return None
    context = Context(org=PUBLIC_ORG, actor=ORIGIN)
    # A fact that a later version of a library spells badly costs one question, not the start.
    options = Options(source=ORIGIN, on_error="skip", origin=ORIGIN, context=context, progress=progress)
    result, _ = await ImportService(log, bank, directory).run(_rows(), options)
    added = StarterBankAdded(result.imported + result.skipped)
    try:
        await log.append([StreamWrite(STREAM, NO_STREAM, [added])], context=context)
    except StreamMoved:
        return None
    return added.questions


async def _rows() -> AsyncIterator[list[RawRow]]:
    from trivia.generation.facts import starter_bank

    questions = starter_bank()
    number = 0
    while batch := list(islice(questions, BATCH)):
        yield [RawRow(n, "", msgspec.json.encode(question)) for n, question in enumerate(batch, number + 1)]
        number += len(batch)
