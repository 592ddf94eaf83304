"""A bank in memory to find near duplicates in."""

from collections.abc import Sequence

from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import QuestionAdded
from projections.models.question_pool import QuestionPool
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.near_duplicates.finder import NearDuplicates, Same

OPTIONS = ("Lisbon", "Madrid", "Porto", "Rome")


def ask(
    prompt: str, answer: str = "Lisbon", options: Sequence[str] = OPTIONS, *, org: str = PUBLIC_ORG
) -> QuestionAdded:
    """A question; the answer is put among the options unless it is there."""
    all_options = tuple(options) if answer in options else (answer, *options[1:])
    return QuestionAdded(content_identity(prompt, all_options), org, prompt, all_options, answer, "Any")


def pool_of(*questions: QuestionAdded) -> QuestionPool:
    pool = QuestionPool()
    for number, question in enumerate(questions, 1):
        pool.add(number, question)
    return pool


async def find(question: QuestionAdded, *bank: QuestionAdded) -> Same | None:
    return await NearDuplicates(pool_of(*bank)).find(question)
