"""Access tokens, and what is done to forge them."""

import base64
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import Clock
from trivia.accounts.tokens import CLOCK_SKEW_SECONDS, MAX_TOKEN_SECONDS, Bearer, Tokens, load_key
from trivia.http.access import Identity
from trivia.http.problems import Unauthenticated
from trivia.settings import SettingsError

KEY = b"0123456789abcdef0123456789abcdef"
ADA = Bearer("u-ada", "public", "host", 3, "ada@example.org")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(KEY, clock=clock)


def claims(clock: Clock, **changed: Any) -> dict[str, Any]:
    now = int(clock())
    whole = {
        "iss": "trivia",
        "sub": "u-ada",
        "org_id": "public",
        "role": "host",
        "email": "ada@example.org",
        "iat": now,
        "exp": now + 600,
        "jti": "j-1",
        "ver": 3,
    }
    return {name: value for name, value in (whole | changed).items() if value is not ...}


def signed(payload: dict[str, Any], key: bytes | str = KEY, algorithm: str = "HS256", **header: Any) -> bytes:
    return jwt.encode(payload, key, algorithm, headers=header or None).encode()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_says_whom_it_was_made_for(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue(ADA, 600).encode()
    for _ in range(2):
        assert tokens.verify(token) == Identity("u-ada", "public", "host", int(clock()) + 600, "ada@example.org", 3)


def test_its_claims_are_those_clients_rely_on(tokens: Tokens, clock: Clock) -> None:
    payload = jwt.decode(tokens.issue(ADA, 600), options={"verify_signature": False})
    now = int(clock())
    assert payload.pop("jti")
    assert payload == claims(clock, iat=now, exp=now + 600, jti=...)


def test_a_guest_has_no_address(tokens: Tokens) -> None:
    token = tokens.issue(Bearer("u-zed", "public", "player", 1), 600)
    assert "email" not in jwt.decode(token, options={"verify_signature": False})
    assert tokens.verify(token.encode()).email is None


def test_no_two_tokens_are_the_same(tokens: Tokens) -> None:
    assert tokens.issue(ADA, 600) != tokens.issue(ADA, 600)


@pytest.mark.parametrize("seen_before", [False, True])
def test_an_expired_token_is_refused_even_one_that_was_seen_before(
    tokens: Tokens, clock: Clock, *, seen_before: bool
) -> None:
    token = tokens.issue(ADA, 600).encode()
    clock.advance(599)
    if seen_before:
        tokens.verify(token)
    clock.advance(1)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            tokens.verify(token)


def test_a_little_difference_between_clocks_is_borne(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue(ADA, 600).encode()
    clock.advance(-CLOCK_SKEW_SECONDS)
    assert tokens.verify(token)


FUTURE = CLOCK_SKEW_SECONDS + 5


@pytest.mark.parametrize(
    "changed",
    [
        *[{name: ...} for name in ("iss", "sub", "org_id", "role", "iat", "exp", "jti", "ver")],
        *[{name: None} for name in ("iss", "sub", "org_id", "role", "iat", "exp", "jti", "ver")],
        {"iss": "another"},
        {"iss": ["trivia"]},
        {"sub": 7},
        {"sub": ""},
        {"sub": "x" * 301},
        {"org_id": {"id": "public"}},
        {"role": "superuser"},
        {"role": ["admin"]},
        {"email": 7},
        {"iat": "now"},
        {"iat": 1.5},
        {"iat": True},
        {"iat": 2**60},
        {"iat": 1_800_000_000 + FUTURE, "exp": 1_800_000_000 + 900},
        {"nbf": 1_800_000_000 + FUTURE},
        {"nbf": "tomorrow"},
        {"exp": 1_800_000_000},
        {"exp": -1},
        {"exp": 1e400},
        {"exp": "2099-01-01"},
        {"exp": 2**64},
        {"exp": 1_800_000_000 + MAX_TOKEN_SECONDS + 1},
        {"ver": 0},
        {"ver": "3"},
        {"jti": 5},
        {"aud": "someone else"},
    ],
    ids=str,
)
def test_a_token_with_wrong_claims_is_refused_though_its_signature_is_right(
    tokens: Tokens, clock: Clock, changed: dict[str, Any]
) -> None:
    assert tokens.verify(signed(claims(clock)))
    body = b64(json.dumps(claims(clock, **changed)).encode())
    head = b64(b'{"alg":"HS256","typ":"JWT"}')
    signature = b64(
        jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{head}.{body}".encode(), KEY)
    )
    with pytest.raises(Unauthenticated):
        tokens.verify(f"{head}.{body}.{signature}".encode())


def test_a_token_under_another_key_is_refused(tokens: Tokens, clock: Clock) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(signed(claims(clock), b"another key of 32 bytes and more"))
    with pytest.raises(Unauthenticated):
        tokens.verify(Tokens(KEY[::-1], clock=clock).issue(ADA, 600).encode())


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "", "hs256"])
@pytest.mark.parametrize("signature", ["", "own", "right"])
def test_no_algorithm_but_ours_is_accepted_whatever_the_header_says(
    tokens: Tokens, clock: Clock, algorithm: str, signature: str
) -> None:
    head = b64(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    body = b64(json.dumps(claims(clock)).encode())
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    last = {"": "", "own": b64(b"x" * 32), "right": b64(hmac.sign(f"{head}.{body}".encode(), KEY))}[signature]
    with pytest.raises(Unauthenticated):
        tokens.verify(f"{head}.{body}.{last}".encode())


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_our_key_with_another_algorithm_is_refused(tokens: Tokens, clock: Clock, algorithm: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(signed(claims(clock), KEY * 2, algorithm))


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b".",
        b"..",
        b"...",
        b"a.b.c",
        b"\xff\xfe\xfd",
        b"\0",
        b"null",
        b"eyJhbGciOiJIUzI1NiJ9..",
        b"eyJhbGciOiJIUzI1NiJ9.bnVsbA.AAAA",
        b64(b"[" * 3000).encode() + b"." + b"AAAA.AAAA",
        b"x" * 5_000,
    ],
    ids=lambda token: str(token[:30]),
)
def test_what_is_no_token_is_refused(tokens: Tokens, token: bytes) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_a_giant_token_is_refused_before_anything_is_computed(tokens: Tokens, clock: Clock) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(signed(claims(clock, more="x" * 5_000)))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_changed_in_one_place_is_refused(place: int, flip: int) -> None:
    clock = Clock()
    tokens = Tokens(KEY, clock=clock)
    parts = [bytearray(base64.urlsafe_b64decode(part + "==")) for part in tokens.issue(ADA, 600).split(".")]
    place %= sum(len(part) for part in parts)
    for part in parts:
        if place < len(part):
            part[place] ^= flip
            break
        place -= len(part)
    with pytest.raises(Unauthenticated):
        tokens.verify(".".join(b64(bytes(part)) for part in parts).encode())


