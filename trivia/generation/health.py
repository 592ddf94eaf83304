"""GET /generation/health."""

from typing import Final

import msgspec
from litestar import get

from trivia.generation.breakers import BreakerState
from trivia.generation.providers.provider import BudgetLeft
from trivia.http.access import Access
from trivia.http.requests import AnyRequest


class GenerationHealth(msgspec.Struct, frozen=True):
    """How new questions are made now.

    `configured` is the setting; `provider` who is asked first. `latency_ms` is how long it took to find out whether that is `reachable`,
    null where there was nothing to ask. `breaker` is that of all processes. `budget_left` is for today (UTC): tokens and
    dollars, null where there is no limit.
    """

    configured: str
    provider: str
    model: str | None
    reachable: bool
    latency_ms: float | None
    breaker: BreakerState
    budget_left: BudgetLeft
    detail: str | None


@get("/generation/health", operation_id="generationHealth", opt={"tag": "Generation", "access": Access.PLAYER})
async def generation_health(request: AnyRequest) -> GenerationHealth:
    """Say how the provider of new questions does: whether it can be reached, its circuit breaker, and what is left of the day's budget.

    Every signed-in user may ask; the endpoint itself is asked at most once in a few seconds, and for nothing that costs.
    """
    provider = request.app.state.services.generation.provider
    now = await provider.health()
    return GenerationHealth(
        request.app.state.services.settings.generation_provider,
        now.provider,
        now.model,
        now.reachable,
        now.latency_ms,
        now.breaker,
        now.budget_left,
        now.detail,
    )


HANDLERS: Final = [generation_health]
