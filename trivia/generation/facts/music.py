"""Notes, intervals, chords, keys, note values and musical Italian; procedural."""

from collections.abc import Iterator
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    Subject,
    Template,
    article,
    shuffled,
    spread,
)
from trivia.generation.facts.scores import ensembles, note_values, octaves, terms

SOURCE = "procedural: equal temperament and the circle of fifths"
LETTERS = "CDEFGAB"
NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {-2: "𝄫", -1: "♭", 0: "", 1: "♯", 2: "𝄪"}
INTERVALS = {
    "minor second": (1, 1), "major second": (1, 2), "minor third": (2, 3), "major third": (2, 4), "perfect fourth": (3, 5), "augmented fourth": (3, 6),
    "diminished fifth": (4, 6), "perfect fifth": (4, 7), "minor sixth": (5, 8), "major sixth": (5, 9), "minor seventh": (6, 10), "major seventh": (6, 11),
}  # fmt: skip
"""Steps between the letters, semitones."""

CHORDS = {
    "major": ("major third", "perfect fifth"),
    "minor": ("minor third", "perfect fifth"),
    "diminished": ("minor third", "diminished fifth"),
}
MAJOR_STEPS = (0, 2, 4, 5, 7, 9, 11)
MINOR_STEPS = (0, 2, 3, 5, 7, 8, 10)
KEYS = ("C♭", "G♭", "D♭", "A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯", "C♯")
"""Major keys along the circle of fifths, from seven flats to seven sharps."""


def pitch(note: str) -> int:
    """Semitones above C, modulo twelve."""
    return (NATURAL[note[0]] + sum({"♯": 1, "♭": -1, "𝄪": 2, "𝄫": -2}[c] for c in note[1:])) % 12


def above(note: str, interval: str) -> str:
    """The note an interval above, spelled by its letter."""
    steps, semitones = INTERVALS[interval]
    letter = LETTERS[(LETTERS.index(note[0]) + steps) % 7]
    shift = (pitch(note) + semitones - NATURAL[letter] + 6) % 12 - 6
    return letter + SIGNS[shift]


def scale(tonic: str, steps: tuple[int, ...]) -> list[str]:
    """Seven notes, one on each letter."""
    notes = []
    for i, step in enumerate(steps):
        letter = LETTERS[(LETTERS.index(tonic[0]) + i) % 7]
        notes.append(letter + SIGNS[(pitch(tonic) + step - NATURAL[letter] + 6) % 12 - 6])
    return notes


TONICS = ("C", "D", "E", "F", "G", "A", "B", "B♭", "E♭", "A♭", "D♭", "F♯")
COMMON = ("C", "D", "E", "F", "G", "A", "B", "B♭", "E♭", "A♭", "D♭", "G♭", "F♯", "C♯", "G♯", "D♯", "A♯")


def _not(*notes: str) -> list[str]:
    """Notes that sound different from all of these."""
    return [n for n in COMMON if pitch(n) not in {pitch(note) for note in notes}]


def interval_above(rng: Random) -> Iterator[Draft]:
    """A note an interval above or the interval between two notes."""
    while True:
        note, name = rng.choice(TONICS), rng.choice(sorted(INTERVALS))
        top = above(note, name)
        if top not in COMMON:
            continue
        difficulty: Difficulty = (
            "medium"
            if len(note) == 1 and name in ("perfect fifth", "perfect fourth", "major third", "major second")
            else "hard"
        )
        if rng.random() < 0.5:
            yield Draft(
                f"Which note is {article(name)} {name} above {note}?",
                top,
                _not(top, note),
                TEEN,
                difficulty,
                f"{article(name).capitalize()} {name} above {note} is {top}.",
                SOURCE,
            )
        else:
            wrong = [i for i, (_, size) in INTERVALS.items() if size != INTERVALS[name][1]]
            yield Draft(
                f"Which interval leads from {note} up to {top}?",
                name,
                wrong,
                TEEN,
                difficulty,
                f"From {note} up to {top} is {article(name)} {name}.",
                SOURCE,
            )


