"""Rules of giving out, answering and reviewing questions: pure functions of state and command."""

import msgspec

from events.registry import Event
from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.assignments import QuestionAnswered
from events.vocabulary.questions import (
    QuestionAdded,
    QuestionApproved,
    QuestionReported,
    QuestionRestored,
    QuestionRetired,
)
from projections.models.question_pool import Question
from projections.models.seen_sets import SeenSet
from trivia.http.access import Access, Identity
from trivia.http.problems import BadInput, Conflicting, FieldError, Forbidden, NotFound


def answer_question(state: SeenSet, question: Question, answer: str) -> QuestionAnswered:
    """What happens when the user gives this answer.

    Raises NotFound for a question the user was never given, Conflicting for one they have answered
    since it was last given, and BadInput for an answer that is none of the options.
    """
    if not state.was_given(question.id):
        raise NotFound("You were not given a question with this id.")
    if not state.may_answer(question.id):
        raise Conflicting("You have answered this question already.")
    if answer not in question.options:
        raise BadInput("The answer is not one of the options.", errors=[FieldError("answer", "not one of the options")])
    return QuestionAnswered(question.id, answer, answer == question.answer, question.topic)


class Standing(msgspec.Struct, frozen=True):
    """How a question stands, as its own stream tells at this version. Nobody reports it twice.

    `counted` reports, since it was last restored, count towards retiring it.
    """

    version: int = 0
    org: str = PUBLIC_ORG
    pending: bool = False
    retired: bool = False
    reporters: frozenset[str] = frozenset()
    counted: int = 0


def evolve_standing(state: Standing, event: Event) -> Standing:
    """The state after the next event of the question's stream."""
    version = state.version + 1
    match event:
        case QuestionAdded(org=org, pending=pending):
            return Standing(version, org, pending)
        case QuestionApproved():
            return msgspec.structs.replace(state, version=version, pending=False)
        case QuestionRetired():
            return msgspec.structs.replace(state, version=version, retired=True)
        case QuestionRestored():
            return msgspec.structs.replace(state, version=version, retired=False, counted=0)
        case QuestionReported(user=user, counts=counts):
            return msgspec.structs.replace(
                state, version=version, reporters=state.reporters | {user}, counted=state.counted + counts
            )
        case _:
            return msgspec.structs.replace(state, version=version)


def approve_question(state: Standing, number: int, actor: Identity, *, draws_shared: bool) -> list[Event]:
    """What happens when this host or admin lets a question be given out.

    Raises NotFound for what they know nothing of, Conflicting unless it waits for approval, and
    Forbidden for a question of the shared bank, unless they are an admin there.
    """
    _check_known(state, actor, draws_shared=draws_shared)
    if state.retired:
        raise Conflicting("This question is retired.")
    if not state.pending:
        raise Conflicting("This question does not wait for approval.")
    _check_keeper(state, actor)
    return [QuestionApproved(number)]


def retire_question(
    state: Standing, number: int, actor: Identity, reason: str | None, *, draws_shared: bool
) -> list[Event]:
    """What happens when this admin takes a question out of the bank.

    Raises NotFound, Conflicting and Forbidden as above.
    """
    _check_known(state, actor, draws_shared=draws_shared)
    if state.retired:
        raise Conflicting("This question is retired already.")
    _check_keeper(state, actor)
    return [QuestionRetired(number, reason)]


def restore_question(state: Standing, number: int, actor: Identity, *, draws_shared: bool) -> list[Event]:
    """What happens when this admin brings a retired question back.

    Raises NotFound, Conflicting and Forbidden as above.
    """
    _check_known(state, actor, draws_shared=draws_shared)
    if not state.retired:
        raise Conflicting("This question is not retired.")
    _check_keeper(state, actor)
    return [QuestionRestored(number)]


def report_question(
    state: Standing, number: int, user: str, encrypted_reason: str, *, counts: bool, needed: int
) -> list[Event]:
    """What happens when a user who was given the question says that something is wrong with it.

    The `needed`-th report that counts retires the question; with 0 none does.
    Raises Conflicting for a second report of the same user.
    """
    if user in state.reporters:
        raise Conflicting("You have reported this question already.")
    reports = state.counted + counts
    reported = QuestionReported(number, user, encrypted_reason, counts)
    if state.retired or not counts or not 0 < needed <= reports:
        return [reported]
    return [reported, QuestionRetired(number, f"reported by {reports} user{'s' if reports > 1 else ''}")]


def _check_known(state: Standing, actor: Identity, *, draws_shared: bool) -> None:
    if state.org == actor.org or (state.org == PUBLIC_ORG and draws_shared and not state.pending):
        return
    raise NotFound("There is no question with this id.")


def _check_keeper(state: Standing, actor: Identity) -> None:
    if state.org == actor.org and (state.org != PUBLIC_ORG or actor.access >= Access.ADMIN):
        return
    raise Forbidden(
        "Questions of the shared bank are approved, retired and restored by admins of the organisation public."
    )
