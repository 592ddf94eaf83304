"""`trivia projections`."""

from typing import TYPE_CHECKING, Any

import click

from trivia.cli.progress import PositionProgress
from trivia.cli.running import json_option, migrated_core, print_json, printable, run

if TYPE_CHECKING:
    from projections.projection import Projection
    from projections.projector import Leadership
    from projections.verify import Verdict
    from trivia.core import Core
    from trivia.settings import Settings


@click.group
def projections() -> None:
    """Look at the read models, build them anew, and compare them with the log."""


@projections.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show how far each read model has folded the log."""

    async def work(settings: "Settings") -> list[dict[str, Any]]:
        async with migrated_core(settings) as core:
            head = await core.log.head()
            rows = []
            for projection in core.projections:
                checkpoint = await core.models.checkpoint(projection)
                row = {"name": projection.name, "version": projection.version, "checkpoint": checkpoint}
                rows.append({**row, "head": head, "lag_events": head - checkpoint})
            return rows

    for row in run(work):
        if as_json:
            print_json(row)
        else:
            lag = f"{row['lag_events']} behind" if row["lag_events"] else "up to date"
            click.echo(f"{row['name']:<20} version {row['version']}  at {row['checkpoint']} of {row['head']}  {lag}")


@projections.command
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Rebuild every read model.")
@click.option("--fresh", is_flag=True, help="Do not go on with what an interrupted rebuild has left.")
@json_option
def rebuild(*, names: tuple[str, ...], every: bool, fresh: bool, as_json: bool) -> None:
    """Build read models anew from the log, beside the live ones, and switch to them. Ctrl-C leaves the live ones as they are."""

    async def work(settings: "Settings") -> list[dict[str, Any]]:
        from projections.rebuild import rebuild

        rebuilt = []
        async with migrated_core(settings) as core:
            for projection in _chosen(core, names, every=every):
                with PositionProgress(f"Rebuilding {projection.name}") as progress:
                    position = await rebuild(
                        core.log, core.models, projection, _lock(core, projection), progress.reached, fresh=fresh
                    )
                rebuilt.append({"name": projection.name, "position": position})
        return rebuilt

    for row in _run(work):
        if as_json:
            print_json(row)
        else:
            click.echo(f"{row['name']} is rebuilt; it stands at {row['position']}.")


@projections.command
@click.argument("names", nargs=-1)
@click.option("--at", type=click.IntRange(0), help="Verify at this position, taking the read model there first.")
@json_option
@click.pass_context
def verify(ctx: click.Context, *, names: tuple[str, ...], at: int | None, as_json: bool) -> None:
    """Compare read models with what the log says, row by row; exit code 1 if one differs."""

    async def work(settings: "Settings") -> "list[Verdict]":
        from projections.verify import verify

        verdicts = []
        async with migrated_core(settings) as core:
            for projection in _chosen(core, names, every=not names):
                with PositionProgress(f"Verifying {projection.name}") as progress:
                    verdicts.append(
                        await verify(
                            core.log, core.models, projection, _lock(core, projection), progress.reached, at=at
                        )
                    )
        return verdicts

    verdicts = _run(work)
    for verdict in verdicts:
        if as_json:
            print_json({"equal": verdict.equal, "verdict": verdict})
        else:
            click.echo("\n".join(_describe(verdict)))
    if not all(verdict.equal for verdict in verdicts):
        ctx.exit(1)


def _describe(verdict: "Verdict") -> list[str]:
    rows = sum(table.rows for table in verdict.tables)
    if verdict.equal:
        return [f"{verdict.projection} is what the log says at {verdict.position}: {rows} rows."]
    differing = sum(table.differing for table in verdict.tables)
    lines = [f"{verdict.projection} differs from the log at {verdict.position} in {differing} rows:"]
    for difference in verdict.differences:
        columns = f" in {', '.join(difference.columns)}" if difference.columns else ""
        key = printable(", ".join(map(str, difference.key)))
        lines.append(f"  {difference.table} {key}: {difference.fault}{columns}")
    if differing > len(verdict.differences):
        lines.append(f"  and {differing - len(verdict.differences)} more")
    return lines


def _chosen(core: "Core", names: tuple[str, ...], *, every: bool) -> "list[Projection]":
    known = {projection.name: projection for projection in core.projections}
    if every == bool(names):
        raise click.UsageError("name read models or give --all")
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"no such read model: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names or known]


def _lock(core: "Core", projection: "Projection") -> "Leadership":
    from projections.leadership import leadership_of

    return leadership_of(core.storage.database, f"rebuild-{projection.name}")


def _run(work: Any) -> Any:
    from projections.rebuild import RebuildRunning, SwitchFailed
    from projections.store import CheckpointMoved, MissingTable
    from projections.verify import PositionPassed

    try:
        return run(work)
    except MissingTable as error:
        raise click.ClickException(
            f"the table {error} is not there; restore it from a backup or migrate anew"
        ) from error
    except CheckpointMoved as error:
        raise click.ClickException(f"another process has moved {error} meanwhile; try again") from error
    except (RebuildRunning, SwitchFailed, PositionPassed) as error:
        raise click.ClickException(str(error)) from error
