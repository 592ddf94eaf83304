"""`trivia projections`."""

from typing import TYPE_CHECKING, Any

import click

from trivia.cli.progress import PositionProgress
from trivia.cli.projections.park import park
from trivia.cli.projections.projection_status import list_, pause, resume, status
from trivia.cli.projections.read_models import chosen, lock_of, run_foreseen
from trivia.cli.runtime import json_option, migrated_services, print_json, printable

if TYPE_CHECKING:
    from projections.rebuild.verify import Verdict
    from trivia.settings import Settings


@click.group
def projections() -> None:
    """Inspect, pause, rebuild and verify the read models."""


for _command in (list_, status, pause, resume, park):
    projections.add_command(_command)


@projections.command
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Rebuild every read model.")
@click.option("--fresh", is_flag=True, help="Do not go on with what an interrupted rebuild has left.")
@json_option
def rebuild(*, names: tuple[str, ...], every: bool, fresh: bool, as_json: bool) -> None:
    """Rebuild read models from the log in shadow tables, and switch to them.

    Ctrl-C leaves the live ones as they are.
    """

    async def work(settings: "Settings") -> list[dict[str, Any]]:
        from projections.rebuild.rebuild import rebuild_all
        from trivia.platform.process import tune_runtime

        tune_runtime()
        async with migrated_services(settings) as services:
            picked = chosen(services, names, every=every)
            locked = [(projection, lock_of(services, projection)) for projection in picked]
            what = picked[0].name if len(picked) == 1 else f"{len(picked)} read models"
            with PositionProgress(f"Rebuilding {what}") as progress:
                rebuilt = await rebuild_all(services.log, services.models, locked, progress.reached, fresh=fresh)
            return [{"name": name, "position": position} for name, position in rebuilt.items()]

    for row in run_foreseen(work):
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
        from projections.rebuild.verify import verify

        verdicts = []
        async with migrated_services(settings) as services:
            for projection in chosen(services, names, every=not names):
                with PositionProgress(f"Verifying {projection.name}") as progress:
                    verdicts.append(
                        await verify(
                            services.log,
                            services.models,
                            projection,
                            lock_of(services, projection),
                            progress.reached,
                            at=at,
                        )
                    )
        return verdicts

    verdicts = run_foreseen(work)
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
        parked = f", but for {verdict.parked} parked events" if verdict.parked else ""
        return [f"{verdict.projection} is what the log says at {verdict.position}: {rows} rows{parked}."]
    differing = sum(table.differing for table in verdict.tables)
    lines = [f"{verdict.projection} differs from the log at {verdict.position} in {differing} rows:"]
    for difference in verdict.differences:
        columns = f" in {', '.join(difference.columns)}" if difference.columns else ""
        key = printable(", ".join(map(str, difference.key)))
        lines.append(f"  {difference.table} {key}: {difference.fault}{columns}")
    if differing > len(verdict.differences):
        lines.append(f"  and {differing - len(verdict.differences)} more")
    return lines
