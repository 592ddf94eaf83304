"""The model where there is one and it does its part, else facts: so that there is always something to ask."""

from typing import ClassVar, Final

import msgspec
import structlog

from trivia.generation.providers import facts, openai
from trivia.generation.providers.provider import Answer, Parts, Provider, ProviderError, ProviderHealth, Wanted

PATIENCE_SECONDS: Final = 5.0
"""For how long a call of the model that fails is made again, where facts could be had at once. See Resilience."""

BARREN: Final = 2
"""Answers in a row without anything new, after which facts are asked for every other one."""

_log = structlog.get_logger("trivia.generation")


class AutoProvider(Provider):
    """Asks `model`, where there is one, and `rest` where that gave nothing, or nothing new."""

    name: ClassVar[str] = "auto"

    def __init__(self, model: Provider | None, rest: Provider) -> None:
        self._model = model
        self._rest = rest

    async def generate(self, wanted: Wanted) -> Answer:
        """See Provider.generate. Raises what the model raised, where facts know nothing of what is wanted; else the answer says it."""
        if self._model is None:
            return await self._stand_in(wanted)
        if wanted.barren >= BARREN and wanted.barren % 2 == 0:
            # What the model writes is of no use, or the bank has it all.
            answer = await self._stand_in(wanted)
            if answer.candidates:
                return answer
        try:
            answer = _by(self._model, await self._model.generate(wanted))
        except ProviderError as error:
            error.provider = error.provider or self._model.name
            _log.warning("model_replaced_by_facts", provider=error.provider, fault=error.fault, reason=error.detail)
            answer = await self._stand_in(wanted)
            if not answer.candidates:
                raise
            return msgspec.structs.replace(answer, failures=(error, *answer.failures))
        if not answer.candidates:
            instead = await self._stand_in(wanted)
            if instead.candidates:
                # What the model took for its empty answer was spent all the same.
                return msgspec.structs.replace(answer, candidates=instead.candidates, provider=instead.provider)
        return answer

    async def _stand_in(self, wanted: Wanted) -> Answer:
        return _by(self._rest, await self._rest.generate(wanted))

    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:
        """See Provider.solve. Facts have no opinion."""
        return await (self._model or self._rest).solve(prompt, options)

    async def health(self) -> ProviderHealth:
        """That of the model, where there is one."""
        return await (self._model or self._rest).health()

    async def close(self) -> None:
        """See Provider.close."""
        if self._model is not None:
            await self._model.close()
        await self._rest.close()


def _by(provider: Provider, answer: Answer) -> Answer:
    return msgspec.structs.replace(answer, provider=answer.provider or provider.name)


def make(parts: Parts) -> AutoProvider:
    """The provider. Raises SettingsError as `openai.make` does."""
    model = openai.make(parts, PATIENCE_SECONDS) if openai.is_configured(parts.settings) else None
    return AutoProvider(model, facts.make(parts))
