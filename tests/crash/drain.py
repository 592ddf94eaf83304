"""Users who draw a whole bank from several processes at once while those are killed, and a checker that believes nobody.

    python -m tests.crash.drain sqlite:///./drain.db FILE [FILE ...]

imports the files into a fresh database, lets twelve users drain it over four processes with forty kills, and checks. The checker
reads nothing but the log and what the clients wrote down themselves.
"""

import argparse
import asyncio
import math
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from typing import NamedTuple

import httpx

from events.vocabulary.assignments import QuestionsAssigned
from events.vocabulary.decoding import decode
from events.vocabulary.questions import QuestionAdded
from projections.engine.user_state import STREAM_PREFIX
from tests.support.databases import open_log
from tests.support.forking import ROOT, Forked, start
from tests.support.waiting import eventually

RETRY_SECONDS = 0.05
REQUEST_SECONDS = 20.0
READY_SECONDS = 300.0


class Server:
    """One `trivia serve`, always on the same port, as often as it is started."""

    def __init__(self, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, **environment}
        self._process: Forked | None = None

    async def start(self) -> None:
        arguments = ["serve", "--port", str(self.port)]
        self._process = await asyncio.to_thread(start, "trivia", arguments, environment=self._environment, silent=True)

    async def end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            await asyncio.to_thread(self._process.communicate)
            with self._process:
                self._process = None


class Draw(NamedTuple):
    """One request that was answered with 200, as the client saw it."""

    user: str
    position: int
    questions: tuple[int, ...]


class Records:
    """What the clients wrote down. `uncertain` counts requests without a key that got no answer."""

    def __init__(self) -> None:
        self.draws: list[Draw] = []
        self.uncertain: Counter[str] = Counter()
        self.kills = 0
        self.given = 0
        self.allowed = asyncio.Condition()
        self.pause_at: float = 0

    def add(self, draw: Draw) -> None:
        self.draws.append(draw)
        self.given += len(draw.questions)

    async def wait_until_allowed(self) -> None:
        """Do not run away from the killer: starting a server takes longer than draining a small bank."""
        async with self.allowed:
            await self.allowed.wait_for(lambda: self.given <= self.pause_at)


class User:
    """A client that draws until nothing is left. One `with_keys` sends a failed request again until it is answered."""

    def __init__(self, name: str, token: str, *, with_keys: bool) -> None:
        self.name = name
        self.with_keys = with_keys
        self._headers = {"Authorization": f"Bearer {token}"}

    async def drain(
        self, client: httpx.AsyncClient, servers: list[Server], records: Records, chance: random.Random
    ) -> None:
        number, limit = 0, chance.randint(1, 100)
        while True:
            await records.wait_until_allowed()
            headers = {**self._headers, "Idempotency-Key": f"draw-{number}"} if self.with_keys else self._headers
            url = f"{chance.choice(servers).url}/questions"
            try:
                response = await client.get(url, params={"limit": limit}, headers=headers)
            except httpx.TransportError:
                response = None
            if response is None or response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                records.uncertain[self.name] += 0 if self.with_keys else 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            assert response.status_code == httpx.codes.OK, response.text
            questions = tuple(question["id"] for question in response.json())
            position = int(response.headers.get("X-Event-Position", 0))
            records.add(Draw(self.name, position, questions))
            if not questions:
                return
            number, limit = number + 1, chance.randint(1, 100)


async def drain(
    environment: dict[str, str], *, processes: int = 4, users: int = 12, kills: int = 8, seed: int = 1
) -> Records:
    """Let users drain the bank while servers are killed and started again, evenly over the whole run."""
    chance = random.Random(seed)
    servers = [Server(environment) for _ in range(processes)]
    records = Records()
    try:
        for server in servers:
            await server.start()
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS, limits=httpx.Limits(max_connections=200)) as client:
            await asyncio.gather(*[_ready(client, server) for server in servers])
            players = []
            for number in range(users):
                joined = await client.post(f"{servers[0].url}/auth/guest", json={"nickname": f"drainer {number}"})
                joined.raise_for_status()
                account = joined.json()
                players.append(User(account["user"]["id"], account["access_token"], with_keys=number % 2 == 0))
            topics = await client.get(
                f"{servers[0].url}/topics", headers={"Authorization": f"Bearer {account['access_token']}"}
            )
            total = users * sum(topic["questions"] for topic in topics.json())
            # Whoever fails ends it for all: without the killer the users would wait for ever.
            async with asyncio.TaskGroup() as everyone:
                everyone.create_task(_kill_now_and_then(client, servers, records, kills, total, chance))
                for n, player in enumerate(players):
                    everyone.create_task(player.drain(client, servers, records, random.Random(seed + n)))
    finally:
        for server in servers:
            await server.end(signal.SIGKILL)
    return records