def semitones(rng: Random) -> Iterator[Draft]:
    """Sizes of intervals and keys of the piano."""
    for name, (_, size) in shuffled(rng, INTERVALS.items()):
        yield Draft(
            f"How many semitones are there in {article(name)} {name}?",
            str(size),
            [str(n) for n in spread(rng, size, 1, least=1)],
            TEEN,
            "medium",
            f"{article(name).capitalize()} {name} is {size} semitone{'s' if size > 1 else ''}.",
            SOURCE,
        )
    whites = [(a, b) for a in LETTERS for b in LETTERS if a != b]
    for a, b in shuffled(rng, whites):
        size = (NATURAL[b] - NATURAL[a]) % 12
        yield Draft(
            rng.choice(
                (
                    f"How many semitones is it from {a} up to the next {b}?",
                    f"On a piano, how many keys up from {a} is the next {b}, counting black and white?",
                )
            ),
            str(size),
            [str(n) for n in spread(rng, size, 1, least=1)],
            JUNIOR,
            "medium",
            f"{b} lies {size} semitone{'s' if size > 1 else ''} above {a}.",
            SOURCE,
        )


def letters(rng: Random) -> Iterator[Draft]:
    """The musical alphabet, for children."""
    while True:
        i, steps = rng.randrange(7), rng.randint(1, 4)
        up = rng.choice((True, False))
        note, right = LETTERS[i], LETTERS[(i + (steps if up else -steps)) % 7]
        where = "above" if up else "below"
        words = {1: "one white key", 2: "two white keys", 3: "three white keys", 4: "four white keys"}[steps]
        yield Draft(
            rng.choice(
                (
                    f"On a piano, which note is {words} {where} {note}?",
                    f"Going {'up' if up else 'down'} the white keys, you play {note} and move on {words[:-10].strip() if steps == 1 else words.split()[0]} step{'s' if steps > 1 else ''}. Which note is that?",
                )
            ),
            right,
            [n for n in LETTERS if n not in (right, note)],
            CHILDREN if steps < 3 else (7, 14),
            "easy",
            f"{right} is {words} {where} {note}.",
            SOURCE,
        )


def chords(rng: Random) -> Iterator[Draft]:
    """What a triad is made of."""
    cells = [(tonic, kind) for tonic in TONICS for kind in CHORDS]
    for tonic, kind in shuffled(rng, cells):
        third, fifth = (above(tonic, i) for i in CHORDS[kind])
        if third not in COMMON or fifth not in COMMON:
            continue
        notes = (tonic, third, fifth)
        spelled = "–".join(notes)
        others = sorted(
            {
                "–".join((tonic, above(tonic, a), above(tonic, b)))
                for a, b in [
                    *CHORDS.values(),
                    ("major second", "perfect fifth"),
                    ("perfect fourth", "perfect fifth"),
                    ("major third", "minor sixth"),
                    ("perfect fourth", "major sixth"),
                ]
            }
            - {spelled}
        )
        difficulty: Difficulty = "medium" if len(tonic) == 1 and kind != "diminished" else "hard"
        reason = f"{tonic} {kind} is made of {', '.join(notes)}."
        yield Draft(
            f"Which notes make {article(tonic)} {tonic} {kind} chord?",
            spelled,
            others,
            TEEN,
            difficulty,
            reason,
            SOURCE,
        )
        yield Draft(
            f"Which note is missing from {article(tonic)} {tonic} {kind} chord: {tonic}, ?, {fifth}",
            third,
            _not(third, tonic, fifth),
            TEEN,
            difficulty,
            reason,
            SOURCE,
        )
        names = [f"{t} {k}" for t in TONICS for k in CHORDS if (t, k) != (tonic, kind) and (t == tonic or k == kind)]
        yield Draft(
            f"You play {tonic}, {third} and {fifth} together. Which chord is it?",
            f"{tonic} {kind}",
            names,
            TEEN,
            "hard",
            reason,
            SOURCE,
        )


