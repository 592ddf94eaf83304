"""Questions about what belongs to what: the author of a book, the country of a dish, the series that a character is from.

A member that two groups have is never asked about and never a wrong option of either.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from trivia.generation.facts.asking.common import (
    POOL,
    capital,
    choose,
    difficulty,
    from_age,
    joined,
    known_first,
    named,
    sample,
    template,
)
from trivia.generation.facts.core import WRONG_OPTIONS, Draft, Template, fold, gives_away, shared_start
from trivia.generation.facts.tables import Entry, entries

GROWING = 13
"""What is for this age or younger may stand among the options for anybody."""

SIBLINGS = 3
"""So many others of a group are named in an explanation."""


@dataclass(frozen=True)
class Groups:
    """A table of groups and how to speak of it.

    `table` names it. `told` is a sentence without its full stop that ends with the group, since what the group is follows it; `also` names
    others: `{m}` is the member, `{g}` the group, `{s}` other members. `source` is where the facts are from. `late` makes members that stand
    later in a row harder, where a row names the best known first. `hint` leaves out what begins as its group does.
    `beside` tells of another group where this one has no other members.
    """

    table: str
    told: str
    also: str
    source: str
    late: bool = True
    hint: bool = True
    beside: str = ""

    @cached_property
    def rows(self) -> tuple[Entry, ...]:
        """The groups, without members that two of them have."""
        rows = entries(self.table)
        counted = Counter(key for row in rows for key in {fold(member) for member in row.members})
        return tuple(row._replace(members=tuple(m for m in row.members if counted[fold(m)] == 1)) for row in rows)

    def pairs(self, rng: Random) -> list[tuple[Entry, str, float]]:
        """Every group with each of its members and how well that is known."""
        found = [
            (row, member, row.fame + (0.27 * min(place, 4) if self.late else 0))
            for row in self.rows
            for place, member in enumerate(row.members)
        ]
        return known_first(rng, found, lambda each: int(each[2]))

    @cached_property
    def _rivals(self) -> dict[str, list[Entry]]:
        found = {}
        for row in self.rows:
            alike = [other for other in self.rows if other.kind == row.kind and other.group != row.group]
            found[row.group] = alike if len(alike) >= 3 else [other for other in self.rows if other.group != row.group]
        return found

    def rivals(self, row: Entry) -> list[Entry]:
        """The groups that this one may be mistaken for: those of its kind, or all where they are too few."""
        return self._rivals[row.group]

    def fit_rivals(self, row: Entry) -> list[Entry]:
        """Those rivals whose name people of the row's age may be shown; of any kind where these are too few."""
        for others in (self.rivals(row), self.rows):
            fit = [other for other in others if other.group != row.group and other.age <= max(row.age, GROWING)]
            if len(fit) >= WRONG_OPTIONS:
                return fit
        return self.rivals(row)

    def strangers(self, rng: Random, row: Entry, count: int) -> list[tuple[str, Entry]]:
        """Members of other groups, each with its own, that people of the row's age may be shown; as many of each group as chance has it."""
        groups = [other for other in self.fit_rivals(row) if other.members]
        if not groups:
            return []
        chosen = rng.choices(groups, weights=[len(other.members) for other in groups], k=count)
        return [(rng.choice(other.members), other) for other in chosen]

    def explain(self, row: Entry, member: str) -> str:
        """What is told after the answer: the group, what it is, and others that belong to it, as far as 200 characters go."""
        text = capital(self.told.format(m=member, g=named(row.group))) + (f", {row.note}" if row.note else "")
        text = text if text.endswith((".", "!")) else f"{text}."
        siblings = [m for m in row.members if m != member]
        for count in range(min(SIBLINGS, len(siblings)), 0, -1):
            longer = f"{text} {self.also.format(g=named(row.group), s=joined(siblings[:count]))}" if self.also else text
            if len(longer) <= 200:
                return longer
        if self.beside and not siblings:
            other = choose([r for r in self.rivals(row) if r.members], member)
            longer = f"{text} {self.beside.format(m=other.members[0], g=other.group)}"
            return longer if len(longer) <= 200 else text
        return text


