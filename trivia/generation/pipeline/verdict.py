"""What the pipeline says of a candidate."""

import msgspec

from events.vocabulary.generation import Rejection
from events.vocabulary.questions import QuestionAdded


class Accepted(msgspec.Struct, frozen=True):
    """It may enter the bank as this event, which begins the stream `question_stream(question.org, question.content)`.

    It is pending where a person should look at it first.
    """

    question: QuestionAdded


class Rejected(msgspec.Struct, frozen=True):
    """It may not. `detail` is for people: what was wrong, or which question it repeats."""

    reason: Rejection
    detail: str


Verdict = Accepted | Rejected
