"""Progress of long work: bars on a terminal, nothing anywhere else."""

from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from trivia.cli.runtime import is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class PositionProgress:
    """A context manager that shows the progress, rate and remaining time of reading the log."""

    def __init__(self, what: str, unit: str = "events") -> None:
        self._what = what
        self._unit = unit
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if is_terminal():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {self._unit}"),
                TextColumn("{task.speed:,.0f}/s", style="dim"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def reached(self, position: int, head: int) -> None:
        """The walk has come to this position, and ends at `head`."""
        if self._bar is None:
            return
        if self._task is None:
            self._task = self._bar.add_task(self._what, total=head)
        self._bar.update(self._task, completed=position, total=head)


class ImportProgress:
    """A context manager.

    `rows` is what the import calls; `added` is how far it came: None while nothing can have been
    added.
    """

    def __init__(self) -> None:
        self.added: int | None = None
        self._read = 0
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if is_terminal():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed:,.0f} questions"),
                TextColumn("{task.fields[rate]:,.0f}/s", style="dim"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def rows(self, stage: Literal["read", "added"], count: int) -> None:
        """So many rows have been read, or added or skipped."""
        if stage == "read":
            self._read = count
        else:
            self.added = count
        if self._bars is None:
            return
        if stage not in self._tasks:
            total = None if stage == "read" else self._read
            self._tasks[stage] = self._bars.add_task("Reading" if stage == "read" else "Adding", total=total, rate=0.0)
        task = self._bars.tasks[self._tasks[stage]]
        self._bars.update(task.id, completed=count, rate=count / (task.elapsed or 1.0))
