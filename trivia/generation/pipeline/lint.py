"""What is wrong with a question as a question, to be told from its text alone.

Each rule is a function from a question to what a person should hear of it, or None; `RULES` is all of them. They are for questions that a
machine wrote: people who import theirs are not held to them.
"""

import re
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Final, NamedTuple

from events.vocabulary.questions import QuestionAdded
from trivia.generation.pipeline.reading import reading_age
from trivia.generation.pipeline.stems import negative_stem, no_question, opinion, out_of_date, unseen
from trivia.generation.pipeline.unsuitable import find_unsuitable
from trivia.questions.bank.near_duplicates.gist import gist_of_answer, plain

Rule = Callable[[QuestionAdded], str | None]


class Fault(NamedTuple):
    """What a rule objects to."""

    rule: str
    message: str


def lint(question: QuestionAdded) -> list[Fault]:
    """Everything that the rules object to."""
    return [Fault(rule.__name__, message) for rule in RULES if (message := rule(question)) is not None]


_QUALIFIED: Final = re.compile(r"([^,(]{2,60})(?:, ([A-Z][^,;]{1,60})| \([^()]{1,60}\))")
_OF_WORDS: Final = re.compile(
    r"\b(?:spel(?:l|t|led|ling)|plurals?|singular|grammar|tense|noun|verb|adjective|suffix|prefix|word|letters?)\b",
    re.IGNORECASE,
)
_SHORTEST_PLURAL: Final = 4
_SIGN: Final = 2


def options_alike(question: QuestionAdded) -> str | None:
    """Two options that mean the same: capitals, articles, full stops, plurals and what is only added apart."""
    options = question.options
    # Where the words themselves are asked for, goose is not geese, nor is gooses.
    meanings = [_meaning(option, singular=not _OF_WORDS.search(question.prompt)) for option in options]
    for place, meaning in enumerate(meanings):
        if (first := meanings.index(meaning)) < place:
            return f"the options {options[first]!r} and {options[place]!r} are the same"
    for place, option in enumerate(options):
        # Paris, France is Paris; Washington, D.C. is not Washington.
        if (found := _QUALIFIED.fullmatch(option)) and "." not in (found[2] or "") and " and " not in option:
            bare = _meaning(found[1], singular=True)
            if bare in meanings and meanings.index(bare) != place and not found[1].isdigit():
                return f"the options {options[meanings.index(bare)]!r} and {option!r} are the same"
    return None


def _meaning(option: str, *, singular: bool) -> tuple[object, ...]:
    # Capitals may be all that tells two signs apart (Co and CO), accents all that tells two words apart (króna and krona).
    if len(option) <= _SIGN:
        return (option,)
    singular = singular and not option.isupper()  # HTTPS is not HTTP
    words = [_singular(word) if singular else word for word in gist_of_answer(option)]
    return (*words, *[c for c in option.lower() if not c.isascii() and c.isalpha()])


def _singular(word: str) -> str:
    if len(word) < _SHORTEST_PLURAL or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word.removesuffix("s")


_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  # noqa: RUF001 - an apostrophe as it is printed
_TRIVIAL: Final = 3
"""Letters of the longest answer that may stand in its question by chance: a, no, red."""


def key_in_stem(question: QuestionAdded) -> str | None:
    """The question gives its answer away.

    Unless an option that is wrong stands in it too: "Which is larger, the Earth or the Moon?" cannot do without.
    """
    stem = _spaced(question.prompt)

    def is_told(option: str) -> bool:
        spaced = _spaced(option)
        return len(spaced) - 2 > _TRIVIAL and spaced in stem and not spaced.replace(" ", "").isdigit()

    if is_told(question.answer) and not any(is_told(option) for option in _distractors(question)):
        return f"the answer {question.answer!r} stands in the question"
    return None


_CATCH_ALL: Final = re.compile(
    r"(?:all|none|any|both|neither|either|each) (?:of )?(?:the |these |those )?"
    r"(?:above|others?|options?|answers?|choices?|following|these|those|them)(?: .{0,30})?"
    r"|(?:all|none|both) (?:are|is) (?:correct|right|true|wrong|false)"
    r"|(?:both|neither|either|only) \(?[a-d1-4]\)?(?:,? \(?[a-d1-4]\)?)?,? (?:and|or|nor|&) \(?[a-d1-4]\)?"
)
_TWO_LETTERS: Final = re.compile(r"\(?[a-d]\)?(?:,? \(?[a-d]\)?)?,? (?:and|or|&) \(?[a-d]\)?")


