"""What was measured, as ratios with the spread they were measured in, and the table that shows them."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.table import Table

T = TypeVar("T")


class Comparison(msgspec.Struct, frozen=True):
    """Ours beside a peer's, measured in turn: `ours[n]` and `peer[n]` belong to the same round.

    Values are rates (more is better), or costs where `lower_is_better`. `ratio` is always ours / peer; the target is the least
    it may be for rates and the most for costs, or None where the figure is only to be known.
    """

    name: str
    unit: str
    ours: Sequence[float]
    peer: Sequence[float]
    peer_name: str
    target: float | None = None
    lower_is_better: bool = False

    @property
    def ratios(self) -> list[float]:
        """Ours / peer, round by round."""
        return [a / b for a, b in zip(self.ours, self.peer, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.ratio <= self.target if self.lower_is_better else self.ratio >= self.target


class Figure(msgspec.Struct, frozen=True):
    """One figure without a peer; `limit` is the most it may be, `least` the least, if anything is asked of it."""

    name: str
    unit: str
    values: Sequence[float]
    limit: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether what is asked is kept; None where nothing is."""
        if self.least is not None:
            return median(self.values) >= self.least
        return None if self.limit is None else median(self.values) <= self.limit


Result = Comparison | Figure


def interleave(rounds: int, *measures: Callable[[], T]) -> list[list[T]]:
    """Run every measure `rounds` times, in turn; the values of each.

    The order is turned round every other time, so that what the machine does meanwhile falls on all alike.
    """
    values: list[list[T]] = [[] for _ in measures]
    for turn in range(rounds):
        numbered = list(enumerate(measures))
        for place, measure in reversed(numbered) if turn % 2 else numbered:
            values[place].append(measure())
    return values


def best(*series: Sequence[float]) -> list[float]:
    """The series with the highest median."""
    return list(max(series, key=median))


def show(title: str, reproduce: str, results: Sequence[Result], console: Console) -> None:
    """Print one part's results."""
    table = Table(title=f"{title}    [dim]{reproduce}[/dim]", title_justify="left", caption_justify="left")
    for column, justify in (("what", "left"), ("ours", "right"), ("beside", "left"), ("peer", "right"), ("ratio", "right"),
                            ("spread", "right"), ("target", "right"), ("", "left")):  # fmt: skip
        table.add_column(column, justify=justify)  # type: ignore[arg-type] # a literal from the tuple above
    for result in results:
        table.add_row(*_cells(result))
    console.print(table)


def _cells(result: Result) -> list[str]:
    mark = {None: "", True: "met", False: "[bold red]MISSED[/bold red]"}[result.met]
    if isinstance(result, Figure):
        limit = "" if result.limit is None else f"<= {result.limit:,g}"
        limit = limit if result.least is None else f">= {result.least:,.0f}"
        spread = f"{_number(min(result.values))} to {_number(max(result.values))}" if len(result.values) > 1 else ""
        return [result.name, f"{_number(median(result.values))} {result.unit}", "", "", "", spread, limit, mark]
    sign = "<=" if result.lower_is_better else ">="
    return [
        result.name,
        f"{_number(median(result.ours))} {result.unit}",
        result.peer_name,
        _number(median(result.peer)),
        f"{result.ratio:.2f}",
        f"{min(result.ratios):.2f} to {max(result.ratios):.2f}",
        "" if result.target is None else f"{sign} {result.target:g}",
        mark,
    ]


def _number(value: float) -> str:
    """Three significant digits, with thousands apart."""
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}"
