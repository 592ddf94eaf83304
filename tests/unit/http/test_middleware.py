"""Which proxies are believed about where a request comes from."""

from typing import Any

import pytest

from trivia.http.middleware import RequestMiddleware


async def client_seen(trusted: str, address: str, forwarded: bytes) -> str:
    """The client's address as the application is told it."""
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    async def nothing(*_: Any) -> Any:
        return None

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/somewhere",
        "client": (address, 5000),
        "headers": [(b"x-forwarded-for", forwarded)],
    }
    await RequestMiddleware(application, trusted)(scope, nothing, nothing)  # type: ignore[arg-type] # any ASGI application will do
    return seen[0]


async def test_a_trusted_proxy_is_believed_about_its_clients() -> None:
    assert await client_seen("127.0.0.1", "127.0.0.1", b"203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("address", ["203.0.113.1", "127.0.0.2"])
async def test_nobody_else_may_say_who_they_are(address: str) -> None:
    assert await client_seen("127.0.0.1", address, b"203.0.113.9") == address


async def test_of_a_chain_of_proxies_the_last_one_that_is_not_trusted_counts() -> None:
    assert (
        await client_seen("127.0.0.1,10.0.0.0/8", "127.0.0.1", b"198.51.100.1, 203.0.113.9, 10.1.2.3") == "203.0.113.9"
    )
