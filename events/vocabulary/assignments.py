"""What a user was given and answered. One stream for each user: `assignments-<user id>`.

Its version is what makes "never the same question twice" hold in every process.
"""

from events.registry import Event


class QuestionsAssigned(Event, frozen=True):
    """Questions, by number, were given to the user, in this order. The rest is what was asked for."""

    questions: tuple[int, ...]
    age: int | None = None
    topic: str | None = None
    difficulty: str | None = None


class QuestionAnswered(Event, frozen=True):
    """The user answered a question that was given to them; `topic` is the question's."""

    question: int
    answer: str
    correct: bool
    topic: str


class SeenReset(Event, frozen=True):
    """From here on, questions given before may be given and answered again."""
