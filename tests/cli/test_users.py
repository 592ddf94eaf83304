"""`trivia users` and `trivia orgs`."""

import json

import jwt
import pytest

from tests.support.commands import Trivia

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery staple"


def create(trivia: Trivia, email: str = EMAIL, *options: str) -> None:
    done = trivia("users", "create", email, *options, "--password-stdin", said=f"{PASSWORD}\n")
    assert (done.returncode, done.stderr) == (0, "")


def listed(trivia: Trivia) -> list[dict[str, str]]:
    return [json.loads(line) for line in trivia("users", "list", "--json").stdout.splitlines()]


def test_users_are_made_and_listed(trivia: Trivia) -> None:
    assert trivia("orgs", "create", "quizzers", "--name", "Quizzers").returncode == 0
    create(trivia)
    create(trivia, "grace@example.org", "--role", "host", "--org", "quizzers", "--name", "Grace")
    found = {user["email"]: (user["role"], user["org"], user["name"]) for user in listed(trivia)}
    assert found == {EMAIL: ("player", "public", None), "grace@example.org": ("host", "quizzers", "Grace")}
    assert EMAIL in trivia("users", "list").stdout


def test_a_password_is_made_where_none_is_given(trivia: Trivia) -> None:
    done = trivia("users", "create", EMAIL, "--role", "admin", "--json")
    made = json.loads(done.stdout)
    assert (made["email"], made["role"], made["org"]) == (EMAIL, "admin", "public")
    assert len(made["password"]) >= 12


@pytest.mark.parametrize(
    ("email", "options", "said", "named"),
    [
        ("nobody", [], PASSWORD, "email"),
        (EMAIL, [], "short", "password"),
        (EMAIL, [], "", "password"),
        (EMAIL, ["--org", "nowhere"], PASSWORD, "nowhere"),
    ],
)
def test_a_user_that_cannot_be_is_refused(trivia: Trivia, email, options, said, named) -> None:
    done = trivia("users", "create", email, *options, "--password-stdin", said=said)
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert listed(trivia) == []


def test_an_address_belongs_to_one_user(trivia: Trivia) -> None:
    create(trivia)
    done = trivia("users", "create", EMAIL.upper(), "--password-stdin", said=PASSWORD)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert len(listed(trivia)) == 1


def test_a_token_and_nothing_else_is_printed(trivia: Trivia) -> None:
    create(trivia, EMAIL, "--role", "host")
    done = trivia("users", "token", EMAIL, "--ttl", "10m")
    claims = jwt.decode(done.stdout.removesuffix("\n"), options={"verify_signature": False})
    assert (claims["email"], claims["role"], claims["org_id"]) == (EMAIL, "host", "public")
    assert claims["exp"] - claims["iat"] == 600
    missing = trivia("users", "token", "grace@example.org")
    assert (missing.returncode, missing.stdout) == (1, "")


def test_a_role_is_changed(trivia: Trivia) -> None:
    create(trivia)
    assert trivia("users", "set-role", EMAIL, "admin").stdout == f"{EMAIL} has now the role admin.\n"
    assert listed(trivia)[0]["role"] == "admin"
    assert trivia("users", "set-role", EMAIL, "admin").stdout == f"{EMAIL} has already the role admin.\n"
    assert trivia("users", "set-role", "grace@example.org", "admin").returncode == 1


def test_an_erased_user_is_gone(trivia: Trivia) -> None:
    create(trivia)
    refused = trivia("users", "erase", EMAIL, said="n\n")
    assert refused.returncode == 1
    assert len(listed(trivia)) == 1
    assert trivia("users", "erase", EMAIL, "--yes").returncode == 0
    assert listed(trivia) == []
    assert trivia("users", "token", EMAIL).returncode == 1
    assert trivia("users", "erase", EMAIL, "--yes").returncode == 1


def test_an_organisation_is_made_once(trivia: Trivia) -> None:
    made = json.loads(trivia("orgs", "create", "quizzers", "--own-bank-only", "--json").stdout)
    assert made == {"org": "quizzers", "name": "quizzers", "shared_bank": False}
    for name in ("quizzers", "public", "No Way"):
        done = trivia("orgs", "create", name)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
