"""Colours by name and number, mixing of light and paint."""

import math
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    shuffled,
    version_of,
)
from trivia.generation.facts.mixing import Rgb, light, paint, rainbow, things

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
    "aliceblue": "Alice blue",
    "limegreen": "lime green", "antiquewhite": "antique white", "blanchedalmond": "blanched almond", "burlywood": "burly wood", "cadetblue": "cadet blue",
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
            rng.choice(
                (
                    f"Which of these is the web code of the colour {spoken(name)}?",
                    f"How is {spoken(name)} written as a web colour?",
                    f"A designer wants {spoken(name)}. Which code is that?",
                )
            ),
            hexadecimal(rgb),
            [hexadecimal(c) for c in others.values()],
            ages,
            difficulty,
            reason,
            source(),
            f"colour {name}",
        )


def brightness(rgb: Rgb) -> float:
    """Relative luminance on sRGB, from 0 for black to 1 for white."""
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


CLEAR = 0.15
"""By so much, of the way from black to white, one colour must be lighter than another to be called so."""


def by_lightness(named: list[tuple[str, Rgb]], *, lightest: bool) -> tuple[list[str], float]:
    """The names in the order of their lightness, and by how much the first is ahead of any other by every measure.

    The measures are the cube root of the luminance (nearly CIE lightness), luma of the television (Rec. 601) and the mean of the greatest
    and the least channel: where they differ, so do people and programs that make pictures grey.
    """
    measures: tuple[Callable[[Rgb], float], ...] = (
        lambda rgb: math.cbrt(brightness(rgb)),
        lambda rgb: (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255,
        lambda rgb: (max(rgb) + min(rgb)) / 510,
    )
    sign = 1 if lightest else -1
    order = sorted(named, key=lambda pair: sign * brightness(pair[1]), reverse=True)
    first = order[0][1]
    gap = min(sign * (measure(first) - measure(rgb)) for measure in measures for _, rgb in order[1:])
    return [name for name, _ in order], gap


def compare(rng: Random) -> Iterator[Draft]:
    """Which colour is lightest, darkest, or has most of a primary."""
    colours = palette()
    while True:
        four = rng.sample(sorted(colours), 4)
        what = rng.choice(("lightest", "darkest", "red", "green", "blue"))
        if what in ("lightest", "darkest"):
            order, gap = by_lightness([(n, colours[n]) for n in four], lightest=what == "lightest")
            if gap < CLEAR:
                continue
            # A name may tell, and dark grey is lighter than grey on web pages.
            if any(w in spoken(order[0]) for w in ("light", "dark", "white", "black", "pale")) or any(
                "gray" in n for n in four
            ):
                continue
            prompt = rng.choice(
                (
                    f"Which of these colours is the {what}?",
                    f"Four pots of paint stand in a row. Which one is the {what}?",
                )
            )
            options = [spoken(n) for n in order]
            reason = f"{options[0].capitalize()} is the {what} of the four."
            difficulty: Difficulty = "easy" if gap > 0.3 or order[0] in PLAIN else "medium"
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


SUBJECT = Subject(
    "Colours",
    (
        Template(web_names, 10),
        Template(light, 22),
        Template(paint, 16),
        Template(compare, 20),
        Template(codes, 4),
        Template(rainbow, 11),
        Template(things, 50),
    ),
)
