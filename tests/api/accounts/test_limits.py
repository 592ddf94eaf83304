"""How many guests and accounts one address may make."""

import httpx

from tests.api.conftest import MakeClient
from tests.support.accounts import PASSWORD
from tests.support.problems import problem


async def join(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/auth/guest", json={"nickname": "Zed"})


async def register(client: httpx.AsyncClient, n: int) -> httpx.Response:
    return await client.post("/auth/register", json={"email": f"u{n}@example.org", "password": PASSWORD})


async def test_guests_from_one_address_are_limited(make_client: MakeClient) -> None:
    client = await make_client(guests_per_address_per_hour=2)
    assert [(await join(client)).status_code for _ in range(3)] == [201, 201, 429]
    refused = await join(client)
    problem(refused, 429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 1_800
    # Bad input takes nothing, and a registration is another matter.
    problem(await client.post("/auth/guest", json={}), 400, "bad-input")
    assert (await register(client, 1)).status_code == 201


async def test_registrations_from_one_address_are_limited(make_client: MakeClient) -> None:
    client = await make_client(registrations_per_address_per_hour=2)
    assert [(await register(client, n)).status_code for n in range(3)] == [201, 201, 429]
    assert (await join(client)).status_code == 201
