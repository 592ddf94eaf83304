"""What happens when two things happen between each other's steps, brought about on purpose, on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.log import ANY, Context, StreamWrite
from events.vocabulary.accounts import PasswordChanged, RoleChanged
from events.vocabulary.decoding import decode
from tests.unit.accounts.accounts_process import EMAIL, PASSWORD, AccountsProcess, hold_until, interrupt, open_process
from trivia.accounts.decide import User
from trivia.accounts.joining import Registration
from trivia.accounts.service import REVOKING, Changes
from trivia.accounts.streams import Streams
from trivia.accounts.tokens import Bearer
from trivia.http.access import Identity
from trivia.http.problems import Conflicting, Problem, Unauthenticated, Unprocessable

HERE = "192.0.2.1"


@pytest.fixture
async def process(database_url: str) -> AsyncIterator[AccountsProcess]:
    async with open_process(database_url) as process:
        yield process


async def ada_of(process: AccountsProcess) -> User:
    signed_in = await process.logins.sign_in(EMAIL, PASSWORD, HERE)
    return signed_in.user


def identity_of(user: User) -> Identity:
    return Identity(user.id, user.org, user.role, 2**40, EMAIL)


def token_of(process: AccountsProcess, user: User) -> bytes:
    return process.tokens.issue(Bearer(user.id, user.org, user.role, user.version, EMAIL), 600).encode()


async def types_of(process: AccountsProcess, kind: str) -> Counter[str]:
    return Counter(event.type for event in await process.log.read() if event.stream.startswith(kind))


def outcomes(results: list[Any]) -> Counter[type]:
    return Counter(type(result) if isinstance(result, Problem) else object for result in results)


async def test_of_two_who_decide_on_the_same_free_address_one_gets_it(process: AccountsProcess) -> None:
    hold_until(process.log, 2)
    results = await asyncio.gather(
        process.joining.register(Registration("new@example.org", PASSWORD)),
        process.joining.register(Registration("NEW@example.org", PASSWORD)),
        return_exceptions=True,
    )
    assert outcomes(results) == {object: 1, Conflicting: 1}


async def test_of_two_who_decide_on_the_same_released_address_one_gets_it(process: AccountsProcess) -> None:
    await process.accounts.erase((await ada_of(process)).id, Context())
    hold_until(process.log, 2)
    results = await asyncio.gather(
        *[process.joining.register(Registration(EMAIL, PASSWORD)) for _ in range(2)], return_exceptions=True
    )
    assert outcomes(results) == {object: 1, Conflicting: 1}


async def test_of_two_who_decide_on_the_same_invitation_one_is_let_in(process: AccountsProcess) -> None:
    code = await process.accounts.ensure_first_admin()
    hold_until(process.log, 2)
    results = await asyncio.gather(
        *[process.joining.register(Registration(f"u{n}@example.org", PASSWORD), code) for n in range(2)],
        return_exceptions=True,
    )
    assert outcomes(results) == {object: 1, Unprocessable: 1}
    assert (await types_of(process, "invitation-"))["InvitationUsed"] == 1


async def test_an_invitation_that_is_overtaken_by_its_givers_demotion_lets_nobody_in(process: AccountsProcess) -> None:
    boss = await process.joining.create(Registration("boss@example.org", PASSWORD), "quizzers", "admin", Context())
    identity = Identity(boss.id, boss.org, boss.role, 2**40)
    code = (await process.accounts.invite(identity, "admin", 2**40)).code

    async def demote() -> None:
        await process.log.append([StreamWrite(f"user-{boss.id}", boss.version, [RoleChanged("player")])])

    interrupt(process.log, "invitation-", demote)
    with pytest.raises(Unprocessable):
        await process.joining.register(Registration("new@example.org", PASSWORD), code)
    assert "InvitationUsed" not in await types_of(process, "invitation-")


async def test_who_lost_a_race_leaves_no_key_behind(process: AccountsProcess, database_url: str) -> None:
    hold_until(process.log, 2)
    await asyncio.gather(
        *[process.joining.register(Registration("new@example.org", PASSWORD)) for _ in range(2)], return_exceptions=True
    )
    (registered,) = [event for event in await process.log.read(types=["UserRegistered"]) if event.position > 1][-1:]
    kept = await process.keys._keys.select([registered.stream.removeprefix("user-")])
    assert len(kept) == 1
    rows = await process.storage.database.read("SELECT count(*) FROM subject_keys")
    # Ada's, the winner's, and the installation's.
    assert rows[0][0] == 3


async def test_all_who_show_the_same_refresh_token_at_once_get_the_same_successor(process: AccountsProcess) -> None:
    token = (await process.logins.sign_in(EMAIL, PASSWORD, HERE)).refresh_token
    assert token
    process.clock.now = (await process.log.read())[-1].recorded_at / 1_000_000
    hold_until(process.log, 2)
    processes = [process, process.another()]
    results = await asyncio.gather(*[processes[n % 2].logins.refresh(token) for n in range(10)])
    (successor,) = {result.refresh_token for result in results}
    assert successor not in (None, token)
    assert len({result.access_token for result in results}) == len(results)
    assert await types_of(process, "login-") == {"LoginStarted": 1, "LoginRefreshed": 1}
    assert successor
    assert await process.logins.refresh(successor)


async def test_a_login_that_is_overtaken_by_a_new_password_fails(process: AccountsProcess) -> None:
    ada = await ada_of(process)

    async def new_password() -> None:
        await process.accounts.change(
            identity_of(ada), Changes(new_password="another fine password", password=PASSWORD)
        )

    before = await types_of(process, "login-")
    interrupt(process.log, "login-", new_password)
    with pytest.raises(Unauthenticated):
        await process.logins.sign_in(EMAIL, PASSWORD, HERE)
    assert await types_of(process, "login-") == before


async def test_a_refresh_that_is_overtaken_by_a_new_password_fails(process: AccountsProcess) -> None:
    signed_in = await process.logins.sign_in(EMAIL, PASSWORD, HERE)
    assert signed_in.refresh_token

    async def new_password() -> None:
        await process.accounts.change(
            identity_of(signed_in.user), Changes(new_password="another fine password", password=PASSWORD)
        )

    interrupt(process.log, "login-", new_password)
    with pytest.raises(Unauthenticated):
        await process.logins.refresh(signed_in.refresh_token)
    assert "LoginRefreshed" not in await types_of(process, "login-")


async def test_a_login_that_is_overtaken_by_an_erasure_never_happened(process: AccountsProcess) -> None:
    ada = await ada_of(process)
    before = await types_of(process, "login-")
    interrupt(process.log, "login-", lambda: process.accounts.erase(ada.id, Context()))
    with pytest.raises(Unauthenticated):
        await process.logins.sign_in(EMAIL, PASSWORD, HERE)
    assert await types_of(process, "login-") == before


async def test_a_profile_change_that_is_overtaken_by_an_erasure_fails_and_writes_nothing(
    process: AccountsProcess,
) -> None:
    ada = await ada_of(process)
    interrupt(process.log, "user-", lambda: process.accounts.erase(ada.id, Context()))
    with pytest.raises(Unauthenticated):
        await process.accounts.change(identity_of(ada), Changes(name="Augusta"))
    assert "ProfileChanged" not in await types_of(process, "user-")


async def test_an_erasure_that_is_overtaken_by_a_change_happens_all_the_same(process: AccountsProcess) -> None:
    ada = await ada_of(process)
    interrupt(process.log, "user-", lambda: process.accounts.change(identity_of(ada), Changes(name="Augusta")))
    await process.accounts.erase(ada.id, Context())
    user = await Streams(process.log).user(ada.id)
    assert user is not None
    assert user.forgotten


async def test_tokens_are_refused_as_soon_as_what_they_say_is_no_longer_so(process: AccountsProcess) -> None:
    ada = await ada_of(process)
    old = token_of(process, ada)
    assert process.tokens.verify(old)
    await process.accounts.change(identity_of(ada), Changes(new_password="another fine password", password=PASSWORD))
    with pytest.raises(Unauthenticated):
        process.tokens.verify(old)
    renewed = await process.logins.sign_in(EMAIL, "another fine password", HERE)
    new = renewed.access_token.encode()
    assert process.tokens.verify(new)
    await process.accounts.erase(ada.id, Context())
    with pytest.raises(Unauthenticated):
        process.tokens.verify(new)


async def test_a_process_learns_at_its_start_which_tokens_were_revoked(process: AccountsProcess) -> None:
    ada = await ada_of(process)
    token = token_of(process, ada)
    later = process.another()
    assert later.tokens.verify(token)
    # The events are stamped by the machine's clock, and only a day back is looked.
    process.clock.now = (await process.log.read())[-1].recorded_at / 1_000_000
    await process.accounts.erase(ada.id, Context())
    token = token_of(later, ada)
    assert later.tokens.verify(token)
    await later.accounts.prepare()
    with pytest.raises(Unauthenticated):
        later.tokens.verify(token)


async def test_a_rehashed_password_revokes_nothing(process: AccountsProcess) -> None:
    ada = await ada_of(process)
    token = token_of(process, ada)
    rehashed = PasswordChanged("hash", rehashed=True)
    await process.log.append([StreamWrite(f"user-{ada.id}", ANY, [rehashed])])
    for recorded in await process.log.read(types=[kind.__name__ for kind in REVOKING]):
        process.accounts.notice(decode(recorded))
    assert process.tokens.verify(token)
