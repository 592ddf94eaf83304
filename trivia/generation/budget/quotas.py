"""What one user, and all who share a network, may have made in a day (UTC): so that nobody spends what is meant for all.

A user's or network's jobs of a day are a stream, whose version is their number. A job begins in one append with its places there taken
at the versions that were looked at, so however many requests come at once, in whatever processes, no more get through. Tokens are
counted from the log and not known before they are spent, so what is under way may overdraw them.
"""

import hmac
from hashlib import sha256
from typing import Final

import msgspec

from events.log import EventLog, StreamWrite
from events.vocabulary.generation import GenerationCounted, GenerationRequested
from trivia.generation.budget.spending import DAY_SECONDS, Spending
from trivia.generation.streams import quota_stream
from trivia.http.limits import network_of
from trivia.settings import Settings

OPERATOR: Final = "command-line"
"""Stands for whoever runs commands of the installation, for whom there are no limits but the budget."""

_MICROSECONDS: Final = 1_000_000
_DIGITS: Final = 16


class Exhausted(msgspec.Struct, frozen=True):
    """No job may be started before midnight, in so many seconds; `reason` is for people."""

    reason: str
    retry_after: int


class Limits(msgspec.Struct, frozen=True):
    """Jobs and tokens of a day."""

    jobs: int
    tokens: int


class Quotas:
    """See the module."""

    def __init__(self, log: EventLog, spending: Spending, settings: Settings) -> None:
        self._log = log
        self._spending = spending
        self._settings = settings

    async def take(self, asked: GenerationRequested, job_id: str, now: int) -> list[StreamWrite] | Exhausted:
        """What has to be stored with the start of a job, at `now` in microseconds; or why it may not start.

        Raises LogUnavailable.
        """
        day, left = divmod(now, DAY_SECONDS * _MICROSECONDS)
        wait = max(1, (DAY_SECONDS * _MICROSECONDS - left) // _MICROSECONDS)
        user, network = limits_of(self._settings, guest=asked.guest)
        counted = [("user", asked.user, user)]
        if asked.network is not None:
            counted.append(("network", asked.network, network))
        streams = [quota_stream(day, kind, name) for kind, name, _ in counted]
        versions = await self._log.versions(streams)
        for version, (kind, _, limits) in zip(versions, counted, strict=True):
            if version >= limits.jobs:
                return Exhausted(
                    f"{_WHOSE[kind]} started {version:,} generation jobs today, and no more may start.", wait
                )
        spent = await self._spending.tokens_of(asked.user, asked.network)
        for tokens, (kind, _, limits) in zip(spent, counted, strict=False):
            if tokens >= limits.tokens:
                return Exhausted(
                    f"{_WHOSE[kind]} spent {tokens:,} tokens of the model today, and no more may be.", wait
                )
        return [
            StreamWrite(stream, version, [GenerationCounted(job_id)])
            for stream, version in zip(streams, versions, strict=True)
        ]


_WHOSE: Final = {"user": "You have", "network": "Users of your network have"}


def limits_of(settings: Settings, *, guest: bool) -> tuple[Limits, Limits]:
    """Those of a user, and of a network."""
    user = Limits(settings.generation_user_jobs, settings.generation_user_tokens)
    if guest:
        user = Limits(settings.generation_guest_jobs, settings.generation_guest_tokens)
    return user, Limits(settings.generation_network_jobs, settings.generation_network_tokens)


class NetworkDigests:
    """Names for the networks that requests come from, which say nothing without the key, and are other ones each day."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, address: str | None, now: int) -> str | None:
        """The name, at `now` in microseconds; None where the address is not known, as of a local socket."""
        if not address:
            return None
        named = f"generation network {now // (DAY_SECONDS * _MICROSECONDS)} {network_of(address)}"
        return hmac.new(self._key, named.encode(), sha256).hexdigest()[:_DIGITS]
