"""Bounds on connections, against a real server and with bare sockets: what no well-behaved client sends."""

import json
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.commands import Server, Trivia
from tests.support.waiting import eventually_sync

SECONDS = 20.0
LIMITS = {
    "max_header_bytes": 8_192,
    "max_url_bytes": 2_048,
    "header_timeout_seconds": 0.5,
    "body_timeout_seconds": 0.5,
    "max_connections_per_address": 12,
    "trusted_proxies": "192.0.2.1",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    trivia = Trivia(tmp_path_factory.mktemp("serving"), starter_bank=False, background_process=False, **LIMITS)
    with trivia.serving() as server:
        server.wait_until_ready()
        yield server


def connect(server: Server) -> socket.socket:
    address = httpx.URL(server.url)
    return socket.create_connection((address.host, address.port), timeout=SECONDS)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    received = b""
    try:
        while data := connection.recv(65_536):
            received += data
    except ConnectionResetError:
        pass
    return received


def problem_in(reply: bytes) -> dict[str, Any]:
    head, _, body = reply.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    document: dict[str, Any] = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {document['status']} ".encode())
    return document


def send(server: Server, *pieces: bytes) -> bytes:
    """Send pieces, as far as the server takes them, and read the reply."""
    with closing(connect(server)) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_all(connection)


def ask(connection: socket.socket) -> None:
    """Send a whole request and read the whole reply; the connection stays open."""
    connection.sendall(b"GET /health HTTP/1.1\r\nhost: here\r\n\r\n")
    received = b""
    while b'"ok"}' not in received:
        received += connection.recv(65_536)
    assert received.startswith(b"HTTP/1.1 200 ")


def is_well(server: Server) -> bool:
    return server.status("/health") == 200


def test_many_headers_are_431(server: Server) -> None:
    headers = b"".join(b"x-%d: %s\r\n" % (number, b"a" * 100) for number in range(200))
    assert problem_in(send(server, b"GET /health HTTP/1.1\r\nhost: here\r\n" + headers + b"\r\n"))["status"] == 431
    assert is_well(server)


def test_one_endless_header_is_refused_before_it_has_ended(server: Server) -> None:
    pieces = [b"GET /health HTTP/1.1\r\nhost: here\r\nx-long: ", *[b"a" * 65_536] * 64]
    assert problem_in(send(server, *pieces))["status"] == 431
    assert is_well(server)


def test_a_long_url_is_414(server: Server) -> None:
    assert (
        problem_in(send(server, b"GET /health?" + b"a" * 4_000 + b" HTTP/1.1\r\nhost: here\r\n\r\n"))["status"] == 414
    )
    assert is_well(server)


def test_trailers_without_end_are_cut_off(server: Server) -> None:
    head = b"POST /auth/guest HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    send(server, head, *[b"x-trailer: " + b"a" * 4_000 + b"\r\n"] * 200)
    assert is_well(server)


def test_a_head_that_does_not_come_to_its_end_is_408(server: Server) -> None:
    assert problem_in(send(server, b"GET /health HTTP/1.1\r\nhost: here\r\nx-half: "))["status"] == 408


def test_a_connection_that_says_nothing_is_closed(server: Server) -> None:
    assert problem_in(send(server))["status"] == 408


def test_a_body_that_does_not_come_ends_the_connection(server: Server) -> None:
    head = b"POST /auth/guest HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    send(server, head)
    assert is_well(server)


def test_a_connection_stays_open_between_requests_for_longer_than_a_head_may_take(server: Server) -> None:
    with closing(connect(server)) as connection:
        ask(connection)
        connection.settimeout(1.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(SECONDS)
        ask(connection)


def test_one_address_may_not_take_all_connections_and_gets_them_back_when_it_closes_some(server: Server) -> None:
    with ExitStack() as opened:
        for _ in range(LIMITS["max_connections_per_address"]):
            ask(opened.enter_context(closing(connect(server))))
        assert problem_in(send(server))["status"] == 429
    eventually_sync(lambda: is_well(server))


def test_files_may_be_opened_for_every_connection(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2_000
    trivia = Trivia(tmp_path, starter_bank=False, background_process=False, max_connections=wanted)
    with trivia.serving() as server:
        server.wait_until_ready()
        line = next(
            line
            for line in Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
            if line.startswith("Max open files")
        )
    assert int(line.split()[3]) >= min(wanted, hard)
