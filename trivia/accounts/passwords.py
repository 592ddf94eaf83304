"""Password hashes: Argon2id, computed beside the event loop."""

import asyncio
import os
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from trivia.http.limits import network_of
from trivia.http.problems import TooManyRequests

_T = TypeVar("_T")

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1
"""OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB or more, 2 iterations, parallelism 1."""

MAX_WAITING: Final = 64
"""Beyond these, logins are refused: at some 25 ms each, later ones would wait for seconds."""


def _hasher(memory_kib: int, passes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES, type=Type.ID)


@cache
def _hash_of_nobody(memory_kib: int, passes: int) -> str:
    """A hash to verify against where there is no user, so that the time it takes is the same."""
    return _hasher(memory_kib, passes).hash(os.urandom(16))


class Passwords:
    """Hashes and verifies in a few threads of its own, so that logins delay only logins."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = _hasher(memory_kib, passes)
        threads = max(1, min(4, (os.cpu_count() or 1) // 2))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._max_waiting = max_waiting
        self._idle = threads
        self._waiting = 0
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._nobody = _hash_of_nobody(memory_kib, passes)

    async def hash(self, password: str, client: str = "") -> str:
        """The hash to store. Raises TooManyRequests when too many wait."""
        return await self._run(client, self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str, client: str = "") -> bool:
        """Whether the password is the one that was hashed; takes as long when there is no hash.

        Raises TooManyRequests.
        """
        matches = await self._run(client, self._matches, stored or self._nobody, password)
        return matches and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, client: str, work: Callable[..., _T], *arguments: str) -> _T:
        await self._take_turn(network_of(client))
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        finally:
            self._pass_turn()

    async def _take_turn(self, network: str) -> None:
        """Wait for a thread. Raises TooManyRequests when too many wait.

        Networks take turns, so that a flood from one delays each turn of the others by at
        most one request.
        """
        if self._waiting >= self._max_waiting:
            self._make_room(network)
        self._waiting += 1
        if self._idle:
            self._idle -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(network, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_turn()
            raise

    def _pass_turn(self) -> None:
        self._waiting -= 1
        while self._queues:
            network, queue = next(iter(self._queues.items()))
            turn = queue.popleft()
            self._queues.move_to_end(network)
            if not queue:
                del self._queues[network]
            if turn.done():
                # The request that waited was cancelled or refused.
                self._waiting -= 1
                continue
            turn.set_result(None)
            return
        self._idle += 1

    def _make_room(self, network: str) -> None:
        """Refuse the last request of the network with the most waiting.

        Raises TooManyRequests where the caller's own network would then have as many.
        """
        refusal = TooManyRequests("Too many people are signing in right now.", retry_after=1)
        longest = max(self._queues, key=lambda name: len(self._queues[name]), default=network)
        if len(self._queues.get(longest, ())) <= len(self._queues.get(network, ())) + 1:
            raise refusal
        turn = self._queues[longest].pop()
        self._waiting -= 1
        if not turn.done():
            turn.set_exception(refusal)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
