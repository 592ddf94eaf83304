"""Where a model thinks before it answers, some servers leave what it thought in the text. Only what it answered counts.

What models write around their thoughts is their template's affair, so all the known marks are looked for in any text: tags
(`<think>`, `<thinking>`, `<analysis>` …), brackets (`[THINK]`), special tokens (`◁think▷`, `<|begin_of_thought|>`, `<|START_THINKING|>`)
and channels (`<|channel|>analysis<|message|>`; where the server has removed the tokens, `analysis…assistantfinal…`).
"""

import re
from typing import Final

# No repetition without a bound: the work is linear in the text, whatever it is.
_MARK: Final = re.compile(
    r"<(?P<end1>/?)(?:[a-z]{1,10}:)?(?:ant)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|scratch_?pad|analysis|drafts?)"
    r"(?:\s[^<>]{0,100})?>"
    r"|\[(?P<end2>/?)(?:think(?:ing)?|reasoning|analysis)\]"
    r"|◁(?P<end3>/?)think(?:ing)?▷"
    r"|<\|(?:begin|start|(?P<end4>end))_?of_?(?:thought|thinking|reasoning)\|>"
    r"|<\|(?:start|begin|(?P<end5>end))_(?:thinking|thought|reasoning)\|>",
    re.IGNORECASE,
)
_CHANNEL: Final = re.compile(
    r"<\|channel\|?>[ \t]{0,8}(?P<name>[a-z]{1,20})(?P<to>[^<]{0,100})(?:<\|constrain\|>[^<]{0,40})?(?:<\|message\|>)?",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"<\|(?:end|start|return|call|channel)\|?>|<channel\|>")
_BARE_ANALYSIS: Final = re.compile(r"\s{0,40}analysis(?=[A-Z\s])")
_BARE_FINAL: Final = "assistantfinal"


def without_drafts(text: str) -> str:
    """What a model answered, without what it thought before. An end without a beginning ends what the template had begun."""
    kept: list[str] = []
    start, thinking = 0, False
    text = _choose_channel(text)
    for mark in _MARK.finditer(text):
        if any(mark.group("end1", "end2", "end3", "end4", "end5")):
            if not thinking:
                kept.clear()
            start, thinking = mark.end(), False
        elif not thinking:
            kept.append(text[start : mark.start()])
            thinking = True
    if not thinking:
        kept.append(text[start:])
    return "".join(kept)


def _choose_channel(text: str) -> str:
    """The final channel of a text in channels; without a final one, what was said to tools; the text itself where it has no channels."""
    channels = list(_CHANNEL.finditer(text))
    if not channels:
        if _BARE_ANALYSIS.match(text):
            return text[text.rfind(_BARE_FINAL) + len(_BARE_FINAL) :] if _BARE_FINAL in text else ""
        return text
    said: dict[str, list[str]] = {}
    ends = [*[channel.start() for channel in channels[1:]], len(text)]
    for channel, end in zip(channels, ends, strict=True):
        token = _TOKEN.search(text, channel.end(), end)
        said.setdefault(channel["name"].lower(), []).append(text[channel.end() : token.start() if token else end])
    return "\n".join(said.get("final") or said.get("commentary") or [])
