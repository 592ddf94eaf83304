"""Whether the provider of new questions can be made from the settings, and answers."""

import msgspec

from events.memory import MemoryLog
from events.vocabulary import REGISTRY
from trivia.generation.breakers import Breakers
from trivia.generation.budget.spending import Spending
from trivia.generation.providers import border
from trivia.generation.providers.provider import Provider, ProviderError, ProviderHealth
from trivia.generation.providers.registry import make_provider
from trivia.operations.doctor.findings import Finding, note, ok, wrong
from trivia.settings import PREFIX, Settings, SettingsError


async def check_provider(settings: Settings) -> list[Finding]:
    """Check which provider makes new questions, and that a language model answers.

    The model is asked one short question, of about two hundred tokens.
    """
    log = MemoryLog(REGISTRY)
    settings = msgspec.structs.replace(settings, openai_retries=0)
    try:
        # The budget and the circuit breaker are reported by the running service.
        provider = make_provider(settings, Spending(log), Breakers(log))
        try:
            health = await border.health(provider)
            trouble = await _probe(provider) if health.reachable else health.detail
        finally:
            await provider.close()
    except SettingsError as error:
        return [wrong("provider", line) for line in str(error).splitlines()]
    finally:
        await log.close()
    return [_tell(settings, health, trouble)]


async def _probe(provider: Provider) -> str | None:
    """What goes wrong when it is asked for something.

    None where nothing does, or nothing may be spent.
    """
    try:
        await provider.probe()
    except ProviderError as error:
        return None if error.fault == "budget_spent" and not error.attempts else f"{error.fault}: {error.detail}"
    except Exception as error:  # noqa: BLE001 - other people's code
        return f"it raised {type(error).__name__}"
    return None


def _tell(settings: Settings, health: ProviderHealth, trouble: str | None) -> Finding:
    if health.provider == "facts":
        return ok("provider", "New questions are made from facts; no language model is asked.")
    if health.provider != "openai":
        return _check_plugin(health, trouble)
    target = f"{health.model} at {settings.openai_base_url or 'OpenAI itself'}"
    if trouble is None and health.reachable:
        return ok("provider", f"New questions are made by {target}, which answered in {health.latency_ms:.0f} ms.")
    if health.reachable:
        trouble = f"which can be reached, but a call fails: {trouble}"
        look = f"{PREFIX}OPENAI_MODEL, _API_KEY and _BASE_URL"
    else:
        trouble = f"but {health.detail}"
        look = f"{PREFIX}OPENAI_BASE_URL and _API_KEY"
    sentence = f"New questions are to be made by {target}, {trouble}; look at {look}."
    if settings.generation_provider == "auto":
        return note("provider", f"{sentence} Meanwhile they are made from facts.")
    return wrong("provider", sentence)


def _check_plugin(health: ProviderHealth, trouble: str | None) -> Finding:
    if not health.reachable:
        return wrong("provider", f"{health.provider} cannot be reached: {health.detail}.")
    if trouble is not None:
        return wrong("provider", f"New questions are to be made by {health.provider}, but a call fails: {trouble}.")
    return ok("provider", f"New questions are made by {health.provider}.")