async def _ready(client: httpx.AsyncClient, server: Server) -> None:
    async def answers() -> bool:
        try:
            return (await client.get(f"{server.url}/health/ready")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    await eventually(answers, READY_SECONDS)


async def _kill_now_and_then(
    client: httpx.AsyncClient, servers: list[Server], records: Records, kills: int, total: int, chance: random.Random
) -> None:
    share = total / (kills + 1)
    for number in range(1, kills + 1):
        # Half a share more than what the next kill waits for, so that it comes into the middle of things.
        await _allow(records, share * (number + 0.5))
        await eventually(lambda target=share * number: records.given >= target, timeout=600)
        victim = chance.choice(servers)
        await victim.end(signal.SIGKILL)
        records.kills += 1
        await victim.start()
        await _ready(client, victim)
    await _allow(records, math.inf)


async def _allow(records: Records, given: float) -> None:
    async with records.allowed:
        records.pause_at = given
        records.allowed.notify_all()


class Assigned(NamedTuple):
    """One event of the log that gave questions to a user."""

    user: str
    questions: tuple[int, ...]


async def check(database_url: str, records: Records) -> str:
    """Compare the clients' records with the log; a sentence of what was found. Raises AssertionError."""
    bank, positions = 0, 0
    assigned: dict[int, Assigned] = {}
    async with open_log(database_url) as log:
        after = 0
        while page := await log.read(after, limit=5_000):
            for recorded in page:
                positions += 1
                assert recorded.position == positions, f"position {recorded.position} after {positions - 1}"
                event = decode(recorded).event if recorded.type in {"QuestionAdded", "QuestionsAssigned"} else None
                if isinstance(event, QuestionAdded):
                    bank += 1
                elif isinstance(event, QuestionsAssigned):
                    user = recorded.stream.removeprefix(STREAM_PREFIX)
                    assigned[recorded.position] = Assigned(user, event.questions)
            after = page[-1].position

    given: dict[str, Counter[int]] = {draw.user: Counter() for draw in records.draws}
    for one in assigned.values():
        given[one.user].update(one.questions)
    acknowledged: Counter[str] = Counter()
    for draw in records.draws:
        if draw.position:
            assert assigned[draw.position] == Assigned(draw.user, draw.questions), f"{draw} is not what the log says"
        acknowledged[draw.user] += len(draw.questions)
    for user, numbers in given.items():
        twice = [number for number, times in numbers.items() if times > 1]
        assert not twice, f"{user} was given {twice[:5]} more than once"
        assert set(numbers) == set(range(1, bank + 1)), f"{user} was given {len(numbers)} of {bank}"
        if not records.uncertain[user]:
            assert acknowledged[user] == bank, (
                f"{user} has {acknowledged[user]} of {bank}, and no request went unanswered"
            )
    unanswered = sum(records.uncertain.values())
    return (
        f"{len(given)} users were each given all {bank} questions once in {len(assigned)} events; {records.kills} kills, "
        f"{unanswered} requests without a key went unanswered, {positions} positions without a gap"
    )


async def _run(database_url: str, data_dir: str, files: list[str], kills: int) -> None:
    environment = {
        "TRIVIA_DATABASE_URL": database_url,
        "TRIVIA_DATA_DIR": data_dir,
        "TRIVIA_STARTER_BANK": "false",
        "TRIVIA_AUTO_GENERATION": "false",
        "TRIVIA_LOG_LEVEL": "error",
    }
    for command in (["migrate"], ["import", "--on-error", "skip", *files]):
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "trivia", *command), cwd=ROOT, env={**os.environ, **environment}
        )
        assert await program.wait() == 0
    began = time.perf_counter()
    records = await drain(environment, kills=kills)
    print(f"Drained in {time.perf_counter() - began:.1f} s.")  # noqa: T201 - a program of its own
    print(await check(database_url, records))  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database_url")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--data-dir", default=".", help="where the secret key is kept")
    parser.add_argument("--kills", type=int, default=40)
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.database_url, arguments.data_dir, arguments.files, arguments.kills))
