"""The composition root: every service of a process, put together in one place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from events.encryption import SubjectKeys
from events.epoch import OtherHistory
from events.log import EventLog
from projections.engine.live import LiveViews
from projections.engine.projection import Projection
from projections.engine.projector import Projector, restore
from projections.engine.store import ReadModels
from projections.models.accounts import Accounts as AccountsProjection
from projections.models.generation_jobs import GenerationJobsProjection
from projections.models.invitations import InvitationsProjection
from projections.models.pool_boot import boot_pool
from projections.models.question_pool import QuestionPool
from projections.models.question_search import QuestionSearch
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SeenSetsProjection
from projections.models.usage import UsageProjection
from projections.models.user_statistics import UserStatisticsProjection
from projections.rebuild.background import LOCK, Rebuilds
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from trivia.accounts.administration import Administration
from trivia.accounts.credentials import Credentials
from trivia.accounts.joining import Joining
from trivia.accounts.logins import Logins
from trivia.accounts.passwords import Passwords
from trivia.accounts.service import REVOKING, Accounts
from trivia.accounts.streams import Streams
from trivia.accounts.tokens import Tokens, load_key
from trivia.audit.event_pages import EventReader
from trivia.audit.following import EventStream
from trivia.exchange.importing import ImportService
from trivia.exchange.pool_bank import PoolBank
from trivia.generation.active import ActiveJobs
from trivia.generation.breakers import Breakers
from trivia.generation.budget.quotas import NetworkDigests
from trivia.generation.budget.spending import Spending
from trivia.generation.pipeline.pipeline import Pipeline
from trivia.generation.providers.calls import Calls
from trivia.generation.providers.registry import make_provider
from trivia.generation.service import Generation
from trivia.http.access import Authenticator
from trivia.http.limits import RateLimits
from trivia.http.read_your_writes import Positions
from trivia.http.readiness import Readiness
from trivia.operations.metrics import Counting
from trivia.operations.projections import ProjectionOperations
from trivia.platform.sealing import Sealing
from trivia.platform.storage import Storage, open_storage
from trivia.questions.bank.near_duplicates.finder import NearDuplicates
from trivia.questions.play.assigning import Assigning
from trivia.questions.play.service import Play
from trivia.questions.review.service import ReportRules, Reviewing
from trivia.settings import Settings

PROJECTIONS: Final[tuple[type[Projection], ...]] = (
    QuestionsProjection,
    SeenSetsProjection,
    UserStatisticsProjection,
    AccountsProjection,
    InvitationsProjection,
    GenerationJobsProjection,
    UsageProjection,
)
"""Every projection that is stored in tables."""

_log = structlog.get_logger("trivia.services")


class Services:
    """The services of one process.

    Handlers ask for them by these names (trivia.http.injection); the command line uses them as they
    are.
    """

    settings: Settings
    storage: Storage
    log: EventLog
    models: ReadModels
    live: LiveViews
    pool: QuestionPool
    near: NearDuplicates
    search: QuestionSearch
    positions: Positions
    readiness: Readiness
    authenticator: Authenticator
    rate_limits: RateLimits
    accounts: Accounts
    administration: Administration
    assigning: Assigning
    play: Play
    reviewing: Reviewing
    importing: ImportService
    generation: Generation
    sealing: Sealing
    event_reader: EventReader
    event_stream: EventStream
    counting: Counting
    projection_operations: ProjectionOperations

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self.settings = settings
        self.storage = storage
        self.log = storage.log
        self.models = models_of(storage.database)
        self.projections = [projection() for projection in PROJECTIONS]
        self.rebuilds = Rebuilds(
            self.log, self.models, lambda projection: leadership_of(storage.database, LOCK + projection.name)
        )
        self.projector = Projector(
            self.log, self.models, self.projections, leadership_of(storage.database), self.rebuilds.renew
        )
        self.projection_operations = ProjectionOperations(self.log, self.models, self.projections, self.rebuilds)
        self.pool = QuestionPool()
        self.near = NearDuplicates(self.pool)
        self.live = LiveViews(self.log, self.models)
        self.readiness = Readiness(self.log, self.live, storage.database.require_protected)
        self.positions = Positions(self.log, self.live, self.models, self.projections)
        show_all = self.positions.show_all
        self.assigning = Assigning(self.log, self.models, self.pool, settings.seen_cache_users, show_all=show_all)
        self.keys = SubjectKeys(storage.database.keys())
        self.search = storage.database.question_search()
        self.reviewing = Reviewing(
            self.log,
            self.models,
            self.pool,
            self.assigning,
            self.keys,
            ReportRules(settings.report_threshold, settings.report_percent, settings.report_account_hours),
            show_all=show_all,
        )
        bank = PoolBank(self.log, self.models, self.pool, self.positions)
        self.importing = ImportService(self.log, bank, Path(settings.data_dir), self.near)
        key = load_key(settings.secret_key, Path(settings.data_dir))
        self.tokens = Tokens(key)
        self.authenticator = Authenticator(self.tokens.verify, Streams(self.log).version_of)
        self.rate_limits = RateLimits(
            {
                "guests": settings.guests_per_address_per_hour,
                "registrations": settings.registrations_per_address_per_hour,
            }
        )
        self.passwords = Passwords()
        credentials = Credentials(self.keys, self.passwords)
        logins = Logins(self.log, self.keys, self.tokens, credentials, settings)
        joining = Joining(self.log, self.keys, credentials, logins)
        self.accounts = Accounts(self.log, self.models, self.keys, self.tokens, credentials, joining, logins)
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
        self.play = Play(self.assigning, self.pool, self.log, self.models, self.generation.replenishing)
        self.event_reader = EventReader(self.log, self.models)
        self.event_stream = EventStream(
            self.event_reader, self.live, self.positions, self.readiness, self.authenticator
        )
        self.counting = Counting(self.log, self.models)

    @asynccontextmanager
    async def serving(self, *, background: bool = True) -> AsyncIterator[None]:
        """Load the pool, and keep it and the live views following the log.

        In the `background`, update projections, seal the log and run generation jobs as well;
        otherwise another process has to. Raises LogUnavailable and LogUnprotected.
        """
        await self.storage.database.require_protected()
        await self.log.establish()
        await restore(self.models, *self.projections)
        self.live.feed("questions", QuestionPool.handles, self.pool.apply, self.pool.skip)
        self.live.feed("accounts", REVOKING, self.accounts.notice, self.accounts.notice_unreadable)
        self.live.feed("generation_jobs", ActiveJobs.handles, self.generation.active.apply)
        self.live.feed("breakers", Breakers.handles, self.breakers.apply)
        self.live.feed("provider_calls", Calls.handles, self.generation.calls.apply)
        self.live.position = await boot_pool(self.pool, self.models, await self.log.head())
        await self.generation.boot()
        await self.breakers.boot(self.live.apply)
        await self.live.catch_up()
        await self.accounts.prepare(self.live.apply)
        self.readiness.failure = None
        work = {"history": self._follow_history, "live views": self.live.run, "accounts": self.accounts.run}
        if background:
            work |= {
                "projector": self.projector.run,
                "sealing": self.sealing.run,
                "generation": self.generation.run,
                "guests": self.accounts.run_forgetting_guests,
            }
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

    async def _follow_history(self) -> None:
        """Stop the process once the log has another history: all that it holds in memory is of the old one."""
        await self.log.wait_for_other_history()
        self.readiness.starts_again = True
        raise OtherHistory("the log has another history than the one this process began with")

    async def _watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a background task; should it end with an error, let no more requests be sent here."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - whatever it is, the process no longer does its work
            self.readiness.failure = f"{name} stopped: {type(error).__name__}"
            _log.critical("background_task_stopped", task=name, exc_info=error)
            self.readiness.stopped.set()

    async def pool_at(self, position: int) -> None:
        """Wait until the pool has caught up with `position`. Raises Unavailable."""
        await self.positions.show(position)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the services on a migrated database, and close them at the end.

    Raises LogUnavailable and SettingsError.
    """
    async with open_storage(settings.database_url, PROJECTIONS) as storage:
        services = Services(settings, storage)
        try:
            yield services
        finally:
            services.passwords.close()
            await services.generation.close()
