"""Mixing light and paint, the rainbow, and the colours of everyday things."""

from collections.abc import Iterator
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
    JUNIOR,
    LITTLE,
    TEEN,
    Draft,
    article,
    shuffled,
)

Rgb = tuple[int, int, int]


BASIC: dict[str, Rgb] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
}


def light(rng: Random) -> Iterator[Draft]:
    """Adding and filtering light."""
    name_of = {rgb: n for n, rgb in BASIC.items()}
    origin = "procedural: additive colour mixing"
    lamps = ("red", "green", "blue", "yellow", "cyan", "magenta")
    cells = [(a, b) for a in lamps for b in lamps if a < b]
    for a, b in shuffled(rng, cells):
        total = tuple(max(x, y) for x, y in zip(BASIC[a], BASIC[b], strict=True))
        right = name_of[(total[0], total[1], total[2])]
        wrong = [n for n in BASIC if n not in (right, a, b)]
        ages = JUNIOR
        yield Draft(
            rng.choice(
                (
                    f"A {a} and a {b} spotlight shine on the same spot of a white wall. Which colour do you see?",
                    f"On a screen, which colour do {a} and {b} light make together?",
                )
            ),
            right,
            wrong,
            ages,
            "medium" if right != "white" else "hard",
            f"{a.capitalize()} and {b} light together look {right}.",
            origin,
        )
        passed = tuple(min(x, y) for x, y in zip(BASIC[a], BASIC[b], strict=True))
        seen = name_of[(passed[0], passed[1], passed[2])]
        yield Draft(
            f"White light passes through {article(a)} {a} filter and then through {article(b)} {b} one. Which colour comes out?",
            seen,
            [n for n in BASIC if n not in (seen, a, b, "white")] + ["white"],
            TEEN,
            "hard",
            f"Only {seen} light passes both filters." if seen != "black" else "No light passes both filters.",
            "procedural: subtractive colour mixing",
        )
    for name in shuffled(rng, lamps):
        rgb = BASIC[name]
        opposite = name_of[(255 - rgb[0], 255 - rgb[1], 255 - rgb[2])]
        yield Draft(
            rng.choice(
                (
                    f"On a screen, which colour is complementary to {name}?",
                    f"Which light must be added to {name} light to make white?",
                )
            ),
            opposite,
            [n for n in BASIC if n not in (name, opposite, "white", "black")],
            TEEN,
            "hard",
            f"{name.capitalize()} and {opposite} light make white.",
            origin,
        )


PAINTS = {
    ("blue", "yellow"): "green", ("red", "yellow"): "orange", ("blue", "red"): "purple", ("black", "white"): "grey", ("red", "white"): "pink", ("blue", "white"): "light blue",
    ("black", "red"): "dark red", ("black", "blue"): "dark blue", ("green", "white"): "light green", ("black", "green"): "dark green", ("green", "red"): "brown",
}  # fmt: skip


def paint(rng: Random) -> Iterator[Draft]:
    """Mixing paint, for children."""
    origin = "procedural: mixing paint"
    for (a, b), right in shuffled(rng, PAINTS.items()):
        first, second = rng.sample((a, b), 2)
        wrong = [c for c in PAINTS.values() if c not in (right, f"light {a}", f"dark {b}") and c.split()[-1] != right]
        yield Draft(
            rng.choice(
                (
                    f"You mix {first} and {second} paint. Which colour do you get?",
                    f"What colour do {first} and {second} make in a paint box?",
                )
            ),
            right,
            wrong,
            LITTLE if right in ("green", "orange", "purple", "grey", "pink") else CHILDREN,
            "easy",
            f"{first.capitalize()} and {second} paint make {right}.",
            origin,
        )
        if right in ("green", "orange", "purple", "pink", "grey"):
            pairs = [f"{x} and {y}" for (x, y), c in PAINTS.items() if c != right and right not in c]
            yield Draft(
                f"Which two paints do you mix to get {right}?",
                f"{a} and {b}",
                pairs,
                CHILDREN,
                "easy",
                f"{a.capitalize()} and {b} make {right}.",
                origin,
            )


