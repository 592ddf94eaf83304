"""Giving out questions that the user has never had.

A user's assignments are one stream. What they were given is folded into a bitmap that this process keeps; a draw chooses among the
pool's candidates that are not in it, and appends one event that expects the stream's version. If another process has been
faster, the append is refused, the tail is read, and the choice is made again: nobody is ever given the same question twice.
"""

import asyncio
import hashlib
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from events.log import Appended, Command, Context, EventLog, StreamMoved, StreamWrite
from events.vocabulary import Event
from events.vocabulary.assignments import QuestionsAssigned, SeenReset
from projections.engine.projection import decode
from projections.engine.store import ReadModels
from projections.engine.user_state import catch_up, load_state, stream_of
from projections.models.question_pool import Filter, QuestionPool
from projections.models.seen_sets import SEEN_SETS, SeenSet
from trivia.http.access import Identity
from trivia.http.problems import Conflicting, NotFound, Unavailable
from trivia.questions.play.choosing import Chooser
from trivia.questions.review.decide import answer_question

ATTEMPTS: Final = 100
"""How often something is decided again when other processes keep writing to the same user's stream."""
PATIENCE: Final = 3
"""Attempts after which it is left to chance who goes next: each waits up to so many milliseconds as it has made attempts."""


class Draw(msgspec.Struct, frozen=True):
    """What is asked for: at most `limit` questions that fit."""

    limit: int
    wanted: Filter


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """What was given: question numbers in order, how many more there are, the event's position (0 when nothing was given)."""

    questions: tuple[int, ...] | list[int]
    remaining: int
    position: int


class Answered(msgspec.Struct, frozen=True):
    """How an answer fared."""

    correct: bool
    answer: str
    explanation: str | None


class _User:
    """A user's state in this process: always a fold of some first part of their stream, up to `state.version`."""

    __slots__ = ("chooser", "lock", "state")

    def __init__(self, state: SeenSet) -> None:
        self.state = state
        self.lock = asyncio.Lock()
        self.chooser = Chooser()

    def evolve(self, event: Event) -> None:
        self.state.evolve(event, self.state.version + 1)
        if isinstance(event, QuestionsAssigned):
            self.chooser.take(event.questions)
        else:
            self.chooser.forget()


