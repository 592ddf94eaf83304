"""Rules about how a question is asked: `lint.py` says what a rule is and has the rules about its options and about all its text.

What is quoted, and what is a title, is somebody else's wording: it is taken out before the wording is judged.
"""

import re
from typing import Final

from events.vocabulary.questions import QuestionAdded
from trivia.questions.bank.near_duplicates.gist import plain

_QUOTED: Final = re.compile(
    r"[\"“”„«][^\"“”„«»]{0,300}[\"“”»]"
    r"|(?<!\w)['‘](?:[^'’‘]|(?<=\w)['’](?=\w)){1,300}['’](?!\w)"  # noqa: RUF001 - quotation marks as they are printed
)
_TITLE_WORD: Final = re.compile(
    r"(?<=\w )(?:Not|Never|Now|Right|Best|Worst|Greatest|Most|[A-Z][a-z]{1,6}n['’]t)(?=\W)"  # noqa: RUF001 - an apostrophe as it is printed
)

NEAR: Final = 30
"""Characters on either side in which a neighbouring word is looked for."""


def wording(question: QuestionAdded) -> str:
    """The prompt in plain letters, with … for what it quotes and for the words of titles that would turn it round."""
    text = _QUOTED.sub("…", question.prompt)

    def drop_from_title(found: re.Match[str]) -> str:
        before, after = text[max(0, found.start() - NEAR) : found.start()].split(), text[found.end() :][:NEAR].split()
        among_capitals = (len(before) > 1 and before[-1][0].isupper()) or (after and after[0][0].isupper())
        return "…" if among_capitals else found[0]

    return plain(_TITLE_WORD.sub(drop_from_title, text)).replace("’", "'")  # noqa: RUF001 - an apostrophe as it is printed


_MAIN_CLAUSE: Final = (
    # Asking, not a relative clause: "the boy who never grows up" says which one.
    r"(?:^|[.?!:…]\s{0,3}|\b(?:in|of|on|at|to|from|for|with|by|about|and|but) |, (?=[^,]{0,120}\?))(?:which|who|what|where)\b"
    r"(?:(?!\b(?:that|who|which|whose|where|when|because|but|while|although|or|as)\b)[^.?!])"
)
_NOT: Final = r"(?:\bnot\b|n't\b)(?! (?:only|just|merely|far|long|counting|including|using|necessarily|to be confused))"
_OF_THESE: Final = r"(?:of (?:these|the following)|one of these)"
_NEGATIVE: Final = re.compile(
    rf"{_MAIN_CLAUSE}{{0,80}}?(?:{_NOT}|\b(?:has|have|had|was|were|is|are) never\b)"
    rf"|\bwhich {_OF_THESE}[^.?!]{{0,80}}\bnever\b|{_NOT}[^.?!]{{0,60}}\bwhich {_OF_THESE}"
    r"|\b(?:one|option|word|pair) (?:who|that|which) (?:does|do|did|is|was)(?: not|n't)\b"
    r"|\b(?:all|any|each|every(?:one|thing)?)\b[^.?!]{0,120}\bexcept\b"
    r"|\bexcept\s{0,3}(?:for\s{0,3})?(?:which\b[^?]{0,80})?[:?.…_]{0,200}$"
)
_SHOUTED: Final = re.compile(r"\b(?:NOT|NEVER|EXCEPT)\b")
_ODD_ONE_OUT: Final = re.compile(r"\b(?:three|all but one|only one|odd one)\b")


_INTERROGATIVE: Final = re.compile(r"\b(?:which|who|whose|what|where|when|how)\b")
SENTENCE: Final = 200
"""Characters before a clause in which its question word is looked for."""


def negative_stem(question: QuestionAdded) -> str | None:
    """It asks what is not so, which is misread easily. What first says that three of them are so is clear enough."""
    stem = wording(question)
    shouted = _SHOUTED.search(_QUOTED.sub("…", question.prompt)) and not question.prompt.isupper()
    if (shouted or any(_asks(stem, found) for found in _NEGATIVE.finditer(stem))) and not _ODD_ONE_OUT.search(stem):
        return "it asks which option is not so"
    return None


def _asks(stem: str, found: re.Match[str]) -> bool:
    """Whether what was found is what is asked, and not ", which does not fly" behind the question."""
    return found[0][0] != "," or not _INTERROGATIVE.search(stem, max(0, found.start() - SENTENCE), found.start())


