"""The rules of generation jobs, whatever happens in whatever order."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from events.registry import Event
from events.vocabulary.generation import (
    CandidateAdded,
    CandidateRejected,
    CandidatesReceived,
    GenerationCancelled,
    GenerationClaimed,
    GenerationCompleted,
    GenerationFailed,
    GenerationReleased,
    GenerationRequested,
    ProviderFailed,
)
from trivia.generation.decide import (
    MAX_BARREN,
    MAX_CALLS,
    MAX_CLAIMS,
    MAX_EMPTY,
    MAX_FAILURES,
    MAX_PAUSE,
    MAX_PER_CALL,
    MAX_REST,
    REST,
    SECOND,
    Ask,
    Finish,
    Free,
    Job,
    Judge,
    Nothing,
    Resting,
    Running,
    Slot,
    Wait,
    cancel,
    claim,
    evolve,
    look_at_slot,
    may_claim,
    next_step,
    renew,
)

LEASE = 30 * SECOND
NOW = 1_800_000_000 * SECOND

# Each example is a whole job of up to some thousand events.
few = settings(max_examples=25)


def asked(target: int = 5, **more: Any) -> GenerationRequested:
    return GenerationRequested("ada", "public", target, more.pop("trigger", "manual"), **more)


def fold(*events: Event, job: Job = Job(), at: int = NOW) -> Job:  # noqa: B008
    for event in events:
        job = evolve(job, event, job.version + 1, at)
    return job


def received(call: int, count: int) -> CandidatesReceived:
    return CandidatesReceived(call, "facts", ("{}",) * count)


class World:
    """Plays a job to its end: `fates` says what becomes of calls and candidates, one after another, and goes round."""

    def __init__(self, target: int, fates: list[int]) -> None:
        self.job = fold(asked(target), GenerationClaimed("p", NOW + LEASE))
        self.now = NOW
        self.fates = fates
        self.used = 0
        self.events: list[Event] = []

    def chance(self) -> int:
        self.used += 1
        return self.fates[self.used % len(self.fates)]

    def happen(self, *events: Event) -> None:
        for event in events:
            self.events.append(event)
            self.job = evolve(self.job, event, self.job.version + 1, self.now)

    def step(self) -> bool:
        match next_step(self.job, self.now):
            case Ask(call, count):
                assert call == self.job.calls
                assert 0 < count <= MAX_PER_CALL
                if self.chance() % 4 == 0:
                    self.happen(ProviderFailed(call, "p", "timeout", "slow"))
                else:
                    self.happen(received(call, self.chance() % (count + 3)))
            case Judge(call, index):
                if self.chance() % 3:
                    self.happen(CandidateAdded(call, index, "x"))
                else:
                    self.happen(CandidateRejected(call, index, "duplicate", "had"))
            case Wait(until):
                assert self.now < until <= self.now + MAX_PAUSE
                self.now = until
            case Finish(events):
                self.happen(*events)
            case Nothing():
                return False
        return True


@few
@given(st.integers(1, 100), st.lists(st.integers(0, 1_000), min_size=1, max_size=60))
def test_a_job_ends_with_all_it_wanted_or_says_how_many_and_why(target: int, fates: list[int]) -> None:
    world = World(target, fates)
    while world.step():
        assert world.job.generated <= target
        assert world.job.calls <= MAX_CALLS
    added = [event for event in world.events if isinstance(event, CandidateAdded)]
    match world.events[-1]:
        case GenerationCompleted(generated):
            assert generated == len(added) == target
        case GenerationFailed(generated, reason):
            assert generated == len(added) < target
            assert reason.startswith(f"{generated} of {target} questions were added")
        case other:
            raise AssertionError(other)


@few
@given(st.integers(1, 30), st.lists(st.integers(0, 1_000), min_size=1, max_size=40))
def test_no_candidate_is_judged_twice_and_none_of_a_job_that_ends_well_is_forgotten(
    target: int, fates: list[int]
) -> None:
    world = World(target, fates)
    while world.step():
        pass
    judged = [
        (event.call, event.index) for event in world.events if isinstance(event, CandidateAdded | CandidateRejected)
    ]
    answered = [
        (event.call, index)
        for event in world.events
        if isinstance(event, CandidatesReceived)
        for index in range(len(event.candidates))
    ]
    assert judged == answered


@few
@given(
    st.integers(1, 20),
    st.lists(st.integers(0, 1_000), min_size=1, max_size=40),
    st.lists(st.integers(1, 6), min_size=1, max_size=10),
)
def test_whoever_takes_a_job_over_does_what_its_owner_would_have_done(
    target: int, fates: list[int], lives: list[int]
) -> None:
    alone, shared = World(target, fates), World(target, fates)
    while alone.step():
        pass
    steps = 0
    while shared.step():
        steps += 1
        if steps % lives[steps % len(lives)] == 0 and not shared.job.ended:
            # Its owner dies, and the lease runs out.
            claimed = claim(shared.job, f"p{steps}", shared.job.lease_until, LEASE)
            assert isinstance(claimed, GenerationClaimed)
            shared.job = evolve(shared.job, claimed, shared.job.version + 1, shared.now)
    assert shared.events == alone.events


def test_an_answer_is_judged_to_its_end_before_another_call_is_made() -> None:
    job = fold(asked(3), received(0, 2))
    assert next_step(job, NOW) == Judge(0, 0, ("{}", "{}"))
    job = fold(CandidateAdded(0, 0, "x"), job=job)
    assert next_step(job, NOW) == Judge(0, 1, ("{}",))
    job = fold(CandidateRejected(0, 1, "lint", "short"), job=job)
    assert next_step(job, NOW) == Ask(1, 3)
    assert (job.generated, job.duplicates, job.rejected) == (1, 0, 1)


def test_candidates_beyond_the_target_are_surplus_and_count_as_neither_duplicate_nor_rejected() -> None:
    job = fold(asked(1), received(0, 3), CandidateAdded(0, 0, "x"))
    step = next_step(job, NOW)
    assert isinstance(step, Finish)
    assert [event.reason for event in step.events if isinstance(event, CandidateRejected)] == ["surplus", "surplus"]
    assert step.events[-1] == GenerationCompleted(1)
    ended = fold(*step.events, job=job)
    assert (ended.status, ended.rejected, ended.duplicates) == ("completed", 0, 0)


def test_a_job_gives_up_after_answers_that_bring_nothing_new() -> None:
    job = fold(asked(5))
    for call in range(MAX_BARREN):
        assert isinstance(next_step(job, NOW), Ask)
        job = fold(received(call, 1), CandidateRejected(call, 0, "duplicate", "had"), job=job)
    (failed,) = next_step(job, NOW).events
    assert failed.generated == 0
    assert f"{MAX_BARREN} duplicates skipped" in failed.reason
    assert "nothing new" in failed.reason


def test_a_job_gives_up_soon_where_the_provider_has_nothing_to_offer() -> None:
    job = fold(asked(5), *[received(call, 0) for call in range(MAX_EMPTY)])
    (failed,) = next_step(job, NOW).events
    assert "the provider had nothing to offer" in failed.reason
    offered = fold(asked(5), received(0, 0), received(1, 1), CandidateRejected(1, 0, "lint", "no"), received(2, 0))
    assert isinstance(next_step(offered, NOW), Ask)


def test_a_job_asks_for_more_at_once_the_less_comes_of_it() -> None:
    job, counts = fold(asked(5)), []
    for call in range(MAX_BARREN):
        counts.append(next_step(job, NOW).count)
        job = fold(received(call, 1), CandidateRejected(call, 0, "lint", "no"), job=job)
    assert counts == sorted(counts)
    assert counts[-1] == MAX_PER_CALL


def test_a_job_that_found_nothing_new_says_what_was_wrong_and_quotes_no_question_of_the_bank() -> None:
    for reason, told in (
        ("schema", "schema, the words"),
        ("lint", "lint, the words"),
        ("near_duplicate", "near_duplicate"),
    ):
        job = fold(asked())
        for call in range(MAX_BARREN):
            job = fold(received(call, 1), CandidateRejected(call, 0, reason, "the words"), job=job)
        (failed,) = next_step(job, NOW).events
        assert failed.reason.endswith(f"in a row; the last candidate was rejected: {told}")


def test_a_call_that_failed_is_made_again_after_a_pause_that_grows_and_in_the_end_no_more() -> None:
    job, pauses = fold(asked()), []
    for call in range(MAX_FAILURES):
        job = fold(ProviderFailed(call, "openai", "timeout", "too slow"), job=job)
        step = next_step(job, NOW)
        if isinstance(step, Wait):
            pauses.append(step.until - NOW)
            assert next_step(job, step.until) == Ask(call + 1, 7)
    assert pauses == [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    (failed,) = step.events
    assert "failed 5 times in a row, at last with timeout: too slow" in failed.reason


def test_a_pause_that_the_provider_asks_for_is_kept() -> None:
    for asked_for in (20_000, MAX_PAUSE // 1_000):
        job = fold(asked(), ProviderFailed(0, "openai", "rate_limited", "slow down", asked_for))
        assert next_step(job, NOW) == Wait(NOW + asked_for * 1_000)


def test_a_provider_that_asks_for_a_longer_pause_than_a_job_may_take_ends_it_at_once() -> None:
    job = fold(asked(), ProviderFailed(0, "openai", "rate_limited", "slow down", 3_600_000))
    (failed,) = next_step(job, NOW).events
    assert failed.reason.endswith(
        "the provider failed once, at last with rate_limited: slow down; it asks to be left alone for 3,600 seconds"
    )
    # An answer that came all the same counts for more.
    assert isinstance(next_step(fold(received(1, 1), CandidateAdded(1, 0, "x"), job=job), NOW), Ask)


def test_a_fault_that_another_call_would_meet_again_ends_the_job_at_once() -> None:
    for fault, detail, until in (
        ("not_configured", "no key", None),
        ("budget_spent", "today's tokens are spent", 40_000_000),
    ):
        job = fold(asked(), ProviderFailed(0, "openai", fault, detail, until))
        (failed,) = next_step(job, NOW).events
        assert failed.reason.endswith(f"at last with {fault}: {detail}")


def test_one_good_answer_makes_up_for_failures() -> None:
    failures = [ProviderFailed(call, "openai", "timeout", "slow") for call in range(MAX_FAILURES - 1)]
    job = fold(
        asked(), *failures, received(4, 1), CandidateAdded(4, 0, "x"), ProviderFailed(5, "openai", "timeout", "")
    )
    assert next_step(job, NOW) == Wait(NOW + SECOND)


def test_a_failure_for_which_another_provider_stood_in_is_none_of_the_jobs_own() -> None:
    job = fold(asked(50))
    for call in range(MAX_FAILURES + 1):
        answered = fold(received(call, 1), job=job)
        job = fold(ProviderFailed(call, "openai", "client_error", "401"), job=answered)
        assert msgspec.structs.replace(job, version=answered.version) == answered
        job = fold(CandidateAdded(call, 0, "x"), job=job)
    assert isinstance(next_step(job, NOW), Ask)


def test_a_job_is_claimed_by_one_and_by_another_once_the_lease_has_run_out() -> None:
    job = fold(asked())
    assert claim(job, "one", NOW, LEASE) == GenerationClaimed("one", NOW + LEASE)
    job = fold(GenerationClaimed("one", NOW + LEASE), job=job)
    assert job.status == "running"
    assert claim(job, "other", NOW + LEASE - 1, LEASE) is None
    assert claim(job, "one", NOW, LEASE) is None
    assert claim(job, "other", NOW + LEASE, LEASE) == GenerationClaimed("other", NOW + 2 * LEASE)


def test_a_job_that_was_let_go_of_may_be_claimed_at_once() -> None:
    job = fold(asked(), GenerationClaimed("one", NOW + LEASE), GenerationReleased("one"))
    assert claim(job, "other", NOW, LEASE) == GenerationClaimed("other", NOW + LEASE)
    assert job.claims == 0


def test_a_lease_is_renewed_by_its_owner_alone_and_in_time() -> None:
    job = fold(asked(), GenerationClaimed("one", NOW + LEASE))
    assert renew(job, "one", NOW + SECOND, LEASE) is None
    assert renew(job, "one", NOW + LEASE // 2, LEASE) == GenerationClaimed("one", NOW + LEASE // 2 + LEASE)
    assert renew(job, "other", NOW + LEASE // 2, LEASE) is None
    renewed = fold(GenerationClaimed("one", NOW + 2 * LEASE), job=job)
    assert renewed.claims == 1


def test_a_job_that_kills_whoever_works_on_it_is_given_up() -> None:
    job, now = fold(asked()), NOW
    for number in range(MAX_CLAIMS):
        event = claim(job, f"p{number}", now, LEASE)
        assert isinstance(event, GenerationClaimed)
        job = fold(event, job=job, at=now)
        now += 2 * LEASE
    failed = claim(job, "last", now, LEASE)
    assert isinstance(failed, GenerationFailed)
    assert "10 processes in a row" in failed.reason
    # Whoever gets anywhere starts the count anew.
    assert fold(received(0, 1), job=job).claims == 0


def test_nothing_happens_to_a_job_that_has_ended() -> None:
    for end in (GenerationCompleted(5), GenerationFailed(0, "no"), GenerationCancelled("ada", 1)):
        job = fold(asked(), GenerationClaimed("one", NOW), end)
        assert next_step(job, NOW) == Nothing()
        assert not may_claim(job, NOW + LEASE)
        assert claim(job, "one", NOW + LEASE, LEASE) is None
        assert cancel(job, "ada") is None
        assert job.ended_at == NOW
    assert next_step(Job(), NOW) == Nothing()
    assert claim(Job(), "one", NOW, LEASE) is None


def test_stopping_a_job_says_how_far_it_was() -> None:
    job = fold(asked(), received(0, 2), CandidateAdded(0, 0, "x"))
    assert cancel(job, "ada") == GenerationCancelled("ada", 1)


def test_one_job_at_a_time_in_a_slot() -> None:
    assert look_at_slot(Slot(), "auto", NOW) == Free(0)
    assert look_at_slot(Slot(1, "j", fold(asked())), "manual", NOW) == Running("j")
    completed = fold(asked(), GenerationCompleted(5))
    assert look_at_slot(Slot(1, "j", completed), "auto", NOW) == Free(0)


def test_what_starts_by_itself_rests_after_a_failure_the_longer_the_more_have_failed() -> None:
    failed = fold(asked(), GenerationFailed(0, "unknown topic"))
    rests = []
    for failures in range(12):
        slot = Slot(3, "j", failed, failures)
        assert look_at_slot(slot, "manual", NOW) == Free(failures + 1)
        resting = look_at_slot(slot, "auto", NOW)
        assert isinstance(resting, Resting)
        rests.append(resting.until - NOW)
        assert look_at_slot(slot, "auto", resting.until) == Free(failures + 1)
    assert rests[:3] == [REST, 2 * REST, 4 * REST]
    assert rests == sorted(rests)
    assert rests[-1] == MAX_REST


def test_what_a_person_has_stopped_does_not_start_again_at_once() -> None:
    slot = Slot(1, "j", fold(asked(), GenerationCancelled("ada", 0)))
    assert look_at_slot(slot, "auto", NOW) == Resting(NOW + REST)
    assert look_at_slot(slot, "auto", NOW + REST) == Free(0)


def test_where_questions_wait_for_approval_what_starts_by_itself_gives_people_time() -> None:
    slot = Slot(1, "j", fold(asked(), GenerationCompleted(5)))
    assert look_at_slot(slot, "auto", NOW, pending=True) == Resting(NOW + MAX_REST)
    assert look_at_slot(slot, "auto", NOW + MAX_REST, pending=True) == Free(0)
    assert look_at_slot(slot, "manual", NOW, pending=True) == Free(0)
