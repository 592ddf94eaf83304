"""What stands in a score, and who plays from it."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from random import Random

from trivia.generation.facts.core import (
    FAMILY,
    JUNIOR,
    TEEN,
    Difficulty,
    Draft,
    article,
    shuffled,
    spread,
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


NOT_A_MANNER = frozenset(
    (
        *"crescendo diminuendo ritardando accelerando fine tutti tacet arco ostinato glissando".split(),
        "da capo",
        "a cappella",
    )
)
"""Terms that do not say how the music is to be."""


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
            rng.choice(
                (
                    f"Which Italian word in a score means “{meaning}”?",
                    f"What do musicians call “{meaning}”?"
                    if word in NOT_A_MANNER
                    else f"A composer wants the music “{meaning}”. Which word stands in the score?",
                    f"Which of these musical terms means “{meaning}”?",
                )
            ),
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
    for i, j in shuffled(rng, combinations(range(8, 0, -1), 2)):
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
            "procedural: octaves and frequencies",
        )