_ASKS: Final = re.compile(
    r"[?？؟;…]|__|\.{3}|:\s{0,3}$|[^\x00-\u024f]"  # noqa: RUF001 - question marks of other scripts
    r"|\b(?:which|what|who|whom|whose|where|when|why|how|name|choose|select|pick|find|identify|complete|fill|guess|solve|calculate|"
    r"unscramble|point|spell|translate|give|tell|say|match|put|order|work|add|count|look|listen|this|these|that|he|she|it|they|his|her)\b"
    r"|\b(?:is|are|was|were|called|named|known|as|of|by|in|with|from|at|on|the|a|an|to|for)\s{0,3}[.:]?\s{0,3}$"
)
_FEWEST_LETTERS: Final = 6


def no_question(question: QuestionAdded) -> str | None:
    """It neither asks nor leaves anything to be completed."""
    stem = plain(question.prompt)
    if len(stem) < _FEWEST_LETTERS or not _ASKS.search(stem):
        return "it is no question and nothing to complete"
    return None


_JUDGEMENT: Final = (
    r"(?:best|greatest|worst|finest|nicest|funniest|coolest|prettiest|cutest|scariest|smartest|tastiest|ugliest|loveliest|"
    r"(?:most|least) (?:beautiful|interesting|important|influential|delicious|exciting|boring|talented|impressive|attractive|"
    r"amazing|iconic|enjoyable|inspiring|overrated|underrated|handsome|annoying|significant|fun))"
)
_OPINION: Final = re.compile(
    rf"{_MAIN_CLAUSE}{{0,60}}?(?<!one of )(?:\bthe|'s) (?:very |single |\w+'s )?{_JUDGEMENT}"
    # What is measured, matched or a matter of words is no opinion.
    r"(?![- ](?:known|selling|sellers?|described?|describes|definition|description|translation|meaning|synonym|estimate|odds|chance|"
    r"score|time|record|result|hand|move|approximation|explanation|reason|source|rank|possible|example|number|distance|depth|height|"
    r"length|width|weight|common|amount|part|share|man|friends?|actors?|actress|picture|film editing|director|supporting|original|new|"
    r"song oscar|percentage|free throw|heat|speed|force|pressure|power|area|populations?|density|temperature|range|mass|volume|variety|"
    r"concentration|diversity|extent|sum|total|value|size|strength|magnitude|common (?:divisor|factor))\b)"
)
_YOURS: Final = re.compile(
    r"\b(?:do|would|did) you (?:think|prefer|rather|recommend|believe|agree)\b|\bdo you (?:like|love|enjoy) (?:best|most|more)\b"
    r"|\b(?:in )?your (?:opinion|favou?rite|view)\b|\bshould (?:be considered|have won)\b"
)
_WHOSE_OPINION: Final = re.compile(
    r"\b(?:consider(?:s|ed)?|recogni[sz]ed|named?|names|vote[ds]?|rank(?:s|ed)|rated|chos(?:e|en)|elected|call(?:s|ed)|describe[ds]|regarded|dubbed|"
    r"award(?:s|ed)?|won|wins?|winning|according|claim(?:s|ed)|said|says|think[s]?|thought|believe[ds]?|list(?:s|ed)?|polls?|survey|"
    r"prizes?|oscars?|nominated|opinion of|words of|magazine|institute|quote|wrote|sang|lyrics?|song|title)\b"
)


def opinion(question: QuestionAdded) -> str | None:
    """It asks for a taste or a judgement and does not say whose, so that any option may be right."""
    stem = wording(question)
    found = _YOURS.search(stem) or (None if _WHOSE_OPINION.search(stem) else _OPINION.search(stem))
    if found:
        return f"it asks for an opinion: {found[0]!r}"
    return None


_OFFICE: Final = (
    r"(?:president|prime minister|chancellor|mayor|governor|ceo|chief executive|secretary[- ]general|head coach|world champion|"
    r"record holder|pope|monarch|head of state)"
)
_NOW: Final = re.compile(
    r"(?<!his )(?<!her )(?<!their )\bcurrent(?:ly)?\b(?! (?:flows?|in (?:the|a) (?:circuit|wire)|of \d|events|affairs)|[ -]day\b)"
    r"|\bas of (?:now|today|this|the (?:present|time)|(?:\w+ )?(?:19|20)\d\d)\b"
    r"|\bright now\b|\bat present\b|\bat the moment(?! (?:of|when|before|after|he|she|it|they|that))\b"
    r"|\b(?:has|have) (?:so far|to date|recently)\b|\b(?:so far|to date|(?:until|up to) now)\s{0,3}[,?.]"
    r"|(?<!earliest and )(?<!earliest or )\bthe (?:latest|newest|most recent)\b|\bmost recently\b|\bupcoming\b"
    r"|\bstill holds? (?:the|this|that) (?:record|title)\b|(?<!the )\b(?:last|next) (?:year|month|season)(?! (?:of|in|that|he|she|they))\b"
    rf"|\bwho(?:'s| is) (?:the |today's )?(?!first|second|third|\w+th |only|former|last|youngest|oldest)(?:\w+ )?{_OFFICE}\b"
    r"(?! (?:who|whose|that|to|in the (?:film|movie|series|novel|book|game))\b)"
)
_PHYSICS: Final = re.compile(
    r"\b(?:electr\w{0,12}|volt\w{0,4}|amp(?:ere|s)?\w{0,2}|ohms?|resist\w{0,6}|magnet\w{0,4}|circuits?|batter(?:y|ies)|diodes?|wires?|"
    r"oceans?|seas?|rivers?|coast|gulf|tid(?:e|al)|water|ships?|boats?|stream|swim\w{0,5}|drift\w{0,3}|wind|jet|rip|alternating|direct|eddy|ac|dc)\b"
)


