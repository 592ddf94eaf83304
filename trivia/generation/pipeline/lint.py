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
from trivia.generation.pipeline.unsuitable import FROM_AGE
from trivia.questions.bank.near_duplicates.gist import gist_of_answer, plain

Rule = Callable[[QuestionAdded], str | None]


class Fault(NamedTuple):
    """What a rule objects to."""

    rule: str
    message: str


def lint(question: QuestionAdded) -> list[Fault]:
    """Everything that the rules object to."""
    return [Fault(rule.__name__, message) for rule in RULES if (message := rule(question)) is not None]


def options_alike(question: QuestionAdded) -> str | None:
    """Two options that mean the same: capitals, articles and full stops apart."""
    # An accent may be all that tells them apart: króna and krona.
    meanings = [
        (gist_of_answer(option), [c for c in option.lower() if not c.isascii() and c.isalpha()])
        for option in question.options
    ]
    for place, meaning in enumerate(meanings):
        if (first := meanings.index(meaning)) < place:
            return f"the options {question.options[first]!r} and {question.options[place]!r} are the same"
    return None


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
    r"|(?:both |neither |either |only )?\(?[a-d1-4]\)?(?:,? \(?[a-d1-4]\)?)?,? (?:and|or|nor|&) \(?[a-d1-4]\)?"
)


def catch_all_option(question: QuestionAdded) -> str | None:
    """All of the above, none of these, both A and B: options are shuffled, and nothing is above."""
    for option in question.options:
        text = plain(option).strip(" .!")
        if " " in text and _CATCH_ALL.fullmatch(text):
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


_NEGATIVE: Final = re.compile(
    r"\b(?:which|who|what|where)\b[^.?!]{0,60}?(?:\bnot\b|n['’]t\b|\bnever\b)"  # noqa: RUF001 - an apostrophe as it is printed
    r"|\b(?:all|any|each|every(?:one|thing)?)\b[^.?!]*\bexcept\b"
    r"|\bexcept\s*(?:for\s*)?(?:which\b[^?]*)?[:?.…_]*$"
)
_QUOTED: Final = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]")
_ODD_ONE_OUT: Final = re.compile(r"\b(?:three|all but one|only one|odd one)\b")


def negative_stem(question: QuestionAdded) -> str | None:
    """It asks what is not so, which is misread easily. What first says that three of them are so is clear enough."""
    stem = plain(_QUOTED.sub("…", question.prompt))
    if _NEGATIVE.search(stem) and not _ODD_ONE_OUT.search(stem):
        return "it asks which option is not so"
    return None


_LETTER: Final = re.compile(r"\s*(?:\(?([a-dA-D])\)|([a-dA-D])[.:]|\[([a-dA-D])\])\s+\S")
_LETTERS_IN_STEM: Final = re.compile(r"(?:^|\s)\(?A[.)]\s.+\sB[.)]\s.+\sC[.)]\s", re.DOTALL)
_SEVERAL: Final = 3


def lettered_options(question: QuestionAdded) -> str | None:
    """Options that bring their own letters, or a prompt that lists them."""
    letters = [found for option in question.options if (found := _LETTER.match(option))]
    # One alone may be an initial: "A. Milne".
    if len({(found[1] or found[2] or found[3]).lower() for found in letters}) >= _SEVERAL:
        return "the options begin with letters"
    return "the question lists its options" if _LETTERS_IN_STEM.search(question.prompt) else None


_PLACEHOLDER: Final = re.compile(
    r"\[(?:insert|your|name|answer|option|topic|placeholder|blank|question|correct|distractor|country|city|year)\b[^\]]*\]"
    r"|\{\{.*?\}\}|\{(?:topic|answer|question|option|name|age|difficulty)\w*\}|<(?:placeholder|insert|answer|option|topic)[^>]*>"
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
    r"</?(?:b|i|u|p|br|em|strong|div|span|script|a|img|ul|ol|li|sub|sup|h[1-6]|table|tr|td|style|iframe|code|pre)\b[^>]*>"
    r"|&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});|\*\*[^*]+\*\*|```|\]\(|\\(?:frac|text|sqrt|begin|mathrm|\(|\[)\b",
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


_ASKS: Final = re.compile(
    r"[?？؟;…]|_{2,}|\.{3}|:\s*$|[^\x00-\u024f]"  # noqa: RUF001 - question marks of other scripts
    r"|\b(?:which|what|who|whom|whose|where|when|why|how|name|choose|select|pick|find|identify|complete|fill|guess|solve|calculate|"
    r"unscramble|point|spell|translate|give|tell|say|match|put|order|work|add|count|look|listen|this|these|that|he|she|it|they|his|her)\b"
    r"|\b(?:is|are|was|were|called|named|known|as|of|by|in|with|from|at|on|the|a|an|to|for)\s*[.:]?\s*$"
)
_FEWEST_LETTERS: Final = 6


def no_question(question: QuestionAdded) -> str | None:
    """It neither asks nor leaves anything to be completed."""
    stem = plain(question.prompt)
    if len(stem) < _FEWEST_LETTERS or not _ASKS.search(stem):
        return "it is no question and nothing to complete"
    return None


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
    """A word that is not for the youngest who may get it."""
    for text in _shown(question):
        words = set(_WORD.findall(plain(text)))
        for age, unsuitable in FROM_AGE.items():
            if question.min_age < age and (found := words & unsuitable):
                return f"{min(found)!r} is for {age} years and above, and the question for {question.min_age} and above"
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
