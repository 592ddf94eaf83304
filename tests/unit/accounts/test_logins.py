"""Logins on a real log, with a clock that is told when to go."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import msgspec
import pytest
import structlog

from events.log import NO_STREAM, Context, StreamWrite
from events.vocabulary.accounts import EmailReserved, UserRegistered
from tests.unit.accounts.accounts_process import EMAIL, PASSWORD, AccountsProcess, open_process
from trivia.accounts.joining import Registration
from trivia.accounts.passwords import Passwords
from trivia.accounts.service import Changes
from trivia.http.access import Identity
from trivia.http.problems import TooManyRequests, Unauthenticated, Unprocessable


@pytest.fixture
async def process(database_url: str) -> AsyncIterator[AccountsProcess]:
    async with open_process(database_url) as process:
        yield process


async def test_a_login_lasts_as_long_as_the_settings_say_however_often_it_is_refreshed(
    process: AccountsProcess,
) -> None:
    token = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert token
    for _ in range(29):
        process.clock.advance(86_400)
        token = (await process.logins.refresh(token)).refresh_token
        assert token
    process.clock.advance(86_400)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await process.logins.refresh(token)


async def test_a_refresh_token_sent_again_within_ten_seconds_gets_the_same_successor(process: AccountsProcess) -> None:
    first = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert first
    second = (await process.logins.refresh(first)).refresh_token
    assert second
    process.clock.now = (await process.log.read())[-1].recorded_at / 1_000_000
    head = await process.log.head()
    process.clock.advance(10)
    # Any process, also one that has seen nothing of the first exchange.
    again = await process.another().logins.refresh(first)
    assert (again.refresh_token, again.position) == (second, head)
    assert await process.log.head() == head
    assert await process.logins.refresh(second)


async def test_a_refresh_token_sent_again_later_ends_its_family_and_no_other(process: AccountsProcess) -> None:
    first = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    other_device = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert first
    assert other_device
    second = (await process.logins.refresh(first)).refresh_token
    assert second
    process.clock.now = (await process.log.read())[-1].recorded_at / 1_000_000 + 10.1
    for token in (first, second):
        with pytest.raises(Unauthenticated):
            await process.another().logins.refresh(token)
    assert await process.logins.refresh(other_device)


async def test_no_refresh_token_stands_in_the_log(process: AccountsProcess) -> None:
    first = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert first
    second = (await process.logins.refresh(first)).refresh_token
    assert second
    stored = " ".join(str(event.data) for event in await process.log.read())
    for token in (first, second):
        assert token.split(".")[2] not in stored


async def test_who_was_slowed_down_may_try_again_after_the_time_told(process: AccountsProcess) -> None:
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await process.logins.sign_in(EMAIL, "a guess", "192.0.2.1")
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refusal:
            await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    process.clock.advance(int(refusal.value.headers["Retry-After"]))
    assert await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    # The account is forgiven; the place that guessed is not, and its next failure costs more.
    with pytest.raises(Unauthenticated):
        await process.logins.sign_in(EMAIL, "a guess", "192.0.2.1")
    with pytest.raises(TooManyRequests):
        await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    assert await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.2")


async def test_a_hundred_guesses_at_once_are_not_let_in_for_one(process: AccountsProcess) -> None:
    guesses = [process.logins.sign_in(EMAIL, f"guess {n}", "192.0.2.1") for n in range(100)]
    refusals = await asyncio.gather(*guesses, return_exceptions=True)
    assert Counter(map(type, refusals)) == {Unauthenticated: 10, TooManyRequests: 90}


async def test_ten_failures_elsewhere_do_not_lock_an_owner_out_and_a_great_many_do(process: AccountsProcess) -> None:
    for n in range(99):
        with pytest.raises(Unauthenticated):
            await process.logins.sign_in(EMAIL, "a guess", f"198.51.100.{n // 5}")
    assert await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    for n in range(100):
        with pytest.raises(Unauthenticated):
            await process.logins.sign_in(EMAIL, "a guess", f"203.0.113.{n // 5}")
    with pytest.raises(TooManyRequests):
        await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")


async def test_guessing_the_password_through_a_change_is_slowed_down_as_at_a_login(process: AccountsProcess) -> None:
    user = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).user
    identity = Identity(user.id, "public", "player", 2**40)
    for _ in range(5):
        guess = Changes(password="a guess", email="new@example.org")
        with pytest.raises(Unprocessable):
            await process.accounts.change(identity, guess, client="192.0.2.9")
        with pytest.raises(Unauthenticated):
            await process.logins.sign_in(EMAIL, "a guess", "192.0.2.9")
    right = Changes(password=PASSWORD, email="new@example.org")
    with pytest.raises(TooManyRequests):
        await process.accounts.change(identity, right, client="192.0.2.9")
    assert await process.accounts.change(identity, right, client="192.0.2.1")


async def test_failed_and_slowed_down_logins_are_logged_without_the_address(process: AccountsProcess) -> None:
    with structlog.testing.capture_logs() as logged:
        for email in (EMAIL, "nobody@example.org", "no address"):
            for _ in range(4):
                with pytest.raises((Unauthenticated, TooManyRequests)):
                    await process.logins.sign_in(email, "a guess", "192.0.2.1")
    assert [entry["event"] for entry in logged] == ["login_failed"] * 10 + ["login_throttled"] * 2
    assert "example" not in str(logged)
    assert "192.0.2" not in str(logged)
    assert "a guess" not in str(logged)


async def test_being_turned_away_for_lack_of_threads_is_not_a_failed_login(process: AccountsProcess) -> None:
    full = Passwords(max_waiting=0)
    crowded = process.another(full)
    for _ in range(30):
        with pytest.raises(TooManyRequests, match="Too many people"):
            await crowded.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    full.close()


async def test_no_password_hash_stands_in_the_log_and_an_older_one_that_does_still_signs_in(
    process: AccountsProcess,
) -> None:
    signed_in = await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")
    changes = Changes(password=PASSWORD, new_password="another fine password")
    await process.accounts.change(Identity(signed_in.user.id, "public", "player", 2**40), changes)
    assert "argon2" not in " ".join([event.data for event in await process.log.read()])

    stream = await process.joining.email_stream("old@example.org")
    await process.keys.create("old")
    profile = await process.keys.encrypt("old", {"email": "old@example.org", "name": None, "age": None})
    hashed = await process.passwords.hash(PASSWORD)
    registered = UserRegistered("old", "public", "player", profile, hashed, stream)
    writes = [StreamWrite("user-old", NO_STREAM, [registered]), StreamWrite(stream, NO_STREAM, [EmailReserved("old")])]
    await process.log.append(writes)
    assert (await process.logins.sign_in("old@example.org", PASSWORD, "192.0.2.1")).user.id == "old"
    with pytest.raises(Unauthenticated):
        await process.logins.sign_in("old@example.org", "a guess", "192.0.2.1")


async def test_a_password_hashed_with_older_parameters_is_hashed_anew_when_it_is_next_shown(
    process: AccountsProcess,
) -> None:
    older = Passwords(memory_kib=8_192, passes=1)
    before = process.another(older)
    user = await before.joining.create(Registration("bob@example.org", PASSWORD), "public", "player", Context())
    kept = (await before.logins.sign_in("bob@example.org", PASSWORD, "192.0.2.1")).refresh_token
    older.close()
    assert kept
    for _ in range(2):
        signed_in = await process.logins.sign_in("bob@example.org", PASSWORD, "192.0.2.1")
        assert signed_in.user.id == user.id
    events = await process.log.read_stream(f"user-{user.id}")
    assert [event.type for event in events] == ["UserRegistered", "PasswordChanged"]
    assert msgspec.json.decode(events[1].data)["rehashed"] is True
    # Nobody notices: logins begun before go on.
    assert await process.logins.refresh(kept)


async def test_a_long_family_is_refreshed_without_reading_it_whole(process: AccountsProcess) -> None:
    token = (await process.logins.sign_in(EMAIL, PASSWORD, "192.0.2.1")).refresh_token
    assert token
    for _ in range(12):
        token = (await process.logins.refresh(token)).refresh_token
        assert token
    read: list[int] = []
    read_stream = process.log.read_stream

    async def counting(stream: str, after: int = 0, *, limit: int = 1000):
        events = await read_stream(stream, after, limit=limit)
        if stream.startswith("login-"):
            read.append(len(events))
        return events

    process.log.read_stream = counting  # type: ignore[method-assign] # only to see what is read
    assert await process.logins.refresh(token)
    assert sum(read) == 2
