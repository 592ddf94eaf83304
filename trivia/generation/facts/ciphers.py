"""Morse code, the spelling alphabet of radio, secret writing and the places of letters."""

from collections.abc import Iterator
from random import Random

from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    Draft,
    shuffled,
)

MORSE = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
        "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.".split(),
        strict=True,
    )
)


SPELLING = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor "
    "Whiskey X-ray Yankee Zulu"
).split()


WORDS = (
    "CAT DOG SUN MOON STAR FISH BIRD TREE LION BEAR FROG SHIP KING QUEEN MAGIC ROBOT TIGER PIZZA RIVER CLOUD HONEY MUSIC OCEAN PLANT SNAKE TRAIN "
    "WATER ZEBRA APPLE BREAD CHAIR DREAM EARTH FLAME GRASS HOUSE ISLAND JUNGLE LEMON MONKEY NIGHT ORANGE PENCIL RABBIT SILVER TURTLE WINTER YELLOW "
    "ANCHOR BRIDGE CASTLE DRAGON GARDEN HAMMER ICE KITE LAMP MAP NEST OWL PEAR RING SEED TENT"
).split()


def morse(text: str) -> str:
    """Dots and dashes, a blank between letters."""
    return "   ".join(MORSE[c].replace(".", "●").replace("-", "▬") for c in text)


def morse_code(rng: Random) -> Iterator[Draft]:
    """Letters and short words in Morse code."""
    for letter in shuffled(rng, MORSE):
        word = "number" if letter.isdigit() else "letter"
        known = letter in "EISTMOAN"
        pool = [
            c
            for c in MORSE
            if c != letter and c.isdigit() == letter.isdigit() and abs(len(MORSE[c]) - len(MORSE[letter])) <= 1
        ]
        yield Draft(
            f"Which {word} is {morse(letter)} in Morse code?",
            letter,
            pool,
            FAMILY if known else JUNIOR,
            "medium" if known else "hard",
            f"{letter} is {morse(letter)}.",
            "procedural: Morse code",
            f"morse {letter}",
        )
        yield Draft(
            f"How is the {word} {letter} sent in Morse code?",
            morse(letter),
            [morse(c) for c in pool],
            FAMILY if known else JUNIOR,
            "medium" if known else "hard",
            f"{letter} is {morse(letter)}.",
            "procedural: Morse code",
            f"morse {letter}",
        )
    for word in shuffled(rng, [w for w in WORDS if len(w) <= 4]):
        pool = [w for w in WORDS if len(w) == len(word) and w != word]
        yield Draft(
            rng.choice(
                (
                    f"A torch blinks {morse(word)} in Morse code. Which word is it?",
                    f"Decode this Morse message: {morse(word)}",
                )
            ),
            word,
            pool,
            JUNIOR,
            "hard",
            f"{word} is {morse(word)}.",
            "procedural: Morse code",
        )


OTHER_WORDS = (
    "Able Apple Adam Amsterdam", "Baker Boston Boy Baltimore", "Castle Chicago Cuba Cat", "Dog Denmark Denver Dallas", "Easy Edward Edison England",
    "Fox Florida Frank Freddie", "George Gallipoli Green Garden", "Henry How Harry Havana", "Item Ida Italy Ink", "Jig John Jerusalem Johnny",
    "King Kitten Kite Karl", "Love London Lincoln Lucy", "Mary Madagascar Mother Miami", "Nan Norway Nora Nancy",
    "Oboe Ocean Orange Oslo", "Peter Paris Prince Pluto", "Queen Quito Quality Quarter", "Roger Robert Roma Rocket", "Sugar Sam Santiago Sunny",
    "Tare Tom Tokyo Tommy", "Uncle Union Umbrella Under", "Vienna Venice Vulcan Violet", "William Washington Winter Walter",
    "Xerox Xylophone Xenon Xanthippe", "Yoke Young York Yellow", "Zebra Zero Zurich Zigzag",
)  # fmt: skip
"""For each letter words of other spelling alphabets, or that might be of one."""


def spell(text: str) -> str:
    """A word in the words of the spelling alphabet."""
    return " ".join(SPELLING[ord(c) - 65] for c in text)


