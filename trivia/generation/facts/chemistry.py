"""The chemical elements, formulas and atoms, from molmass."""

from collections.abc import Iterator
from functools import cache
from math import inf
from random import Random
from typing import Any

from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    Ages,
    Difficulty,
    Draft,
    Subject,
    Template,
    article,
    shuffled,
    spread,
    version_of,
)

KNOWN_TO_ALL = frozenset("H He C N O F Ne Na Mg Al Si P S Cl K Ca Fe Ni Cu Zn Ag Sn I Au Hg Pb U Ti Pt".split())
SCHOOL = frozenset(
    "Li Be B Ar Sc V Cr Mn Co Ga Ge As Se Br Kr Rb Sr Zr Mo Pd Cd Sb Te Xe Cs Ba W Ir Bi Po Rn Ra Th Pu Es Cf Am Fr At Nd Rh Os".split()
)


UNSURE = frozenset("C P As Po At Fr Ra Ac Pa".split())
"""Several forms, no melting point at ordinary pressure, or hardly ever seen in bulk: not compared."""


@cache
def elements() -> tuple[Any, ...]:
    """All 118 in order of atomic number."""
    from molmass import ELEMENTS

    return tuple(ELEMENTS)[:118]


def source() -> str:
    """Where the figures come from."""
    return version_of("molmass")


def _name(element: Any) -> str:
    return str(element.name).lower()


def _ages(symbol: str) -> Ages:
    return FAMILY if symbol in KNOWN_TO_ALL else JUNIOR if symbol in SCHOOL else TEEN


def _level(symbol: str) -> Difficulty:
    return "easy" if symbol in KNOWN_TO_ALL else "medium" if symbol in SCHOOL else "hard"


def symbol_of(rng: Random) -> Iterator[Draft]:
    """Name to symbol."""
    every = [e.symbol for e in elements()]
    for e in shuffled(rng, elements()):
        alike = [s for s in every if s != e.symbol and (s[0] == e.symbol[0] or s[0] == e.name[0])]
        made = [s for s in (e.name[:2], e.name[0] + e.name[-1], e.name[0] + e.name[2]) if s in every and s != e.symbol]
        pool = list(dict.fromkeys(made + alike))
        if len(pool) < 4:
            pool += [s for s in every if s != e.symbol and set(s.lower()) & set(e.symbol.lower())]
        yield Draft(
            rng.choice(
                (
                    "What is the chemical symbol of {}?",
                    "Which symbol stands for {} in the periodic table?",
                    "How do chemists abbreviate {}?",
                )
            ).format(_name(e)),
            e.symbol,
            pool,
            _ages(e.symbol),
            _level(e.symbol),
            f"The symbol of {_name(e)} is {e.symbol}.",
            source(),
            f"symbol {e.symbol}",
        )


def name_of(rng: Random) -> Iterator[Draft]:
    """Symbol to name."""
    for e in shuffled(rng, elements()):
        alike = [_name(o) for o in elements() if o is not e and o.name[0] == e.symbol[0]]
        pool = alike if len(alike) > 3 else [_name(o) for o in elements() if o is not e]
        yield Draft(
            rng.choice(
                (
                    "Which element has the symbol {}?",
                    "What does {} stand for in a chemical formula?",
                    "{} is the symbol of which chemical element?",
                )
            ).format(e.symbol),
            _name(e),
            pool,
            _ages(e.symbol),
            _level(e.symbol),
            f"{e.symbol} is the symbol of {_name(e)}.",
            source(),
            f"symbol {e.symbol}",
        )


def by_number(rng: Random) -> Iterator[Draft]:
    """Protons and atomic numbers."""
    for e in shuffled(rng, elements()):
        n = e.number
        forward = rng.random() < 0.5
        ages = TEEN if n > 20 else JUNIOR
        difficulty: Difficulty = "easy" if n <= 10 else "medium" if n <= 30 or e.symbol in KNOWN_TO_ALL else "hard"
        if forward:
            prompt = rng.choice(
                ("Which element has the atomic number {0}?", "Which element has {0} protons in its nucleus?")
            )
            near = [_name(o) for o in elements() if 0 < abs(o.number - n) <= 4]
            yield Draft(
                prompt.format(n),
                _name(e),
                near,
                ages,
                difficulty,
                f"The nucleus of {_name(e)} has {n} protons.",
                source(),
                f"number {n}",
            )
        else:
            prompt = rng.choice(
                (
                    "What is the atomic number of {}?",
                    "How many protons are there in an atom of {}?",
                    "Where in the periodic table is {}: at which number?",
                )
            )
            yield Draft(
                prompt.format(_name(e)),
                str(n),
                [str(v) for v in spread(rng, n, 1 if n < 30 else 2, least=1)],
                ages,
                difficulty,
                f"{e.name} has the atomic number {n}.",
                source(),
                f"number {n}",
            )