class Assigning:
    """Draws, answers and resets, one user at a time in this process, any number of users at once.

    `show_all` waits until the pool has taken in all that the log has.
    """

    def __init__(
        self,
        log: EventLog,
        models: ReadModels,
        pool: QuestionPool,
        cached_users: int,
        *,
        show_all: Callable[[], Awaitable[None]],
    ) -> None:
        self._log = log
        self._models = models
        self._pool = pool
        self._cached_users = cached_users
        self._show_all = show_all
        self._users: OrderedDict[str, _User] = OrderedDict()
        self._dice = random.Random()  # noqa: S311 - chance, not secrecy

    async def draw(
        self, identity: Identity, asked: Draw, key: str | None = None, context: Context | None = None
    ) -> Drawn:
        """Give the user questions; with an idempotency key, a repetition gives the same ones again.

        Raises CommandReused, LogUnavailable, and Unavailable when the stream would not hold still.
        """
        command = None if key is None else _command(identity.user, key, asked)
        user = await self._user(identity.user)
        async with user.lock:
            if command and (known := await self._log.find_command(command)):
                return await self._replayed(identity, user, asked, known)
            checked = False
            for attempt in range(ATTEMPTS):
                if attempt > PATIENCE:
                    await self._give_way(attempt)
                candidates = self._pool.candidates(identity.org, asked.wanted)
                chosen, unseen = user.chooser.choose(candidates, user.state.seen, asked.limit, self._dice)
                if unseen < asked.limit and not checked:
                    # Another process may have reset the seen set; an append would find out, but there may be nothing to append.
                    checked = True
                    await self._catch_up(user, identity.user)
                    continue
                if not chosen and command is None:
                    return Drawn((), 0, 0)
                wanted = asked.wanted
                event = QuestionsAssigned(tuple(chosen), wanted.age, wanted.topic, wanted.difficulty)
                appended = await self._append(identity, user, event, command, context)
                if appended is None:
                    continue
                if appended.replayed:
                    return await self._replayed(identity, user, asked, appended)
                return Drawn(chosen, unseen - len(chosen), appended.last)
        raise Unavailable("Too many requests of this user at once.")

    async def answer(
        self, identity: Identity, number: int, answer: str, context: Context | None = None
    ) -> tuple[Answered, int]:
        """Judge the user's answer to a question that they were given, once; and the event's position.

        Raises NotFound, Conflicting, Unprocessable, LogUnavailable and Unavailable.
        """
        user = await self._user(identity.user)
        async with user.lock:
            checked = False
            for attempt in range(ATTEMPTS):
                if attempt > PATIENCE:
                    await self._give_way(attempt)
                question = self._pool.question(number)
                if not checked and (question is None or not user.state.may_answer(number)):
                    # Another process may have given them the question, or reset what they have seen, and this one not know of it.
                    checked = True
                    await self._catch_up(user, identity.user)
                    if question is None and user.state.was_given(number):
                        await self._show_all()
                    continue
                if question is None:
                    raise NotFound("You were not given a question with this id.")
                event = answer_question(user.state, question, answer)
                appended = await self._append(identity, user, event, None, context)
                if appended is not None:
                    return Answered(event.correct, question.answer, self._pool.explanation(number)), appended.last
        raise Unavailable("Too many requests of this user at once.")

    async def reset(self, identity: Identity, context: Context | None = None) -> int:
        """Let questions come again; the event's position. Raises LogUnavailable and Unavailable."""
        user = await self._user(identity.user)
        async with user.lock:
            for attempt in range(ATTEMPTS):
                if attempt > PATIENCE:
                    await self._give_way(attempt)
                appended = await self._append(identity, user, SeenReset(), None, context)
                if appended is not None:
                    return appended.last
        raise Unavailable("Too many requests of this user at once.")

    async def seen(self, identity: Identity) -> SeenSet:
        """What the user was given, as of now in every process; not to be changed. Raises LogUnavailable."""
        user = await self._user(identity.user)
        async with user.lock:
            await self._catch_up(user, identity.user)
            return user.state

    async def _give_way(self, attempt: int) -> None:
        await asyncio.sleep(self._dice.random() * attempt / 1000)

    async def _append(
        self, identity: Identity, user: _User, event: Event, command: Command | None, context: Context | None
    ) -> Appended | None:
        """Append to the user's stream; None when it had moved, and the state has been brought up to date."""
        write = StreamWrite(stream_of(identity.user), user.state.version, (event,))
        try:
            appended = await self._log.append(
                (write,), command=command, context=context or Context(identity.org, identity.user)
            )
        except StreamMoved:
            await self._catch_up(user, identity.user)
            return None
        if not appended.replayed:
            user.evolve(event)
        return appended

    async def _catch_up(self, user: _User, user_id: str) -> None:
        user.chooser.forget()
        await catch_up(self._log, user.state, user_id)

    async def _replayed(self, identity: Identity, user: _User, asked: Draw, appended: Appended) -> Drawn:
        """What the same command gave the first time."""
        (recorded,) = await self._log.read(appended.first - 1, limit=1)
        event = decode(recorded).event
        if not isinstance(event, QuestionsAssigned):
            raise Conflicting("This Idempotency-Key was used before for another request.")
        await self._catch_up(user, identity.user)
        candidates = self._pool.candidates(identity.org, asked.wanted)
        return Drawn(event.questions, candidates.unseen(user.state.seen), appended.last)

    async def _user(self, user_id: str) -> _User:
        user = self._users.get(user_id)
        if user is not None:
            self._users.move_to_end(user_id)
            return user
        state = await load_state(self._log, self._models, SEEN_SETS, SeenSet, user_id)
        # Another task may have loaded the same user meanwhile; the first one in stays, since its lock may be held.
        user = self._users.setdefault(user_id, _User(state))
        if len(self._users) > self._cached_users:
            self._users.popitem(last=False)
        return user


def _command(user: str, key: str, asked: Draw) -> Command:
    """An idempotency key is the user's own: the same key of another user is another command."""
    name = hashlib.sha256(f"{user}\0{key}".encode()).hexdigest()
    return Command(f"draw-{name}", hashlib.sha256(msgspec.json.encode(asked)).digest())
