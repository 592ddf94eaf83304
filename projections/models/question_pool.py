"""The question pool: the bank in memory, as bitmaps to choose from and bytes to send.

Each process holds one, booted from the questions table at its checkpoint and fed by the log from there.
"""

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from pyroaring import BitMap

from events.log import Recorded
from events.registry import Event
from events.vocabulary.accounts import PUBLIC_ORG, OrganisationMade
from events.vocabulary.decoding import Decoded
from events.vocabulary.questions import Difficulty, QuestionAdded, QuestionApproved, QuestionRetired

MAX_CACHED_NUMBERS: Final = 16_000_000
"""Question numbers in all cached candidates together.

At 4 bytes each, and as much again at most in bitmaps.
"""


class Question(msgspec.Struct, frozen=True):
    """A question as clients receive it."""

    id: int
    prompt: str
    options: tuple[str, ...]
    answer: str
    topic: str
    min_age: int
    max_age: int
    difficulty: Difficulty | None


class Filter(msgspec.Struct, frozen=True):
    """What a question must fit. `topic` in any letter case; `age` in years."""

    topic: str | None = None
    difficulty: Difficulty | None = None
    age: int | None = None


class Candidates:
    """The questions that fit a filter.

    Never changed once made, so they may be shared and recognised by identity.
    """

    __slots__ = ("_numbers", "bits")

    def __init__(self, bits: BitMap) -> None:
        self.bits = bits
        self._numbers: array[int] | None = None

    @property
    def numbers(self) -> "array[int]":
        """The same, in ascending order.

        Finding the n-th in a bitmap takes a search, and a draw asks for many.
        """
        if self._numbers is None:
            self._numbers = array("I", self.bits)
        return self._numbers

    def unseen(self, seen: BitMap) -> int:
        """How many of them were not seen."""
        return len(self.bits) - self.bits.intersection_cardinality(seen)


class _Bank:
    """The questions of one organisation, indexed."""

    def __init__(self) -> None:
        self.active = BitMap()
        self.pending = BitMap()
        self.by_topic: dict[str, tuple[str, BitMap]] = {}
        self.by_difficulty: defaultdict[str | None, BitMap] = defaultdict(BitMap)
        self.by_ages: defaultdict[tuple[int, int], BitMap] = defaultdict(BitMap)

    def add(self, number: int, question: QuestionAdded) -> None:
        (self.pending if question.pending else self.active).add(number)
        folded = question.topic.casefold()
        if folded not in self.by_topic:
            self.by_topic[folded] = (question.topic, BitMap())
        self.by_topic[folded][1].add(number)
        self.by_difficulty[question.difficulty].add(number)
        self.by_ages[question.min_age, question.max_age].add(number)

    def matching(self, wanted: Filter) -> BitMap:
        found = self.active
        if wanted.topic is not None:
            entry = self.by_topic.get(wanted.topic.casefold())
            found = found & entry[1] if entry else BitMap()
        if wanted.difficulty is not None:
            found = found & self.by_difficulty.get(wanted.difficulty, BitMap())
        if wanted.age is not None:
            fitting = [bits for (low, high), bits in self.by_ages.items() if low <= wanted.age <= high]
            found = found & (BitMap.union(*fitting) if fitting else BitMap())
        return found


_encode = msgspec.json.Encoder().encode