FAMILIES = {1: "an alkali metal", 2: "an alkaline earth metal", 17: "a halogen", 18: "a noble gas"}


def family(rng: Random) -> Iterator[Draft]:
    """Groups of the periodic table."""
    for e in shuffled(rng, elements()):
        if e.group not in FAMILIES or e.symbol == "H" or e.number > 103:
            continue
        what = FAMILIES[e.group]
        wrong = [
            _name(o)
            for o in elements()
            if o.group != e.group and o.symbol != "H" and o.number <= 103 and _level(o.symbol) == _level(e.symbol)
        ]
        wrong = wrong if len(wrong) > 5 else [_name(o) for o in elements() if o.group != e.group and 2 < o.number < 56]
        for _ in range(2):
            yield Draft(
                rng.choice(
                    (
                        "Which of these elements is {}?",
                        "Only one of these is {}. Which one?",
                        "Pick the element that is {}.",
                    )
                ).format(what),
                _name(e),
                wrong,
                JUNIOR,
                "medium" if _level(e.symbol) == "easy" else "hard",
                f"{e.name} is {what}.",
                source(),
                f"group {e.symbol}",
            )


def state(rng: Random) -> Iterator[Draft]:
    """Solid, liquid or gas at room temperature, 25 °C."""
    room, margin = 298.15, 25.0
    solid = [e for e in elements() if e.number < 93 and e.symbol not in UNSURE and e.tmelt > room + margin]
    gas = [e for e in elements() if e.number < 93 and 0 < e.tboil < room - margin]
    liquid = [e for e in elements() if e.symbol in ("Hg", "Br")]
    for members, others, word in ((gas, solid, "a gas"), (solid, gas, "a solid"), (liquid, solid + gas, "a liquid")):
        for e in shuffled(rng, [m for m in members if _level(m.symbol) != "hard"]):
            for _ in range(2):
                yield Draft(
                    rng.choice(
                        (
                            "Which of these elements is {} at room temperature?",
                            "At 25 °C, which of these is {}?",
                            "In a warm room, which of these elements would be {}?",
                        )
                    ).format(word),
                    _name(e),
                    [_name(o) for o in others if _level(o.symbol) == _level(e.symbol)] or [_name(o) for o in others],
                    (9, 120) if e.symbol in KNOWN_TO_ALL else JUNIOR,
                    _level(e.symbol),
                    f"{e.name} is {word} at room temperature.",
                    source(),
                    f"state {e.symbol}",
                )


def compare(rng: Random) -> Iterator[Draft]:
    """Heaviest atoms, highest melting points, densest metals."""
    known = [e for e in elements() if e.symbol in KNOWN_TO_ALL | SCHOOL and e.number < 93]
    kinds = (
        (
            "mass",
            1.25,
            ("Which of these elements has the heaviest atoms?", "An atom of which of these elements weighs the most?"),
            "has the heaviest atoms of the four",
        ),
        (
            "tmelt",
            1.3,
            (
                "Which of these elements melts at the highest temperature?",
                "Which of these has to be heated the most before it melts?",
            ),
            "has the highest melting point of the four",
        ),
        (
            "density",
            1.5,
            (
                "Which of these elements is the densest?",
                "A cube of one centimetre is made of each of these. Which is the heaviest?",
            ),
            "has the greatest density of the four",
        ),
    )
    while True:
        attribute, gap, wording, reason = rng.choice(kinds)
        pool = [
            e
            for e in known
            if getattr(e, attribute) > 0 and e.symbol not in UNSURE and (attribute == "mass" or e.tmelt > 320)
        ]
        four = rng.sample(pool, 4)
        first, second, *_ = sorted(four, key=lambda e: float(getattr(e, attribute)), reverse=True)
        if getattr(first, attribute) < gap * getattr(second, attribute):
            continue
        yield Draft(
            rng.choice(wording),
            _name(first),
            [_name(e) for e in four if e is not first],
            JUNIOR,
            "medium" if any(e.symbol in KNOWN_TO_ALL for e in (first, second)) else "hard",
            f"{first.name} {reason}.",
            source(),
        )


