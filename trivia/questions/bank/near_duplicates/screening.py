"""Looking for near duplicates among the questions of one import: in the bank, and in the import itself."""

import asyncio
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Literal, Self

import msgspec

from events.vocabulary.questions import QuestionAdded
from trivia.questions.bank.near_duplicates.finder import MAX_EXPECTED, SLICE, NearDuplicates
from trivia.questions.bank.near_duplicates.gist import Gist

Mode = Literal["count", "skip", "off"]
"""What becomes of near duplicates: they are taken and counted, left out and counted, or not looked for.

Where they are left out, those that only may be near duplicates are taken as pending, with the reason, for a reviewer to decide.
"""

UNASKED_BACKLOG: Final = 100_000
"""Questions of the bank that a process takes into its index for an import that does not say whether it wants that: some seconds' work."""


class Screening:
    """Counts near duplicates. A context manager: what was screened is on its way in, unless it ends in an error or by `undo`."""

    def __init__(self, near: NearDuplicates | None, mode: Mode | None) -> None:
        if near is None or (mode is None and near.backlog > UNASKED_BACKLOG):
            mode = "off"
        self._near = near
        self._mode = mode or "count"
        self._found = 0
        self._expected: deque[tuple[str, str]] = deque(maxlen=MAX_EXPECTED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.undo()

    @property
    def found(self) -> int | None:
        """How many near duplicates there were; None where they were not looked for."""
        return None if self._mode == "off" else self._found

    async def screen(self, questions: Mapping[str, QuestionAdded]) -> dict[str, QuestionAdded]:
        """The questions that are to enter."""
        if self._near is None or self._mode == "off":
            return dict(questions)
        await self._near.catch_up()
        kept = {}
        for place, (stream, question) in enumerate(questions.items()):
            if place % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            gist = Gist(question.prompt, question.options, question.answer)
            same = self._near.find_now(question, gist)
            entering = question
            if same and same.certain:
                self._found += 1
                if self._mode == "skip":
                    continue
            elif same and self._mode == "skip":
                entering = msgspec.structs.replace(question, pending=True, review_reason=same.review_reason)
            self._near.expect(entering, gist)
            self._expected.append((question.org, question.content))
            kept[stream] = entering
        return kept

    def undo(self) -> None:
        """Nothing that was screened, and is not in the pool by now, comes in."""
        for org, content in self._expected:
            if self._near:
                self._near.give_up(org, content)
