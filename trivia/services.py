"""Everything a process of the service holds open, put together in one place: the composition root."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from events.encryption import SubjectKeys
from events.log import EventLog, LogUnavailable
from projections.engine.live import LiveViews
from projections.engine.projection import Projection
from projections.engine.projector import Projector
from projections.engine.store import ReadModels
from projections.models.accounts import Accounts as AccountsProjection
from projections.models.generation_jobs import GenerationJobsProjection
from projections.models.pool_boot import boot_pool
from projections.models.question_pool import QuestionPool
from projections.models.question_search import search_of
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SeenSetsProjection
from projections.models.usage import UsageProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.background import LOCK, Rebuilds
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from trivia.accounts.administration import Administration
from trivia.accounts.joining import Joining
from trivia.accounts.logins import Logins
from trivia.accounts.passwords import Passwords
from trivia.accounts.service import REVOKING, Accounts
from trivia.accounts.tokens import Tokens, load_key
from trivia.generation.active import ActiveJobs
from trivia.generation.breakers import Breakers
from trivia.generation.calls import Calls
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.providers.registry import make_provider
from trivia.generation.quotas import NetworkDigests
from trivia.generation.service import Generation
from trivia.generation.spending import Spending
from trivia.http.problems import Unavailable
from trivia.http.read_your_writes import Positions
from trivia.platform.sealing import Sealing
from trivia.platform.storage import Storage, open_storage
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.play.assigning import Assigning
from trivia.questions.review.service import Reviewing
from trivia.settings import Settings

PROJECTIONS: Final[tuple[type[Projection], ...]] = (
    QuestionsProjection,
    SeenSetsProjection,
    UserStatisticsProjection,
    AccountsProjection,
    GenerationJobsProjection,
    UsageProjection,
)
"""Every projection that is kept in tables."""

CAUGHT_UP_SECONDS: Final = 10.0
"""How long a request waits for what it has itself written to show."""

_log = structlog.get_logger("trivia.services")


class Core:
    """The services of one process, as HTTP routes and the command line use them."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self.settings = settings
        self.storage = storage
        self.log: EventLog = storage.log
        self.models: ReadModels = models_of(storage.database)
        self.projections = [projection() for projection in PROJECTIONS]
        self.rebuilds = Rebuilds(
            self.log, self.models, lambda projection: leadership_of(storage.database, LOCK + projection.name)
        )
        self.projector = Projector(
            self.log, self.models, self.projections, leadership_of(storage.database), self.rebuilds.renew
        )
        self.pool = QuestionPool()
        self.near = NearDuplicates(self.pool)
        self.live = LiveViews(self.log)
        self.positions = Positions(self.log, self.live, self.models, self.projections)
        self.assigning = Assigning(self.log, self.models, self.pool, settings.seen_cache_users)
        self.keys = SubjectKeys(storage.database)
        self.search = search_of(storage.database)
        self.reviewing = Reviewing(
            self.log, self.models, self.pool, self.assigning, self.keys, settings.report_threshold
        )
        key = load_key(settings.secret_key, Path(settings.data_dir))
        self.tokens = Tokens(key)
        self.passwords = Passwords()
        logins = Logins(self.log, self.keys, self.tokens, self.passwords, settings)
        joining = Joining(self.log, self.keys, self.passwords, logins)
        self.accounts = Accounts(self.log, self.keys, self.tokens, self.passwords, joining, logins)
        self.administration = Administration(self.log, self.models, self.keys, self.tokens, self.accounts)
        self.sealing = Sealing(settings, storage.database)
        self.breakers = Breakers(self.log)
        spending = Spending(self.log)
        provider = make_provider(settings, spending, self.breakers)
        self.generation = Generation(
            self.log,
            self.models,
            self.pool,
            provider,
            Pipeline(self.log, self.near),
            settings,
            spending,
            NetworkDigests(key),
        )
        self.draining = False
        self.started = time.monotonic()
        self.broken = asyncio.Event()
        """Set when a task stopped that must not."""
        self._failed: str | None = "not started"

    @asynccontextmanager
    async def serving(self, *, background: bool = True) -> AsyncIterator[None]:
        """Boot the pool and keep it and the live views following the log. Raises LogUnavailable.

        In the `background`, fold projections, seal the log and run generation jobs too; else another process has to.
        """
        await self.storage.prepare_for_appends()
        self.live.feed(QuestionPool.handles, self.pool.apply)
        self.live.feed(REVOKING, self.accounts.notice)
        self.live.feed(ActiveJobs.handles, self.generation.active.apply)
        self.live.feed(Breakers.handles, self.breakers.apply)
        self.live.feed(Calls.handles, self.generation.calls.apply)
        self.live.position = await boot_pool(self.pool, self.models, await self.log.head())
        await self.generation.boot()
        await self.breakers.boot()
        await self.live.catch_up()
        await self.accounts.prepare()
        self._failed = None
        work = {"live views": self.live.run, "accounts": self.accounts.run}
        if background:
            work |= {"projector": self.projector.run, "sealing": self.sealing.run, "generation": self.generation.run}
        tasks = [asyncio.create_task(self._watch(name, run()), name=name) for name, run in work.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self.rebuilds.close()

    async def _watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run what must not end; if it does, say so and let no more requests be sent here."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - it ends here, whatever it is
            self._failed = f"{name} stopped: {type(error).__name__}"
            _log.critical("background task stopped", task=name, exc_info=error)
            self.broken.set()

    async def pool_at(self, position: int) -> None:
        """Wait until the pool has taken in the log up to `position`. Raises Unavailable."""
        if not await self.live.reach(position, CAUGHT_UP_SECONDS):
            raise Unavailable("What was stored does not show yet; try again.")

    async def check_ready(self) -> None:
        """Raise Unavailable, with the reason, unless this process should be sent requests."""
        if self.draining:
            raise Unavailable("The service is shutting down.", retry_after=5)
        if self._failed is not None:
            raise Unavailable(f"The service cannot serve: {self._failed}.", retry_after=5)
        try:
            head = await self.log.head()
        except LogUnavailable:
            raise Unavailable("The database cannot be reached.", retry_after=5) from None
        if not await self.live.reach(head, CAUGHT_UP_SECONDS):
            raise Unavailable("The service has not caught up with the log yet.", retry_after=2)


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Open the services on a migrated database, and close them in the end. Raises LogUnavailable and SettingsError."""
    async with open_storage(settings.database_url, PROJECTIONS) as storage:
        core = Core(settings, storage)
        try:
            yield core
        finally:
            core.passwords.close()
            await core.generation.close()