def catch_all_option(question: QuestionAdded) -> str | None:
    """All of the above, none of these, both A and B: options are shuffled, and nothing is above."""
    texts = {option: plain(option).strip(" .!") for option in question.options}
    pairs = [option for option, text in texts.items() if _TWO_LETTERS.fullmatch(text)]
    for option, text in texts.items():
        # Where most are pairs of letters, they are vitamins or blood groups.
        if (" " in text and _CATCH_ALL.fullmatch(text)) or (option in pairs and len(pairs) <= len(texts) / 2):
            return f"the option {option!r} speaks of other options"
    return None


LENGTH_RATIO: Final = 2.0
LENGTH_LEAD: Final = 15
_PARTICLE: Final = 3
"""The answer is a tell when it is so many times as long as the others in the mean, and so many characters longer than the longest."""


def length_tell(question: QuestionAdded) -> str | None:
    """Whoever picks the longest option is right. A name is as long as it is."""
    if all(word[0].isupper() for word in question.answer.split() if len(word) > _PARTICLE):
        return None
    lengths = [len(option) for option in _distractors(question)]
    if len(question.answer) >= LENGTH_RATIO * mean(lengths) and len(question.answer) >= max(lengths) + LENGTH_LEAD:
        return "the right option is much longer than the others"
    return None


_LETTER: Final = re.compile(r"\s*(?:\(?([a-dA-D])\)|([a-dA-D])[.:]|\[([a-dA-D])\])\s+\S")
_LETTERS_IN_STEM: Final = re.compile(r"(?:^|\s)\(?A[.)]\s.{1,120}?\s\(?B[.)]\s.{1,120}?\s\(?C[.)]\s", re.DOTALL)
_SEVERAL: Final = 3


def lettered_options(question: QuestionAdded) -> str | None:
    """Options that bring their own letters, or a prompt that lists them."""
    letters = [found for option in question.options if (found := _LETTER.match(option))]
    # One alone may be an initial: "A. Milne".
    if len({(found[1] or found[2] or found[3]).lower() for found in letters}) >= _SEVERAL:
        return "the options begin with letters"
    return "the question lists its options" if _LETTERS_IN_STEM.search(question.prompt) else None


_PLACEHOLDER: Final = re.compile(
    r"\[(?:insert|your|name|answer|option|topic|placeholder|blank|question|correct|distractor|country|city|year)\b[^\]]{0,100}\]"
    r"|\{\{.{0,100}?\}\}|\{(?:topic|answer|question|option|name|age|difficulty)\w{0,20}\}|<(?:placeholder|insert|answer|option|topic)[^>]{0,100}>"
    r"|\blorem ipsum\b",
    re.IGNORECASE,
)
_EMPTY_OPTION: Final = re.compile(
    r"(?:(?:option|answer|choice|distractor|incorrect(?: answer| option)?|wrong(?: answer| option)?|correct(?: answer| option)?)"
    r"\s*[a-d1-4]?|tbd|todo|n/a|null|undefined|placeholder|\?+|\.{2,}|…|-+|_+)",
    re.IGNORECASE,
)


def placeholder(question: QuestionAdded) -> str | None:
    """Something was to be filled in."""
    for text in _texts(question):
        if found := _PLACEHOLDER.search(text):
            return f"{found[0]!r} was to be filled in"
    empty = [option for option in question.options if _EMPTY_OPTION.fullmatch(option)]
    return f"the option {empty[0]!r} stands for another" if len(empty) > 1 else None


_MARKUP: Final = re.compile(
    r"</?(?:b|i|u|p|br|em|strong|div|span|script|a|img|ul|ol|li|sub|sup|h[1-6]|table|tr|td|style|iframe|code|pre)\b[^>]{0,200}>"
    r"|&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});|\*\*[^*]{1,200}\*\*|```|\]\(|\\(?:frac|text|sqrt|begin|mathrm|\(|\[)\b",
    re.IGNORECASE,
)
_TAG_TALK: Final = re.compile(
    r"\b(?:html|xml|web pages?|tags?|markup|markdown|latex|css|javascript|regex|python|code)\b", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"\b(?:https?|ftp|javascript|data):/?/?\S|\bwww\.\w", re.IGNORECASE)


