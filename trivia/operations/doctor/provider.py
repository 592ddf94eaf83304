"""Whether the provider of new questions can be made from the settings, and answers."""

from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from trivia.generation.breakers import Breakers
from trivia.generation.providers.provider import ProviderHealth
from trivia.generation.providers.registry import make_provider
from trivia.generation.spending import Spending
from trivia.operations.doctor.findings import Finding, note, ok, wrong
from trivia.settings import PREFIX, Settings, SettingsError


async def check_provider(settings: Settings) -> list[Finding]:
    """Check which provider makes new questions, and that its model answers. Free of charge."""
    log = MemoryLog(REGISTRY)
    try:
        # The budget and the circuit breaker are reported by the running service.
        provider = make_provider(settings, Spending(log), Breakers(log))
        try:
            health = await provider.health()
        finally:
            await provider.close()
    except SettingsError as error:
        return [wrong("provider", line) for line in str(error).splitlines()]
    finally:
        await log.close()
    return [_tell(settings, health)]


def _tell(settings: Settings, health: ProviderHealth) -> Finding:
    if health.provider == "facts":
        return ok("provider", "New questions are made from facts; no language model is asked.")
    if health.provider != "openai":
        if health.reachable:
            return ok("provider", f"New questions are made by {health.provider}.")
        return wrong("provider", f"{health.provider} cannot be reached: {health.detail}.")
    target = f"{health.model} at {settings.openai_base_url or 'OpenAI itself'}"
    if health.reachable:
        return ok("provider", f"New questions are made by {target}, which answered in {health.latency_ms:.0f} ms.")
    trouble = (
        f"New questions are to be made by {target}, but {health.detail}; look at {PREFIX}OPENAI_BASE_URL and _API_KEY."
    )
    if settings.generation_provider == "auto":
        return note("provider", f"{trouble} Meanwhile they are made from facts.")
    return wrong("provider", trouble)
