"""Colours by name and number, mixing of light and paint."""

from collections.abc import Iterator
from functools import cache
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
    JUNIOR,
    LITTLE,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    article,
    shuffled,
    version_of,
)

Rgb = tuple[int, int, int]
PLAIN = "black white red lime blue yellow cyan magenta gray maroon olive green purple teal navy silver orange pink brown gold violet".split()


@cache
def palette() -> dict[str, Rgb]:
    """The named colours of the web; of two names for one colour only the first."""
    import webcolors

    result: dict[str, Rgb] = {}
    for name in sorted(webcolors.names("css3")):
        rgb = tuple(webcolors.name_to_rgb(name))
        if rgb not in result.values() and "grey" not in name:
            result[name] = (rgb[0], rgb[1], rgb[2])
    for twin, name in (("aqua", "cyan"), ("fuchsia", "magenta")):
        if twin in result:
            result[name] = result.pop(twin)
    return dict(sorted(result.items()))


def hexadecimal(rgb: Rgb) -> str:
    """As web pages write a colour."""
    return "#{:02X}{:02X}{:02X}".format(*rgb)


def apart(one: Rgb, other: Rgb) -> int:
    """How different two colours are: the sum over the three channels."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def source() -> str:
    """Where the names come from."""
    return version_of("webcolors")


WORDS = {
    "aliceblue": "Alice blue", "antiquewhite": "antique white", "blanchedalmond": "blanched almond", "burlywood": "burly wood", "cadetblue": "cadet blue",
    "cornflowerblue": "cornflower blue", "darkslateblue": "dark slate blue", "deepskyblue": "deep sky blue", "dodgerblue": "dodger blue", "firebrick": "fire brick",
    "floralwhite": "floral white", "forestgreen": "forest green", "ghostwhite": "ghost white", "goldenrod": "golden rod", "hotpink": "hot pink", "indianred": "Indian red",
    "lavenderblush": "lavender blush", "lawngreen": "lawn green", "lemonchiffon": "lemon chiffon", "midnightblue": "midnight blue", "mintcream": "mint cream",
    "mistyrose": "misty rose", "navajowhite": "Navajo white", "oldlace": "old lace", "olivedrab": "olive drab", "orangered": "orange red", "papayawhip": "papaya whip",
    "peachpuff": "peach puff", "powderblue": "powder blue", "rebeccapurple": "Rebecca purple", "rosybrown": "rosy brown", "royalblue": "royal blue", "saddlebrown": "saddle brown",
    "sandybrown": "sandy brown", "seagreen": "sea green", "skyblue": "sky blue", "slateblue": "slate blue", "springgreen": "spring green", "steelblue": "steel blue",
    "slategray": "slate grey", "dimgray": "dim grey", "violetred": "violet red", "goldenrodyellow": "golden rod yellow", "gray": "grey",
    "whitesmoke": "white smoke", "yellowgreen": "yellow green", "darkolivegreen": "dark olive green", "greenyellow": "green yellow", "blueviolet": "blue violet",
}  # fmt: skip


def spoken(name: str) -> str:
    """A colour's name in words."""
    for start in ("light", "dark", "medium", "pale", "deep"):
        if name.startswith(start) and name not in WORDS:
            return f"{start} {WORDS.get(name.removeprefix(start), name.removeprefix(start))}"
    return WORDS.get(name, name)


def web_names(rng: Random) -> Iterator[Draft]:
    """Name to code and code to name."""
    colours = palette()
    for name, rgb in shuffled(rng, colours.items()):
        others = {n: c for n, c in colours.items() if apart(c, rgb) > 140}
        difficulty: Difficulty = "medium" if name in PLAIN else "hard"
        ages = JUNIOR if name in PLAIN else TEEN
        reason = f"{spoken(name).capitalize()} is {hexadecimal(rgb)}."
        yield Draft(
            rng.choice(
                (
                    f"Which web colour has the code {hexadecimal(rgb)}?",
                    f"A style sheet says {hexadecimal(rgb)}. Which colour will you see?",
                )
            ),
            spoken(name),
            [spoken(n) for n in others],
            ages,
            difficulty,
            reason,
            source(),
            f"colour {name}",
        )
        yield Draft(
            f"Which of these is the web code of the colour {spoken(name)}?",
            hexadecimal(rgb),
            [hexadecimal(c) for c in others.values()],
            ages,
            difficulty,
            reason,
            source(),
            f"colour {name}",
        )


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
            f"Only {seen if seen != 'black' else 'no'} light passes both filters.",
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


def brightness(rgb: Rgb) -> float:
    """Relative luminance on sRGB, from 0 for black to 1 for white."""
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def compare(rng: Random) -> Iterator[Draft]:
    """Which colour is lightest, darkest, or has most of a primary."""
    colours = palette()
    while True:
        four = rng.sample(sorted(colours), 4)
        what = rng.choice(("lightest", "darkest", "red", "green", "blue"))
        if what in ("lightest", "darkest"):
            order = sorted(four, key=lambda n: brightness(colours[n]), reverse=what == "lightest")
            gap = abs(brightness(colours[order[0]]) - brightness(colours[order[1]]))
            if gap < (0.18 if what == "lightest" else 0.06):
                continue
            if any(w in spoken(order[0]) for w in ("light", "dark", "white", "black", "pale")):
                continue
            prompt = rng.choice(
                (
                    f"Which of these colours is the {what}?",
                    f"Turned into shades of grey, which of these colours is the {what}?",
                )
            )
            options = [spoken(n) for n in order]
            reason = f"{options[0].capitalize()} is the {what} of the four."
            difficulty: Difficulty = "easy" if gap > 0.35 or order[0] in PLAIN else "medium"
            ages = FAMILY if all(n in PLAIN for n in four) else JUNIOR
        else:
            channel = ("red", "green", "blue").index(what)
            order = sorted(four, key=lambda n: colours[n][channel], reverse=True)
            if colours[order[0]][channel] - colours[order[1]][channel] < 50:
                continue
            prompt = f"Which of these colour codes has the most {what} in it?"
            options = [hexadecimal(colours[n]) for n in order]
            reason = f"In {options[0]} the value for {what} is {colours[order[0]][channel]} of 255."
            difficulty, ages = "medium", TEEN
        yield Draft(prompt, options[0], options[1:], ages, difficulty, reason, source())


