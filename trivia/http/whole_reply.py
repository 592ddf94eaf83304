"""Writes a whole response to uvicorn's connection in one go.

uvicorn takes a response in two messages, looks at every header with two regular expressions, and writes head and body apart: a sixth of
what a draw costs. Where the ASGI `send` is that of uvicorn's own cycle of request and response, and nothing is out of the ordinary, the
same bytes are put together here and written once. Everywhere else, and whenever in doubt, the two messages are sent. It relies on how
uvicorn is made inside, which is why its minor version is pinned; a test compares what both ways put on the wire.
"""

from collections.abc import Iterable
from typing import Any, Final

from litestar.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_END: Final = b"\r\n"


async def send_whole(send: Send, status: int, head: bytes, body: bytes) -> None:
    """Send a response of a known length. `head` is its headers as `render` makes them; names are in lower case."""
    cycle: Any = getattr(send, "__self__", None)
    if type(cycle) is RequestResponseCycle and _is_ordinary(cycle):
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join((STATUS_LINE[status], render(cycle.default_headers), head, _END, body)))
        cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return
    await send({"type": "http.response.start", "status": status, "headers": _parse(head)})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def render(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they stand on the wire."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def _parse(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = [line.partition(b": ") for line in head.split(_END) if line]
    return [(name, value) for name, _, value in lines]


def _is_ordinary(cycle: Any) -> bool:
    return (
        not (cycle.response_started or cycle.disconnected or cycle.flow.write_paused or cycle.access_log)
        and cycle.keep_alive
    )
