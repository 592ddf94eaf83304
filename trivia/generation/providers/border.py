"""The border to providers: whatever one returns or raises becomes what the log can keep, of the declared types and within bounds.

Providers may be other people's code, and pass on what servers say. What has a wrong type is left out or counted as 0 and the log of the
service says so; nothing that a provider does stops more than the one call.
"""

from typing import Any, Final, get_args

import msgspec
import structlog

from events.log import LogUnavailable
from events.vocabulary.generation import ProviderFault
from trivia.generation.providers.clean_values import (
    MAX_ATTEMPTS,
    MAX_COST,
    MAX_TOKENS,
    clean_count,
    clean_name,
    clean_seconds,
    storable,
)
from trivia.generation.providers.provider import Answer, Provider, ProviderError, ProviderHealth, Wanted

MAX_CANDIDATES: Final = 100
MAX_CANDIDATE: Final = 65_536
"""Characters of a candidate: no row of an import is longer."""
MAX_DETAIL: Final = 1_000

_FAULTS: Final = frozenset(get_args(ProviderFault))

_log = structlog.get_logger("trivia.generation")


async def generate(provider: Provider, wanted: Wanted) -> Answer:
    """As Provider.generate. Raises ProviderError and LogUnavailable, and nothing else."""
    try:
        answer = await provider.generate(wanted)
    except ProviderError as error:
        raise clean_failure(error) from None
    except LogUnavailable:
        raise
    except Exception as error:
        raise _unforeseen(provider, error) from error
    if not isinstance(answer, Answer):
        raise ProviderError("unusable", f"the provider returned {type(answer).__name__}, which is no answer")
    return clean_answer(answer)


async def solve(provider: Provider, prompt: str, options: tuple[str, ...]) -> str | None:
    """As Provider.solve. Raises ProviderError and LogUnavailable, and nothing else."""
    try:
        solution = await provider.solve(prompt, options)
    except ProviderError as error:
        raise clean_failure(error) from None
    except LogUnavailable:
        raise
    except Exception as error:
        raise _unforeseen(provider, error) from error
    return solution if isinstance(solution, str) else None


async def health(provider: Provider) -> ProviderHealth:
    """As Provider.health. Raises LogUnavailable, and nothing else."""
    name = clean_name(provider.name) or "unknown"
    try:
        told = msgspec.convert(msgspec.to_builtins(await provider.health()), ProviderHealth)
    except LogUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - other people's code
        _log.exception("provider_failed_unforeseen", provider=name)
        return ProviderHealth(name, reachable=False, detail=f"asking for its health raised {type(error).__name__}")
    detail = None if told.detail is None else storable(told.detail)[:MAX_DETAIL]
    return msgspec.structs.replace(told, provider=clean_name(told.provider) or name, detail=detail)


def _unforeseen(provider: Provider, error: Exception) -> ProviderError:
    _log.error("provider_failed_unforeseen", provider=clean_name(provider.name), exc_info=error)
    # What the error says may hold a secret.
    return ProviderError("unusable", f"the provider raised {type(error).__name__}")


def clean_answer(answer: Answer) -> Answer:
    """An answer whose every field has its type and is within bounds, whatever types it came with."""
    raw: Any = answer
    given = list(raw.candidates) if isinstance(raw.candidates, tuple | list) else []
    fitting = [text for text in given if isinstance(text, str) and len(text) <= MAX_CANDIDATE]
    if len(fitting) < len(given):
        _log.warning("candidates_dropped", provider=clean_name(raw.provider), dropped=len(given) - len(fitting))
    failures = list(raw.failures) if isinstance(raw.failures, tuple | list) else []
    return Answer(
        tuple([storable(text) for text in fitting[:MAX_CANDIDATES]]),
        clean_name(raw.model),
        clean_count(raw.input_tokens, MAX_TOKENS) or 0,
        clean_count(raw.output_tokens, MAX_TOKENS) or 0,
        clean_count(raw.cost, MAX_COST) or 0,
        clean_name(raw.provider),
        tuple([clean_failure(failure) for failure in failures if isinstance(failure, ProviderError)]),
        _attempts(raw.attempts),
        raw.needs_check is not False,
    )


def clean_failure(error: ProviderError) -> ProviderError:
    """The same failure with fields of their types and within bounds."""
    raw: Any = error
    detail = raw.detail if isinstance(raw.detail, str) else type(error).__name__
    known = isinstance(raw.fault, str) and raw.fault in _FAULTS
    error.fault = error.fault if known else "unusable"
    error.detail = storable(detail)[:MAX_DETAIL]
    error.retry_after = clean_seconds(raw.retry_after)
    error.provider = clean_name(raw.provider)
    error.attempts = _attempts(raw.attempts)
    return error


def _attempts(given: Any) -> int:
    count = clean_count(given, MAX_ATTEMPTS)
    return 1 if count is None else count
