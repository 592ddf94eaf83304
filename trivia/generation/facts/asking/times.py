"""Questions about when something happened, and what happened before what."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from trivia.generation.facts.asking.common import choose, difficulty, from_age, known_first, template
from trivia.generation.facts.core import Draft, Template, spread
from trivia.generation.facts.tables import Event, events


@dataclass(frozen=True)
class Times:
    """A table of what happened, and where it is from."""

    table: str
    source: str

    @cached_property
    def rows(self) -> tuple[Event, ...]:
        """All of it, in order of time."""
        return events(self.table)


def explain(event: Event) -> str:
    """What is told after the answer."""
    text = f"{event.told} in {said(event.year)}."
    longer = f"{text} {event.note}" if event.note else text
    return longer if len(longer) <= 200 else text


def said(year: int) -> str:
    """A year as people write it; one before the common era is negative."""
    return f"{-year} BC" if year < 0 else f"AD {year}" if year < 100 else str(year)


def step(year: int, newest: int = 2024) -> int:
    """How far wrong years are from a right one: the further back, the wider."""
    return (
        4
        if year >= 1980
        else 6
        if year >= 1940
        else 11
        if year >= 1800
        else 24
        if year >= 1500
        else 60
        if year <= newest
        else 4
    )


def year_of(times: Times, name: str, starter: int, wordings: Sequence[str]) -> Template:
    """Ask “In which year `{a}`?”."""

    def make(rng: Random) -> Iterator[Draft]:
        for event in known_first(rng, times.rows, lambda event: event.fame):
            if event.year < 0:
                continue
            far = step(event.year)
            wrong = [said(year) for year in spread(rng, event.year, far) if year <= 2024]
            if len(wrong) < 3:
                wrong = [said(event.year - far * k) for k in (1, 2, 3)]
            yield Draft(
                choose(wordings, event.told).format(a=event.asked), said(event.year), wrong, from_age(max(event.age, 9)),
                difficulty(event.fame + 0.4), explain(event), times.source, f"{times.table}:{event.told}",
            )  # fmt: skip

    return template(name, starter, make)


def order_of(
    times: Times, name: str, starter: int, wordings: Sequence[str], pick: Callable[[Sequence[Event]], Event] = min
) -> Template:
    """Ask “Which of these happened first?”: four far enough from each other that nobody can argue."""

    def make(rng: Random) -> Iterator[Draft]:
        rows = times.rows
        turns = known_first(rng, range(len(rows)), lambda place: rows[place].fame)
        for turn in turns:
            near = [event for event in rows[max(0, turn - 40) : turn + 40] if event is not rows[turn]]
            chosen = [rows[turn]]
            for event in rng.sample(near, len(near)):
                if all(abs(event.year - other.year) >= max(3, step(event.year) // 2) for other in chosen):
                    chosen.append(event)
                if len(chosen) == 4:
                    break
            if len(chosen) < 4:
                continue
            right = pick(chosen)
            others = [event for event in chosen if event is not right]
            told = "; ".join(f"{said(event.year)}: {event.told}" for event in sorted(chosen))
            yield Draft(
                choose(wordings, "".join(event.told for event in chosen)), right.told, [event.told for event in others],
                from_age(max(event.age for event in chosen)), difficulty(sum(event.fame for event in chosen) / 4 + 0.2),
                f"{told}." if len(told) < 199 else explain(right), times.source, f"{times.table}:order:{right.told}:{turn}",
            )  # fmt: skip

    return template(name, starter, make)
