"""Finding the question of a bank that asks for the same fact as another, in time that does not grow with the bank."""

import asyncio
import sys
from array import array
from collections import Counter, OrderedDict
from typing import Final, NamedTuple, Protocol

from events.vocabulary.accounts import PUBLIC_ORG
from events.vocabulary.questions import QuestionAdded
from projections.models.question_pool import Question
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.near_duplicates.agreement import Agreement, compare
from trivia.questions.bank.near_duplicates.answer_comparison import compare_answers
from trivia.questions.bank.near_duplicates.gist import Gist, terms_of_answer
from trivia.questions.bank.near_duplicates.index import KeyIndex
from trivia.questions.bank.near_duplicates.keys import filed_keys, searched_keys
from trivia.questions.bank.near_duplicates.word_counts import WordCounts

COMPARED: Final = 24
"""Questions that one is compared with at most, those first that share most keys with it."""
SLICE: Final = 100
"""Questions that are taken in before others have their turn: a few milliseconds."""
MAX_EXPECTED: Final = 20_000
"""Questions on their way into the bank that are kept. The oldest go first; a pool that follows the log has them by then."""


class Pool(Protocol):
    """The bank in memory, as `projections.models.question_pool` keeps it."""

    @property
    def last(self) -> int:
        """The number of the last question, 0 where there is none."""

    def question(self, number: int) -> Question | None:
        """The question with this number."""

    def owner(self, number: int) -> str | None:
        """Whose bank a question is in; None if it was retired."""


class Same(NamedTuple):
    """The question that asks for the same fact, or may do where that is not `certain`.

    `number` is None while it is on its way into the bank.
    """

    number: int | None
    prompt: str
    certain: bool = True

    @property
    def name(self) -> str:
        """What to call it."""
        return "a question that is being added" if self.number is None else f"question {self.number}"

    @property
    def review_reason(self) -> str:
        """What to tell a reviewer of a question that may ask for the same fact."""
        return f"may be the same as {self.name}: {self.prompt}"


class NearDuplicates:
    """An index of the pool, made when it is first asked for something and kept up from then on; the event loop owns it.

    Questions on their way into the bank count too: from `expect` until they are in the pool, or until `give_up`.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._index = KeyIndex()
        self._word_counts = WordCounts()
        self._taken = 0
        # By entry of the index, the number of its question; 0 while it has none.
        self._numbers = array("I")
        self._expected: dict[int, QuestionAdded] = {}
        # Ordered, since taking the first of a plain dict again and again goes through all that was taken before.
        self._entries: OrderedDict[tuple[str, str], int] = OrderedDict()

    @property
    def backlog(self) -> int:
        """How many questions of the pool are still to be taken in, by whoever asks next."""
        return self._pool.last - self._taken

    def size_in_bytes(self) -> int:
        """What the index takes, questions on their way in apart."""
        return self._index.size_in_bytes() + sys.getsizeof(self._numbers) + self._word_counts.size_in_bytes()

    async def find(self, question: QuestionAdded) -> Same | None:
        """A question about the same fact in the organisation's own bank or the shared one, if there is one.

        The same question does not count while it is on its way in.
        """
        await self.catch_up()
        return self.find_now(question)

    async def catch_up(self) -> None:
        """Take in what the pool has, slice by slice."""
        while self.backlog:
            for number in range(self._taken + 1, min(self._taken + SLICE, self._pool.last) + 1):
                self._take(number)
            await asyncio.sleep(0)

    def expect(self, question: QuestionAdded, gist: Gist | None = None) -> None:
        """Count a question that is about to enter the bank; with its gist, where that is at hand."""
        key = (question.org, question.content)
        if key not in self._entries:
            if len(self._entries) >= MAX_EXPECTED:
                del self._expected[self._entries.popitem(last=False)[1]]
            gist = gist or Gist(question.prompt, question.options, question.answer)
            entry = self._entries[key] = self._file(gist, question.org, 0)
            self._expected[entry] = question

    def give_up(self, org: str, content: str) -> None:
        """Count a question no longer that does not enter the bank after all."""
        entry = self._entries.pop((org, content), None)
        if entry is not None:
            del self._expected[entry]

    def find_now(self, question: QuestionAdded, gist: Gist | None = None) -> Same | None:
        """See `find`; among the questions taken in so far."""
        gist = gist or Gist(question.prompt, question.options, question.answer)
        unsure = None
        for entry in self._alike(gist, question.org):
            other = self._expected.get(entry) or self._in_pool(self._numbers[entry], question.org)
            if other is None or (isinstance(other, QuestionAdded) and other.content == question.content):
                continue
            # Most end here, and need no more of a gist than this.
            if not compare_answers(gist.answer, terms_of_answer(other.answer), self._word_counts):
                continue
            agreement = compare(gist, Gist(other.prompt, other.options, other.answer), self._word_counts)
            if agreement is Agreement.OTHER:
                continue
            found = Same(self._numbers[entry] or None, other.prompt, certain=agreement is Agreement.SAME)
            if found.certain:
                return found
            unsure = unsure or found
        return unsure

    def _alike(self, gist: Gist, org: str) -> list[int]:
        """The entries that share a key with a question, those first that share most."""
        found: Counter[int] = Counter()
        for bank in {org, PUBLIC_ORG}:
            pairs, prompt = searched_keys(gist, bank, self._word_counts)
            found.update(self._index.find(pairs))
            # The same prompt is as good as all its words.
            for entry in self._index.find([prompt]):
                found[entry] += len(pairs)
        return [entry for entry, _ in found.most_common(COMPARED)]

    def _in_pool(self, number: int, org: str) -> Question | None:
        return self._pool.question(number) if number and self._pool.owner(number) in {org, PUBLIC_ORG} else None

    def _take(self, number: int) -> None:
        """Take in the next question of the pool."""
        self._taken = number
        org, question = self._pool.owner(number), self._pool.question(number)
        if org is None or question is None:
            return
        if self._entries:
            entry = self._entries.pop((org, content_identity(question.prompt, question.options)), None)
            if entry is not None:
                del self._expected[entry]
                self._numbers[entry] = number
                return
        self._file(Gist(question.prompt, question.options, question.answer), org, number)

    def _file(self, gist: Gist, org: str, number: int) -> int:
        self._word_counts.note(gist)
        self._numbers.append(number)
        return self._index.add(filed_keys(gist, org, self._word_counts))
