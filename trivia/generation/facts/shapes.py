"""Sides, corners, angles, areas."""

from collections.abc import Iterator, Sequence
from random import Random

from trivia.generation.facts.core import (
    JUNIOR,
    TEEN,
    Ages,
    Difficulty,
    Draft,
    article,
    spread,
)

SOURCE = "procedural: arithmetic"


SHAPES = "procedural: geometry"


def numeric(
    prompt: str, right: int, wrong: Sequence[int], ages: Ages, difficulty: Difficulty, reason: str, unit: str = ""
) -> Draft:
    """A draft whose options are whole numbers, with their unit if any."""
    return Draft(prompt, f"{right:,}{unit}", [f"{n:,}{unit}" for n in wrong], ages, difficulty, reason, SOURCE)


POLYGONS = {
    3: "triangle",
    4: "rectangle",
    5: "pentagon",
    6: "hexagon",
    7: "heptagon",
    8: "octagon",
    9: "nonagon",
    10: "decagon",
    12: "dodecagon",
}


SOLIDS = {
    "cube": (8, 12, 6),
    "tetrahedron": (4, 6, 4),
    "octahedron": (6, 12, 8),
    "square pyramid": (5, 8, 5),
    "triangular prism": (6, 9, 5),
    "dodecahedron": (20, 30, 12),
    "icosahedron": (12, 30, 20),
    "hexagonal prism": (12, 18, 8),
    "pentagonal prism": (10, 15, 7),
    "pentagonal pyramid": (6, 10, 6),
}
"""Corners, edges, faces."""


def _polygon(rng: Random, sides: int, name: str) -> Iterator[Draft]:
    known = sides <= 8
    easy: Difficulty = "easy" if known else "medium"
    a = article(name)
    reason = f"{a.capitalize()} {name} has {sides} sides."
    if name != "rectangle":
        wrong = [str(n) for n in spread(rng, sides, 1, least=3)]
        ages = (6, 120) if known else JUNIOR
        yield Draft(f"How many sides does {a} {name} have?", str(sides), wrong, ages, easy, reason, SHAPES)
        names = [n for s, n in POLYGONS.items() if s != sides]
        yield Draft(f"What do you call a shape with {sides} straight sides?", name, names, ages, easy, reason, SHAPES)
    total = (sides - 2) * 180
    yield Draft(
        f"What do the inner angles of {a} {name} add up to?",
        f"{total}°",
        [f"{n}°" for n in spread(rng, total, 90, least=90)],
        TEEN,
        "medium" if sides < 6 else "hard",
        f"({sides} − 2) × 180° = {total}°.",
        SHAPES,
    )
    diagonals = sides * (sides - 3) // 2
    if sides > 4:
        yield Draft(
            f"How many diagonals can be drawn inside {a} {name}?",
            str(diagonals),
            [str(n) for n in spread(rng, diagonals, 1 if diagonals < 10 else 3, least=1)],
            TEEN,
            "hard",
            f"{sides} × ({sides} − 3) ÷ 2 = {diagonals}.",
            SHAPES,
        )


def shapes(rng: Random) -> Iterator[Draft]:
    """Sides, corners and angles of flat shapes and solids."""
    for sides, name in POLYGONS.items():
        yield from _polygon(rng, sides, name)
    for name, (corners, edges, faces) in SOLIDS.items():
        known = name in ("cube", "square pyramid", "triangular prism")
        for what, count in (("corners", corners), ("edges", edges), ("faces", faces)):
            yield Draft(
                rng.choice(("How many {} does {} {} have?", "Count the {} of {} {}. How many are there?")).format(
                    what, article(name), name
                ),
                str(count),
                [str(n) for n in spread(rng, count, rng.choice((1, 2)), least=2)],
                (8, 120) if known else TEEN,
                "easy" if name == "cube" else "medium" if known else "hard",
                f"{article(name).capitalize()} {name} has {corners} corners, {edges} edges and {faces} faces.",
                SHAPES,
            )


def area(rng: Random) -> Iterator[Draft]:
    """Areas and perimeters."""
    while True:
        a, b = rng.randint(3, 15), rng.randint(3, 15)
        prompt, right, wrong, unit, reason = rng.choice(
            (
                (
                    f"A rectangle is {a} cm long and {b} cm wide. What is its area?",
                    a * b,
                    (2 * (a + b), a + b, a * b + a, a * b - b),
                    " cm²",
                    f"{a} × {b} = {a * b}.",
                ),
                (
                    f"You walk once around a garden of {a} m by {b} m. How far do you walk?",
                    2 * (a + b),
                    (a * b, a + b, 2 * (a + b) + 2, 2 * a + b),
                    " m",
                    f"2 × ({a} + {b}) = {2 * (a + b)}.",
                ),
                (
                    f"How many 1 cm cubes fill a box of {a} × {b} × 2 cm?",
                    a * b * 2,
                    (a * b, a + b + 2, a * b * 4, 2 * a * b + a),
                    "",
                    f"{a} × {b} × 2 = {2 * a * b}.",
                ),
                (
                    f"A square has sides of {a} cm. What is its area?",
                    a * a,
                    (4 * a, 2 * a, a * a + a, a * a - 1),
                    " cm²",
                    f"{a} × {a} = {a * a}.",
                ),
            )
        )
        yield numeric(prompt, right, [w for w in wrong if w != right], (9, 120), "medium", reason, unit)