MOLECULES = {
    "water": "H2O", "carbon dioxide": "CO2", "table salt": "NaCl", "ammonia": "NH3", "methane": "CH4", "ozone": "O3", "glucose": "C6H12O6",
    "hydrogen peroxide": "H2O2", "sulfuric acid": "H2SO4", "nitric acid": "HNO3", "hydrochloric acid": "HCl", "ethanol": "C2H6O", "propane": "C3H8",
    "butane": "C4H10", "benzene": "C6H6", "carbon monoxide": "CO", "laughing gas": "N2O", "quartz": "SiO2", "rust": "Fe2O3", "chalk": "CaCO3",
    "baking soda": "NaHCO3", "caffeine": "C8H10N4O2", "acetic acid": "C2H4O2", "acetone": "C3H6O", "table sugar": "C12H22O11", "aspirin": "C9H8O4",
    "vitamin C": "C6H8O6", "hydrogen sulfide": "H2S", "caustic soda": "NaOH", "fool's gold": "FeS2", "quicklime": "CaO", "urea": "CH4N2O",
    "octane": "C8H18", "citric acid": "C6H8O7", "phosphoric acid": "H3PO4", "saltpetre": "KNO3", "chloroform": "CHCl3", "ethylene": "C2H4",
}  # fmt: skip
SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def molecules(rng: Random) -> Iterator[Draft]:
    """Formulas, atoms in a molecule, molar masses."""
    from molmass import Formula

    for name, text in shuffled(rng, MOLECULES.items()):
        formula, pretty = Formula(text), text.translate(SUBSCRIPT)
        known = len(text) <= 5
        yield Draft(
            rng.choice(("What is the chemical formula of {}?", "Which formula is {}?")).format(name),
            pretty,
            [t.translate(SUBSCRIPT) for t in MOLECULES.values() if t != text and abs(len(t) - len(text)) <= 3],
            JUNIOR if known else TEEN,
            "easy"
            if name in ("water", "carbon dioxide", "table salt", "methane", "ozone")
            else "medium"
            if known
            else "hard",
            f"The formula of {name} is {pretty}.",
            source(),
        )
        atoms = formula.atoms
        yield Draft(
            rng.choice(
                (
                    f"How many atoms does {pretty} show in all?",
                    f"The formula of {name} is {pretty}. How many atoms is that?",
                )
            ),
            str(atoms),
            [str(n) for n in spread(rng, atoms, 1, least=1)],
            JUNIOR,
            "easy" if atoms < 6 else "medium",
            f"{pretty} has {atoms} atoms.",
            source(),
        )
        mass = round(formula.mass)
        yield Draft(
            rng.choice(
                (
                    f"About how many grams does one mole of {name} ({pretty}) weigh?",
                    f"What is the molar mass of {name}, {pretty}, in grams per mole, rounded?",
                )
            ),
            f"{mass} g",
            [f"{n} g" for n in spread(rng, mass, max(4, mass // 8), least=1)],
            (15, 120),
            "hard",
            f"The molar mass of {name} is about {mass} grams per mole.",
            source(),
        )


def shells(rng: Random) -> Iterator[Draft]:
    """Outer electrons, periods, ions."""
    light = [e for e in elements() if e.number <= 20]
    while True:
        e = rng.choice(light)
        outer, rows = e.eleshells[-1], e.period
        charge = rng.choice((1, 2))
        most: float = inf
        kinds: tuple[tuple[str, int, str, Difficulty], ...] = (
            (
                f"How many electrons are in the outermost shell of {article(_name(e))} {_name(e)} atom?",
                outer,
                f"{e.name} has {outer} outer electron{'s' if outer > 1 else ''}.",
                "hard",
            ),
            (
                f"In which row (period) of the periodic table is {_name(e)}?",
                rows,
                f"{e.name} is in period {rows}.",
                "medium",
            ),
            (
                f"{article(_name(e)).capitalize()} {_name(e)} atom loses {'one electron' if charge == 1 else 'two electrons'}. How many electrons remain?",
                e.number - charge,
                f"{e.number} − {charge} = {e.number - charge}.",
                "medium",
            ),
            (
                f"A neutral atom of {_name(e)} has how many electrons?",
                e.number,
                f"As many as protons: {e.number}.",
                "easy",
            ),
        )
        prompt, right, reason, difficulty = rng.choice(kinds)
        if right < 0:
            continue
        if "outermost" in prompt or "remain" in prompt:
            # No shell holds more, and none is left of more.
            most = 8 if "outermost" in prompt else e.number - 1
        wrong = spread(rng, right, 1, least=0 if "remain" in prompt else 1, most=most)
        yield Draft(prompt, str(right), [str(n) for n in wrong], TEEN, difficulty, reason, source())


SUBJECT = Subject(
    "Chemistry",
    (
        Template(symbol_of, 60),
        Template(name_of, 50),
        Template(by_number, 22),
        Template(family, 30),
        Template(state, 35),
        Template(compare, 35),
        Template(molecules, 45),
        Template(shells, 8),
    ),
)
