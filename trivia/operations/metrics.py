"""What the service has done, counted from the log: the numbers of GET /metrics.

They are the whole installation's, so each process says the same and a restart changes none but the
uptime.
"""

import time
from collections.abc import Mapping
from typing import Final

import msgspec

from events.log import EventLog
from projections.engine.store import ReadModels
from projections.models.usage import MINUTES, Usage, read_usage

_MINUTE_SECONDS: Final = 60


class Spending(msgspec.Struct, frozen=True):
    """What providers of questions were paid, and for how much text."""

    input_tokens: int
    output_tokens: int
    cost_usd: float


class Metrics(msgspec.Struct, frozen=True):
    """Numbers since the log began, unless said otherwise.

    `position` is the position of the log up to which was counted.

    `success_rate` is the percentage of jobs completed among those that completed or failed, 100
    while there are none; `questions_per_minute` those generated in the last hour, divided by 60;
    `total_job_history` leaves out jobs that were cleaned up; `total_questions_in_db` counts retired
    ones too; `total_users` guests too, and not the forgotten; `uptime_seconds` is this process's.
    `spending` is shown to those who run the installation and is null for others.
    """

    jobs_enqueued: int
    jobs_completed: int
    jobs_failed: int
    questions_generated: int
    duplicates_skipped: int
    auto_triggers: int
    manual_triggers: int
    success_rate: float
    uptime_seconds: float
    questions_per_minute: float
    total_questions_in_db: int
    total_users: int
    active_jobs: int
    total_job_history: int
    jobs_cancelled: int
    candidates_rejected: dict[str, int]
    provider_calls: int
    provider_failures: dict[str, int]
    breaker_openings: int
    questions_imported: int
    questions_retired: int
    draws: int
    questions_assigned: int
    answers: int
    answers_correct: int
    users_registered: int
    guests_joined: int
    position: int
    spending: Spending | None = None


class Counting:
    """Counts for one process, which starts when this is made."""

    def __init__(self, log: EventLog, models: ReadModels) -> None:
        self._log = log
        self._models = models
        self._started = time.monotonic()

    async def count(self) -> Metrics:
        """The numbers of now.

        Costs three short queries, however long the log is. Raises LogUnavailable.
        """
        usage = await read_usage(self._log, self._models)
        return metrics_of(usage, now=time.time(), uptime=time.monotonic() - self._started)


def metrics_of(usage: Usage, *, now: float, uptime: float) -> Metrics:
    """The numbers that follow from what was counted.

    `now` in seconds since 1970, `uptime` in seconds.
    """
    counted = _Counted(usage.counters)
    ended = counted["jobs_completed"] + counted["jobs_failed"]
    minute = int(now) // _MINUTE_SECONDS
    recent = sum(number for at, number in usage.by_minute.items() if minute - MINUTES < at <= minute)
    plain = {name: counted[name] for name in Metrics.__struct_fields__ if name not in _DERIVED}
    return Metrics(
        **plain,
        success_rate=round(100 * counted["jobs_completed"] / ended, 2) if ended else 100.0,
        uptime_seconds=round(uptime, 1),
        questions_per_minute=round(recent / MINUTES, 2),
        total_questions_in_db=counted["questions_added"],
        total_users=counted["users_registered"] + counted["guests_joined"] - counted["subjects_forgotten"],
        active_jobs=counted["jobs_enqueued"] - ended - counted["jobs_cancelled"],
        total_job_history=counted["jobs_enqueued"] - counted["jobs_removed"],
        candidates_rejected=counted.by_label("candidates_rejected"),
        provider_failures=counted.by_label("provider_failures"),
        position=usage.position,
        spending=Spending(counted["input_tokens"], counted["output_tokens"], counted["cost"] / 1e6),
    )


_DERIVED: Final = frozenset(
    {
        "success_rate",
        "uptime_seconds",
        "questions_per_minute",
        "total_questions_in_db",
        "total_users",
        "active_jobs",
        "total_job_history",
        "candidates_rejected",
        "provider_failures",
        "position",
        "spending",
    }
)


class _Counted:
    def __init__(self, counters: Mapping[str, int]) -> None:
        self._counters = counters

    def __getitem__(self, name: str) -> int:
        return self._counters.get(name, 0)

    def by_label(self, name: str) -> dict[str, int]:
        """The counters of this name with a label, by label."""
        pairs = sorted(self._counters.items())
        return {full.removeprefix(f"{name}."): value for full, value in pairs if full.startswith(f"{name}.")}
