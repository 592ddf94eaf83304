"""GET /generation/health."""

from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from trivia.generation.breakers import BreakerState
from trivia.generation.providers import border
from trivia.generation.providers.calls import CallRecord
from trivia.generation.providers.provider import BudgetLeft
from trivia.generation.service import Generation
from trivia.http.access import Access
from trivia.http.contract import Contract


class GenerationHealth(msgspec.Struct, frozen=True):
    """How new questions are made now.

    `configured` is the setting; `provider` who is asked first. `working` says whether it does its part: it can be reached, its breaker is
    closed and the last call of any process succeeded, as far as there were any (`calls`). `latency_ms` is how long it took to find out
    whether it is `reachable`, null where there was nothing to ask. `breaker` is that of all processes. `budget_left` is for today (UTC):
    tokens and dollars, null where there is no limit.
    """

    configured: str
    provider: str
    model: str | None
    working: bool
    reachable: bool
    latency_ms: float | None
    breaker: BreakerState
    budget_left: BudgetLeft
    calls: CallRecord
    detail: str | None


@get("/generation/health", operation_id="generationHealth", opt=Contract(tag="Generation", access=Access.PLAYER).opt)
async def generation_health(generation: NamedDependency[Generation]) -> GenerationHealth:
    """Say how the provider of new questions does: whether its calls succeed, its circuit breaker, and what is left of the day's budget.

    Every signed-in user may ask; the endpoint itself is asked at most once in a few seconds, and for nothing that costs.
    """
    now = await border.health(generation.provider)
    calls = generation.calls.of(now.provider)
    failure = calls.last_failure if calls.failures_in_a_row else None
    told = None
    if failure is not None:
        told = f"calls fail, {calls.failures_in_a_row} in a row, at last with {failure.fault}: {failure.detail}"
    return GenerationHealth(
        generation.configured,
        now.provider,
        now.model,
        now.reachable and now.breaker == "closed" and failure is None,
        now.reachable,
        now.latency_ms,
        now.breaker,
        now.budget_left,
        calls,
        now.detail or told,
    )


HANDLERS: Final = [generation_health]