def codes(rng: Random) -> Iterator[Draft]:
    """Reading colour codes: the dominant channel, inverses, decimal values."""
    while True:
        channel = rng.randrange(3)
        rgb = [rng.randrange(0, 80) for _ in range(3)]
        rgb[channel] = rng.randrange(190, 256)
        code = hexadecimal((rgb[0], rgb[1], rgb[2]))
        kind = rng.randrange(3)
        if kind == 0:
            name = ("red", "green", "blue")[channel]
            yield Draft(
                f"What kind of colour is {code}?",
                f"a strong {name}",
                [f"a strong {n}" for n in ("red", "green", "blue") if n != name]
                + ["a pale grey", "a bright yellow", "nearly white"],
                TEEN,
                "medium",
                f"In {code} only the part for {name} is large.",
                "procedural: RGB colour model",
            )
        elif kind == 1:
            inverse = hexadecimal((255 - rgb[0], 255 - rgb[1], 255 - rgb[2]))
            wrong = [
                hexadecimal((rgb[1], rgb[2], rgb[0])),
                hexadecimal((rgb[2], rgb[0], rgb[1])),
                hexadecimal((255 - rgb[0], rgb[1], 255 - rgb[2])),
                hexadecimal((255 - rgb[2], 255 - rgb[0], 255 - rgb[1])),
            ]
            yield Draft(
                f"Which code is the exact negative of {code}, each channel taken from FF?",
                inverse,
                wrong,
                TEEN,
                "hard",
                f"Each channel of {code} and {inverse} adds up to FF.",
                "procedural: RGB colour model",
            )
        else:
            value = rgb[channel]
            yield Draft(
                f"In the colour code {code}, how strong is {('red', 'green', 'blue')[channel]}, from 0 to 255?",
                str(value),
                [
                    str(v)
                    for v in {
                        rgb[(channel + 1) % 3],
                        rgb[(channel + 2) % 3],
                        255 - value,
                        value - 16,
                        max(0, value - 32),
                    }
                    if v != value
                ],
                TEEN,
                "hard",
                f"{value:02X} in hexadecimal is {value}.",
                "procedural: RGB colour model",
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
    "yellow": ("🍌 banana", "🍋 lemon", "🐥 chick", "🌻 sunflower", "🌽 corn"), "red": ("🍓 strawberry", "🍅 tomato", "🚒 fire engine", "🍒 cherry", "🐞 ladybird"),
    "green": ("🐸 frog", "🥦 broccoli", "🥒 cucumber", "🐊 crocodile", "🍀 clover"), "orange": ("🥕 carrot", "🍊 tangerine", "🦊 fox", "🎃 pumpkin", "🏀 basketball"),
    "blue": ("🫐 blueberry", "🐳 whale", "👖 jeans", "🦋 butterfly", "💧 drop"), "brown": ("🐻 bear", "🌰 chestnut", "🍫 chocolate", "🥔 potato", "🐎 horse"),
    "white": ("🥚 egg", "🐑 sheep", "⛄ snowman", "🧂 salt", "🦢 swan"), "purple": ("🍇 grapes", "🍆 aubergine"), "pink": ("🐷 pig", "🌸 blossom", "🦩 flamingo", "🧠 brain"),
}  # fmt: skip


def things(rng: Random) -> Iterator[Draft]:
    """Colours of everyday things in pictures, for the youngest."""
    kinds = list(THINGS)
    cells = [
        (colour, thing)
        for colour in kinds
        for thing in THINGS[colour]
        if thing.split()[1] not in ("egg", "grapes", "whale", "horse", "swan", "drop", "butterfly")
    ]
    for colour, thing in shuffled(rng, cells):
        picture, name = thing.split(" ", 1)
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
                    f"Which colour is this {name}? {picture}",
                    f"Look at the picture: {picture} What colour is the {name}?",
                )
            ),
            colour,
            [c for c in kinds if c != colour and c not in close],
            LITTLE,
            "easy",
            f"The {name} is {colour}.",
            "procedural: Unicode emoji",
            f"thing {thing}",
        )
        wrong = [
            t.split(" ", 1)[0]
            for c in kinds
            if c != colour and c not in close
            for t in THINGS[c]
            if t.split()[1] not in ("grapes", "butterfly", "whale", "horse", "drop")
        ]
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


SUBJECT = Subject(
    "Colours",
    (
        Template(web_names, 130),
        Template(light, 36),
        Template(paint, 16),
        Template(compare, 110),
        Template(codes, 50),
        Template(rainbow, 11),
        Template(things, 60),
    ),
)
