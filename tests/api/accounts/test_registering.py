import httpx


async def test_who_registers_is_signed_in(client: httpx.AsyncClient) -> None:
    reply = await client.post(
        "/auth/register", json={"email": "Ada@Example.org", "password": "difference engine", "name": "Ada", "age": 36}
    )
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert body["token_type"] == "bearer"
    me = await client.get("/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.status_code == 200, me.text
    assert me.json() == body["user"]
    login = await client.post("/auth/login", json={"email": "ada@example.org", "password": "difference engine"})
    assert login.status_code == 200, login.text
    refreshed = await client.post("/auth/refresh", json={"refresh_token": login.json()["refresh_token"]})
    assert refreshed.status_code == 200, refreshed.text
    gone = await client.delete("/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert gone.status_code == 204, gone.text


async def test_fixtures(client, player, host, admin, players):
    r = await client.get("/me", headers=admin.headers)
    assert r.json()["role"] == "admin"
    r = await client.post("/auth/guest", json={"nickname": "Zed"})
    assert r.status_code == 201
    r = await client.post("/orgs/invitations", json={"role": "host"}, headers=admin.headers)
    assert r.status_code == 201
