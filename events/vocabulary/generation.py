"""Generation jobs and those who make questions.

One stream for each job: `generation-<job id>`; one for each organisation and filter: `generation-slot-<hash>`; one for the circuit breaker
of each provider: `provider-<name>`. `provider-spending` has what models were paid for besides candidates, `provider-days` where each day
began. `generation-join-<job id>-<user>` says that a user waits for the job of another, `generation-quota-…` counts the jobs of a day.

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
PendingReason = Literal["setting", "guest", "unchecked", "near_duplicate"]
"""Why a question that was added waits for approval, the first that is so: all of them do, a guest caused it, a blind check was due and
could not be made, or the bank may have the same question in other words."""
FailureCause = Literal["provider", "budget", "no_material", "rejected", "calls", "abandoned"]
"""Why a job failed: its provider failed; nobody paid for more; nobody had anything (new) on what was wanted; what came was of no use;
it took too many calls; process after process died of it. Jobs of the second and third kind could never have succeeded."""


class GenerationRequested(Event, frozen=True):
    """A job begins: `target_count` new questions for the bank of `org`. Ages are in years, both ends included.

    `guest`: the user has no account. `network` stands for the network that the request came from: a keyed digest that is another one each
    day, so that it says who shares an address today, and no more.
    """

    user: str
    org: str
    target_count: int
    trigger: Trigger
    topic: str | None = None
    min_age: int = 0
    max_age: int = 120
    difficulty: Difficulty | None = None
    guest: bool = False
    network: str | None = None


class GenerationSlotTaken(Event, frozen=True):
    """In the stream of an organisation and filter: this job is the one that runs for them, until it ends.

    `failures` counts the jobs that failed for them in a row before this one.
    """

    job: str
    failures: int = 0


class GenerationJoined(Event, frozen=True):
    """In a stream of their own: a user waits for a job that somebody else began, since it makes what they want too."""

    job: str
    user: str


class GenerationCounted(Event, frozen=True):
    """In the stream of a user or network and day: the job counts there. The stream's version is how many do."""

    job: str


class GenerationClaimed(Event, frozen=True):
    """A process works on the job until `lease_until`, in microseconds since 1970-01-01 UTC; renewed by the same `owner`."""

    owner: str
    lease_until: int


class GenerationReleased(Event, frozen=True):
    """The owner lets go of the job before its lease runs out, so that another process goes on at once."""

    owner: str


class CandidatesReceived(Event, frozen=True):
    """A provider answered a call: each candidate as the JSON text of an import's row, whatever it is worth.

    `cost` is in millionths of a dollar. `attempts` counts the requests that were made for it. `needs_check`: what came is not right by
    construction, as facts are, so a blind check is due where the settings say so.
    """

    call: int
    provider: str
    candidates: tuple[str, ...]
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    attempts: int = 1
    needs_check: bool = True


class ProviderFailed(Event, frozen=True):
    """A call gave nothing. `detail` is for people and holds no secret; `retry_after` in milliseconds, where the provider said.

    `attempts` counts the requests that were made, 0 where none was. After the CandidatesReceived of the same call, in the same append: that
    answer's provider stood in for this one.
    """

    call: int
    provider: str
    fault: ProviderFault
    detail: str
    retry_after: int | None = None
    attempts: int = 1


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
    """In the stream `provider-spending`: a model was paid for what is in no CandidatesReceived. `cost` in millionths of a dollar.

    `attempts` counts the requests that were made for a blind check; those for `no_candidates` are counted with their call.
    """

    provider: str
    purpose: SpendingPurpose
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    attempts: int = 1


class SpendingDayStarted(Event, frozen=True):
    """In the stream `provider-days`: what follows in the log is spent on this day or later, whatever the clocks of processes say.

    `day` counts from 1970-01-01 UTC.
    """

    day: int


class CandidateAdded(Event, frozen=True):
    """A candidate entered the bank, in the same append as its QuestionAdded; `pending` says why it waits for approval, if it does."""

    call: int
    index: int
    content: str
    pending: PendingReason | None = None


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
    """The job gave up, with `generated` of what was wanted; `reason` is for people. Early logs lack the `cause`."""

    generated: int
    reason: str
    cause: FailureCause | None = None


class GenerationCancelled(Event, frozen=True):
    """Someone stopped the job."""

    by: str
    generated: int


class GenerationJobsRemoved(Event, frozen=True):
    """In the stream `generation-cleanup-<org>`: these ended jobs left the lists. The log keeps them."""

    org: str
    jobs: tuple[str, ...]
