"""The question bank. One stream for each question: `question-<content identity>`; imports have their own."""

from typing import Literal

from events.registry import Event

Difficulty = Literal["easy", "medium", "hard"]


class QuestionAdded(Event, frozen=True):
    """A question entered the bank.

    Questions are numbered 1, 2, 3 … in the order of these events in the log: that number is the question's id everywhere.
    `content` is the content identity, 64 hexadecimal digits; `org` the organisation whose bank it entered. Ages are in years,
    both ends included. `origin` says what brought it (`import-…`, `starter-bank`, `generation-…`). A `pending` question is given
    to nobody before someone approves it; `review_reason` says to them what to look at, where there is more than that.
    """

    content: str
    org: str
    prompt: str
    options: tuple[str, ...]
    answer: str
    topic: str
    min_age: int = 0
    max_age: int = 120
    difficulty: Difficulty | None = None
    explanation: str | None = None
    source: str | None = None
    origin: str | None = None
    pending: bool = False
    review_reason: str | None = None


class QuestionApproved(Event, frozen=True):
    """A pending question may be given out."""

    question: int


class QuestionRetired(Event, frozen=True):
    """A question is no longer given out; what was given out stays."""

    question: int
    reason: str | None = None


class QuestionReported(Event, frozen=True):
    """A user says that something is wrong with a question. `reason` holds their words, `{text}` encrypted under their key."""

    question: int
    user: str
    reason: str


class ImportCompleted(Event, frozen=True):
    """A file of questions was read to its end. Counts are of rows."""

    org: str
    source: str
    imported: int
    skipped: int
    invalid: int


class StarterBankAdded(Event, frozen=True):
    """The questions a fresh install starts with are in the bank; `questions` counts them."""

    questions: int
