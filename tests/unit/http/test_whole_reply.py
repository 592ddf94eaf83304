"""A response written at once is, byte for byte, the one that uvicorn would have sent."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from trivia.http.whole_reply import render, send_whole

BODY = b'[{"id":1}]'


class App:
    """Answers every request by `send_whole`; `hide` keeps uvicorn's cycle out of its sight, so that it takes the ordinary way."""

    def __init__(self, *, hide: bool) -> None:
        self.hide = hide

    async def __call__(self, scope, _receive, send) -> None:
        async def hidden(message) -> None:
            await send(message)

        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(BODY)),
            (b"x-path", scope["raw_path"]),
            (b"x-colons", b"a: b: c"),
        ]
        await send_whole(hidden if self.hide else send, 200, render(headers), BODY)


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=0, http="httptools", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def exchange(port: int, requests: bytes, responses: int) -> tuple[bytes, bool]:
    """What comes back for raw bytes, without its dates; and whether the server then closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(requests)
    got = b""
    async with asyncio.timeout(10):
        while got.count(BODY) < responses:
            chunk = await reader.read(65_536)
            assert chunk, got
            got += chunk
        closes = b"connection: close" in got
        assert not closes or await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    return re.sub(rb"date: [^\r]+", b"date: ", got), closes


@pytest.mark.parametrize(
    ("requests", "responses"),
    [
        (b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n", 1),
        (b"GET /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\r\nGET /c HTTP/1.1\r\nhost: x\r\n\r\n", 3),
        (b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 1),
        (b"GET /a HTTP/1.0\r\nhost: x\r\n\r\n", 1),
        (b"GET /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbodyGET /b HTTP/1.1\r\nhost: x\r\n\r\n", 2),
    ],
    ids=["one", "pipelined", "closing", "old", "with a body"],
)
async def test_both_ways_put_the_same_bytes_on_the_wire(requests, responses):
    async with serving(App(hide=False)) as whole, serving(App(hide=True)) as ordinary:
        assert await exchange(whole, requests, responses) == await exchange(ordinary, requests, responses)


async def test_a_connection_is_kept_for_the_next_request():
    async with serving(App(hide=False)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in (b"/one", b"/two"):
            writer.write(b"GET %b HTTP/1.1\r\nhost: x\r\n\r\n" % path)
            assert b"x-path: " + path in await reader.readuntil(BODY)
        writer.close()
        await writer.wait_closed()


async def test_the_short_way_is_taken_where_uvicorn_serves(monkeypatch):
    sent = []
    monkeypatch.setattr("trivia.http.whole_reply.render", lambda headers: sent.append(headers) or b"")
    async with serving(App(hide=False)) as port:
        sent.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"\r\n")
        writer.close()
        await writer.wait_closed()
    assert sent