def out_of_date(question: QuestionAdded) -> str | None:
    """Its answer is another one day, or may be by now: it speaks of the present, or of what was so when it was written."""
    stem = wording(question)
    for found in _NOW.finditer(stem):
        if found[0] == "current" and _PHYSICS.search(stem):
            continue
        return f"it is true for a time only: {found[0]!r}"
    return None


_SHOWN: Final = r"(?:picture|image|photo(?:graph)?|diagram|screenshot|illustration|drawing|chart|graph|map|audio|video|clip|recording)s?"
_UNSEEN: Final = re.compile(
    rf"\b(?:look(?:ing)? at|see|study|examine|watch|use) (?:the |this |these |that )(?:following )?{_SHOWN}\b"
    r"(?! (?:of|by|called|titled|game|console|store|book|from) )"
    rf"|\b(?:in|on|from|by) (?:this|the following) {_SHOWN}\b(?! game)"
    rf"|\b(?:in|on) the (?:picture|image|photo(?:graph)?|diagram|screenshot|illustration)\s{{0,3}}[?.,]"
    r"|\b(?:shown|pictured|displayed|illustrated|seen|heard|featured|depicted) (?:here|above|on the (?:left|right)"
    rf"|in the (?:\w+ )?{_SHOWN})\b(?! (?:games?|for|of|by|to)\b)"
    r"|\b(?:the|this|following) (?:sound|audio|music|video|song|movie) (?:clip|file|sample|recording|excerpt)\b"
    r"|\b(?:audio|sound) (?:clips?|files?)\b"
    r"|\blisten to (?:the|this) (?:following )?(?:song|sound|music|tune|piece|melody|\w+ clip|excerpt|track)\b"
    rf"|\bthe (?:{_SHOWN}|passage|text|paragraph|table|excerpt|figure) (?:above|below)\b"
)
_POINTS: Final = re.compile(
    r"(?:which|what|who|whose|where|when|how|name|identify|guess|in (?:which|what)|from (?:which|what))\b.{0,80}\bthis"
    r"(?: (?!year|is|was|means?)\w{2,14}){0,2}\W{0,4}"
    r"|(?:name|identify|guess) (?:the|this) \w{2,14}\W{0,4}|who (?:is|was) (?:he|she|it|this|that)\W{0,4}"
)
_TELLS: Final = re.compile(r"[\d:;…\"“«]|[^\x00-\u024f\u2010-\u201f]|[.?!]\s{1,3}\w|\w, \w")
_FEWEST_THAT_TELL: Final = 9
"""Words from which on a question that says "this" may well say elsewhere what it means."""


def unseen(question: QuestionAdded) -> str | None:
    """It points to a picture, a sound or a text that nobody is shown, or to "this song" and says no more of it.

    A prompt or an option with a pictograph in it shows something.
    """
    if any(_is_pictograph(sign) for text in (question.prompt, *question.options) for sign in text):
        return None
    stem = wording(question)
    if found := _UNSEEN.search(stem):
        return f"it points to what is not shown: {found[0]!r}"
    text = question.prompt
    named = any(word[0].isupper() for word in text.split()[1:])
    if (
        not named
        and len(text.split()) <= _FEWEST_THAT_TELL
        and _POINTS.fullmatch(stem)
        and not _TELLS.search(text.rstrip(" .?!"))
    ):
        return "it does not say what it speaks of"
    return None


def _is_pictograph(sign: str) -> bool:
    """Whether a character is a picture or a sign of its own: arrows, dingbats, pieces of games, emoji."""
    return "\u2190" <= sign <= "\u2bff" or sign >= "\U0001f000"
