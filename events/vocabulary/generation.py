"""Generation jobs and those who make questions.

One stream for each job: `generation-<job id>`; one for each user and filter: `generation-slot-<hash>`; one for the circuit breaker of each
provider: `provider-<name>`.

What a provider answered is stored before it is judged, so that whoever takes a job over pays for no answer twice; a candidate is named
by its `call` and its place in that call's answer, both counted from 0, so that none is judged twice.
"""

from typing import Literal

from events.registry import Event
from events.vocabulary.questions import Difficulty

Trigger = Literal["manual", "auto"]
Rejection = Literal["schema", "lint", "duplicate", "near_duplicate", "blind_check", "surplus"]
"""Why a candidate did not enter the bank; `surplus` when the job had all it wanted already."""
ProviderFault = Literal[
    "timeout",
    "connection",
    "rate_limited",
    "server_error",
    "client_error",
    "refused",
    "unusable",
    "breaker_open",
    "budget_spent",
    "not_configured",
]
"""How a call failed; `unusable` is an answer that was truncated, empty, not JSON or of another shape."""
SpendingPurpose = Literal["blind_check", "no_candidates"]
"""What an answer was for that is in no CandidatesReceived; `no_candidates` is one that nothing could be made of."""


class GenerationRequested(Event, frozen=True):
    """A job begins: `target_count` new questions for the bank of `org`. Ages are in years, both ends included."""

    user: str
    org: str
    target_count: int
    trigger: Trigger
    topic: str | None = None
    min_age: int = 0
    max_age: int = 120
    difficulty: Difficulty | None = None


class GenerationSlotTaken(Event, frozen=True):
    """In the stream of a user and filter: this job is the one that runs for them, until it ends.

    `failures` counts the jobs that failed for them in a row before this one.
    """

    job: str
    failures: int = 0


class GenerationClaimed(Event, frozen=True):
    """A process works on the job until `lease_until`, in microseconds since 1970-01-01 UTC; renewed by the same `owner`."""

    owner: str
    lease_until: int


class GenerationReleased(Event, frozen=True):
    """The owner lets go of the job before its lease runs out, so that another process goes on at once."""

    owner: str


class CandidatesReceived(Event, frozen=True):
    """A provider answered a call: each candidate as the JSON text of an import's row, whatever it is worth.

    `cost` is in millionths of a dollar.
    """

    call: int
    provider: str
    candidates: tuple[str, ...]
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0


class ProviderFailed(Event, frozen=True):
    """A call gave nothing. `detail` is for people and holds no secret; `retry_after` in milliseconds, where the provider said.

    After the CandidatesReceived of the same call, in the same append: that answer's provider stood in for this one.
    """

    call: int
    provider: str
    fault: ProviderFault
    detail: str
    retry_after: int | None = None


class BreakerOpened(Event, frozen=True):
    """In the stream `provider-<name>`: it failed several times in a row, or again when it was tried, so all processes leave it alone.

    `until` in microseconds since 1970-01-01 UTC; then a call may try. `fault` and `detail` are of the last failure, as in ProviderFailed;
    early logs lack them.
    """

    provider: str
    until: int
    fault: ProviderFault | None = None
    detail: str | None = None


class BreakerClosed(Event, frozen=True):
    """In the stream `provider-<name>`: a call that tried succeeded, so all processes may ask the provider again."""

    provider: str


class TokensSpent(Event, frozen=True):
    """In the stream `provider-spending`: a model was paid for what is in no CandidatesReceived. `cost` in millionths of a dollar."""

    provider: str
    purpose: SpendingPurpose
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0


class CandidateAdded(Event, frozen=True):
    """A candidate entered the bank, in the same append as its QuestionAdded."""

    call: int
    index: int
    content: str


class CandidateRejected(Event, frozen=True):
    """A candidate did not enter. `detail` says what was wrong, or which question it repeats."""

    call: int
    index: int
    reason: Rejection
    detail: str


class GenerationCompleted(Event, frozen=True):
    """The job has added all that was wanted."""

    generated: int


class GenerationFailed(Event, frozen=True):
    """The job gave up, with `generated` of what was wanted; `reason` is for people."""

    generated: int
    reason: str


class GenerationCancelled(Event, frozen=True):
    """Someone stopped the job."""

    by: str
    generated: int


class GenerationJobsRemoved(Event, frozen=True):
    """In the stream `generation-cleanup-<org>`: these ended jobs left the lists. The log keeps them."""

    org: str
    jobs: tuple[str, ...]
