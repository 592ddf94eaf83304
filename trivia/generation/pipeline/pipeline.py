"""The stages that every candidate goes through, cheapest first; the first that objects decides.

    schema      it is a row as an import takes it, and what was asked for
    duplicate   the bank has it (the append decides in the end: two jobs may find the same question at once)
    blind_check a provider that is not told the key chooses another option

What passes gets its options in the order of `ordering.py`.
"""

import msgspec

from events.log import EventLog
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import QuestionAdded
from trivia.generation.pipeline.ordering import order_options
from trivia.generation.pipeline.verdict import Accepted, Rejected, Verdict
from trivia.generation.providers.provider import Provider, ProviderError, Wanted
from trivia.questions.identity import question_stream
from trivia.questions.rows import RawRow, RowReader


class Pipeline:
    """Judges candidates; safe for any number of tasks of one event loop."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def judge(
        self, candidate: str, wanted: Wanted, *, org: str, origin: str, solver: Provider | None = None
    ) -> Verdict:
        """Whether a candidate, the JSON text of an import's row, may enter the bank of `org`; `origin` is what brings it.

        With a `solver` it is also asked for the answer; one that fails or has no opinion objects to nothing. Judging a candidate again
        gives the same question. Raises LogUnavailable.
        """
        question = RowReader(org, origin).read(RawRow(None, "", candidate.encode(errors="surrogatepass")))
        if not isinstance(question, QuestionAdded):
            return Rejected(
                "schema", "; ".join([f"{fault.path or 'candidate'}: {fault.message}" for fault in question])
            )
        if unfit := _find_unfit(question, wanted):
            return Rejected("schema", unfit)
        if await self._is_in_bank(question):
            return Rejected("duplicate", "the bank has this question")
        if solver and (objection := await _solve(question, solver)):
            return Rejected("blind_check", objection)
        return Accepted(msgspec.structs.replace(question, options=order_options(question.options, question.content)))

    async def _is_in_bank(self, question: QuestionAdded) -> bool:
        streams = {question_stream(org, question.content) for org in (question.org, PUBLIC_ORG)}
        return any(await self._log.versions(list(streams)))


def _find_unfit(question: QuestionAdded, wanted: Wanted) -> str | None:
    """How a question is not what was asked for; None if it is.

    Its ages need only meet those that were asked for: a question for 10 and above serves most of those from 8 to 15.
    """
    if wanted.topic is not None and question.topic.casefold() != wanted.topic.casefold():
        return f"topic: {question.topic!r} where {wanted.topic!r} was asked for"
    if question.min_age > wanted.max_age or question.max_age < wanted.min_age:
        asked = f"{wanted.min_age} to {wanted.max_age}"
        return f"min_age: for ages {question.min_age} to {question.max_age} where {asked} was asked for"
    if wanted.difficulty is not None and question.difficulty != wanted.difficulty:
        return f"difficulty: {question.difficulty} where {wanted.difficulty} was asked for"
    return None


async def _solve(question: QuestionAdded, solver: Provider) -> str | None:
    """What the solver takes for right, if that is another option than the key."""
    try:
        chosen = await solver.solve(question.prompt, order_options(question.options, question.content, "blind check"))
    except ProviderError:
        return None
    if chosen is None or chosen == question.answer or chosen not in question.options:
        return None
    return f"solved without the key, the answer was {chosen!r}, not {question.answer!r}"
