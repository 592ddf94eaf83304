"""What the pipeline says of a candidate."""

import msgspec

from events.vocabulary.generation import Rejection
from events.vocabulary.questions import QuestionAdded


class Accepted(msgspec.Struct, frozen=True):
    """It may enter the bank as this event, which begins the stream `question_stream(question.org, question.content)`.

    It is pending where a person has to look at it first. `unchecked`: a blind check was due and could not be made.
    """

    question: QuestionAdded
    unchecked: bool = False


class Rejected(msgspec.Struct, frozen=True):
    """It may not. `detail` is for people: what was wrong, or which question it repeats."""

    reason: Rejection
    detail: str


Verdict = Accepted | Rejected
