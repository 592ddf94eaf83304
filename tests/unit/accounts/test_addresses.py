"""Which e-mail addresses are acceptable, and which are the same one."""

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia.accounts.addresses import AddressInvalid, canonical, email_stream

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ADA@EXAMPLE.ORG"),
        ("josé@example.org", "jose\u0301@EXAMPLE.org"),
        ("ada@example.org", "\uff41da@example.org"),  # a full-width letter
        ("straße@example.org", "STRASSE@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@bücher.example", "ADA@BU\u0308CHER.EXAMPLE"),
        ("ada@localhost", "Ada@LocalHost"),
    ],
)
def test_two_spellings_of_an_address_are_one_address(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)
    assert email_stream(KEY, one) == email_stream(KEY, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ada@example.org", "ada@example.com"), ("ada+quiz@example.org", "ada@example.org"), ("a.da@x.org", "ada@x.org")],
)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@@example.org",
        "ada@example@org",
        "ada lovelace@example.org",
        "ada@exam ple.org",
        " ada@example.org",
        "ada@example.org\n",
        "ada@example.org\0",
        "ada@-example.org",
        "ada@example-.org",
        "ada@example..org",
        "ada@.example.org",
        "ada@example.org.",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "ada@exa_mple.org",
        '"ada"@example.org',
        "ada@[127.0.0.1]",
        "Ada <ada@example.org>",
        "ada@example.org,bob@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@" + "abcdefgh." * 28 + "org",
        "ada@\u202eexample.org",
        "\ud800@example.org",
        "ada\u200b@example.org",
        "ada\uff20home@example.org",
        "ada\u2474@example.org",
        "\ufdfa" * 10 + "@example.org",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        canonical(text)


def test_the_name_of_the_stream_does_not_show_the_address_and_needs_the_key_to_be_guessed() -> None:
    stream = email_stream(KEY, "ada@example.org")
    assert "ada" not in stream
    assert stream != email_stream(b"l" * 32, "ada@example.org")


LOCAL = st.text(string.ascii_letters + string.digits + "+-_é", min_size=1, max_size=30)


@given(LOCAL, st.lists(st.text(string.ascii_letters, min_size=1, max_size=20), min_size=1, max_size=4))
def test_the_canonical_form_is_its_own_canonical_form(local: str, labels: list[str]) -> None:
    once = canonical(f"{local}@{'.'.join(labels)}")
    assert canonical(once) == once
    assert canonical(f"{local.upper()}@{'.'.join(labels).upper()}") == canonical(once.upper())


@given(st.text(max_size=300))
def test_any_text_is_either_an_address_or_refused(text: str) -> None:
    with contextlib.suppress(AddressInvalid):
        assert "@" in canonical(text)
