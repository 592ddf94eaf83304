"""Texts of a question as they are stored: entities decoded, characters that nobody sees left out, harmful ones named.

What is clean stays as it is, so what was exported can be imported again as the same question. Characters are treated by class:

- HTML entities (`&quot;`, `&#039;`, `&eacute;`) become what they stand for, also where they were encoded twice.
- Soft hyphens, zero-width spaces and the like are left out. Joiners, variation selectors and tags stay where they mean something: in
  scripts that need joiners and in emoji. Direction marks stay in text that has letters written from right to left.
- Control characters, direction overrides and isolates are faults: they show another text than the one that is stored.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from html.entities import html5
from typing import Final

from trivia.questions.bank.identity import fold_spacing

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENCODED_TWICE: Final = re.compile(rf"&amp;(?={_ENTITY.pattern[1:]})")
_MARKUP: Final = re.compile(
    r"\b(?:HTML|XML|XHTML|SGML|entit(?:y|ies)|character references?|escape[ds]?)\b", re.IGNORECASE
)
_MOST_ENCODINGS: Final = 5

HARMFUL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
"""Control characters but tabs and line breaks, direction overrides, embeddings and isolates, annotation marks."""

# Unicode's Default_Ignorable_Code_Point, what is HARMFUL apart.
_SUSPECT: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200f\u061c\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff]"
)

# In emoji and in scripts that need it, one of these between two characters changes what is seen.
_MEANINGFUL: Final = re.compile(
    "[\U0001f3f4][\U000e0020-\U000e007e]+\U000e007f"  # flags of regions
    "|(?<=[\u2139\u3000-\u9fff\U00020000-\U0003ffff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"  # forms of ideographs
    "|(?<=[0-9#*])\ufe0f(?=\u20e3)"  # keycaps
    "|(?<=[\u1800-\u18ff])[\u180b-\u180f]"  # Mongolian
)


def decode_entities(prompt: str, options: Sequence[str], texts: Sequence[str | None]) -> list[str | None]:
    """`texts` of the question with this prompt and these options, their entities decoded.

    A question about entities itself, which has one alone for an option, keeps them: what was encoded twice is decoded once.
    """
    if any(_ENTITY.fullmatch(_ENCODED_TWICE.sub("&", option.strip())) for option in options) and _MARKUP.search(prompt):
        return [text and _ENCODED_TWICE.sub("&", text) for text in texts]
    return [text and _decode_all(text) for text in texts]


def _decode_all(text: str) -> str:
    for _ in range(_MOST_ENCODINGS):
        decoded = _ENTITY.sub(_decode, text)
        if decoded == text:
            break
        text = decoded
    return text


def _decode(match: "re.Match[str]") -> str:
    name = match[0][1:]
    return html.unescape(match[0]) if name[0] == "#" or name in html5 else match[0]


def leave_out_invisible(text: str) -> str:
    """A text without the characters in it that show nothing and mean nothing."""
    if text.isascii() or not _SUSPECT.search(text):
        return text
    kept = {place for match in _MEANINGFUL.finditer(text) for place in range(*match.span())}
    from_right = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)
    result: list[str] = []
    for place, character in enumerate(text):
        if (
            place in kept
            or not _SUSPECT.match(character)
            or (character in "\u200e\u200f\u061c" and from_right)
            or _means_something(character, result, text[place + 1 : place + 2])
        ):
            result.append(character)
    return "".join(result)


def _means_something(character: str, before: Sequence[str], after: str) -> bool:
    if not before:
        return False
    category = unicodedata.category(before[-1])
    match character:
        case "\u200c" | "\u200d":
            # Joiners: after letters of scripts without capitals (Arabic, Indic), their signs, and emoji.
            return bool(after) and not after.isspace() and (category in {"Lo", "Mn", "Mc", "So", "Sk"})
        case "\ufe0e" | "\ufe0f":
            return category in {"So", "Sm", "Sk"} or (category in {"Po", "Pd"} and before[-1] > "\u007f")
        case _:
            return False


def harmful_character(text: str) -> str | None:
    """What is harmful in a text, in words; None if nothing is."""
    found = HARMFUL.search(text)
    if found is None:
        return None
    code = f"U+{ord(found[0]):04X}"
    if found[0] == "\0":
        return "contains a NUL character"
    if found[0] < "\u00a0":
        return f"contains a control character ({code})"
    return f"contains a character that changes the direction or layout of text ({code})"


def distinct_key(option: str) -> str:
    """Options with the same key look the same. Capitals and raised or lowered characters count: `Pa` and `pa`, `x2` and `x²`."""
    text = "".join([_normalise(character) for character in _SUSPECT.sub("", option)])
    return fold_spacing(unicodedata.normalize("NFC", text))


def _normalise(character: str) -> str:
    if unicodedata.decomposition(character).startswith(("<super>", "<sub>")):
        return character
    return unicodedata.normalize("NFKC", character)
