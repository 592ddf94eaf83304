"""Logins on a real log, with a clock that is told when to go."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from events.log import Context
from tests.unit.accounts.house import EMAIL, PASSWORD, House, open_house
from trivia.accounts.joining import Registration
from trivia.accounts.passwords import Passwords
from trivia.http.problems import TooManyRequests, Unauthenticated


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with open_house(database_url) as house:
        yield house


async def test_a_login_lasts_as_long_as_the_settings_say_however_often_it_is_refreshed(house: House) -> None:
    token = (await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert token
    for _ in range(29):
        house.clock.advance(86_400)
        token = (await house.logins.refresh(token)).refresh_token
        assert token
    house.clock.advance(86_400)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await house.logins.refresh(token)


async def test_a_refresh_token_sent_again_within_ten_seconds_gets_the_same_successor(house: House) -> None:
    first = (await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert first
    second = (await house.logins.refresh(first)).refresh_token
    assert second
    house.clock.now = (await house.log.read())[-1].recorded_at / 1_000_000
    head = await house.log.head()
    house.clock.advance(10)
    # Any process, also one that has seen nothing of the first exchange.
    again = await house.another().logins.refresh(first)
    assert (again.refresh_token, again.position) == (second, head)
    assert await house.log.head() == head
    assert await house.logins.refresh(second)


async def test_a_refresh_token_sent_again_later_ends_its_family_and_no_other(house: House) -> None:
    first = (await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    other_device = (await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert first
    assert other_device
    second = (await house.logins.refresh(first)).refresh_token
    assert second
    house.clock.now = (await house.log.read())[-1].recorded_at / 1_000_000 + 10.1
    for token in (first, second):
        with pytest.raises(Unauthenticated):
            await house.another().logins.refresh(token)
    assert await house.logins.refresh(other_device)


async def test_no_refresh_token_stands_in_the_log(house: House) -> None:
    first = (await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert first
    second = (await house.logins.refresh(first)).refresh_token
    assert second
    stored = " ".join(str(event.data) for event in await house.log.read())
    for token in (first, second):
        assert token.split(".")[2] not in stored


async def test_who_was_slowed_down_may_try_again_after_the_time_told(house: House) -> None:
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await house.logins.sign_in(EMAIL, "a guess", "192.0.2.1")
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refusal:
            await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    house.clock.advance(int(refusal.value.headers["Retry-After"]))
    assert await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    # The account is forgiven; the place that guessed is not, and its next failure costs more.
    with pytest.raises(Unauthenticated):
        await house.logins.sign_in(EMAIL, "a guess", "192.0.2.1")
    with pytest.raises(TooManyRequests):
        await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    assert await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.2")


async def test_being_turned_away_for_lack_of_threads_is_not_a_failed_login(house: House) -> None:
    full = Passwords(max_waiting=0)
    crowded = house.another(full)
    for _ in range(30):
        with pytest.raises(TooManyRequests, match="Too many people"):
            await crowded.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    full.close()


async def test_a_password_hashed_with_older_parameters_is_hashed_anew_when_it_is_next_shown(house: House) -> None:
    older = Passwords(memory_kib=8_192, passes=1)
    before = house.another(older)
    user = await before.joining.create(Registration("bob@example.org", PASSWORD), "public", "player", Context())
    kept = (await before.logins.sign_in("bob@example.org", PASSWORD, "192.0.2.1")).refresh_token
    older.close()
    assert kept
    for _ in range(2):
        signed_in = await house.logins.sign_in("bob@example.org", PASSWORD, "192.0.2.1")
        assert signed_in.user.id == user.id
    events = await house.log.read_stream(f"user-{user.id}")
    assert [event.type for event in events] == ["UserRegistered", "PasswordChanged"]
    assert msgspec.json.decode(events[1].data)["rehashed"] is True
    # Nobody notices: logins begun before go on.
    assert await house.logins.refresh(kept)


async def test_a_long_family_is_refreshed_without_reading_it_whole(house: House) -> None:
    token = (await house.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert token
    for _ in range(12):
        token = (await house.logins.refresh(token)).refresh_token
        assert token
    read: list[int] = []
    read_stream = house.log.read_stream

    async def counting(stream: str, after: int = 0, *, limit: int = 1000):
        events = await read_stream(stream, after, limit=limit)
        if stream.startswith("login-"):
            read.append(len(events))
        return events

    house.log.read_stream = counting  # type: ignore[method-assign] # only to see what is read
    assert await house.logins.refresh(token)
    assert sum(read) == 2
