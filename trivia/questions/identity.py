"""When two questions are the same question.

The identity of a question is the SHA-256 of its prompt and its options, folded, the options sorted. The topic and the answer are
no part of it: the same question filed under another topic, or with another option marked as right, is not a new question.

Folding is NFKC, lower case, white space made single spaces, and no space beside punctuation. The punctuation itself stays, so
`C++` and `C#`, `-4` and `4`, `cos(x)` and `-cos(x)` differ. Letters that merely look alike (Cyrillic and Latin) differ too.
"""

import re
import unicodedata
from collections.abc import Sequence
from hashlib import sha256

from trivia.identity import PUBLIC_ORG

_ASCII_PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# Both expressions begin with a literal space, so that the engine looks for nothing else between two of them.
_ASCII_SPACE_BESIDE = re.compile(rf" (?:(?=[\0{_ASCII_PUNCTUATION}])|(?<=[\0{_ASCII_PUNCTUATION}] ))")
_SPACE = re.compile(" ")


def fold_all(texts: Sequence[str]) -> list[str]:
    """Several texts as identity sees them; none of them holds a line break.

    Nearly all text is ASCII, and joining it (by NUL, which counts as punctuation here and which no stored text holds) makes one
    pass of the five or more that a question needs.
    """
    joined = "\0".join(texts)
    if joined.isascii():
        folded = _ASCII_SPACE_BESIDE.sub("", " ".join(joined.lower().split())).split("\0")
        if len(folded) == len(texts):
            return folded
    return [_fold_unicode(text) for text in texts]


def _fold_unicode(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    return _SPACE.sub(lambda space: _keep_between_words(text, space.start()), text)


def _keep_between_words(text: str, place: int) -> str:
    # Marks (vowel signs, accents) are not punctuation: a space after one ends a word as any other does.
    before, after = unicodedata.category(text[place - 1]), unicodedata.category(text[place + 1])
    return "" if before[0] in "PS" or after[0] in "PS" else " "


def identity_of_folded(prompt: str, options: Sequence[str]) -> str:
    """The identity of a question whose texts are folded already: 64 hexadecimal digits."""
    # A folded text has no line break in it, so this encoding can be read in one way only.
    return sha256("\n".join((prompt, *sorted(options))).encode()).hexdigest()


def content_identity(prompt: str, options: Sequence[str]) -> str:
    """The identity of a question: 64 hexadecimal digits."""
    folded_prompt, *folded_options = fold_all((prompt, *options))
    return identity_of_folded(folded_prompt, folded_options)


def question_stream(org: str, content: str) -> str:
    """The stream of the question with this identity in an organisation's bank; the shared bank's are `question-<identity>`."""
    return f"question-{content}" if org == PUBLIC_ORG else f"question-{org}-{content}"
