"""What an endpoint sent, read leniently: servers that do as OpenAI does leave things out and put things in."""

import email.utils
import math
import re
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from events.vocabulary.generation import ProviderFault
from trivia.generation.llm.prompts import Message
from trivia.generation.providers.provider import ProviderError

MAX_BODY: Final = 4_000_000
"""Bytes of an answer that are read."""
MAX_TOKENS: Final = 10**9
CHARACTERS_A_TOKEN: Final = 4
"""For servers that do not say what an answer cost: about so many in English."""
MAX_MODEL: Final = 200

_FAULTS: Final[dict[int, ProviderFault]] = {
    408: "timeout",
    409: "server_error",
    425: "server_error",
    429: "rate_limited",
}
_REQUEST_AT_FAULT: Final = {400, 415, 422, 501}
"""Statuses with which servers answer what they do not understand."""
_CODE: Final = re.compile(r"[a-z][a-z_]{1,60}\Z")
_FILTERED: Final = {"content_filter", "content_policy_violation", "responsible_ai_policy_violation"}
_SPENT: Final = {"insufficient_quota", "billing_hard_limit_reached"}


class Completion(msgspec.Struct, frozen=True):
    """An answer of a model: its text, and what was paid for it."""

    text: str
    refused: bool
    model: str | None
    input_tokens: int
    output_tokens: int


class NotUnderstood(ProviderError):
    """The endpoint does not understand the request; in other words it may."""


class _Message(msgspec.Struct):
    content: Any = None
    refusal: Any = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    finish_reason: Any = None


class _Body(msgspec.Struct):
    choices: list[_Choice] | None = None
    model: Any = None
    usage: Any = None


def read_completion(body: bytes, asked: Sequence[Message]) -> Completion:
    """The answer in a body that came with a status of success. Raises ProviderError, `unusable`."""
    if len(body) > MAX_BODY:
        raise ProviderError("unusable", f"the answer has more than {MAX_BODY:,} bytes")
    try:
        decoded = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderError("unusable", "what came is no chat completion") from None
    choice = decoded.choices[0] if decoded.choices else _Choice()
    message = choice.message or _Message()
    text = _text_of(message.content)
    refused = not text.strip() and (bool(message.refusal) or choice.finish_reason == "content_filter")
    usage = decoded.usage if isinstance(decoded.usage, dict) else {}
    return Completion(
        text,
        refused,
        decoded.model[:MAX_MODEL] if isinstance(decoded.model, str) else None,
        _tokens(usage.get("prompt_tokens"), sum(len(message["content"]) for message in asked)),
        _tokens(usage.get("completion_tokens"), len(text)),
    )


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return "".join([str(part.get("text") or "") for part in content if isinstance(part, dict)])
    return content if isinstance(content, str) else ""


def _tokens(said: Any, characters: int) -> int:
    if isinstance(said, int) and 0 <= said <= MAX_TOKENS:
        return said
    return math.ceil(characters / CHARACTERS_A_TOKEN)


def failure_of(error: Exception) -> ProviderError:
    """What an error of the client library means.

    Of what the endpoint said only a code in plain letters is passed on: its messages may repeat the key.
    """
    import openai

    match error:
        case openai.APITimeoutError() | TimeoutError():
            return ProviderError("timeout", "the endpoint took too long to answer")
        case openai.APIStatusError():
            return _status_failure(error.status_code, error.code, error.response.headers)
        case openai.APIConnectionError():
            return ProviderError("connection", "the endpoint could not be reached, or broke the connection off")
        case _:
            return ProviderError("unusable", "what came is no chat completion")


def _status_failure(status: int, code: str | None, headers: Any) -> ProviderError:
    known = code if code and _CODE.match(code) else None
    detail = f"the endpoint answered {status}" + (f" ({known})" if known else "")
    if known in _FILTERED:
        return ProviderError("refused", detail)
    if known in _SPENT:
        return ProviderError("budget_spent", detail)
    if status in _REQUEST_AT_FAULT:
        return NotUnderstood("client_error", detail)
    fault = _FAULTS.get(status, "server_error" if status >= 500 else "client_error")  # noqa: PLR2004 - where servers' own faults begin
    return ProviderError(fault, detail, retry_after(headers))


def retry_after(headers: Any, now: float | None = None) -> float | None:
    """Seconds that a Retry-After asks for, given as such or as a date; None without one that can be read."""
    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name)) / divisor
        except (TypeError, ValueError):
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    date = email.utils.parsedate_tz(headers.get("retry-after") or "")
    if date is None:
        return None
    try:
        return max(0.0, email.utils.mktime_tz(date) - (time.time() if now is None else now))
    except (OverflowError, ValueError):
        return None