def key_signatures(rng: Random) -> Iterator[Draft]:
    """Sharps, flats and relative keys."""
    for i, tonic in shuffled(rng, enumerate(KEYS)):
        count = abs(i - 7)
        sign = "sharp" if i > 7 else "flat"
        minor = scale(tonic, MAJOR_STEPS)[5]
        difficulty: Difficulty = "easy" if count <= 1 else "medium" if count <= 3 else "hard"
        if count:
            plural = f"{count} {sign}{'s' if count > 1 else ''}"
            yield Draft(
                f"How many {sign}s does the key of {tonic} major have?",
                str(count),
                [str(n) for n in spread(rng, count, 1, least=1)],
                JUNIOR,
                difficulty,
                f"{tonic} major has {plural}.",
                SOURCE,
                f"key {tonic}",
            )
            yield Draft(
                f"Which major key has {plural}?",
                f"{tonic} major",
                [f"{k} major" for k in KEYS if pitch(k) != pitch(tonic)],
                TEEN,
                difficulty,
                f"{tonic} major has {plural}.",
                SOURCE,
                f"key {tonic}",
            )
            yield Draft(
                f"Which minor key has {plural}?",
                f"{minor} minor",
                [f"{scale(k, MAJOR_STEPS)[5]} minor" for k in KEYS if pitch(k) != pitch(tonic)],
                TEEN,
                "hard",
                f"{minor} minor has {plural}.",
                SOURCE,
            )
        yield Draft(
            f"Which is the relative minor of {tonic} major?",
            f"{minor} minor",
            [f"{scale(k, MAJOR_STEPS)[5]} minor" for k in KEYS if pitch(k) != pitch(tonic)],
            TEEN,
            "medium" if count < 3 else "hard",
            f"{minor} minor and {tonic} major share their key signature.",
            SOURCE,
        )


def scales(rng: Random) -> Iterator[Draft]:
    """Degrees of major and natural minor scales."""
    ordinal = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
    while True:
        mode, steps = rng.choice((("major", MAJOR_STEPS), ("natural minor", MINOR_STEPS)))
        tonic = rng.choice(
            ("C", "D", "E", "F", "G", "A", "B♭", "E♭", "B")
            if mode == "major"
            else ("A", "E", "B", "D", "G", "C", "F♯", "F")
        )
        notes = scale(tonic, steps)
        i = rng.randint(1, 6)
        if rng.random() < 0.6:
            yield Draft(
                f"What is the {ordinal[i]} note of the {tonic} {mode} scale?",
                notes[i],
                _not(notes[i]),
                JUNIOR if mode == "major" else TEEN,
                "medium" if len(notes[i]) == 1 else "hard",
                f"{tonic} {mode}: {' '.join(notes)}.",
                SOURCE,
            )
        else:
            wrong = [n for n in COMMON if pitch(n) not in {pitch(m) for m in notes}]
            yield Draft(
                rng.choice(
                    (
                        f"Which of these notes belongs to the {tonic} {mode} scale?",
                        f"Which of these is a note of {tonic} {mode}?",
                    )
                ),
                notes[i],
                wrong,
                JUNIOR if mode == "major" else TEEN,
                "medium",
                f"{tonic} {mode}: {' '.join(notes)}.",
                SOURCE,
            )


SUBJECT = Subject(
    "Music",
    (
        Template(interval_above, 10),
        Template(semitones, 8),
        Template(letters, 14),
        Template(chords, 8),
        Template(key_signatures, 12),
        Template(scales, 12),
        Template(note_values, 24),
        Template(terms, 68),
        Template(ensembles, 22),
        Template(octaves, 4),
    ),
)
