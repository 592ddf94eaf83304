"""Notes, intervals, chords, keys, note values and musical Italian; procedural."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from trivia.generation.facts.core import (
    CHILDREN,
    FAMILY,
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
        if len(top) > 2 or top in ("E♯", "B♯", "C♭", "F♭"):
            continue
        difficulty: Difficulty = (
            "medium"
            if len(note) == 1 and name in ("perfect fifth", "perfect fourth", "major third", "major second")
            else "hard"
        )
        if rng.random() < 0.5:
            yield Draft(
                f"Which note is a {name} above {note}?".replace("a aug", "an aug"),
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
        if max(len(third), len(fifth)) > 2 or {third, fifth} & {"C♭", "F♭", "E♯", "B♯"}:
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


VALUES = {
    "whole note": Fraction(4),
    "half note": Fraction(2),
    "quarter note": Fraction(1),
    "eighth note": Fraction(1, 2),
    "sixteenth note": Fraction(1, 4),
}


def note_values(rng: Random) -> Iterator[Draft]:
    """How many short notes fill a long one; bars and beats."""
    while True:
        long, short = sorted(rng.sample(sorted(VALUES), 2), key=lambda v: -VALUES[v])
        dotted = rng.random() < 0.4
        ratio = VALUES[long] * (Fraction(3, 2) if dotted else 1) / VALUES[short]
        bars, beats = rng.randint(2, 9), rng.choice((2, 3, 4, 5, 6))
        bpm = rng.choice((60, 72, 90, 100, 120, 150))
        kind = rng.randrange(4)
        if kind < 2 and ratio.denominator == 1:
            right, prompt = int(ratio), f"How many {short}s last as long as one {'dotted ' if dotted else ''}{long}?"
            reason = f"A {'dotted ' if dotted else ''}{long} lasts as long as {right} {short}s."
        elif kind == 2:
            right, prompt = (
                bars * beats,
                f"A tune has {bars} bars in {beats}/4 time. How many quarter-note beats is that?",
            )
            reason = f"{bars} × {beats} = {bars * beats}."
        else:
            right, prompt = (
                bpm * bars // 2,
                f"A drummer plays {bpm} beats a minute. How many beats are there in {bars * 30} seconds?",
            )
            reason = f"{bpm} beats a minute make {bpm * bars // 2} in {bars * 30} seconds."
        step = 1 if right < 8 else max(2, right // 6)
        yield Draft(
            prompt,
            str(right),
            [str(n) for n in spread(rng, right, step, least=1)],
            FAMILY if kind < 2 else JUNIOR,
            "easy" if right < 8 else "medium",
            reason.replace("A eighth", "An eighth"),
            "procedural: musical notation",
        )


TERMS = {
    "allegro": "fast and lively", "adagio": "slowly, at ease", "presto": "very fast", "andante": "at a walking pace", "forte": "loud", "piano": "soft",
    "crescendo": "growing louder", "diminuendo": "growing softer", "ritardando": "slowing down", "accelerando": "speeding up", "staccato": "short and detached",
    "legato": "smoothly joined", "da capo": "back to the beginning", "fine": "the end", "dolce": "sweetly", "con brio": "with spirit",
    "cantabile": "in a singing style", "pizzicato": "plucked with the finger", "arco": "with the bow", "tutti": "everyone together", "largo": "broadly and very slowly",
    "maestoso": "majestically", "vivace": "brightly and quickly", "grave": "solemnly and heavily", "a cappella": "voices without instruments", "tacet": "stay silent",
    "fortissimo": "very loud", "pianissimo": "very soft", "sforzando": "with a sudden accent", "scherzando": "playfully", "mesto": "sadly", "rubato": "in flexible time",
    "glissando": "sliding from note to note", "tremolo": "trembling, quickly repeated", "con sordino": "with a mute", "ostinato": "a stubbornly repeated pattern",
}  # fmt: skip
TOO_CLOSE = (
    ("allegro", "presto", "vivace", "con brio"),
    ("adagio", "largo", "grave", "mesto"),
    ("forte", "fortissimo", "sforzando"),
    ("piano", "pianissimo"),
    ("dolce", "cantabile", "legato"),
)


def terms(rng: Random) -> Iterator[Draft]:
    """What the Italian in a score asks for."""
    for word, meaning in shuffled(rng, TERMS.items()):
        close = next((set(group) for group in TOO_CLOSE if word in group), {word})
        known = word in (
            "allegro",
            "adagio",
            "presto",
            "andante",
            "forte",
            "piano",
            "crescendo",
            "staccato",
            "legato",
            "da capo",
        )
        difficulty: Difficulty = "easy" if known else "medium" if word < "m" else "hard"
        origin = "procedural: musical terms"
        yield Draft(
            rng.choice((f"In a score, what does “{word}” tell you?", f"What does the musical term “{word}” mean?")),
            meaning,
            [m for w, m in TERMS.items() if w not in close],
            JUNIOR,
            difficulty,
            f"“{word}” means {meaning}.",
            origin,
            f"term {word}",
        )
        yield Draft(
            f"Which Italian word in a score means “{meaning}”?",
            word,
            [w for w in TERMS if w not in close],
            JUNIOR,
            difficulty,
            f"“{word}” means {meaning}.",
            origin,
            f"term {word}",
        )


ENSEMBLES = ("solo", "duet", "trio", "quartet", "quintet", "sextet", "septet", "octet", "nonet")


def ensembles(rng: Random) -> Iterator[Draft]:
    """How many play together."""
    for i, name in shuffled(rng, enumerate(ENSEMBLES)):
        if i:
            known = (7, 120) if i < 5 else JUNIOR
            easy: Difficulty = "easy" if i < 5 else "medium"
            yield Draft(
                f"How many musicians play in {article(name)} {name}?",
                str(i + 1),
                [str(n) for n in spread(rng, i + 1, 1, least=1)],
                known,
                easy,
                f"{article(name).capitalize()} {name} is for {i + 1}.",
                "procedural: musical terms",
                f"ensemble {i}",
            )
            yield Draft(
                f"What is a group of {i + 1} musicians called?",
                name,
                [n for n in ENSEMBLES if n != name],
                known,
                easy,
                f"{article(name).capitalize()} {name} is for {i + 1}.",
                "procedural: musical terms",
                f"ensemble {i}",
            )
    for i, j in shuffled(rng, [(i, j) for i in range(2, 9) for j in range(1, i)]):
        right = i + j + 2
        yield Draft(
            f"{article(ENSEMBLES[i]).capitalize()} {ENSEMBLES[i]} and a {ENSEMBLES[j]} share the stage. How many musicians is that?".replace(
                "a octet", "an octet"
            ),
            str(right),
            [str(n) for n in spread(rng, right, 1, least=1)],
            FAMILY,
            "medium",
            f"{i + 1} + {j + 1} = {right}.",
            "procedural: musical terms",
        )


def octaves(rng: Random) -> Iterator[Draft]:
    """Frequencies: an octave doubles them."""
    while True:
        base, up = rng.choice((110, 220, 440, 262, 330, 392, 294)), rng.choice((-1, 1, 2))
        right = round(base * 2.0**up)
        if base * 2.0**up != right:
            continue
        words = {1: "one octave higher", 2: "two octaves higher", -1: "one octave lower"}[up]
        yield Draft(
            f"A string sounds at {base} Hz. At how many hertz is the note {words}?",
            f"{right} Hz",
            [
                f"{n} Hz"
                for n in sorted(
                    {base * 3, base * 4, base // 2, base * 2, base + 12, base + 100, base * 3 // 2} - {right, base}
                )
            ],
            TEEN,
            "hard" if up != 1 else "medium",
            "Each octave doubles the frequency.",
            SOURCE,
        )


SUBJECT = Subject(
    "Music",
    (
        Template(interval_above, 90),
        Template(semitones, 45),
        Template(letters, 40),
        Template(chords, 75),
        Template(key_signatures, 45),
        Template(scales, 80),
        Template(note_values, 60),
        Template(terms, 70),
        Template(ensembles, 40),
        Template(octaves, 12),
    ),
)
