"""What an endpoint sent, read leniently: servers that do as OpenAI does leave things out and put things in.

What a model wrote is looked for wherever servers put it: in the content, in the arguments of a tool call, in a stream of events that
nobody asked for. An error may come with a status of success.
"""

import email.utils
import math
import re
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from events.vocabulary.generation import ProviderFault
from trivia.generation.llm.prompts import Message
from trivia.generation.providers.clean_values import MAX_RETRY_AFTER_SECONDS, MAX_TOKENS
from trivia.generation.providers.provider import ProviderError

MAX_BODY: Final = 4_000_000
"""Bytes of an answer that are read."""
CHARACTERS_A_TOKEN: Final = 4
"""For servers that do not say what an answer cost: about so many in English."""
MAX_ESTIMATE: Final = 20_000
"""Tokens that an answer is taken to have cost at most, where nobody says: no model writes more, whatever a proxy makes of it."""
MAX_MODEL: Final = 200
MAX_DATE: Final = 100

_FAULTS: Final[dict[int, ProviderFault]] = {
    408: "timeout",
    409: "server_error",
    425: "server_error",
    429: "rate_limited",
}
_REQUEST_AT_FAULT: Final = {400, 404, 415, 422, 501}
"""Statuses with which servers answer what they do not understand; a gateway says 404 where it knows no model that does."""
_CODE: Final = re.compile(r"[a-z][a-z_]{1,60}\Z")
"""A code in plain letters."""
_FILTERED: Final = {"content_filter", "content_policy_violation", "responsible_ai_policy_violation"}
_SPENT: Final = {"insufficient_quota", "billing_hard_limit_reached"}


class Completion(msgspec.Struct, frozen=True):
    """An answer of a model: its text, and what was paid for it. `failure` says why there is nothing to be read, if there is not."""

    text: str = ""
    refused: bool = False
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    failure: ProviderError | None = None


class NotUnderstood(ProviderError):
    """The endpoint does not understand the request; in other words it may."""


class _Function(msgspec.Struct):
    arguments: Any = None


class _ToolCall(msgspec.Struct):
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: Any = None
    refusal: Any = None
    tool_calls: list[_ToolCall] | None = None
    function_call: _Function | None = None
    reasoning_content: Any = None
    reasoning: Any = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    delta: _Message | None = None
    text: Any = None
    finish_reason: Any = None
    error: Any = None


class _Body(msgspec.Struct):
    choices: list[_Choice] | None = None
    model: Any = None
    usage: Any = None
    error: Any = None


_decode = msgspec.json.Decoder(_Body).decode
_DecodeErrors: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_completion(body: bytes, asked: Sequence[Message]) -> Completion:
    """The answer in a body that came with a status of success; `failure` is set where nothing can be read, and what it cost estimated."""
    if len(body) > MAX_BODY:
        return _unreadable(f"the answer has more than {MAX_BODY:,} bytes", MAX_BODY, asked)
    try:
        decoded = _read_events(body) if _EVENTS.match(body) else _decode(body)
    except _DecodeErrors:
        return _unreadable("what came is no chat completion", len(body), asked)
    choice = decoded.choices[0] if decoded.choices else _Choice()
    usage = decoded.usage if isinstance(decoded.usage, dict) else {}
    if (error := decoded.error or choice.error) and not _has_text(choice):
        return Completion(
            model=_name(decoded.model),
            input_tokens=_tokens(usage.get("prompt_tokens"), 0),
            output_tokens=_tokens(usage.get("completion_tokens"), 0),
            failure=_failure_in(error),
        )
    text = _text_of(choice)
    message = choice.message or _Message()
    refused = not text.strip() and (bool(message.refusal) or choice.finish_reason == "content_filter")
    return Completion(
        text,
        refused,
        _name(decoded.model),
        _tokens(usage.get("prompt_tokens"), _length(asked)),
        _tokens(usage.get("completion_tokens"), len(text) if text else len(body)),
        None if decoded.choices else ProviderError("unusable", "what came is no chat completion"),
    )


def estimate_asked(asked: Sequence[Message]) -> int:
    """Tokens of a request, where no server says."""
    return math.ceil(_length(asked) / CHARACTERS_A_TOKEN)


def _length(asked: Sequence[Message]) -> int:
    return sum([len(message["content"]) for message in asked])


def _unreadable(why: str, size: int, asked: Sequence[Message]) -> Completion:
    return Completion(
        input_tokens=estimate_asked(asked),
        output_tokens=min(math.ceil(size / CHARACTERS_A_TOKEN), MAX_ESTIMATE),
        failure=ProviderError("unusable", why),
    )


