"""The words of docs/glossary.md are the ones in use, and it names places that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
BANNED = {
    "whoever": "name the caller, the process or the user",
    "whichever": "any, every",
    "anew": "again, rebuild, rehash",
    "fare": "status",
    "fares": "status",
    "fared": "result",
    "taken in": "applied, read, accepted",
    "take in": "apply, read, accept",
    "takes in": "applies, reads, accepts",
    "what becomes of": "say what is done to it",
    "what came of": "the result",
    "behind requests": "in the background",
    "gives way": "yields, has a lower priority",
    "breath": "yield",
    "companion": "worker process",
    "told of": "notified of",
    "hears of": "is notified of",
    "is told": "is notified, receives",
    "are told": "are notified, receive",
}
"""What is not written, and what is instead."""
CLEANED = (
    "events/encryption.py",
    "events/retry.py",
    "events/timestamps.py",
    "trivia/accounts",
    "trivia/audit",
    "trivia/cli",
    "trivia/exchange",
    "trivia/operations",
    "trivia/platform",
    "trivia/questions/bank/routes.py",
    "trivia/questions/bank/stored_bank.py",
    "trivia/questions/play",
    "trivia/questions/review",
    "trivia/settings.py",
    "trivia/web",
    "docs/glossary.md",
    "docs/log-events.md",
)
"""Where the words are in use already; to grow to the whole tree."""
SUFFIXES = {".py", ".js", ".html", ".md"}


def cleaned_files() -> list[Path]:
    found = [
        path for place in CLEANED for path in ((ROOT / place).rglob("*") if (ROOT / place).is_dir() else [ROOT / place])
    ]
    return sorted(path for path in found if path.suffix in SUFFIXES)


def test_every_place_that_is_cleaned_exists() -> None:
    assert [place for place in CLEANED if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("path", cleaned_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_words_of_the_glossary_are_in_use(path: Path) -> None:
    text = " ".join(path.read_text().split())
    words = "|".join(re.escape(word) for word in BANNED)
    found = re.findall(rf"\b({words})\b", text, re.IGNORECASE)
    assert [f"{word}: rather {BANNED[word.lower()]}" for word in found] == []


def test_the_glossary_names_places_that_exist() -> None:
    for place in re.findall(r"`((?:events|projections|trivia|docs|tests)/[\w/.]*)`", GLOSSARY):
        assert (ROOT / place).exists(), place


def test_the_glossary_explains_each_word_once() -> None:
    cells = re.findall(r"^\| ([^|]+) \|", GLOSSARY, re.MULTILINE)
    words = [word.strip() for cell in cells if cell not in {"Word", "---"} for word in cell.split(",")]
    assert len(words) == len(set(words))
