"""What is known of a user, folded from their stream."""

from hypothesis import given
from hypothesis import strategies as st

from events.vocabulary.assignments import QuestionAnswered, QuestionsAssigned, SeenReset
from projections.models.seen_sets import SeenSet
from projections.models.user_statistics import UserStatistics

numbers = st.integers(1, 40)
events = st.lists(
    st.lists(numbers, unique=True, max_size=8).map(lambda found: QuestionsAssigned(tuple(found)))
    | st.builds(QuestionAnswered, numbers, st.just("a"), st.booleans(), st.sampled_from(["Art", "Science"]))
    | st.just(SeenReset()),
    max_size=30,
)


def _possible(events):
    """What of it a log can hold: a draw gives what was not given since the last reset, and an answer is to what was ever given."""
    seen, given_ever, found = set(), set(), []
    for event in events:
        match event:
            case QuestionsAssigned(questions):
                found.append(QuestionsAssigned(tuple(n for n in questions if n not in seen)))
                seen.update(questions)
                given_ever.update(questions)
            case QuestionAnswered(question):
                found += [event] if question in given_ever else []
            case _:
                found.append(event)
                seen.clear()
    return found


@given(events, st.integers(0, 30))
def test_a_state_that_was_stored_half_way_ends_where_one_folded_in_one_go_does(events, half):
    whole, stored = SeenSet(), SeenSet()
    for version, event in enumerate(events, 1):
        whole.evolve(event, version)
        stored.evolve(event, version)
        if version == half:
            stored = SeenSet.from_row(stored.to_row("u"))

    assert stored.to_row("u") == whole.to_row("u")


@given(events.map(_possible))
def test_the_state_says_what_a_plain_reading_of_the_stream_says(events):
    state, seen, given_ever, answered = SeenSet(), set(), set(), set()
    for version, event in enumerate(events, 1):
        state.evolve(event, version)
        match event:
            case QuestionsAssigned(questions):
                seen |= set(questions)
                given_ever |= set(questions)
                answered -= set(questions)
            case QuestionAnswered(question):
                answered.add(question)
            case _:
                seen = set()

    assert set(state.seen) == seen
    assert set(state.ever_given()) == given_ever
    assert {n for n in range(1, 41) if state.may_answer(n)} == given_ever - answered
    assert state.version == len(events)


def test_a_user_with_200_seen_takes_at_most_600_bytes_in_the_seen_sets():
    state = SeenSet()
    for version in range(1, 21):
        state.evolve(QuestionsAssigned(tuple(range(version * 37, 100_000, 9_907))[:10]), version)
    assert len(state.seen) == 200
    user = "018f2c5e-0000-7000-8000-000000000000"

    assert (
        sum(len(value) if isinstance(value, bytes | str) else 8 for value in state.to_row(user) if value is not None)
        <= 600
    )


@given(events)
def test_statistics_count_answers_by_topic_and_streak(events):
    statistics = UserStatistics()
    for version, event in enumerate(events, 1):
        statistics.evolve(event, version)
    answers = [event for event in events if isinstance(event, QuestionAnswered)]
    streak = next((n for n, event in enumerate(reversed(answers)) if not event.correct), len(answers))

    assert (statistics.answered, statistics.correct) == (len(answers), sum(event.correct for event in answers))
    assert statistics.streak == streak <= statistics.best_streak
    assert {topic: tuple(counts) for topic, counts in statistics.by_topic.items()} == {
        topic: (len(of_topic), sum(event.correct for event in of_topic))
        for topic in {event.topic for event in answers}
        for of_topic in [[event for event in answers if event.topic == topic]]
    }
    assert UserStatistics.from_row(statistics.to_row("u")) == statistics
