"""Planets, moons, stars and constellations, from PyEphem's catalogue and calculation."""

from collections.abc import Iterator
from functools import cache
from math import radians
from random import Random
from typing import Any

from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    shuffled,
    signed,
)
from trivia.generation.facts.planets import moon_phase, moons, planet_compare, planet_order, source, sums, year_length
from trivia.generation.facts.vocabulary import resembles

MANY_NAMES = frozenset(
    "Albereo Adara Etamin Formalhaut Agena Sirrah Alcaid Alcor Atlas Electra Maia Merope Taygeta Gienah Adhara Rasalgethi Naos Suhail Algenib".split()
) | {"Gienah Corvi", "Arkab Prior", "Arkab Posterior"}
"""Second names and spellings of a star, members of one cluster, and names that two stars share."""

FAMOUS = frozenset(
    "Sirius Vega Polaris Betelgeuse Rigel Arcturus Antares Aldebaran Deneb Altair Capella Spica Regulus Pollux Castor Procyon Mizar Canopus".split()
)


@cache
def stars() -> dict[str, tuple[str, float]]:
    """Constellation and magnitude by the star's name."""
    import ephem
    from ephem.stars import stars as catalogue

    result = {}
    for name in sorted(catalogue):
        if name not in MANY_NAMES:
            star: Any = ephem.star(name)
            star.compute("2000/1/1")
            home = (
                ephem.constellation(star)[1].removesuffix(" Caput").removesuffix(" Cauda")
            )  # the Serpent is in two parts
            result[name] = (home, float(star.mag))
    return result


def home_of_star(rng: Random) -> Iterator[Draft]:
    """Star to constellation and back."""
    every = stars()
    for name, (home, magnitude) in shuffled(rng, every.items()):
        difficulty: Difficulty = (
            "easy"
            if name in FAMOUS and home in ("Orion", "Ursa Minor", "Gemini")
            else "medium"
            if name in FAMOUS
            else "hard"
        )
        pool = sorted({h for h, _ in every.values()} - {home})
        ages = JUNIOR if name in FAMOUS else TEEN
        reason = f"{name}, of magnitude {signed(magnitude)}, is in {home}."
        yield Draft(
            rng.choice(
                (
                    f"In which constellation is the star {name}?",
                    f"To find the star {name}, which constellation do you look for?",
                    f"Which constellation does {name} shine in?",
                )
            ),
            home,
            [h for h in pool if not h.startswith(home.split()[0])],
            ages,
            difficulty,
            reason,
            source(),
            f"star {name}",
        )
        yield Draft(
            rng.choice(
                (
                    f"Which of these stars belongs to the constellation {home}?",
                    f"Which of these stars is part of {home}?",
                )
            ),
            name,
            [s for s, (h, _) in every.items() if h != home],
            ages,
            difficulty,
            reason,
            source(),
            f"star {name}",
        )


def brightest(rng: Random) -> Iterator[Draft]:
    """The brightest of four stars in our sky."""
    every = {
        s: m
        for s, (_, m) in stars().items()
        if s not in ("Betelgeuse", "Algol", "Menkar", "Antares", "Scheat", "Sheliak", "Rigil Kentaurus", "Alcyone")
    }
    while True:
        four = sorted(rng.sample(sorted(every), 4), key=lambda s: every[s])
        gap = every[four[1]] - every[four[0]]
        if gap < 0.5:
            continue
        yield Draft(
            rng.choice(
                (
                    "Which of these stars looks brightest in our night sky?",
                    "Seen from Earth, which of these stars shines brightest?",
                )
            ),
            four[0],
            four[1:],
            JUNIOR if any(s in FAMOUS for s in four) else TEEN,
            "easy" if four[0] in ("Sirius", "Vega", "Canopus") else "medium" if four[0] in FAMOUS else "hard",
            f"{four[0]} has magnitude {signed(every[four[0]])}; the smaller the number, the brighter the star.",
            source(),
        )


FIGURES = {
    "Aql": "an eagle", "Ara": "an altar", "Aqr": "a water carrier", "Ari": "a ram", "Cnc": "a crab", "Cyg": "a swan", "Cet": "a whale", "Col": "a dove", "Crv": "a crow",
    "Crt": "a cup", "Del": "a dolphin", "Dra": "a dragon", "Gem": "twins", "Gru": "a crane", "Leo": "a lion", "Lep": "a hare", "Lib": "a pair of scales", "Lup": "a wolf",
    "Lyr": "a lyre", "Mon": "a unicorn", "Mus": "a fly", "Pav": "a peacock", "Peg": "a winged horse", "Phe": "a phoenix", "Psc": "two fishes", "Pup": "the stern of a ship",
    "Sge": "an arrow", "Sgr": "an archer", "Sco": "a scorpion", "Ser": "a serpent", "Tau": "a bull", "Tuc": "a toucan", "UMa": "a great bear", "UMi": "a little bear",
    "Vir": "a maiden", "Vul": "a fox", "Hor": "a clock", "Cam": "a giraffe", "Lac": "a lizard", "Lyn": "a lynx", "Cap": "a sea goat", "Aps": "a bird of paradise",
}  # fmt: skip


@cache
def constellations() -> dict[str, str]:
    """All 88 by abbreviation, found by asking PyEphem about a grid of the whole sky."""
    import ephem

    found = {}
    for ra in range(0, 360, 2):
        for dec in range(-88, 90, 2):
            short, name = ephem.constellation((radians(ra), radians(dec)))
            found[short] = name
    return dict(sorted(found.items()))


def figures(rng: Random) -> Iterator[Draft]:
    """What a constellation's Latin name means."""
    names = constellations()
    known = {short: figure for short, figure in FIGURES.items() if short in names}
    for short, figure in shuffled(rng, known.items()):
        name = names[short]
        if resembles(name, figure):
            continue
        famous = short in ("Leo", "Tau", "Gem", "Psc", "Sco", "UMa", "Lib", "Aqr", "Cnc", "Vir", "Sgr", "Cyg", "Dra")
        yield Draft(
            rng.choice(
                (
                    f"What do stargazers see in the constellation {name}?",
                    f"What is the constellation {name} supposed to show?",
                )
            ),
            figure,
            [f for s, f in known.items() if s != short and f.split()[-1] != figure.split()[-1]],
            FAMILY if famous else JUNIOR,
            "easy" if famous else "medium",
            f"{name} stands for {figure}.",
            source(),
            f"figure {short}",
        )
        yield Draft(
            rng.choice(
                (
                    f"In which of these constellations do stargazers see {figure}?",
                    f"Which of these constellations shows {figure}?",
                )
            ),
            name,
            [names[s] for s, f in known.items() if s != short and f.split()[-1] != figure.split()[-1]],
            FAMILY if famous else JUNIOR,
            "easy" if famous else "medium",
            f"{name} stands for {figure}.",
            source(),
            f"figure {short}",
        )


SUBJECT = Subject(
    "Astronomy",
    (
        Template(planet_order, 35),
        Template(planet_compare, 35),
        Template(year_length, 25),
        Template(moons, 38),
        Template(home_of_star, 45),
        Template(brightest, 15),
        Template(figures, 62),
        Template(moon_phase, 8),
        Template(sums, 6),
    ),
)
