"""The stages that every candidate goes through, cheapest first; the first that objects decides.

    schema          it is a row as an import takes it, and what was asked for
    lint            nothing is wrong with it as a question (`lint.py`)
    duplicate       the bank has it not (the append decides in the end: two jobs may find the same question at once)
    near_duplicate  nor another question about the same fact; one that may be the same waits for a reviewer
    blind_check     a provider that is not told the key chooses no other option

What passes gets its options in the order of `ordering.py`.
"""

import msgspec

from events.log import EventLog
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import QuestionAdded
from trivia.generation.pipeline.lint import lint
from trivia.generation.pipeline.ordering import order_options
from trivia.generation.pipeline.verdict import Accepted, Rejected, Verdict
from trivia.generation.providers.provider import Provider, ProviderError, Wanted
from trivia.questions.bank.identity import question_stream
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.bank.question_row import RawRow, RowReader


class Pipeline:
    """Judges candidates; safe for any number of tasks of one event loop."""

    def __init__(self, log: EventLog, near: NearDuplicates) -> None:
        self._log = log
        self._near = near

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
        objection = _find_unfit(question, wanted) or _find_faults(question) or await self._find_repeated(question)
        same = None if objection else await self._near.find(question)
        if same and same.certain:
            objection = Rejected("near_duplicate", f"the bank has {same.name}: {same.prompt}")
        if not objection and solver:
            objection = await _solve(question, solver)
        if objection:
            return objection
        if same:
            question = msgspec.structs.replace(question, pending=True, review_reason=same.review_reason)
        question = msgspec.structs.replace(question, options=order_options(question.options, question.content))
        # The next candidate may ask for the same before this one shows in the pool.
        self._near.expect(question)
        return Accepted(question)

    async def _find_repeated(self, question: QuestionAdded) -> Rejected | None:
        streams = {question_stream(org, question.content) for org in (question.org, PUBLIC_ORG)}
        if any(await self._log.versions(list(streams))):
            return Rejected("duplicate", "the bank has this question")
        return None


def _find_unfit(question: QuestionAdded, wanted: Wanted) -> Rejected | None:
    """How a question is not what was asked for.

    Its ages need only meet those that were asked for: a question for 10 and above serves most of those from 8 to 15.
    """
    if wanted.topic is not None and question.topic.casefold() != wanted.topic.casefold():
        return Rejected("schema", f"topic: {question.topic!r} where {wanted.topic!r} was asked for")
    if question.min_age > wanted.max_age or question.max_age < wanted.min_age:
        ages, asked = f"{question.min_age} to {question.max_age}", f"{wanted.min_age} to {wanted.max_age}"
        return Rejected("schema", f"min_age: for ages {ages} where {asked} was asked for")
    if wanted.difficulty is not None and question.difficulty != wanted.difficulty:
        return Rejected("schema", f"difficulty: {question.difficulty} where {wanted.difficulty} was asked for")
    return None


def _find_faults(question: QuestionAdded) -> Rejected | None:
    faults = lint(question)
    return Rejected("lint", "; ".join([f"{fault.rule}: {fault.message}" for fault in faults])) if faults else None


async def _solve(question: QuestionAdded, solver: Provider) -> Rejected | None:
    """What the solver takes for right, if that is another option than the key."""
    try:
        chosen = await solver.solve(question.prompt, order_options(question.options, question.content, "blind check"))
    except ProviderError:
        return None
    if chosen is None or chosen == question.answer or chosen not in question.options:
        return None
    return Rejected("blind_check", f"solved without the key, the answer was {chosen!r}, not {question.answer!r}")
