"""`trivia serve`: starting, stopping in order, several processes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from tests.support.commands import ROOT, START_SECONDS, Installed, Trivia, wait_for_first_event
from tests.support.holding import none_beyond_1500
from tests.support.postgres import PostgresServer
from tests.support.waiting import eventually_sync
from trivia.cli.serving.serve import _serve_here

pytestmark = pytest.mark.timeout(150)

INVITATION = re.compile(r"with this invitation: (\S+)")
BANK = re.compile(r"The bank starts with (\d+) questions\.")


def counts(trivia: Trivia) -> dict[str, int]:
    return json.loads(trivia("events", "stats", "--json").stdout)["types"]


def test_the_first_start_needs_no_setting_and_leads_to_an_admin_and_questions(installed: Installed) -> None:
    with installed.serving() as server:
        server.wait_until_ready()
        invitation = INVITATION.search(server.out)
        bank = BANK.search(server.out)
        assert invitation
        assert bank
        assert int(bank[1]) > 1000
        person = {"email": "ada@example.org", "password": "correct horse battery staple", "invite": invitation[1]}
        signed_in = httpx.post(f"{server.url}/auth/register", json=person).json()
        assert signed_in["user"]["role"] == "admin"
        headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
        given = httpx.get(f"{server.url}/questions?limit=5", headers=headers)
        assert len(given.json()) == 5
        assert server.stop() == 0
    assert "Traceback" not in server.err
    with installed.serving() as again:
        again.wait_until_ready()
        assert "Migrated" not in again.out
        assert not INVITATION.search(again.out)
        assert not BANK.search(again.out)
        assert again.stop(signal.SIGINT) == 0
    assert counts(installed)["StarterBankAdded"] == 1


def test_processes_that_start_together_fill_the_bank_once(trivia: Trivia) -> None:
    settings = {"starter_bank": True}
    with trivia.serving(**settings) as one, trivia.serving(**settings) as other:
        for server in (one, other):
            server.wait_until_ready()
        assert len(INVITATION.findall(one.out + other.out)) == 1
    found = counts(trivia)
    assert found["StarterBankAdded"] == 1
    exported = trivia("export").stdout.splitlines()
    assert len(exported) == found["QuestionAdded"] == int(BANK.findall(one.out + other.out)[0])


def test_a_first_start_that_was_killed_is_finished_by_the_next(
    trivia: Trivia, database_url: str, postgres_server: PostgresServer
) -> None:
    with none_beyond_1500(database_url, postgres_server), trivia.serving(starter_bank=True) as server:
        wait_for_first_event(database_url, server.process)
        server.process.kill()
        server.process.wait()
    before = counts(trivia)
    assert before["QuestionAdded"] > 0
    assert "StarterBankAdded" not in before
    with trivia.serving(starter_bank=True) as server:
        server.wait_until_ready()
    found = counts(trivia)
    assert found["StarterBankAdded"] == 1
    assert found["QuestionAdded"] == int(BANK.findall(server.out)[0])


def healthcheck(trivia: Trivia, **settings: Any) -> "subprocess.CompletedProcess[str]":
    """Ask as a container does of itself."""
    return subprocess.run(
        [sys.executable, ROOT / "docker" / "healthcheck.py"],
        cwd=trivia.directory,
        env=trivia.environment(**settings),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_drains_before_it_stops_and_the_check_of_its_container_follows(trivia: Trivia) -> None:
    with trivia.serving(drain_seconds=60) as server:
        server.wait_until_ready()
        port = server.url.rpartition(":")[2]
        for host in ("0.0.0.0", "127.0.0.1"):  # noqa: S104 - to be asked
            assert (done := healthcheck(trivia, host=host, port=port)).returncode == 0, done
        server.process.send_signal(signal.SIGTERM)
        eventually_sync(lambda: server.status("/health/ready") == 503)
        assert server.status("/health") == 200
        # Wherever the service is told its port, the check finds it.
        (trivia.directory / "trivia.toml").write_text(f"port = {port}")
        done = healthcheck(trivia)
        assert (done.returncode, done.stderr) == (1, "")
        assert "shutting down" in done.stdout
        assert server.process.poll() is None
        assert server.stop() == 0, "a second signal does not wait"
    assert "Traceback" not in server.err
    assert (done := healthcheck(trivia)).returncode == 1
    assert "refused" in done.stdout
    done = healthcheck(trivia, port="tcp://10.0.0.1:80")
    assert (done.returncode, done.stderr) == (1, "")
    assert "TRIVIA_PORT" in done.stdout


@pytest.mark.timeout(20)
def test_a_signal_that_comes_before_the_server_looks_out_for_any_is_not_lost() -> None:
    class Hasty(uvicorn.Server):
        def run(self, sockets: list[socket.socket] | None = None) -> None:
            signal.raise_signal(signal.SIGTERM)
            super().run(sockets)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer nobody."""

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            assert _serve_here(Hasty(uvicorn.Config(app, lifespan="off", log_config=None)), listener) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_worker_that_dies_is_replaced(trivia: Trivia) -> None:
    with trivia.serving("--workers", "2") as server:
        server.wait_until_ready()
        workers = eventually_sync(lambda: len(server.workers()) == 2 and server.workers(), 30)
        os.kill(workers[0], signal.SIGKILL)
        after = eventually_sync(lambda: len(set(server.workers()) - {workers[0]}) == 2 and server.workers(), 30)
        assert workers[0] not in after
        server.wait_until_ready()
        assert server.stop() == 0
    for worker in after:
        assert not Path(f"/proc/{worker}").exists()
    assert "Traceback" not in server.err


def test_a_secret_that_cannot_be_read_stops_the_start(trivia: Trivia) -> None:
    done = trivia("serve", "--port", "0", secret_key_file=trivia.directory / "missing")
    assert done.returncode == 2
    assert "TRIVIA_SECRET_KEY_FILE" in done.stderr


def test_an_address_in_use_is_one_line(trivia: Trivia) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = trivia("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "cannot listen on 127.0.0.1" in line


def test_a_server_says_nothing_of_what_runs_it(trivia: Trivia) -> None:
    with trivia.serving() as server:
        server.wait_until_ready()
        assert "server" not in server.get("/health").headers


def test_what_goes_on_behind_requests_has_a_process_that_is_started_again_and_outlives_nobody(trivia: Trivia) -> None:
    with trivia.serving() as server:
        server.wait_until_ready()
        first = eventually_sync(server.worker_process, START_SECONDS)
        os.kill(first, signal.SIGKILL)
        second = eventually_sync(lambda: (found := server.worker_process()) != first and found, START_SECONDS)
        assert server.status("/health/ready") == 200
        server.process.kill()
        eventually_sync(lambda: not Path(f"/proc/{second}").exists(), START_SECONDS)
    assert "worker_process_restarted" in server.out + server.err


def test_without_a_process_of_its_own_what_goes_on_behind_requests_is_done_where_requests_are_served(
    trivia: Trivia,
) -> None:
    with trivia.serving(background_process=False) as server:
        server.wait_until_ready()
        assert server.worker_process() is None
        eventually_sync(lambda: '"lag_events":0' in trivia("projections", "list", "--json").stdout, START_SECONDS)


def test_work_ends_in_order_when_it_is_told_to(bare: Trivia) -> None:
    assert bare("work").returncode == 1
    assert bare("migrate").returncode == 0
    process = bare.start("work")
    with process:
        # The lock of whoever runs the projections.
        eventually_sync((bare.directory / "data" / "trivia.db.projector").exists, START_SECONDS)
        process.send_signal(signal.SIGTERM)
        assert process.wait(START_SECONDS) == 0
