"""Progress of an import: two bars on a terminal, nothing anywhere else."""

from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from trivia.cli.running import is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ImportProgress:
    """A context manager. `rows` is what the import calls; `added` is how far it came."""

    def __init__(self) -> None:
        self.added = 0
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
