"""Everyday things with a picture character and names in several languages, from the emoji library (CLDR short names)."""

import re
import unicodedata
from functools import cache

import msgspec

from trivia.generation.facts.core import version_of

GROUPS = {
    "animal": (
        "dog cat horse cow pig goat duck owl turtle snake fish butterfly ant lion tiger monkey elephant wolf fox bear rabbit mouse frog whale "
        "dolphin shark octopus spider snail penguin eagle swan parrot deer crocodile giraffe zebra ram bat crab mosquito scorpion peacock "
        "hippopotamus kangaroo rooster beaver bison dove seal otter sloth leopard hedgehog dragon honeybee"
    ),
    "food": (
        "banana grapes strawberry lemon carrot onion bread egg pineapple watermelon pear peach cherries tomato potato garlic salt butter coconut "
        "avocado cucumber olive cookie beans chestnut peanuts broccoli melon blueberries tangerine"
    ),
    "vehicle": "bicycle locomotive train ship sailboat airplane helicopter tractor bus motorcycle rocket canoe ambulance automobile",
    "object": (
        "house door key crown ring candle bed chair bathtub mirror window broom basket bucket umbrella scissors hammer axe ladder pencil envelope "
        "spoon bell trumpet violin guitar telephone television gloves socks dress glasses balloon kite shield magnet"
    ),
    "part of nature": "mountain volcano desert sun cloud fire rainbow star rose tulip sunflower cactus feather droplet",
    "part of the body": "nose ear eye tongue mouth tooth bone brain foot leg",
    "place or person": "castle church school hospital tent fountain man woman boy girl princess vampire ghost mermaid",
}

LANGUAGES = {
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "id": "Indonesian",
    "tr": "Turkish",
}

ENGLISH = {
    "automobile": "car",
    "locomotive": "steam engine",
    "droplet": "drop of water",
    "honeybee": "bee",
    "hippopotamus": "hippo",
}
"""What people say where CLDR is stiff."""

MISLEADING = frozenset(
    (
        "pt/frog pt/hedgehog id/chair id/bathtub id/ring pt/zebra fr/drum es/cookie pt/bell id/potato id/otter tr/dove id/butter de/locomotive id/foot "
        "it/snail pt/snail fr/church id/honeybee id/dragon pt/balloon id/hedgehog es/boy es/girl it/boy it/girl es/glasses de/tongue fr/shark id/leg tr/leg "
        "fr/glasses it/ear it/fire id/socks id/dress id/princess id/fire tr/bone es/envelope de/sun id/eye es/eye it/hedgehog es/otter pt/cookie id/goat "
        "id/cookie pt/honeybee id/rooster fr/peach it/peach"
    ).split()
)
"""Pairs whose short name means something else as well, or where another word is the usual one."""


LIKE_ENGLISH = 0.42
"""From this likeness on, a foreign word tells what it means."""

CONSONANTS = 3
"""So many consonants in common at the beginning, and it does as well."""


class Thing(msgspec.Struct, frozen=True):
    """`words` has the name by language code, for those languages that have one plain word for it."""

    name: str
    picture: str
    group: str
    words: dict[str, str]


@cache
def things() -> tuple[Thing, ...]:
    """All things in the order of `GROUPS`."""
    import emoji

    emoji.config.load_language(list(LANGUAGES))
    by_name = {
        data["en"].strip(":"): (picture, data)
        for picture, data in emoji.EMOJI_DATA.items()
        if data["status"] == emoji.STATUS["fully_qualified"]
    }
    result = []
    for group, names in GROUPS.items():
        for name in names.split():
            picture, data = by_name[name]
            words = {}
            for code in LANGUAGES:
                word = data.get(code, "").strip(":")
                if word and "_" not in word and f"{code}/{name}" not in MISLEADING:
                    words[code] = word.capitalize() if code == "de" else word
            result.append(Thing(ENGLISH.get(name, name), picture, group, words))
    return tuple(result)


@cache
def _pairs(word: str) -> frozenset[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset((plain,))


def alike(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1: Dice's coefficient of the pairs of letters, accents aside."""
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second))


_SOUNDS = (
    ("sch", "s"), ("sz", "s"), ("cz", "c"), ("ck", "k"), ("ch", "k"), ("ph", "f"), ("th", "t"), ("qu", "k"), ("x", "ks"), ("c", "k"), ("q", "k"), ("g", "k"),
    ("d", "t"), ("b", "p"), ("v", "f"), ("w", "f"), ("z", "s"), ("y", "i"), ("j", "i"), ("h", ""),
)  # fmt: skip
"""Ways of writing that a reader takes for one: Kolumbija is Colombia."""


@cache
def _sounds(text: str) -> tuple[str, ...]:
    """The words of a text of at least three letters, as a reader who knows no spelling but English hears them."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    for written, heard in _SOUNDS:
        plain = plain.replace(written, heard)
    words = re.findall(r"[^\W\d_]+", plain)
    return tuple(re.sub(r"(.)\1+", r"\1", word) for word in words if len(word) > 2)


def resembles(one: str, other: str, start: int = 3) -> bool:
    """Whether a reader guesses that two words, in two languages, mean the same.

    They share most of their pairs of letters, their first `start` letters, or their first three consonants, each as heard.
    """
    if alike(one, other) >= LIKE_ENGLISH:
        return True
    for first in _sounds(one):
        for second in _sounds(other):
            bare, skeleton = (re.sub("[aeiou]", "", word) for word in (first, second))
            if (
                first[:start] == second[:start]
                or alike(first, second) >= LIKE_ENGLISH
                or (len(skeleton) >= CONSONANTS and bare[:CONSONANTS] == skeleton[:CONSONANTS])
            ):
                return True
    return False


def source() -> str:
    """Where the names come from."""
    return f"{version_of('emoji')} (CLDR short names)"