def test_a_refusal_does_not_say_why(tokens: Tokens, clock: Clock) -> None:
    said = set()
    for token in (signed(claims(clock), b"another key of 32 bytes and more"), signed(claims(clock, role="king")), b"x"):
        with pytest.raises(Unauthenticated) as refusal:
            tokens.verify(token)
        said.add(refusal.value.detail)
    assert len(said) == 1


@pytest.mark.parametrize("seen_before", [False, True])
def test_revoking_refuses_what_was_issued_before_and_not_what_comes_after(tokens: Tokens, *, seen_before: bool) -> None:
    old, new, other = [
        tokens.issue(bearer, 600).encode()
        for bearer in (ADA, Bearer("u-ada", "public", "player", 4), Bearer("u-bob", "public", "player", 1))
    ]
    if seen_before:
        for token in (old, new, other):
            tokens.verify(token)
    tokens.revoke("u-ada", 4)
    with pytest.raises(Unauthenticated, match="revoked"):
        tokens.verify(old)
    assert tokens.verify(new).role == "player"
    assert tokens.verify(other)


def test_a_revocation_heard_late_does_not_undo_a_newer_one(tokens: Tokens) -> None:
    tokens.revoke("u-ada", 5)
    tokens.revoke("u-ada", 4)
    with pytest.raises(Unauthenticated):
        tokens.verify(tokens.issue(Bearer("u-ada", "public", "player", 4), 600).encode())


def test_revocations_are_forgotten_when_nothing_can_be_left_that_they_concern(tokens: Tokens, clock: Clock) -> None:
    for n in range(50):
        tokens.revoke(f"u-{n}", 2)
    tokens.revoke("u-0", 3)
    clock.advance(MAX_TOKEN_SECONDS)
    tokens.revoke("u-last", 2)
    assert list(tokens._revoked) == ["u-last"]


def test_only_so_many_tokens_are_remembered(clock: Clock) -> None:
    tokens = Tokens(KEY, clock=clock, cached=3)
    made = [tokens.issue(ADA, 600).encode() for _ in range(5)]
    for token in made:
        tokens.verify(token)
    assert list(tokens._verified) == made[-3:]
    tokens.verify(made[2])
    tokens.verify(made[0])
    assert list(tokens._verified) == [made[4], made[2], made[0]]


def test_refused_tokens_are_not_remembered(tokens: Tokens) -> None:
    for n in range(20):
        with pytest.raises(Unauthenticated):
            tokens.verify(f"a.b.{n}".encode())
    assert len(tokens._verified) == 0


@pytest.mark.parametrize("seconds", [0, -1, MAX_TOKEN_SECONDS + 1])
def test_no_token_is_made_that_is_good_for_longer_than_revocations_are_remembered(tokens: Tokens, seconds: int) -> None:
    with pytest.raises(ValueError, match="a token is good for"):
        tokens.issue(ADA, seconds)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        Tokens(b"short")


def test_the_key_of_the_settings_is_used_and_nothing_written(tmp_path: Path) -> None:
    assert load_key("s" * 40, tmp_path / "data") == b"s" * 40
    assert not (tmp_path / "data").exists()


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "data"
    key = load_key(None, directory)
    assert len(key) >= 32
    assert load_key(None, directory) == key
    (file,) = directory.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes:
        keys = set(processes.map(load_key, [None] * 16, [tmp_path] * 16))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_file_without_a_key_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"short\n")
    (tmp_path / "secret_key").chmod(0o600)
    with pytest.raises(SettingsError, match="secret_key"):
        load_key(None, tmp_path)


def test_a_directory_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingsError, match="access tokens"):
        load_key(None, tmp_path / "data")
