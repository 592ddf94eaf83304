"""Word puzzles with the names of animals, foods and countries, and pictures for those who have just learnt to read."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
    JUNIOR,
    LITTLE,
    Ages,
    Difficulty,
    Draft,
    Subject,
    Template,
    article,
    shuffled,
    spread,
)
from trivia.generation.facts.countries import LITTLE_KNOWN, WELL_KNOWN, states
from trivia.generation.facts.vocabulary import source, things

PUZZLE = "procedural: word puzzles"


def _vocabulary() -> list[tuple[str, str, Ages, Difficulty]]:
    """Words with what they are a name of."""
    result: list[tuple[str, str, Ages, Difficulty]] = []
    for thing in things():
        if thing.group in ("animal", "food", "object", "vehicle") and thing.name.isalpha() and len(thing.name) > 3:
            size = len(thing.name)
            result.append(
                (thing.name.upper(), thing.group, (7, 120) if size < 6 else FAMILY, "easy" if size < 6 else "medium")
            )
    result.extend(
        (
            country.name.upper(),
            "country",
            FAMILY if country.code in WELL_KNOWN else JUNIOR,
            "medium" if country.code in WELL_KNOWN else "hard",
        )
        for country in states()
        if country.name.isalpha()
        and country.name.isascii()
        and country.code not in LITTLE_KNOWN
        and len(country.name) > 3
    )
    return result


def scrambled(rng: Random) -> Iterator[Draft]:
    """Letters in the wrong order."""
    every = _vocabulary()
    for word, kind, ages, difficulty in shuffled(rng, every):
        letters = "".join(rng.sample(word, len(word)))
        pool = [w for w, k, _, _ in every if k == kind and sorted(w) != sorted(word) and abs(len(w) - len(word)) <= 2]
        if letters == word:
            continue
        own = Counter(word)
        pool.sort(key=lambda w: (abs(len(w) - len(word)), (own - Counter(w)).total(), w))
        yield Draft(
            rng.choice(
                (
                    f"Unscramble these letters to find {article(kind)} {kind}: {letters}",
                    f"Which {kind} can be made of the letters {letters}?",
                    f"The letters of {article(kind)} {kind} fell on the floor: {letters}. Which one was it?",
                )
            ),
            word.capitalize(),
            [w.capitalize() for w in pool[:5]],
            ages,
            difficulty,
            f"{letters} are the letters of {word.capitalize()}.",
            PUZZLE,
            f"letters {word}",
        )


def without_vowels(rng: Random) -> Iterator[Draft]:
    """Words whose vowels are gone."""
    every = _vocabulary()
    bare = {w: "".join(c for c in w if c not in "AEIOU") for w, *_ in every}
    for word, kind, ages, difficulty in shuffled(rng, every):
        if len(bare[word]) < 2 or len(bare[word]) == len(word):
            continue
        pool = [w for w, k, _, _ in every if k == kind and bare[w] != bare[word]]
        pool.sort(key=lambda w: (w[0] != word[0], abs(len(bare[w]) - len(bare[word])), w))
        yield Draft(
            rng.choice(
                (
                    f"The vowels have gone missing: which {kind} is {bare[word]}?",
                    f"Put the vowels A, E, I, O, U back: which {kind} is {bare[word]}?",
                )
            ),
            word.capitalize(),
            [w.capitalize() for w in pool[:6]],
            ages,
            difficulty,
            f"{bare[word]} is {word.capitalize()} without its vowels.",
            PUZZLE,
            f"letters {word}",
        )


def picture_to_word(rng: Random) -> Iterator[Draft]:
    """Naming pictures and finding them."""
    for thing in shuffled(rng, things()):
        others = [t for t in things() if t.group == thing.group and t is not thing]
        if thing.name in (
            "dragon",
            "ram",
            "mouse",
            "dove",
            "bathtub",
            "man",
            "woman",
            "boy",
            "girl",
            "rocket",
            "bus",
            "honeybee",
        ):
            continue
        if rng.random() < 0.5:
            yield Draft(
                rng.choice(
                    (f"What is in the picture? {thing.picture}", f"Which word goes with the picture? {thing.picture}")
                ),
                thing.name,
                [t.name for t in others],
                LITTLE,
                "easy",
                f"The picture shows: {thing.name}.",
                source(),
                f"picture {thing.name}",
            )
        else:
            yield Draft(
                rng.choice(
                    (
                        f"Which picture goes with the word {thing.name.upper()}?",
                        f"Read the word {thing.name.upper()}. Which picture is it?",
                    )
                ),
                thing.picture,
                [t.picture for t in others],
                LITTLE,
                "easy",
                f"{thing.picture} shows: {thing.name}.",
                source(),
                f"picture {thing.name}",
            )


def odd_one_out(rng: Random) -> Iterator[Draft]:
    """One that does not belong with the others, in pictures."""
    kinds = {"animal": "an animal", "food": "something to eat", "vehicle": "something to travel in or on"}
    # Most animals are eaten or ridden somewhere.
    unlike = {"animal": ("food", "vehicle", "object"), "food": ("vehicle", "object"), "vehicle": ("food", "object")}
    doubtful = ("dragon", "salt", "egg", "bed", "chair", "balloon", "broom", "kite", "ladder", "bathtub", "basket")
    groups = {kind: [t for t in things() if t.group == kind and t.name not in doubtful] for kind in (*kinds, "object")}
    while True:
        kind = rng.choice(sorted(kinds))
        other = rng.choice(unlike[kind])
        thing = rng.choice(groups[kind])
        yield Draft(
            rng.choice((f"Which of these is {kinds[kind]}?", f"Point to the picture of {kinds[kind]}.")),
            thing.picture,
            [t.picture for t in groups[other]],
            (5, 7),
            "easy",
            f"{thing.picture} ({thing.name}) is {kinds[kind]}.",
            source(),
        )


OTHER_NAMES = {
    "owl": "b", "eagle": "b", "swan": "b", "parrot": "b", "dove": "bp", "duck": "b", "rooster": "bch", "peacock": "b", "penguin": "b", "ship": "b",
    "sailboat": "b", "canoe": "bk", "rabbit": "bh", "motorcycle": "b", "crocodile": "a", "leopard": "cj", "bison": "b", "butterfly": "i", "ant": "i",
    "shark": "f", "dolphin": "f", "whale": "f", "goat": "s", "ram": "s", "gloves": "m", "bucket": "p", "axe": "h", "envelope": "lm", "helicopter": "c",
    "airplane": "pj", "car": "a", "steam engine": "tl", "tangerine": "omc", "chestnut": "n", "peanuts": "n", "coconut": "n", "cookie": "b", "house": "hb",
    "chair": "s", "glasses": "s", "pencil": "c", "princess": "gqw", "woman": "lgp", "man": "dp", "vampire": "dm", "fountain": "w", "boy": "ck", "girl": "ck",
    "bathtub": "t", "telephone": "p", "television": "t", "dress": "c", "bed": "", "hippo": "", "turtle": "r", "snake": "r", "dragon": "d", "bee": "i",
    "spider": "i", "mosquito": "i", "blueberries": "f", "cherries": "f", "grapes": "f", "church": "bh", "school": "bh", "hospital": "bh", "castle": "bh",
}  # fmt: skip
"""First letters of other words for the same picture, so that no picture fits two letters."""


def first_letter(rng: Random) -> Iterator[Draft]:
    """First and last letters, numbers of letters."""
    for thing in shuffled(rng, [t for t in things() if t.name.isalpha()]):
        word = thing.name
        rest = [t for t in things() if t.group == thing.group and t.name.isalpha()]
        kind = rng.randrange(3)
        if kind == 0:
            yield Draft(
                f"Which of these begins with the letter {word[0].upper()}? Look at the pictures.",
                thing.picture,
                [t.picture for t in rest if t.name[0] != word[0] and word[0] not in OTHER_NAMES.get(t.name, "")],
                LITTLE,
                "easy",
                f"{word.capitalize()} begins with {word[0].upper()}.",
                source(),
                f"first {word}",
            )
        elif kind == 1:
            yield Draft(
                f"How many letters are there in the word {word.upper()}?",
                str(len(word)),
                [str(n) for n in spread(rng, len(word), 1, least=1)],
                LITTLE,
                "easy" if len(word) < 6 else "medium",
                f"{word.upper()} has {len(word)} letters.",
                PUZZLE,
            )
        else:
            yield Draft(
                f"Which letter stands at the end of {word.upper()}?",
                word[-1].upper(),
                [c for c in "AEIORSTNLDGYPKHWMBC" if c != word[-1].upper()],
                CHILDREN,
                "easy",
                f"{word.upper()} ends with {word[-1].upper()}.",
                source(),
            )


def dictionary_order(rng: Random) -> Iterator[Draft]:
    """Which word comes first or last in a dictionary."""
    every = [w for w, k, _, _ in _vocabulary() if k != "country"]
    while True:
        same = rng.random() < 0.5
        letter = rng.choice("BCDGLMPRST")
        pool = [w for w in every if w[0] == letter] if same else every
        if len(pool) < 4:
            continue
        four = sorted(w.lower() for w in rng.sample(pool, 4))
        first = rng.random() < 0.5
        right = four[0] if first else four[3]
        yield Draft(
            rng.choice(
                (
                    "Which of these words comes {} in a dictionary?",
                    "Put these words in alphabetical order. Which one is {}?",
                )
            ).format("first" if first else "last"),
            right,
            [w for w in four if w != right],
            (7, 12) if same else (6, 10),
            "medium" if same else "easy",
            f"In order: {', '.join(four)}.",
            PUZZLE,
        )


TIMES = {2: "twice", 3: "three times", 4: "four times"}


def hidden_letters(rng: Random) -> Iterator[Draft]:
    """Which word can be made of the letters of another, and which letter occurs most often."""
    letters = {w: Counter(w) for w, *_ in _vocabulary()}
    for word in shuffled(rng, letters):
        counts = letters[word].most_common()
        if len(counts) > 3 and counts[0][1] > counts[1][1]:
            letter, often = counts[0]
            yield Draft(
                f"Which letter occurs most often in {word}?",
                letter,
                [c for c, _ in counts[1:]],
                CHILDREN,
                "easy",
                f"{letter} occurs {TIMES.get(often, f'{often} times')} in {word}.",
                PUZZLE,
            )
        lacking = {w: (own - letters[word]).total() for w, own in letters.items() if len(w) < len(word)}
        within = [w for w, missing in lacking.items() if not missing]
        if within:
            found = rng.choice(within)
            nearly = sorted((w for w, missing in lacking.items() if missing), key=lambda w: (lacking[w], w))
            yield Draft(
                f"Which word can you spell with the letters of {word}, using each only once?",
                found.capitalize(),
                [w.capitalize() for w in nearly[:8]],
                FAMILY,
                "hard",
                f"All letters of {found.capitalize()} are in {word}.",
                PUZZLE,
            )


SUBJECT = Subject(
    "Words and Pictures",
    (
        Template(scrambled, 55),
        Template(without_vowels, 36),
        Template(picture_to_word, 70),
        Template(odd_one_out, 34),
        Template(first_letter, 34),
        Template(dictionary_order, 24),
        Template(hidden_letters, 24),
    ),
)