class QuestionPool:
    """What may be given out, to whom, and its bytes.

    Not safe for threads; the event loop owns it.
    """

    handles: ClassVar[frozenset[type[Event]]] = frozenset(
        {QuestionAdded, QuestionApproved, QuestionRetired, OrganisationMade}
    )
    """The events it takes note of."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = [b""]
        self._explanations: dict[int, str] = {}
        self._banks: defaultdict[str, _Bank] = defaultdict(_Bank)
        self._closed_orgs: set[str] = set()
        # Private questions by content: should the shared bank get the same one later, their organisation must not see it twice.
        self._private: defaultdict[str, list[str]] = defaultdict(list)
        self._shadowed: defaultdict[str, BitMap] = defaultdict(BitMap)
        self._candidates: OrderedDict[tuple[str, Filter], Candidates] = OrderedDict()
        self._cached = 0

    def apply(self, decoded: Decoded) -> None:
        """Fold one event."""
        match decoded.event:
            case QuestionAdded() as added:
                self.add(len(self._bodies), added)
            case QuestionApproved(question=number):
                self.approve(number)
            case QuestionRetired(question=number):
                self.retire(number)
            case OrganisationMade() as made:
                self.set_shared(made.org, shared=made.shared_bank)
            case _:
                pass
        self._forget_candidates()

    def add(self, number: int, added: QuestionAdded) -> None:
        """Add the next question, to be given out unless it is pending.

        Numbers count up from 1 without a gap.
        """
        if number != len(self._bodies):
            raise ValueError(f"question {number} after question {len(self._bodies) - 1}")
        body = _encode(
            Question(
                number,
                added.prompt,
                added.options,
                added.answer,
                added.topic,
                added.min_age,
                added.max_age,
                added.difficulty,
            )
        )
        if added.explanation is not None:
            self._explanations[number] = added.explanation
        self._banks[added.org].add(number, added)
        if added.org != PUBLIC_ORG:
            self._private[added.content].append(added.org)
        else:
            for org in self._private.get(added.content, ()):
                self._shadowed[org].add(number)
        # Last, so that a question that failed has no number yet, and `skip` gives it one.
        self._bodies.append(body)

    def skip(self, recorded: Recorded) -> None:
        """Keep the number of a question that could not be added, so that later ones have the same in every process."""
        if recorded.type == QuestionAdded.__name__:
            self.retire(len(self._bodies))
            self._bodies.append(b"")

    def approve(self, number: int) -> None:
        """Give a pending question out from now on; of no effect on any other."""
        for bank in self._banks.values():
            if number in bank.pending:
                bank.pending.discard(number)
                bank.active.add(number)
        self._forget_candidates()

    def retire(self, number: int) -> None:
        """Give a question out no more."""
        for bank in self._banks.values():
            bank.active.discard(number)
            bank.pending.discard(number)
        self._forget_candidates()

    def pending(self, org: str) -> BitMap:
        """The questions of the organisation's own bank that wait for approval.

        Not to be changed.
        """
        return self._banks[org].pending if org in self._banks else BitMap()

    def is_in_bank(self, org: str, number: int) -> bool:
        """Whether a question is in the organisation's own bank, neither retired nor pending."""
        return org in self._banks and number in self._banks[org].active

    def draws_shared(self, org: str) -> bool:
        """Whether users of `org` are given questions of the shared bank."""
        return org not in self._closed_orgs

    def set_shared(self, org: str, *, shared: bool) -> None:
        """Say whether an organisation draws from the shared bank as well as its own.

        At first each does.
        """
        (self._closed_orgs.discard if shared else self._closed_orgs.add)(org)

    def candidates(self, org: str, wanted: Filter) -> Candidates:
        """The questions that users of `org` may be given."""
        key = (org, wanted)
        found = self._candidates.get(key)
        if found is None:
            found = self._candidates[key] = Candidates(self._find(org, wanted))
            self._cached += len(found.bits)
            while self._cached > MAX_CACHED_NUMBERS and len(self._candidates) > 1:
                self._cached -= len(self._candidates.popitem(last=False)[1].bits)
        return found

    def _forget_candidates(self) -> None:
        self._candidates.clear()
        self._cached = 0

    def _find(self, org: str, wanted: Filter) -> BitMap:
        shared = self._banks[PUBLIC_ORG].matching(wanted)
        if org == PUBLIC_ORG:
            return BitMap(shared)
        own = self._banks[org].matching(wanted) if org in self._banks else BitMap()
        if org in self._closed_orgs:
            return BitMap(own)
        return own | (shared - self._shadowed[org] if org in self._shadowed else shared)

    def bodies(self, numbers: Sequence[int]) -> list[bytes]:
        """Questions as JSON, as they are sent."""
        found = self._bodies
        return [found[number] for number in numbers]

    def question(self, number: int) -> Question | None:
        """The question with this number, pending, retired or neither.

        None if the pool does not (yet) have it.
        """
        if not 0 < number < len(self._bodies) or not self._bodies[number]:
            return None
        return msgspec.json.decode(self._bodies[number], type=Question)

    @property
    def last(self) -> int:
        """The number of the last question, 0 where there is none."""
        return len(self._bodies) - 1

    def owner(self, number: int) -> str | None:
        """Whose bank a question is in, pending ones too; None if it was retired or is not known."""
        # Most are in the shared bank, which is looked at first.
        shared = self._banks[PUBLIC_ORG]
        if number in shared.active or number in shared.pending:
            return PUBLIC_ORG
        return next((org for org, bank in self._banks.items() if number in bank.active or number in bank.pending), None)

    def explanation(self, number: int) -> str | None:
        """Why the answer is right, where that is known."""
        return self._explanations.get(number)

    def count(self, org: str) -> int:
        """How many questions, retired and pending ones apart, the organisation's own bank has."""
        return len(self._banks[org].active) if org in self._banks else 0

    def topics(self, org: str) -> list[tuple[str, Candidates]]:
        """Every topic with questions for users of `org`, by name, and which they are."""
        names: dict[str, str] = {}
        for bank in (org, PUBLIC_ORG):
            if bank in self._banks and not (bank == PUBLIC_ORG != org and org in self._closed_orgs):
                for folded, (name, _) in self._banks[bank].by_topic.items():
                    names.setdefault(folded, name)
        listed = [(name, self.candidates(org, Filter(topic=name))) for _, name in sorted(names.items())]
        return [(name, questions) for name, questions in listed if questions.bits]