def markup(question: QuestionAdded) -> str | None:
    """Tags, entities or Markdown, which are shown as they are; unless that is what is asked about."""
    if _TAG_TALK.search(question.prompt):
        return None
    found = next((found for text in _shown(question) if (found := _MARKUP.search(text))), None)
    return f"markup: {found[0]!r}" if found else None


def address(question: QuestionAdded) -> str | None:
    """An address of the web, which players cannot follow and may not trust."""
    found = next((found for text in _shown(question) if (found := _ADDRESS.search(text))), None)
    return f"an address of the web: {found[0]!r}" if found else None


READING_MARGIN: Final = 10.0
"""Years by which a text may seem too hard: with so few words, the formula is that far off at times."""
READS_ANYTHING: Final = 13
READS_FIRST: Final = 6
"""Age in years of those who begin to read; what is for younger ones is read to them."""


def reading_level(question: QuestionAdded) -> str | None:
    """It is far too hard to read for the youngest who may get it."""
    if question.min_age >= READS_ANYTHING:
        return None
    age = reading_age(question.prompt)
    if age is not None and age > max(question.min_age, READS_FIRST) + READING_MARGIN:
        return f"it reads as for {age:.0f} years and above, and is for {question.min_age} and above"
    return None


def unsuitable_word(question: QuestionAdded) -> str | None:
    """A word or a phrase that is not for the youngest who may get it."""
    if found := find_unsuitable([_spaced(text) for text in _shown(question)], question.min_age):
        return f"{found.word!r} is for {found.age} years and above, and the question for {question.min_age} and above"
    return None


_INSTRUCTIONS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b(?! of).{0,30}\b(?:previous|prior|above|earlier|preceding|all|any|your)\b.{0,30}"
    r"\b(?:instructions?|prompts?|rules|messages?|guidelines)\b"
    r"|\bas an? (?:ai|artificial intelligence|large language|language) (?:language )?(?:model|assistant)\b|\bas an ai\b"
    r"|\b(?:system|developer) (?:prompt|message)\b(?=.{0,40}\b(?:is|says|above|reveal|print|show|ignore)\b)"
    r"|\byou are (?:now )?(?:chatgpt|gpt|claude|an? (?:ai|helpful|language model|assistant|chatbot))"
    r"|\bi(?:'m| am) (?:sorry|unable|not able)\b.{0,40}\b(?:but|to|cannot|can't)\b"
    r"|\bi (?:cannot|can't|can not) (?:help|assist|fulfil|comply|generate|provide|create)"
    r"|<\|?/?(?:im_start|im_end|system|assistant|user|endoftext)\|?>|\[/?inst\]|\bmy (?:training data|knowledge cut-?off)\b"
    r"|\bhere (?:is|are) (?:your|a|some|\d+) (?:\w+ ){0,3}questions?\b"
    r"|\b(?:json|schema) (?:object|format|output|response)\b.{0,20}\b(?:below|follows|requested)\b"
)


def instructions(question: QuestionAdded) -> str | None:
    """Text that speaks to a model, or is one speaking of itself."""
    for text in _texts(question):
        if found := _INSTRUCTIONS.search(plain(text).replace("’", "'")):  # noqa: RUF001 - an apostrophe as it is printed
            return f"it speaks to a model, or as one: {found[0]!r}"
    return None


RULES: Final[Sequence[Rule]] = (
    options_alike,
    key_in_stem,
    catch_all_option,
    length_tell,
    negative_stem,
    opinion,
    out_of_date,
    unseen,
    lettered_options,
    placeholder,
    markup,
    address,
    no_question,
    reading_level,
    unsuitable_word,
    instructions,
)
"""In the order in which their objections are listed."""


def _distractors(question: QuestionAdded) -> list[str]:
    return [option for option in question.options if option != question.answer]


def _shown(question: QuestionAdded) -> tuple[str, ...]:
    """What players read: the explanation too, once they have answered."""
    return (question.prompt, *question.options, question.explanation or "")


def _texts(question: QuestionAdded) -> tuple[str, ...]:
    return (*_shown(question), question.topic)


def _spaced(text: str) -> str:
    """The words of a text between single spaces, so that words can be looked for."""
    return f" {' '.join(_WORD.findall(plain(text)))} "