def spelling_alphabet(rng: Random) -> Iterator[Draft]:
    """The spelling alphabet of radio and aviation."""
    for word, others in shuffled(rng, list(zip(SPELLING, OTHER_WORDS, strict=True))):
        letter = word[0]
        yield Draft(
            rng.choice(
                (
                    f"Which word do pilots use for the letter {letter} when they spell over the radio?",
                    f"In the spelling alphabet of pilots and sailors, which word stands for {letter}?",
                )
            ),
            word,
            others.split(),
            FAMILY,
            "easy" if letter in "ABCEGHMRSTZ" else "medium",
            f"{letter} is spelled {word}.",
            "procedural: ICAO spelling alphabet",
            f"spell {letter}",
        )
    for text in shuffled(rng, [w for w in WORDS if 3 <= len(w) <= 5]):
        spelled = spell(text)
        if rng.random() < 0.5:
            # The first letters tell whoever reads; words of the same letters tell who reads on.
            alike = sorted(
                (w for w in WORDS if len(w) == len(text) and w != text),
                key=lambda w: sum(a != b for a, b in zip(w, text, strict=True)),
            )
            yield Draft(
                f"A pilot spells “{spelled}”. Which word is that?",
                text,
                alike[:4],
                (7, 120),
                "easy",
                f"The first letters of {spelled} make {text}.",
                "procedural: ICAO spelling alphabet",
            )
            continue
        wrong = []
        for _ in range(6):
            words = [OTHER_WORDS[ord(c) - 65].split() for c in text]
            places = set(rng.sample(range(len(text)), rng.choice((1, 2))))
            wrong.append(
                " ".join(rng.choice(w) if i in places else SPELLING[ord(text[i]) - 65] for i, w in enumerate(words))
            )
        yield Draft(
            f"How does a pilot spell {text} over the radio?",
            spelled,
            wrong,
            JUNIOR,
            "hard",
            f"In the spelling alphabet {text} is {spelled}.",
            "procedural: ICAO spelling alphabet",
        )


def caesar(text: str, shift: int) -> str:
    """Each letter moved on in the alphabet, Z going on to A."""
    return "".join(chr((ord(c) - 65 + shift) % 26 + 65) for c in text)


def ciphers(rng: Random) -> Iterator[Draft]:
    """Secret writing to decode."""
    while True:
        word, shift = rng.choice([w for w in WORDS if len(w) >= 4]), rng.choice((1, 1, 2, 3))
        pool = [w for w in WORDS if len(w) == len(word) and w != word]
        kind = rng.randrange(4)
        steps = {1: "one place", 2: "two places", 3: "three places"}[shift]
        if kind == 0:
            yield Draft(
                f"Every letter was moved on by {steps} in the alphabet and became {caesar(word, shift)}. What was the word?",
                word,
                pool,
                JUNIOR,
                "medium" if shift == 1 else "hard",
                f"{word} moved on by {steps} is {caesar(word, shift)}.",
                "procedural: Caesar cipher",
            )
        elif kind == 1:
            numbers = "-".join(str(ord(c) - 64) for c in word)
            yield Draft(
                f"If A is 1, B is 2 and so on, which word is {numbers}?",
                word,
                pool,
                (7, 120),
                "easy" if len(word) < 5 else "medium",
                f"{numbers} are the places of the letters of {word}.",
                "procedural: letter numbers",
            )
        elif kind == 2:
            yield Draft(
                f"Read it backwards: which word is hidden in {word[::-1]}?",
                word,
                pool,
                (6, 12),
                "easy",
                f"{word[::-1]} is {word} backwards.",
                "procedural: reversed words",
            )
        else:
            yield Draft(
                f"Write {word} with every letter moved on by {steps} in the alphabet. What do you get?",
                caesar(word, shift),
                [caesar(word, s) for s in range(-3, 6) if s not in (0, shift)],
                JUNIOR,
                "hard",
                f"Moved on by {steps}, {word} becomes {caesar(word, shift)}.",
                "procedural: Caesar cipher",
            )


def alphabet(rng: Random) -> Iterator[Draft]:
    """Places in the English alphabet, for children."""
    while True:
        i = rng.randrange(26)
        letter, steps = chr(65 + i), rng.choice((1, 1, 2, 3))
        if rng.random() < 0.5 and i + steps < 26:
            right = chr(65 + i + steps)
            where = {1: "right after", 2: "two places after", 3: "three places after"}[steps]
        elif i - steps >= 0:
            right = chr(65 + i - steps)
            where = {1: "right before", 2: "two places before", 3: "three places before"}[steps]
        else:
            continue
        near = [
            chr(c) for c in range(max(65, ord(right) - 4), min(90, ord(right) + 4) + 1) if chr(c) not in (right, letter)
        ]
        yield Draft(
            f"In the alphabet, which letter comes {where} {letter}?",
            right,
            near,
            (5, 9) if steps == 1 else (6, 11),
            "easy" if steps == 1 else "medium",
            f"{right} comes {where} {letter}.",
            "procedural: alphabet",
        )
