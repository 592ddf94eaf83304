"""When two spellings name the same topic: the one function for queries, jobs, imports, search and the question pool."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Soft hyphen, zero-width space, word joiner, byte order mark: nobody sees them, and they come with copied text.
_INVISIBLE: Final = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@lru_cache(maxsize=16_384)
def clean_topic(text: str) -> str:
    """A topic as it is stored and shown: normalised (NFC), without invisible characters, its white space of any kind single spaces.

    Empty where there is nothing to read.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


@lru_cache(maxsize=16_384)
def topic_key(text: str) -> str:
    """What is equal for all spellings of a topic: letter case makes no difference either."""
    return clean_topic(clean_topic(text).casefold())


def is_one_line(text: str) -> bool:
    """Whether a topic can be printed on one line: no line breaks and no control characters but around it."""
    return clean_topic(text).isprintable() and not _BREAKS.search(text.strip())
