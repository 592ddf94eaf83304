"""Accounts on a real log, without HTTP and without anything that runs in the background."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from events.encryption import SubjectKeys
from events.log import Appended, Context, EventLog, StreamWrite
from projections.storage.backends import models_of
from tests.support.clock import Clock
from trivia.accounts.credentials import Credentials
from trivia.accounts.joining import Joining, Registration
from trivia.accounts.logins import Logins
from trivia.accounts.passwords import Passwords
from trivia.accounts.service import Accounts
from trivia.accounts.throttle import Throttle
from trivia.accounts.tokens import Tokens
from trivia.platform.storage import Storage, open_storage
from trivia.settings import Settings

KEY = b"0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery staple"
EMAIL = "ada@example.org"
ADA = Registration(EMAIL, PASSWORD, "Ada", 36)


class AccountsProcess:
    """One process's worth of accounts. `clock` is told when to go."""

    def __init__(self, storage: Storage, clock: Clock, passwords: Passwords) -> None:
        self.storage = storage
        self.log: EventLog = storage.log
        self.clock = clock
        self.passwords = passwords
        self.keys = SubjectKeys(storage.database.keys())
        self.tokens = Tokens(KEY, clock=clock)
        settings = Settings(refresh_token_days=30)
        credentials = Credentials(self.keys, passwords, Throttle(clock=clock))
        self.logins = Logins(self.log, self.keys, self.tokens, credentials, settings, clock=clock)
        self.joining = Joining(self.log, self.keys, credentials, self.logins, clock=clock)
        self.models = models_of(storage.database)
        self.accounts = Accounts(
            self.log, self.models, self.keys, self.tokens, credentials, self.joining, self.logins, clock=clock
        )

    def another(self, passwords: Passwords | None = None) -> "AccountsProcess":
        """A second process on the same database, which has heard of nothing."""
        return AccountsProcess(self.storage, self.clock, passwords or self.passwords)


@asynccontextmanager
async def open_process(database_url: str) -> AsyncIterator[AccountsProcess]:
    """A process with ADA registered in its database."""
    passwords = Passwords()
    async with open_storage(database_url) as storage:
        process = AccountsProcess(storage, Clock(), passwords)
        await process.joining.create(ADA, "public", "player", Context())
        yield process
    passwords.close()


Append = Callable[..., Awaitable[Appended]]


def interrupt(log: EventLog, stream: str, work: Callable[[], Awaitable[Any]]) -> None:
    """Just before the next append that writes to a stream of this kind is carried out, do `work`."""
    append: Append = log.append

    async def interrupted(writes: Sequence[StreamWrite], **rest: Any) -> Appended:
        if any(write.stream.startswith(stream) for write in writes):
            log.append = append  # type: ignore[method-assign] # once
            await work()
        return await append(writes, **rest)

    log.append = interrupted  # type: ignore[method-assign] # the log itself is the real one


def hold_until(log: EventLog, callers: int) -> None:
    """Let the next appends start only when so many wait, so that each has decided on the same state."""
    append: Append = log.append
    barrier = asyncio.Barrier(callers)

    async def held(writes: Sequence[StreamWrite], **rest: Any) -> Appended:
        if log.append is held:
            await barrier.wait()
            log.append = append  # type: ignore[method-assign] # once
        return await append(writes, **rest)

    log.append = held  # type: ignore[method-assign] # the log itself is the real one
