"""Well-known films from 1940 to 2014 with their directors and cast."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADER = ("title", "year", "directors", "actors", "country", "language", "kind", "rating", "fame")

KEPT = {1940: 70, 1950: 100, 1960: 120, 1970: 170, 1980: 260, 1990: 360, 2000: 420, 2010: 190}
"""How many films of a decade are well known: more are remembered of the recent ones."""

CONTEXT = 4_000
"""So many of the best-known films say who is a known actor."""

FILMS_OF_AN_ACTOR = 5
NO_PEOPLE = {"unknown", "various"}


def rows(package: Path) -> Iterator[tuple[object, ...]]:
    """One row a film; fame 1 is best known."""
    database = sqlite3.connect(package / "bokeh_sampledata" / "_data" / "movies.db")
    database.row_factory = sqlite3.Row
    films = [
        dict(row)
        for row in database.execute(
            "SELECT o.*, t.Reviews, t.BoxOffice, t.Production FROM omdb o LEFT JOIN tomatoes t ON o.ID = t.ID ORDER BY o.ID"
        )
    ]
    films = [film for film in films if film["Director"] and film["Title"] and film["Year"]]
    films.sort(key=lambda film: (-_fame(film), film["ID"]))
    played = Counter(actor for film in films[:CONTEXT] for actor in _names(film["Cast"]))
    directors = {name for film in films for name in _names(film["Director"])}
    writers = Counter(name for film in films[:CONTEXT] for name in _names(film["Writer"]))
    titles = Counter((film["Title"].casefold(), film["Year"]) for film in films)
    by_decade = defaultdict(list)
    for film in films:
        if titles[film["Title"].casefold(), film["Year"]] == 1:
            by_decade[film["Year"] // 10 * 10].append(film)
    for decade, kept in KEPT.items():
        for rank, film in enumerate(by_decade[decade][:kept]):
            actors = [
                actor
                for actor in _names(film["Cast"])
                if played[actor] >= FILMS_OF_AN_ACTOR
                and not (actor in directors and writers[actor] > played[actor])
                and actor.casefold() not in NO_PEOPLE
            ]
            actors.sort(key=lambda actor: (-played[actor], actor))
            genres = film["Genre"] or ""
            kind = (
                "animation"
                if "Animation" in genres
                else "documentary"
                if "Documentary" in genres
                else "family"
                if "Family" in genres
                else ""
            )
            third = 1 + (rank * 3) // kept
            yield (
                _title(film["Title"]), film["Year"], _names(film["Director"]), actors, _names(film["Country"]), _names(film["Language"]),
                kind, film["Rating"] or "", third,
            )  # fmt: skip


def _fame(film: dict[str, Any]) -> float:
    """Reviews counted, what it took in two million dollars, and fifteen for each Oscar."""
    return (film["Reviews"] or 0) + min((film["BoxOffice"] or 0) / 2e6, 300) + 15 * (film["Oscars"] or 0)


def _title(title: str) -> str:
    return " ".join(title.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _names(text: str | None) -> list[str]:
    """A list that was joined with commas, where "Jr." is no name of its own."""
    return [
        name.strip().replace("\x1f", ", ") for name in (text or "").replace(", Jr.", " Jr.").split(", ") if name.strip()
    ]
