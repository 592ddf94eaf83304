"""What commands about read models share: which are meant, their locks, errors in words."""

from typing import TYPE_CHECKING, Any

import click

from trivia.cli.runtime import run

if TYPE_CHECKING:
    from projections.engine.projection import Projection
    from projections.engine.projector import Leadership
    from trivia.services import Services


def chosen(services: "Services", names: tuple[str, ...], *, every: bool) -> "list[Projection]":
    """The read models of these names, or every one.

    Raises UsageError, also unless it is either of both.
    """
    known = {projection.name: projection for projection in services.projections}
    if every == bool(names):
        raise click.UsageError("name read models or give --all")
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"no such read model: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names or known]


def lock_of(services: "Services", projection: "Projection") -> "Leadership":
    """The lock held while it is rebuilt or verified."""
    from projections.rebuild.background import LOCK
    from projections.storage.leadership import leadership_of

    return leadership_of(services.storage.database, LOCK + projection.name)


def run_foreseen(work: Any) -> Any:
    """Run a command's work; what may go wrong with read models is one line as well."""
    from projections.engine.dead_letters import ProjectionFailed
    from projections.engine.retry_dead_letters import MayNotDrop
    from projections.engine.store import CheckpointMoved
    from projections.rebuild.rebuild import RebuildRunning, SwitchFailed
    from projections.rebuild.verify import PositionPassed

    try:
        return run(work)
    except CheckpointMoved as error:
        raise click.ClickException(f"another process has moved {error} meanwhile; try again") from error
    except (ProjectionFailed, RebuildRunning, SwitchFailed, PositionPassed, MayNotDrop) as error:
        raise click.ClickException(str(error)) from error
