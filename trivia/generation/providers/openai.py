"""Any endpoint that speaks OpenAI's chat completions: OpenAI itself, and the many servers and gateways that do as it does."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from events.vocabulary.generation import SpendingPurpose, TokensSpent
from trivia.generation.budget.quotas import OPERATOR, limits_of
from trivia.generation.budget.spending import Spending, payer
from trivia.generation.llm.answers import candidates_of, solution_of
from trivia.generation.llm.completions import (
    Completion,
    NotUnderstood,
    estimate_asked,
    failure_of,
    read_completion,
)
from trivia.generation.llm.prompts import Task, generation_task, solving_task, strict_schema
from trivia.generation.llm.resilience import Resilience
from trivia.generation.providers.provider import (
    Answer,
    BudgetLeft,
    Parts,
    Provider,
    ProviderError,
    ProviderHealth,
    Wanted,
)
from trivia.settings import PREFIX, Settings, SettingsError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

QUESTIONS_A_CALL: Final = 10
"""More at once repeat each other, and more is lost when an answer is cut."""
HEALTH_SECONDS: Final = 5.0
"""How long a question whether the endpoint is reachable may take, and how long its answer is good for."""
MICRO: Final = 1_000_000

DIALECTS: Final = ("json_schema", "json_object", "text")
"""How an endpoint is asked for JSON, best first; many know only the later ones."""

_T = TypeVar("_T")


class _Reach(NamedTuple):
    """Whether the endpoint answered, when last it was asked, on the monotonic clock."""

    at: float
    reachable: bool
    latency_ms: float
    detail: str | None


class _Asked:
    """One thing that the model is asked for, with how many requests that has taken."""

    def __init__(self, task: Task, purpose: SpendingPurpose) -> None:
        self.task = task
        self.purpose = purpose
        self.attempts = 0


class OpenAIProvider(Provider):
    """Asks a model; retries, a circuit breaker and a daily budget stand between it and the endpoint."""

    name: ClassVar[str] = "openai"

    def __init__(self, settings: Settings, spending: Spending, resilience: Resilience) -> None:
        self._settings = settings
        self._spending = spending
        self._resilience = resilience
        self._opening = asyncio.Lock()
        self._client: AsyncOpenAI | None = None
        self._dialect = 0
        self._asking_health = asyncio.Lock()
        self._health: _Reach | None = None

    async def generate(self, wanted: Wanted) -> Answer:
        """See Provider.generate."""
        if wanted.count <= 0 or wanted.min_age > wanted.max_age:
            return Answer(())
        wanted = msgspec.structs.replace(wanted, count=min(wanted.count, QUESTIONS_A_CALL))
        asked = _Asked(generation_task(wanted), "no_candidates")
        completion, candidates = await self._ask(asked, partial(_candidates, wanted=wanted))
        return Answer(
            candidates,
            completion.model,
            completion.input_tokens,
            completion.output_tokens,
            self._cost(completion),
            attempts=asked.attempts,
        )

    async def solve(self, prompt: str, options: tuple[str, ...]) -> str | None:
        """See Provider.solve."""
        asked = _Asked(solving_task(prompt, options), "blind_check")
        try:
            completion, solution = await self._ask(asked, lambda completion: solution_of(_text(completion), options))
        except ProviderError:
            await self._record(Completion(), asked)
            raise
        await self._record(completion, asked)
        return solution

    async def _ask(self, asked: "_Asked", read: Callable[[Completion], _T]) -> tuple[Completion, _T]:
        async def attempt() -> tuple[Completion, _T]:
            await self._check_budget()
            try:
                completion = await self._complete(asked)
            except ProviderError as error:
                if error.fault == "timeout":
                    # The model was asked, and what it wrote is paid for even though it came too late.
                    await self._record(Completion(input_tokens=estimate_asked(asked.task.messages)), asked, attempts=0)
                raise
            try:
                if completion.failure is not None:
                    raise completion.failure
                return completion, read(completion)
            except ProviderError:
                await self._record(completion, asked, attempts=0)
                raise

        try:
            return await self._resilience.run(attempt)
        except ProviderError as error:
            error.attempts = asked.attempts
            raise

    async def _complete(self, asked: "_Asked") -> Completion:
        """One answer, asked for in the best way that the endpoint is known to understand. Raises ProviderError."""
        first: ProviderError | None = None
        for dialect in range(self._dialect, len(DIALECTS)):
            try:
                completion = await self._send(asked, DIALECTS[dialect])
            except ProviderError as error:
                first = first or error
                if not isinstance(error, NotUnderstood):
                    raise
            else:
                # Remembered once it has proved to be the way of asking that was wrong, and not the request.
                self._dialect = dialect
                return completion
        raise first or ProviderError("client_error", "there is no way to ask this endpoint")

    async def _send(self, asked: "_Asked", dialect: str) -> Completion:
        client, library = await self._open()
        task = asked.task
        more: dict[str, Any] = {}
        if dialect == "json_schema":
            schema = {"name": "answer", "strict": True, "schema": strict_schema(task.shape)}
            more["response_format"] = {"type": dialect, "json_schema": schema}
        elif dialect == "json_object":
            more["response_format"] = {"type": dialect}
        asked.attempts += 1
        try:
            # The client's own time-out is for each read, so an endpoint that drips would never reach it.
            async with asyncio.timeout(self._settings.openai_timeout_seconds):
                response = await client.chat.completions.with_raw_response.create(
                    model=self._settings.openai_model,
                    messages=task.messages,  # type: ignore[arg-type] # plain dicts of the same form
                    **more,
                )
        except (library.OpenAIError, TimeoutError) as error:
            raise failure_of(error) from None
        completion = read_completion(response.content, task.messages)
        if isinstance(completion.failure, NotUnderstood):
            raise completion.failure
        return completion

    async def _open(self) -> "tuple[AsyncOpenAI, ModuleType]":
        """The client and its library, which takes a second to import: in a thread, when it is first needed."""
        async with self._opening:
            return await asyncio.to_thread(self._connect) if self._client is None else self._connect()

    def _connect(self) -> "tuple[AsyncOpenAI, ModuleType]":
        import openai

        if self._client is None:
            client = openai.AsyncOpenAI(
                # Many local servers want no key, but the library does.
                api_key=self._settings.openai_api_key or "none",
                base_url=self._settings.openai_base_url or OPENAI_URL,
                organization=self._settings.openai_organization,
                timeout=self._settings.openai_timeout_seconds,
                max_retries=0,
            )
            # Imports what is used of it.
            _ = client.chat.completions.with_raw_response, client.models
            self._client = client
        return self._client, openai

    async def _check_budget(self) -> None:
        left = await self._budget_left(begin=True)
        if left.tokens == 0 or left.cost == 0:
            what = "tokens" if left.tokens == 0 else "dollars"
            raise ProviderError("budget_spent", f"today's {what} are spent", self._spending.seconds_to_midnight())
        paying = payer.get()
        if paying is None or paying.context.actor in {None, OPERATOR}:
            return
        spent = await self._spending.tokens_of(paying.context.actor or "", paying.network)
        limits = limits_of(self._settings, guest=paying.guest)
        if any(tokens >= limit.tokens for tokens, limit in zip(spent, limits, strict=True)):
            words = "what may be spent for one user or network today is spent"
            raise ProviderError("budget_spent", words, self._spending.seconds_to_midnight())

    async def _budget_left(self, *, begin: bool = False) -> BudgetLeft:
        tokens, cost = self._settings.openai_daily_tokens, self._settings.openai_daily_cost
        if tokens is None and cost is None:
            return BudgetLeft()
        spent_tokens, spent_cost = await self._spending.today(begin=begin)
        return BudgetLeft(
            None if tokens is None else max(0, tokens - spent_tokens),
            None if cost is None else max(0.0, (round(cost * MICRO) - spent_cost) / MICRO),
        )

    def _cost(self, completion: Completion) -> int:
        # Dollars for a million tokens are millionths of a dollar for one.
        settings = self._settings
        return round(
            completion.input_tokens * settings.openai_input_price
            + completion.output_tokens * settings.openai_output_price
        )

    async def _record(self, completion: Completion, asked: "_Asked", *, attempts: int | None = None) -> None:
        """Count what is in no CandidatesReceived; `attempts` are all that were made, unless they are counted elsewhere."""
        tokens = completion.input_tokens, completion.output_tokens
        made = asked.attempts if attempts is None else attempts
        spent = TokensSpent(self.name, asked.purpose, completion.model, *tokens, self._cost(completion), made)
        await self._spending.record(spent)

    async def health(self) -> ProviderHealth:
        """See Provider.health. The endpoint is asked for its models, which costs nothing, at most once in HEALTH_SECONDS."""
        async with self._asking_health:
            if self._health is None or time.monotonic() >= self._health.at + HEALTH_SECONDS:
                self._health = await self._reach()
            reach = self._health
        breaker = self._resilience.breaker
        failure = f"calls fail, at last with {breaker.last_failure}" if breaker.last_failure else None
        return ProviderHealth(
            self.name,
            reach.reachable,
            self._settings.openai_model,
            reach.latency_ms,
            breaker.state,
            await self._budget_left(),
            reach.detail or failure,
        )

    async def probe(self) -> None:
        """See Provider.probe. Costs about two hundred tokens."""
        if await self.solve("What is 2 plus 3?", ("4", "5", "6", "7")) is None:
            raise ProviderError("unusable", "the model does not answer in the form that it is asked for")

    async def _reach(self) -> _Reach:
        client, library = await self._open()
        began = time.monotonic()
        reachable, detail = True, None
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                await client.models.with_raw_response.list()
        except (library.OpenAIError, TimeoutError) as error:
            # Not every server lists its models; who says so is there.
            reachable = getattr(error, "status_code", None) in {404, 405, 429, 501}
            detail = None if reachable else failure_of(error).detail
        ended = time.monotonic()
        return _Reach(ended, reachable, round((ended - began) * 1e3, 1), detail)

    async def close(self) -> None:
        """See Provider.close."""
        if self._client is not None:
            await self._client.close()


OPENAI_URL: Final = "https://api.openai.com/v1"


def is_configured(settings: Settings) -> bool:
    """Whether there is an endpoint to ask."""
    return settings.openai_api_key is not None or settings.openai_base_url is not None


def make(parts: Parts, patience: float | None = None) -> OpenAIProvider:
    """The provider; `patience` as of Resilience. Raises SettingsError."""
    settings, faults = parts.settings, []
    if not is_configured(settings):
        faults.append(f"{PREFIX}OPENAI_API_KEY: the provider openai needs a key, or {PREFIX}OPENAI_BASE_URL")
    if settings.openai_daily_cost is not None and not (settings.openai_input_price or settings.openai_output_price):
        faults.append(f"{PREFIX}OPENAI_DAILY_COST: without the prices of tokens nothing can be counted against it")
    try:
        _ = urlsplit(settings.openai_base_url or OPENAI_URL).port
    except ValueError as error:
        faults.append(f"{PREFIX}OPENAI_BASE_URL: {error}")
    if faults:
        raise SettingsError("\n".join(faults))
    breaker = parts.breakers.of(OpenAIProvider.name)
    resilience = Resilience(settings.openai_retries, breaker, parts.breakers.tell, patience=patience)
    return OpenAIProvider(settings, parts.spending, resilience)


def _candidates(completion: Completion, wanted: Wanted) -> tuple[str, ...]:
    return candidates_of(_text(completion), wanted)


def _text(completion: Completion) -> str:
    if completion.refused:
        raise ProviderError("refused", "the model declined to answer")
    return completion.text
