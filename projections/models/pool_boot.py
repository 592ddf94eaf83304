"""Fills the question pool of a starting process from the tables of the questions projection."""

from typing import Final

import msgspec
import structlog

from events.vocabulary.questions import QuestionAdded
from projections.engine.store import ReadModels
from projections.models.question_pool import QuestionPool
from projections.models.questions import QuestionsProjection

PAGE: Final = 5_000

# Rows beyond the checkpoint that was read first may be there by now; the log brings them.
_PAGE = """
SELECT number, content, org, prompt, options, answer, topic, min_age, max_age, difficulty, explanation, source,
    pending, retired
FROM questions WHERE number > $1 AND position <= $2 ORDER BY number LIMIT $3"""

_COUNTS = """
SELECT count(*), coalesce(max(number), 0), (SELECT coalesce(max(number), 0) FROM question_count) FROM questions"""

_log = structlog.get_logger("trivia.pool")
_decode_options = msgspec.json.Decoder(tuple[str, ...]).decode


async def boot_pool(pool: QuestionPool, models: ReadModels, head: int) -> int:
    """Add every question of the table; the position from which the log, which ends at `head`, goes on.

    Where rows are missing, or are further than the log and so of another one, all is left to the log, from its start.
    Raises LogUnavailable.
    """
    checkpoint = await models.checkpoint(QuestionsProjection())
    if reason := await _fault(models, checkpoint, head):
        _log.error("questions_table_not_used", reason=f"{reason}; run: trivia projections rebuild questions")
        return 0
    number = 0
    while rows := await models.fetch(_PAGE, number, checkpoint, PAGE):
        for row in rows:
            number = row[0]
            values = (*row[1:4], _decode_options(row[4]), *row[5:12], None, bool(row[12]))
            pool.add(number, QuestionAdded(*values))
            if row[13]:
                pool.retire(number)
    for org, shared in await models.fetch("SELECT org, shared FROM banks"):
        pool.set_shared(org, shared=bool(shared))
    return checkpoint


async def _fault(models: ReadModels, checkpoint: int, head: int) -> str | None:
    if checkpoint > head:
        return f"it stands at {checkpoint}, but the log ends at {head}"
    ((rows, last, counted),) = await models.fetch(_COUNTS)
    return None if rows == last == counted else f"it has {rows} rows up to number {last}, and {counted} were counted"
