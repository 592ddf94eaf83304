"""Hashing passwords beside the event loop."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from trivia.accounts.passwords import MEMORY_KIB, PASSES, Passwords
from trivia.http.problems import TooManyRequests


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_only_the_password_that_was_hashed_matches(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert await passwords.verify(stored, "correct horse")
    assert not await passwords.verify(stored, "Correct horse")
    assert not await passwords.verify(stored, "correct horse ")
    assert not await passwords.verify(stored, "")


async def test_hashes_are_argon2id_with_the_parameters_owasp_asks_for(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
    assert MEMORY_KIB >= 19 * 1024
    assert PASSES >= 2
    assert stored != await passwords.hash("correct horse")


async def test_nobody_has_a_password(passwords: Passwords) -> None:
    assert not await passwords.verify(None, "correct horse")
    assert not await passwords.verify("no hash", "correct horse")


async def test_a_hash_with_other_parameters_is_outdated_and_still_matches(passwords: Passwords) -> None:
    older = Passwords(memory_kib=8_192, passes=1)
    stored = await older.hash("correct horse")
    older.close()
    assert passwords.is_outdated(stored)
    assert await passwords.verify(stored, "correct horse")
    assert not passwords.is_outdated(await passwords.hash("correct horse"))


async def test_unicode_passwords_are_passwords(passwords: Passwords) -> None:
    stored = await passwords.hash("пароль 密码 🔑")
    assert await passwords.verify(stored, "пароль 密码 🔑")


async def test_whoever_comes_when_too_many_wait_is_turned_away_and_the_rest_are_served() -> None:
    passwords = Passwords(memory_kib=8_192, passes=1, max_waiting=3)
    answers = await asyncio.gather(*[passwords.hash("correct horse") for _ in range(8)], return_exceptions=True)
    turned_away = [answer for answer in answers if isinstance(answer, TooManyRequests)]
    assert len(turned_away) == 5
    assert turned_away[0].headers == {"Retry-After": "1"}
    assert await passwords.verify(await passwords.hash("again"), "again")
    passwords.close()


async def test_the_event_loop_goes_on_while_passwords_are_hashed(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing, go_on = asyncio.Event(), threading.Event()
    loop, hash_password = asyncio.get_running_loop(), PasswordHasher.hash

    def held(hasher: PasswordHasher, password: str) -> str:
        loop.call_soon_threadsafe(hashing.set)
        # Only the event loop lets it go on, which it cannot while this runs in it.
        assert go_on.wait(10), "the event loop stands still"
        return hash_password(hasher, password)

    monkeypatch.setattr(PasswordHasher, "hash", held)
    hashed = asyncio.create_task(passwords.hash("correct horse"))
    await hashing.wait()
    go_on.set()
    assert await passwords.verify(await hashed, "correct horse")


async def test_a_flood_from_one_address_delays_the_others_by_no_more_than_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(memory_kib=8_192, passes=1, max_waiting=12)
    threads = passwords._idle
    order: list[str] = []

    async def ask(client: str) -> None:
        await passwords.hash("correct horse", client)
        order.append(client)

    flood = [asyncio.create_task(ask("192.0.2.1")) for _ in range(12)]
    await asyncio.sleep(0)
    # The queue is full, and whoever comes from elsewhere is let in at the cost of the flood's last.
    others = [asyncio.create_task(ask(f"198.51.100.{n}")) for n in range(3)]
    results = await asyncio.gather(*flood, *others, return_exceptions=True)
    assert [isinstance(result, TooManyRequests) for result in results] == [False] * 9 + [True] * 3 + [False] * 3
    ranks = [rank for rank, client in enumerate(order) if client != "192.0.2.1"]
    assert max(ranks) <= 2 * threads + 3
    assert (passwords._waiting, passwords._idle, len(passwords._queues)) == (0, threads, 0)
    passwords.close()


async def test_who_stops_waiting_leaves_no_gap() -> None:
    passwords = Passwords(memory_kib=8_192, passes=1)
    threads = passwords._idle
    tasks = [asyncio.create_task(passwords.hash("correct horse", "192.0.2.1")) for _ in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await passwords.hash("correct horse")
    assert (passwords._waiting, passwords._idle, len(passwords._queues)) == (0, threads, 0)
    passwords.close()
