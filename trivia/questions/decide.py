"""Rules of giving out and answering questions: pure functions of state and command."""

from events.vocabulary.assignments import QuestionAnswered
from projections.question_pool import Question
from projections.seen_sets import SeenSet
from trivia.problems import BadInput, Conflicting, FieldError, NotFound


def answer_question(state: SeenSet, question: Question, answer: str) -> QuestionAnswered:
    """What happens when the user gives this answer.

    Raises NotFound for a question the user was never given, Conflicting for one they have answered since it was last given, and
    BadInput for an answer that is none of the options.
    """
    if question.id not in state.ever_given():
        raise NotFound("You were not given a question with this id.")
    if not state.may_answer(question.id):
        raise Conflicting("You have answered this question already.")
    if answer not in question.options:
        raise BadInput("The answer is not one of the options.", errors=[FieldError("answer", "not one of the options")])
    return QuestionAnswered(question.id, answer, answer == question.answer, question.topic)
