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

    def of_person(self, name: str, names: int) -> int:
        """1 for the best known; a surname that is a common word says little, so that many forms of the name count as well."""
        rarest = self.zipf(name.split()[-1])
        score = min(rarest, 4.2) + 0.25 * min(names, 5)
        return 1 if score >= 4.6 else 2 if score >= 3.8 else 3
