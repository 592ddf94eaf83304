"""Which provider the setting `generation_provider` names: one of ours, or one that another package brings by an entry point."""

from importlib.metadata import entry_points
from typing import Final

from trivia.generation.breakers import Breakers
from trivia.generation.budget.spending import Spending
from trivia.generation.providers import auto, facts, openai
from trivia.generation.providers.provider import Factory, Parts, Provider
from trivia.settings import PREFIX, Settings, SettingsError

GROUP: Final = "trivia.providers"

BUILT_IN: Final[dict[str, Factory]] = {"auto": auto.make, "openai": openai.make, "facts": facts.make}


def make_provider(settings: Settings, spending: Spending, breakers: Breakers) -> Provider:
    """The provider that is set; it opens nothing before it is asked. Raises SettingsError."""
    provider = _find(settings.generation_provider)(Parts(settings, spending, breakers))
    if not isinstance(provider, Provider):
        raise SettingsError(f"{_SETTING}: {settings.generation_provider} made a {type(provider).__name__}, no provider")
    return provider


_SETTING: Final = f"{PREFIX}GENERATION_PROVIDER"


def _find(name: str) -> Factory:
    if name in BUILT_IN:
        return BUILT_IN[name]
    brought = {point.name: point for point in entry_points(group=GROUP)}
    if name not in brought:
        there = ", ".join([*BUILT_IN, *sorted(brought)])
        raise SettingsError(f"{_SETTING}: there is no provider {name!r}; there are {there}")
    try:
        factory: Factory = brought[name].load()
    except Exception as error:
        raise SettingsError(f"{_SETTING}: {name} cannot be loaded: {type(error).__name__}: {error}") from error
    return factory