_EVENTS: Final = re.compile(rb"[\s\xef\xbb\xbf]{0,100}(?:data|event|id|retry)?:")
_DATA: Final = b"data:"


def _read_events(body: bytes) -> _Body:
    """A stream of server-sent events as the one answer that its pieces come to. Raises what decoding raises."""
    whole, choice, message = _Body(), _Choice(), _Message()
    contents: list[str] = []
    arguments: list[str] = []
    pieces = 0
    for line in body.splitlines():
        data = line.removeprefix(_DATA).strip() if line.startswith(_DATA) else b""
        if not data or data == b"[DONE]":
            continue
        piece = _decode(data)
        pieces += 1
        whole.model, whole.usage = piece.model or whole.model, piece.usage or whole.usage
        whole.error = piece.error or whole.error
        for part in (piece.choices or [])[:1]:
            said = part.delta or part.message or _Message()
            contents.append(_plain(said.content) or _plain(part.text))
            arguments += _arguments(said)
            message.refusal = said.refusal or message.refusal
            choice.finish_reason = part.finish_reason or choice.finish_reason
            choice.error = part.error or choice.error
            whole.choices = [choice]
    if not pieces:
        raise msgspec.DecodeError("a stream without data")
    message.content = "".join(contents)
    message.tool_calls = [_ToolCall(_Function("".join(arguments)))] if arguments else None
    choice.message = message
    return whole


def _text_of(choice: _Choice) -> str:
    """What the model wrote, wherever it stands.

    What it thought counts only where it is whole JSON and nothing else came: then a server has taken the answer for thoughts.
    """
    message = choice.message or choice.delta or _Message()
    text = "\n".join(filter(str.strip, [_plain(message.content) or _plain(choice.text), *_arguments(message)]))
    if text or choice.finish_reason == "length":
        return text
    thought = _plain(message.reasoning_content) or _plain(message.reasoning)
    return thought if _is_json(thought) else ""


def _has_text(choice: _Choice) -> bool:
    return bool(_text_of(choice).strip())


def _is_json(text: str) -> bool:
    text = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return isinstance(msgspec.json.decode(text), dict | list)
    except (*_DecodeErrors, UnicodeEncodeError):
        return False


def _arguments(message: _Message) -> list[str]:
    calls = [call.function for call in message.tool_calls or ()]
    given = [call.arguments for call in (*calls, message.function_call) if call is not None]
    return [each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in given if each]


def _plain(content: Any) -> str:
    """The text of a content, which may be in parts; parts in which the model thinks are left out."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type", "text") in _TEXTS]
        return "".join([text for part in parts if isinstance(text := part.get("text"), str)])
    return content if isinstance(content, str) else ""


_TEXTS: Final = frozenset({"text", "output_text"})


def _name(given: Any) -> str | None:
    return given[:MAX_MODEL] if isinstance(given, str) else None


def _tokens(said: Any, characters: int) -> int:
    """What the server says, where that is a number of tokens; else an estimate."""
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= MAX_TOKENS:
        return math.ceil(said)
    return math.ceil(characters / CHARACTERS_A_TOKEN)


def _failure_in(error: Any) -> ProviderError:
    """What an error object means that came with a status of success: its code may be a status."""
    fields = error if isinstance(error, dict) else {}
    codes = [fields.get(name) for name in ("code", "status", "status_code", "type")]
    numbers = [int(code) for code in map(str, codes) if _STATUS.match(code)]
    names = [code for code in codes if isinstance(code, str) and _CODE.match(code)]
    # Without a status, most are of servers that are overloaded or still start.
    failure = _status_failure(numbers[0] if numbers else _UNKNOWN, names[0] if names else None, {})
    failure.detail = failure.detail.replace("the endpoint answered", "the endpoint answered 200 with the error", 1)
    return failure


_STATUS: Final = re.compile(r"[45]\d\d\Z")
_UNKNOWN: Final = 500


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
            return min(max(0.0, seconds), MAX_RETRY_AFTER_SECONDS)
    date = email.utils.parsedate_tz(str(headers.get("retry-after") or "")[:MAX_DATE])
    if date is None:
        return None
    try:
        seconds = email.utils.mktime_tz(date) - (time.time() if now is None else now)
        return min(max(0.0, seconds), MAX_RETRY_AFTER_SECONDS)
    except (OverflowError, ValueError):
        return None
