"""How well a name is known, from how often its words are written; only levels are kept, never the frequencies."""

import gzip
import re
from pathlib import Path

import msgspec


class Fame:
    """Zipf frequencies of English words, as wordfreq counts them."""

    def __init__(self, package: Path) -> None:
        packed = (package / "wordfreq" / "data" / "large_en.msgpack.gz").read_bytes()
        buckets = msgspec.msgpack.decode(gzip.decompress(packed))
        # The first entry is a header; the words of bucket n have a frequency of 10 to the power of -n/100.
        self._zipf = {word: 9 - n / 100 for n, bucket in enumerate(buckets[1:]) for word in bucket}

    def zipf(self, text: str) -> float:
        """That of the rarest word of a text."""
        words = re.findall(r"[^\W_]+", text.lower())
        return min((self._zipf.get(word, 0.0) for word in words), default=0.0)

    def of_person(self, name: str, known: set[str]) -> int:
        """1 for those whom the project's own tables name as well, 2 where the surname is written often but is no common word, else 3."""
        if name in known:
            return 1
        return 2 if 2.6 <= self.zipf(name.rsplit(maxsplit=1)[-1]) <= 3.9 else 3
