"""Generation in one process: what asks for jobs, what works on them, and what is known of them, put together."""

import random
from typing import Final

from events.ids import uuid7
from events.log import EventLog
from events.vocabulary.generation import GenerationRequested
from projections.engine.store import ReadModels
from projections.models.question_pool import Filter, QuestionPool
from trivia.generation.active import ActiveJobs
from trivia.generation.budget.quotas import NetworkDigests, Quotas
from trivia.generation.budget.spending import Spending
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.providers.calls import Calls
from trivia.generation.providers.provider import Provider, describe_known
from trivia.generation.replenishing import AGE_BANDS, Replenishing
from trivia.generation.requesting import Requesting
from trivia.generation.runner import Runner
from trivia.generation.worker import Worker
from trivia.settings import Settings

KNOWN: Final = 60
"""Questions of the bank that a provider is told not to make again: more would cost more than they save."""


class Generation:
    """See the module. `provider` makes the candidates."""

    def __init__(
        self,
        log: EventLog,
        models: ReadModels,
        pool: QuestionPool,
        provider: Provider,
        pipeline: Pipeline,
        settings: Settings,
        spending: Spending,
        networks: NetworkDigests,
    ) -> None:
        self.log = log
        self.models = models
        self._pool = pool
        self._dice = random.Random()  # noqa: S311 - chance, not secrecy
        self.configured = settings.generation_provider
        self.provider = provider
        self.active = ActiveJobs()
        self.calls = Calls(log)
        pending = settings.generated_questions == "pending"
        self.networks = networks
        self.requesting = Requesting(log, pending=pending, quotas=Quotas(log, spending, settings))
        self.replenishing = Replenishing(
            self.requesting, self.active, enabled=settings.auto_generation, networks=networks
        )
        self.runner = Runner(
            log,
            provider,
            pipeline,
            owner=uuid7(),
            lease=settings.generation_lease_seconds,
            known=self._some_known,
            solver=provider if settings.blind_check else None,
            pending=pending,
        )
        self.worker = Worker(self.runner, self.active, settings.generation_concurrency)
        self.active.changed = self.worker.notice

    async def boot(self) -> None:
        """Take in the jobs that have not ended and how calls went, before events are applied. Raises LogUnavailable."""
        await self.active.boot(self.log, self.models)
        await self.calls.boot()

    async def run(self) -> None:
        """Work on jobs until cancelled, then let go of them."""
        await self.worker.run()

    async def close(self) -> None:
        """Wait for jobs that are being started, and release what the provider holds."""
        await self.replenishing.close()
        await self.provider.close()

    def _some_known(self, asked: GenerationRequested) -> tuple[str, ...]:
        """Some questions of the bank that a provider might come upon again."""
        age = asked.min_age if (asked.min_age, asked.max_age) in AGE_BANDS or asked.min_age == asked.max_age else None
        numbers = self._pool.candidates(asked.org, Filter(asked.topic, asked.difficulty, age)).numbers
        chosen = self._dice.sample(range(len(numbers)), min(KNOWN, len(numbers)))
        found = [self._pool.question(numbers[rank]) for rank in chosen]
        return tuple([describe_known(question.prompt, question.answer) for question in found if question is not None])
