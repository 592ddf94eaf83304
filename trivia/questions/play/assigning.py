"""Assigns questions that the user has never been given.

A user's assignments are one stream. What they were given is folded into a bitmap that this process
keeps; a draw chooses among the pool's candidates that are not in it, and appends one event that
expects the stream's version. If another process has been faster, the append is refused, the tail is
read, and the choice is made again: nobody is ever given the same question twice.
"""

import asyncio
import hashlib
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec
from pyroaring import BitMap

from events.log import Appended, Command, Context, EventLog, StreamMoved, StreamWrite
from events.registry import Event
from events.retry import retry_on_conflict
from events.vocabulary.assignments import QuestionsAssigned, SeenReset
from events.vocabulary.decoding import decode
from projections.engine.store import ReadModels
from projections.engine.user_state import catch_up, load_state, stream_of
from projections.models.question_pool import Filter, QuestionPool
from projections.models.seen_sets import SEEN_SETS, SeenSet
from trivia.http.access import Identity
from trivia.http.problems import Conflicting, NotFound
from trivia.questions.play.choosing import Chooser, pick
from trivia.questions.review.decide import answer_question


class Draw(msgspec.Struct, frozen=True):
    """What is asked for: at most `limit` questions that fit."""

    limit: int
    wanted: Filter


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """The result of a draw: question numbers, how many are left, the event's position or 0.

    `fitting` counts those that are what was meant: without an age, questions for children alone
    only stand in.
    """

    questions: tuple[int, ...] | list[int]
    remaining: int
    position: int
    fitting: int = 0


class Answered(msgspec.Struct, frozen=True):
    """The result of an answer."""

    correct: bool
    answer: str
    explanation: str | None


class _User:
    """A user's state in this process: their stream folded up to `state.version`."""

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
    """Draws, answers and resets: one at a time for each user, any number of users at once.

    `show_all` waits until the pool has caught up with the log.
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

        Raises CommandReused, LogUnavailable, and StreamMoved when other processes keep writing to
        the user's stream.
        """
        command = None if key is None else _command(identity.user, key, asked)
        user = await self._user(identity.user)
        async with user.lock:
            if command and (known := await self._log.find_command(command)):
                return await self._replayed(identity, user, asked, known)
            return await retry_on_conflict(lambda: self._try_to_draw(identity, user, asked, command, context))

    async def _try_to_draw(
        self, identity: Identity, user: _User, asked: Draw, command: Command | None, context: Context | None
    ) -> Drawn:
        chosen, unseen, fitting = self._choose(identity, user, asked)
        if unseen < asked.limit:
            # Another process may have reset the seen set; an append would find out, but there may be nothing to append.
            await self._catch_up(user, identity.user)
            chosen, unseen, fitting = self._choose(identity, user, asked)
        if not chosen and command is None:
            return Drawn((), 0, 0)
        wanted = asked.wanted
        event = QuestionsAssigned(tuple(chosen), wanted.age, wanted.topic, wanted.difficulty)
        appended = await self._append(identity, user, event, command, context)
        if appended.replayed:
            return await self._replayed(identity, user, asked, appended)
        return Drawn(chosen, unseen - len(chosen), appended.last, fitting)

    def _choose(self, identity: Identity, user: _User, asked: Draw) -> tuple[list[int], int, int]:
        """Questions for the user, how many they have not seen, and how many are no mere stand-ins.

        Who says no age is no child, so what is for children alone comes last.
        """
        seen, limit = user.state.seen, asked.limit
        candidates = self._pool.candidates(identity.org, asked.wanted)
        first = candidates
        if asked.wanted.age is None:
            first = self._pool.grown_up_candidates(identity.org, asked.wanted)
        chosen, unseen = user.chooser.choose(first, seen, limit, self._dice)
        if first is candidates:
            return chosen, unseen, len(chosen)
        fitting = len(chosen)
        if fitting < limit:
            chosen += pick(candidates.bits - seen - BitMap(chosen), limit - fitting, self._dice)
        return chosen, candidates.unseen(seen), fitting

    async def answer(
        self, identity: Identity, number: int, answer: str, context: Context | None = None
    ) -> tuple[Answered, int]:
        """Judge an answer to a question that the user was given, once; also the event's position.

        Raises NotFound, Conflicting, Unprocessable, LogUnavailable and StreamMoved.
        """
        user = await self._user(identity.user)

        async def attempt() -> tuple[Answered, int]:
            question = self._pool.question(number)
            if question is None or not user.state.may_answer(number):
                # Another process may have given the question, or reset what was seen, and this one not have heard of it.
                await self._catch_up(user, identity.user)
                if question is None and user.state.was_given(number):
                    await self._show_all()
                    question = self._pool.question(number)
            if question is None:
                raise NotFound("You were not given a question with this id.")
            event = answer_question(user.state, question, answer)
            appended = await self._append(identity, user, event, None, context)
            return Answered(event.correct, question.answer, self._pool.explanation(number)), appended.last

        async with user.lock:
            return await retry_on_conflict(attempt)

    async def reset(self, identity: Identity, context: Context | None = None) -> int:
        """Let questions come again; the event's position. Raises LogUnavailable and StreamMoved."""
        user = await self._user(identity.user)
        async with user.lock:
            appended = await retry_on_conflict(lambda: self._append(identity, user, SeenReset(), None, context))
        return appended.last

    async def seen(self, identity: Identity) -> SeenSet:
        """What the user was given, as of now in every process; not to be changed.

        Raises LogUnavailable.
        """
        user = await self._user(identity.user)
        async with user.lock:
            await self._catch_up(user, identity.user)
            return user.state

    async def _append(
        self, identity: Identity, user: _User, event: Event, command: Command | None, context: Context | None
    ) -> Appended:
        """Append to the user's stream.

        When it has moved, brings the state up to date and raises StreamMoved.
        """
        write = StreamWrite(stream_of(identity.user), user.state.version, (event,))
        try:
            appended = await self._log.append(
                (write,), command=command, context=context or Context(identity.org, identity.user)
            )
        except StreamMoved:
            await self._catch_up(user, identity.user)
            raise
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
        given = event.questions
        return Drawn(given, candidates.unseen(user.state.seen), appended.last, len(given))

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
