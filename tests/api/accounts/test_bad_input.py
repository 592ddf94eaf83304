"""Whatever is sent to the routes of accounts: a 4xx that names every field at fault, and nothing half done."""

import json
from typing import Any

import httpx
import pytest

from tests.support.accounts import Player
from tests.support.problems import paths, problem
from trivia.services import Services
from trivia.settings import Settings

REGISTER = {"email": "ada@example.org", "password": "12345678", "name": "Ada", "age": 36}

NO_TEXT: list[Any] = [7, 1.5, True, [], {}, ["x"], {"x": "y"}]
CONTROL = ["a\0b", "a\nb", "a\x07b", "a\x7fb", "a\u202eb", "a\u200bb", "\ufeffa"]
NO_EMAIL: list[Any] = [
    *NO_TEXT,
    None,
    "",
    "ada",
    "a@",
    "@example.org",
    "a@b@c",
    "a b@example.org",
    "ada@example.org\n",
    "ada@exa\0mple.org",
    "a@-x.org",
    "a..b@example.org",
    "a" * 65 + "@example.org",
    "a@" + "b." * 126 + "org",
]
NO_PASSWORD: list[Any] = [*NO_TEXT, None, "", "1234567", "x" * 129, "12345678\0"]
NO_NAME: list[Any] = [*NO_TEXT, "", " ", "\t", "x" * 101, *CONTROL]
NO_NICKNAME: list[Any] = [*NO_TEXT, None, "", "  ", "x" * 41, *CONTROL]
NO_AGE: list[Any] = ["36", 36.5, True, [], {}, -1, 121, 2**63, 2**70, -(2**70), 1e300]
NO_CODE: list[Any] = [*NO_TEXT, "", "x" * 201, "a\0b"]
NO_TOKEN: list[Any] = [*NO_TEXT, None, "", "x" * 301, "a\0b"]

CASES: list[tuple[str, str, dict[str, Any], dict[str, list[Any]]]] = [
    (
        "POST",
        "/auth/register",
        REGISTER,
        {"email": NO_EMAIL, "password": NO_PASSWORD, "name": NO_NAME, "age": NO_AGE, "invite": NO_CODE},
    ),
    (
        "POST",
        "/auth/login",
        {"email": "ada@example.org", "password": "12345678"},
        {"email": [*NO_TEXT, None, "", "ada", "a@", "x" * 300], "password": [*NO_TEXT, None, "", "x" * 129, "a\0b"]},
    ),
    ("POST", "/auth/refresh", {"refresh_token": "x"}, {"refresh_token": NO_TOKEN}),
    ("POST", "/auth/logout", {"refresh_token": "x"}, {"refresh_token": NO_TOKEN}),
    ("POST", "/auth/guest", {"nickname": "Zed"}, {"nickname": NO_NICKNAME}),
    (
        "PATCH",
        "/me",
        {},
        {
            "name": NO_NAME,
            "age": NO_AGE,
            "nickname": NO_NICKNAME,
            "email": NO_EMAIL,
            "new_password": NO_PASSWORD,
            "password": [*NO_TEXT, "", "x" * 129, "a\0b"],
        },
    ),
    (
        "POST",
        "/orgs/invitations",
        {},
        {
            "role": [*NO_TEXT, None, "", "Admin", "root", "a\0b"],
            "expires_in_hours": [*NO_AGE[:6], 0, 8761, 2**64, None],
        },
    ),
]


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """What is refused before the database is asked is refused alike on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.mark.parametrize(("method", "path", "good", "bad"), CASES, ids=[case[1] for case in CASES])
async def test_every_bad_field_is_named(
    client: httpx.AsyncClient,
    services: Services,
    admin: Player,
    method: str,
    path: str,
    good: dict[str, Any],
    bad: dict[str, list[Any]],
) -> None:
    async def send(body: dict[str, Any]) -> httpx.Response:
        return await client.request(method, path, json=body, headers=admin.headers)

    head = await services.log.head()
    for field, values in bad.items():
        for value in values:
            document = problem(await send(good | {field: value}), 400, "bad-input")
            assert paths(document) == [field], (value, document)
            # A secret or a person's data must not come back in an error that may be kept somewhere.
            if isinstance(value, str) and len(value) > 3:
                assert value not in json.dumps(document)
    for field in good:
        without = {name: value for name, value in good.items() if name != field}
        if path == "/auth/register" and field in {"name", "age"}:
            continue
        assert paths(problem(await send(without), 400, "bad-input")) == [field]
    unknown = problem(await send(good | {"is_admin": True, "roles": []}), 400, "bad-input")
    assert paths(unknown) == ["is_admin", "roles"]
    everything = {field: values[0] for field, values in bad.items()}
    assert paths(problem(await send(everything | {"extra": 1}), 400, "bad-input")) == sorted([*bad, "extra"])
    assert await services.log.head() == head


@pytest.mark.parametrize(("method", "path"), [(case[0], case[1]) for case in CASES])
async def test_what_is_no_json_object_is_refused(
    client: httpx.AsyncClient, services: Services, settings: Settings, admin: Player, method: str, path: str
) -> None:
    head = await services.log.head()
    bodies = [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"7",
        b"{}{}",
        b"\xff\xfe",
        b'{"email": "\xff"}',
        b'{"email": "\\ud800@example.org"}',
        b"[" * 100_000,
        b'{"email":' * 50_000,
        b"email=ada@example.org&password=12345678",
    ]
    for body in bodies:
        reply = await client.request(method, path, content=body, headers=admin.headers)
        problem(reply, 400, "bad-input")
    giant = b'{"nickname": "' + b"x" * settings.max_body_bytes + b'"}'
    problem(await client.request(method, path, content=giant, headers=admin.headers), 413, "too-large")
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = admin.headers | {"content-type": media_type}
        reply = await client.request(method, path, content=b"{}", headers=headers)
        problem(reply, 415, "unsupported-media-type")
    assert await services.log.head() == head


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "O'Brien; DROP TABLE accounts --"},
        {"name": "<script>alert(1)</script>"},
        {"name": "عائشة محمد", "age": 0},
        {"name": "👩‍👩‍👧‍👦", "age": 120},
        {"password": "x" * 128},
        {"password": "密码密码密码密码"},
        {"email": "o'brien+quiz@sub.example.org"},
        {"email": "用户@例え.jp"},
        {"email": "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".org"},
    ],
    ids=str,
)
async def test_what_is_unusual_and_right_is_taken_as_it_is(client: httpx.AsyncClient, fields: dict[str, Any]) -> None:
    body = REGISTER | fields
    reply = await client.post("/auth/register", json=body)
    assert reply.status_code == 201, reply.text
    user = reply.json()["user"]
    assert {name: user[name] for name in ("email", "name", "age")} == {n: body[n] for n in ("email", "name", "age")}
    login = await client.post("/auth/login", json={"email": body["email"], "password": body["password"]})
    assert login.status_code == 200
