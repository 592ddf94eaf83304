"""Binary and hexadecimal, status codes, file types, characters and small programs, from Python's own tables."""

import html.entities
from collections.abc import Iterator
from http import HTTPStatus
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
    spread,
)
from trivia.generation.facts.programs import binary, logic_gates, programs

PLAIN = {200, 201, 204, 301, 304, 400, 401, 403, 404, 405, 408, 409, 410, 413, 414, 418, 429, 500, 501, 502, 503, 504}
KNOWN = {201, 301, 400, 401, 418, 502, 503, 504}
"""Codes that people meet, and those that many have heard of."""


def status_codes(rng: Random) -> Iterator[Draft]:
    """Status codes of the web."""
    renamed = {
        413: "Content Too Large",
        414: "URI Too Long",
        416: "Range Not Satisfiable",
        422: "Unprocessable Content",
    }
    every = {int(s): renamed.get(int(s), s.phrase) for s in HTTPStatus if int(s) != 306}
    for code, phrase in shuffled(rng, [(c, p) for c, p in every.items() if c in PLAIN]):
        near = [p for c, p in every.items() if c != code and (c // 100 == code // 100 or code < 300)]
        codes = [str(c) for c in every if c != code and (c // 100 == code // 100 or code < 300)]
        difficulty: Difficulty = "easy" if code in (404, 200, 403, 500) else "medium" if code in KNOWN else "hard"
        yield Draft(
            rng.choice(
                (
                    f"A web server answers with status {code}. What does it mean?",
                    f"What does the web's status code {code} stand for?",
                )
            ),
            phrase,
            near,
            TEEN,
            difficulty,
            f"{code} means “{phrase}”.",
            "Python http.HTTPStatus",
            f"status {code}",
        )
        yield Draft(
            rng.choice(
                (
                    f"Which status code does a web server send for “{phrase}”?",
                    f"“{phrase}”: which status code of the web is that?",
                )
            ),
            str(code),
            codes,
            TEEN,
            difficulty,
            f"{code} means “{phrase}”.",
            "Python http.HTTPStatus",
            f"status {code}",
        )


FILES = {
    "a picture": ("png", "jpg", "gif", "bmp", "webp", "tiff", "svg", "heic"),
    "music or sound": ("mp3", "wav", "flac", "ogg", "midi", "aac", "wma"),
    "a film": ("mp4", "avi", "mov", "mkv", "webm", "mpeg", "wmv"),
    "other files, packed": ("zip", "rar", "7z", "gz", "tar", "bz2", "xz"),
    "program source code": ("py", "java", "cpp", "js", "rs", "go", "rb", "php", "cs", "kt"),
    "a spreadsheet": ("xlsx", "csv", "ods", "xls"),
    "text or a document": ("txt", "docx", "odt", "rtf", "md", "pdf"),
    "a font": ("ttf", "otf", "woff"),
}


def file_types(rng: Random) -> Iterator[Draft]:
    """What the ending of a file name tells."""
    for kind, endings in shuffled(rng, FILES.items()):
        for ending in endings:
            known = ending in ("png", "jpg", "gif", "mp3", "mp4", "zip", "txt", "docx", "xlsx", "py", "wav", "pdf")
            others = [k for k in FILES if k != kind]
            if ending in ("svg", "csv", "md", "tar", "webm"):
                others = [k for k in others if k not in ("program source code", "text or a document", "music or sound")]
            yield Draft(
                rng.choice(
                    (
                        f"A file is called holiday.{ending}. What is probably in it?",
                        f"What do you expect in a file whose name ends in .{ending}?",
                    )
                ),
                kind,
                others,
                FAMILY if known else JUNIOR,
                "easy" if known else "medium",
                f".{ending} files hold {kind}.",
                "procedural: file name endings",
                f"file {ending}",
            )
            wrong = [
                e
                for k, es in FILES.items()
                if k != kind
                for e in es
                if e not in ("svg", "csv", "md", "webm", "mpeg", "ogg", "mp4", "pdf")
            ]
            yield Draft(
                rng.choice(
                    (
                        f"Which of these endings does a file with {kind} have?",
                        f"You search a disk for {kind}. Which ending do you look for?",
                    )
                ),
                f".{ending}",
                [f".{e}" for e in wrong],
                FAMILY if known else JUNIOR,
                "easy" if known else "medium",
                f".{ending} files hold {kind}.",
                "procedural: file name endings",
                f"file {ending}",
            )


def sizes(rng: Random) -> Iterator[Draft]:
    """Bits, bytes and the powers of two; transfers."""
    units = ("bytes", "kibibytes", "mebibytes", "gibibytes", "tebibytes")
    while True:
        kind = rng.randrange(5)
        n = rng.randint(2, 12)
        if kind == 0:
            i = rng.randrange(4)
            amount = rng.choice((2, 3, 4, 5, 8))
            yield Draft(
                f"How many {units[i]} are there in {amount} {units[i + 1]}?",
                f"{amount * 1024:,}",
                [f"{v:,}" for v in (amount * 1000, amount * 100, amount * 1048, amount * 512, amount * 8)],
                TEEN,
                "medium",
                f"{amount} × 1,024 = {amount * 1024:,}.",
                "procedural: IEC binary prefixes",
            )
        elif kind == 1:
            yield Draft(
                f"How many different values can {n} bits hold?",
                f"{2**n:,}",
                [f"{v:,}" for v in (2 * n, 2 ** (n - 1), 2 ** (n + 1), n * n) if v != 2**n],
                TEEN,
                "medium" if n < 9 else "hard",
                f"{n} bits hold 2 to the power of {n}, that is {2**n:,} values.",
                "procedural: binary numbers",
            )
        elif kind == 2:
            yield Draft(
                f"How many bits make {n} bytes?",
                str(n * 8),
                [str(v) for v in spread(rng, n * 8, 8, least=4)],
                JUNIOR,
                "easy",
                f"{n} × 8 = {n * 8}.",
                "procedural: binary numbers",
            )
        elif kind == 3:
            seconds = rng.choice((4, 5, 8, 10, 20, 30))
            rate = rng.choice((2, 5, 10, 25, 50))
            yield Draft(
                f"A download runs at {rate} megabytes a second. How long does a file of {rate * seconds:,} megabytes take?",
                f"{seconds} seconds",
                [
                    f"{v} seconds"
                    for v in {seconds * 8, seconds * 2, seconds + 5, seconds // 2, seconds * 10}
                    if v != seconds and v > 0
                ],
                JUNIOR,
                "easy",
                f"{rate * seconds:,} ÷ {rate} = {seconds}.",
                "procedural: arithmetic",
            )
        else:
            width, height = rng.choice(((640, 480), (1280, 720), (1920, 1080), (800, 600), (1024, 768), (3840, 2160)))
            pixels = width * height
            yield Draft(
                f"How many pixels are on a screen of {width} × {height}, roughly?",
                f"{pixels / 1e6:.1f} million",
                [f"{pixels * f / 1e6:.1f} million" for f in (0.25, 0.5, 2, 3, 4)],
                TEEN,
                "medium",
                f"{width} × {height} = {pixels:,}.",
                "procedural: arithmetic",
            )


def characters(rng: Random) -> Iterator[Draft]:
    """HTML entities, ASCII codes, and colours of the web."""
    names = "hearts spades clubs diams euro pound copy reg larr rarr uarr infin sum radic ne le ge deg para sect frac12 times divide alpha beta omega pi Sigma".split()
    glyphs = {n: html.entities.html5[f"{n};"] for n in names}
    for name, glyph in shuffled(rng, glyphs.items()):
        yield Draft(
            f"Which character does a web page show for &{name}; ?",
            glyph,
            [g for n, g in glyphs.items() if n != name],
            TEEN,
            "medium" if len(name) > 3 else "hard",
            f"&{name}; is {glyph}.",
            "Python html.entities",
            f"entity {name}",
        )
    for letter in shuffled(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        yield Draft(
            f"The capital letter A has the ASCII code 65. Which code has {letter}?",
            str(ord(letter)),
            [str(v) for v in spread(rng, ord(letter), 1)],
            TEEN,
            "medium",
            f"{letter} is code {ord(letter)}.",
            "procedural: ASCII",
            f"ascii {letter}",
        )


def networks(rng: Random) -> Iterator[Draft]:
    """Sizes of networks and addresses."""
    from ipaddress import ip_address

    while True:
        if rng.random() < 0.4:
            prefix = rng.randint(20, 30)
            count = 2 ** (32 - prefix)
            yield Draft(
                f"How many IPv4 addresses are there in a /{prefix} network?",
                f"{count:,}",
                [f"{v:,}" for v in (count // 2, count * 2, count * 4, prefix * 8) if v != count],
                (15, 120),
                "hard",
                f"2 to the power of {32 - prefix} is {count:,}.",
                "Python ipaddress",
            )
            continue
        private = rng.choice(
            (
                f"192.168.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                f"172.{rng.randint(16, 31)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
            )
        )
        public: list[str] = []
        while len(public) < 4:
            text = rng.choice(
                (
                    f"{rng.choice((8, 9, 11, 12, 13))}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                    f"172.{rng.randint(32, 99)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                    f"193.168.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                )
            )
            if ip_address(text).is_global:
                public.append(text)
        yield Draft(
            rng.choice(
                (
                    "Which of these addresses can only be inside a private network?",
                    "Which of these IP addresses is reserved for home and office networks?",
                )
            ),
            private,
            public,
            (15, 120),
            "medium",
            f"{private} lies in a private range.",
            "Python ipaddress",
        )


SUBJECT = Subject(
    "Computing",
    (
        Template(binary, 18),
        Template(status_codes, 20),
        Template(file_types, 50),
        Template(programs, 24),
        Template(logic_gates, 6),
        Template(sizes, 20),
        Template(characters, 10),
        Template(networks, 6),
    ),
)
