"""The service log: structlog and the standard library's loggers, to standard error, redacted."""

import logging
import re
import sys
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from trivia.settings import Settings

HIDDEN: Final = "(secret)"

_SECRET_NAME = re.compile(r"authorization|cookie|passw|secret|token|api.?key|credential", re.IGNORECASE)
_SECRET_TEXT: Final = (
    # key=value and "key": "value", in query strings, bodies and representations
    re.compile(
        r"(?P<keep>(?:password|secret|secret_key|token|access_token|refresh_token|resume_token|ticket|api[_-]?key)"
        r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)}\]]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
    # the password in a URL
    re.compile(r"(?P<keep>\b\w+://[^\s:/@]*:)[^\s@]+(?=@)"),
    # a JSON Web Token, a key of OpenAI's form
    re.compile(r"(?P<keep>)\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"(?P<keep>)\bsk-[A-Za-z0-9_-]{8,}"),
)


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Log from here on as the settings say, to `stream` (standard error).

    Meant to be called once in a process, at its start.
    """
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    console = settings.log_format == "console" or (settings.log_format == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=30
        )
        if console
        else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries log secrets at DEBUG, and what the server logs at INFO is printed by `serve`.
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("trivia").setLevel(level)
    logging.captureWarnings(capture=True)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what looks like a secret, by its name or by its form, however deep it lies."""
    return {name: _hide(name, value) for name, value in event.items()}


def _hide(name: object, value: Any) -> Any:
    match value:
        case bool() | int() | float() | None | logging.LogRecord():
            # The record is what the bridge carries along; it is taken out again before anything is written.
            return value
        case _ if _SECRET_NAME.search(str(name)):
            return HIDDEN
        case str():
            return _hide_in_text(value)
        case dict():
            return {key: _hide(key, inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_hide(name, inner) for inner in value]
        case _:
            return _hide_in_text(repr(value))


def _hide_in_text(text: str) -> str:
    for pattern in _SECRET_TEXT:
        text = pattern.sub(rf"\g<keep>{HIDDEN}", text)
    return text