def rainbow(rng: Random) -> Iterator[Draft]:
    """The order of the rainbow."""
    order = ("red", "orange", "yellow", "green", "blue", "violet")
    origin = "procedural: order of the visible spectrum"
    for i, name in shuffled(rng, enumerate(order)):
        others = [c for c in order if c != name]
        if 0 < i < 5:
            yield Draft(
                f"Which colour of the rainbow lies between {order[i - 1]} and {order[i + 1]}?",
                name,
                [c for c in others if c not in (order[i - 1], order[i + 1])],
                (6, 120),
                "easy",
                f"{order[i - 1].capitalize()}, {name}, {order[i + 1]}.",
                origin,
            )
        if i < 4:
            yield Draft(
                f"In a rainbow, which colour comes next after {name}, going from red to violet?",
                order[i + 1],
                [c for c in others if c != order[i + 1]],
                (7, 120),
                "easy",
                f"After {name} comes {order[i + 1]}.",
                origin,
            )
    yield Draft(
        "Which colour is on the outer edge of a rainbow?",
        "red",
        ["green", "blue", "violet", "yellow"],
        FAMILY,
        "medium",
        "Red is on the outside of the main rainbow, violet on the inside.",
        origin,
    )
    yield Draft(
        "Which colour of light has the longest waves?",
        "red",
        ["green", "blue", "violet", "yellow"],
        JUNIOR,
        "medium",
        "Red light has the longest waves we can see.",
        origin,
    )
    yield Draft(
        "Which colour of light has the shortest waves?",
        "violet",
        ["green", "red", "orange", "yellow"],
        JUNIOR,
        "medium",
        "Violet light has the shortest waves we can see.",
        origin,
    )


THINGS = {
    "yellow": ("🍌 banana", "🍋 lemon", "🐥 chick", "🌻 sunflower", "🌽 corn"), "red": ("🍓 strawberry", "🍅 tomato", "🚒 fire engine", "🍒 cherries", "🐞 ladybird"),
    "green": ("🐸 frog", "🥦 broccoli", "🥒 cucumber", "🐊 crocodile", "🍀 clover"), "orange": ("🥕 carrot", "🍊 tangerine", "🦊 fox", "🎃 pumpkin", "🏀 basketball"),
    "blue": ("🫐 blueberries", "👖 jeans"), "brown": ("🐻 bear", "🌰 chestnut", "🍫 chocolate", "🥔 potato"),
    "white": ("🐑 sheep", "⛄ snowman", "🧂 salt"), "purple": ("🍆 aubergine",), "pink": ("🐷 pig", "🌸 blossom", "🦩 flamingo", "🧠 brain"),
}  # fmt: skip


SEVERAL = frozenset(("blueberries", "jeans", "cherries"))
"""Names of more than one, or of a pair."""


def things(rng: Random) -> Iterator[Draft]:
    """Colours of everyday things in pictures, for the youngest."""
    kinds = list(THINGS)
    cells = [(colour, thing) for colour in kinds for thing in THINGS[colour]]
    for colour, thing in shuffled(rng, cells):
        picture, name = thing.split(" ", 1)
        this, verb = ("these", "are") if name in SEVERAL else ("this", "is")
        close = {
            "red": ("orange", "pink"),
            "orange": ("red", "brown", "yellow"),
            "yellow": ("orange",),
            "brown": ("orange",),
            "pink": ("red", "purple"),
            "purple": ("pink", "blue"),
            "blue": ("purple",),
        }.get(colour, ())
        yield Draft(
            rng.choice(
                (
                    f"Which colour {verb} {this} {name}? {picture}",
                    f"Look at the picture: {picture} What colour {verb} the {name}?",
                )
            ),
            colour,
            [c for c in kinds if c != colour and c not in close],
            LITTLE,
            "easy",
            f"The {name} {verb} {colour}.",
            "procedural: Unicode emoji",
            f"thing {thing}",
        )
        wrong = [t.split(" ", 1)[0] for c in kinds if c != colour and c not in close for t in THINGS[c]]
        yield Draft(
            rng.choice(
                (
                    f"Which of these is usually {colour}?",
                    f"Find something {colour}!",
                    f"Point to the picture that is {colour}.",
                )
            ),
            picture,
            wrong,
            LITTLE,
            "easy",
            f"{picture} is usually {colour}.",
            "procedural: Unicode emoji",
            f"thing {thing}",
        )