def group_of(groups: Groups, name: str, starter: int, wordings: Sequence[str]) -> Template:
    """Ask “Who wrote `{m}`?”: the answer is a group."""

    def make(rng: Random) -> Iterator[Draft]:
        for row, member, fame in groups.pairs(rng):
            if groups.hint and shared_start(member, row.group):
                continue
            wrong = [
                other.group for other in sample(rng, groups.fit_rivals(row)) if not groups.hint or not shared_start(member, other.group)
            ]  # fmt: skip
            prompt = capital(choose(wordings, member).format(m=member, n=row.note, k=row.kind))
            yield Draft(
                prompt, capital(row.group), [capital(w) for w in wrong], from_age(row.age), difficulty(fame),
                groups.explain(row, member), groups.source, f"{groups.table}:{member}",
            )  # fmt: skip

    return template(name, starter, make)


def member_of(groups: Groups, name: str, starter: int, wordings: Sequence[str]) -> Template:
    """Ask “Which of these books is by `{g}`?”: the answer is a member."""

    def make(rng: Random) -> Iterator[Draft]:
        for row, member, fame in groups.pairs(rng):
            if groups.hint and shared_start(member, row.group):
                continue
            others = groups.strangers(rng, row, POOL)
            prompt = capital(choose(wordings, member).format(g=named(row.group), n=row.note, k=row.kind))
            yield Draft(
                prompt, capital(member), [capital(o) for o, _ in others], from_age(row.age), difficulty(fame + 0.3),
                groups.explain(row, member), groups.source, f"{groups.table}:{member}",
            )  # fmt: skip

    return template(name, starter, make)


def odd_one_out(groups: Groups, name: str, starter: int, wordings: Sequence[str], told: str) -> Template:
    """Ask “Three of these are by `{g}`. Which one is not?”: the answer is a member of another group, `{m}` of `{o}` in the explanation."""

    def make(rng: Random) -> Iterator[Draft]:
        order = known_first(rng, [row for row in groups.rows if len(row.members) >= 3], lambda row: row.fame)
        for turn in range(3):
            for row in order:
                three = rng.sample(row.members[: 3 + 2 * turn], 3)
                foreign = groups.strangers(rng, row, 1)
                if not foreign:
                    continue
                ((odd, other),) = foreign
                prompt = capital(
                    choose(wordings, f"{row.group}{odd}").format(g=named(row.group), n=row.note, k=row.kind)
                )
                if (groups.hint and any(shared_start(m, row.group) for m in (*three, odd))) or gives_away(prompt, odd):
                    continue
                yield Draft(
                    prompt, capital(odd), [capital(m) for m in three], from_age(max(row.age, 8)), difficulty(row.fame + 0.3),
                    capital(told.format(m=odd, o=named(other.group), g=named(row.group), s=joined(three))), groups.source, f"{groups.table}:odd:{row.group}:{turn}",
                )  # fmt: skip

    return template(name, starter, make)


def same_group(groups: Groups, name: str, starter: int, wordings: Sequence[str]) -> Template:
    """Ask “Who wrote both `{m}` and `{s}`?”: the answer is a group."""

    def make(rng: Random) -> Iterator[Draft]:
        order = known_first(rng, [row for row in groups.rows if len(row.members) >= 2], lambda row: row.fame)
        for turn in range(2):
            for row in order:
                pool = [m for m in row.members if not groups.hint or not shared_start(m, row.group)]
                if len(pool) < 2:
                    continue
                one, two = rng.sample(pool, 2)
                prompt = capital(choose(wordings, one + two).format(m=one, s=two, n=row.note, k=row.kind))
                wrong = [other.group for other in sample(rng, groups.fit_rivals(row))]
                yield Draft(
                    prompt, capital(row.group), [capital(w) for w in wrong], from_age(row.age), difficulty(row.fame - 0.2),
                    groups.explain(row, one), groups.source, f"{groups.table}:both:{row.group}:{turn}",
                )  # fmt: skip

    return template(name, starter, make)
