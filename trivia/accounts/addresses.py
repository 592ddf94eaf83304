"""E-mail addresses: validation and canonical form."""

import hmac
import re
import unicodedata
from hashlib import sha256
from typing import Final

MAX_LENGTH: Final = 254
"""Longest address that can be delivered to (RFC 5321, sections 4.5.3.1.3 and 4.1.2)."""

# White space, controls, and what would need quoting or brackets.
_NOWHERE: Final = r"\s\x00-\x1f\x7f-\x9f\"(),:;<>@\[\]\\"
_NOT_IN_LABELS: Final = rf"{_NOWHERE}._/?#%&=+*!$'`{{}}|~^"
_SHAPE: Final = rf"[^{_NOT_IN_LABELS}\-](?:[^{_NOT_IN_LABELS}]{{0,61}}[^{_NOT_IN_LABELS}\-])?"

PATTERN: Final = rf"^(?!\.)(?![^@]*\.[.@])[^{_NOWHERE}]{{1,64}}@{_SHAPE}(?:\.{_SHAPE}){{0,126}}\Z"
"""The shape of an address: a local part whose dots separate characters, and a domain of labels."""

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class AddressInvalid(ValueError):
    """Not an e-mail address."""


def canonical(address: str) -> str:
    """The canonical form of an address, independent of letter case, Unicode form and Punycode.

    Local parts are compared without case, as every large provider does. Raises AddressInvalid.
    """
    folded = _fold(address)
    # Looked at after folding as well, which may bring forth what was not there: U+FF20 becomes a second @.
    for text in (address, folded):
        if len(text) > MAX_LENGTH or not text.isprintable() or not re.match(PATTERN, text):
            raise AddressInvalid("not an e-mail address")
    local, _, domain = folded.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressInvalid("not an e-mail address: the part after @ is no domain") from None
    if not all(_LABEL.fullmatch(label) for label in ascii_domain.split(".")):
        raise AddressInvalid("not an e-mail address: the part after @ is no domain")
    return f"{local}@{ascii_domain}"


def _fold(text: str) -> str:
    # Folding case can undo normalisation, so it is done before and after (Unicode, section 5.18.4).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def email_stream(key: bytes, address: str) -> str:
    """The stream that reserves an address, named by a keyed hash of it. Raises AddressInvalid."""
    return f"email-{hmac.new(key, canonical(address).encode(), sha256).hexdigest()}"
