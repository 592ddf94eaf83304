"""`trivia projections list`, `status`, `pause` and `resume`."""

from typing import TYPE_CHECKING, Any

import click

from trivia.cli.projections.read_models import chosen, run_foreseen
from trivia.cli.runtime import json_option, migrated_services, print_json, printable, run

if TYPE_CHECKING:
    from projections.rebuild.status import Overview, ProjectionStatus, Rebuild, Runner
    from trivia.settings import Settings


@click.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show how far each read model has folded the log, a line for each."""
    for status in _look(()).projections:
        if as_json:
            print_json(status)
        else:
            parked = f"  {status.parked_events} events parked" if status.parked_events else ""
            click.echo(
                f"{status.name:<20} {status.state:<9} version {status.version}  at {status.checkpoint} of {status.head}  "
                f"{_lag(status)}{parked}"
            )


@click.command
@click.argument("names", nargs=-1)
@json_option
@click.pass_context
def status(ctx: click.Context, *, names: tuple[str, ...], as_json: bool) -> None:
    """Show the status of read models and of the processes that run them.

    Exit code 1 if one has failed.
    """
    found = _look(names)
    if as_json:
        print_json(found)
    else:
        click.echo(_describe_runner(found.runner))
        for each in found.projections:
            click.echo("\n".join(_describe(each)))
        for view in found.live_views:
            where = f"{view.dead_letters} events were left out, the first at {view.error_position}"
            click.echo(f"live view {view.name}: {where}: {printable(view.error)}")
    if any(each.state == "error" for each in found.projections):
        ctx.exit(1)


def _look(names: tuple[str, ...]) -> "Overview":
    async def work(settings: "Settings") -> "Overview":
        from projections.rebuild.status import overview

        async with migrated_services(settings) as services:
            return await overview(services.log, services.models, chosen(services, names, every=not names))

    found: Overview = run(work)
    return found


def _lag(status: "ProjectionStatus") -> str:
    if not status.lag_events:
        return "up to date"
    left = f", {_seconds(status.seconds_left)} left" if status.seconds_left is not None else ""
    return f"{status.lag_events} behind, {_seconds(status.lag_seconds)}{left}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 1 else "under 1 s"


def _describe_runner(runner: "Runner | None") -> str:
    if runner is None:
        return "Nobody has run the projections yet; a service that starts does."
    last = f"last seen {_seconds(runner.seconds_ago)} ago"
    return f"Run by {printable(runner.runner)}, {last}." if runner.alive else f"Nobody runs the projections; {last}."


def _describe(status: "ProjectionStatus") -> list[str]:
    lines = [
        f"{status.name}: {status.state}",
        f"  version {status.version}, at {status.checkpoint} of {status.head}, {_lag(status)}",
    ]
    if status.rate is not None:
        lines.append(f"  folds {status.rate:,.0f} events/s")
    if status.error is not None:
        lines.append(f"  {printable(status.error)}")
    if status.parked_events:
        lines.append(
            f"  {status.parked_events} events of {status.parked_keys} keys are parked: trivia projections park list {status.name}"
        )
    if status.rebuild is not None:
        lines.append(f"  {_describe_rebuild(status.rebuild)}")
    return lines


def _describe_rebuild(rebuild: "Rebuild") -> str:
    match rebuild.state:
        case "done":
            return f"rebuilt at {rebuild.finished_at}"
        case "running":
            left = "" if rebuild.seconds_left is None else f", {_seconds(rebuild.seconds_left)} left"
            return f"rebuild running, at {rebuild.position}{left}, by {printable(rebuild.runner)}"
        case "interrupted":
            return f"rebuild interrupted at {rebuild.position}; the next one goes on from there"
        case "failed":
            return f"rebuild failed at {rebuild.position}: {printable(rebuild.error or '')}"


@click.command
@click.argument("names", nargs=-1, required=True)
def pause(*, names: tuple[str, ...]) -> None:
    """Pause read models, in every process, until they are resumed."""
    _pause(names, paused=True)


@click.command
@click.argument("names", nargs=-1, required=True)
def resume(*, names: tuple[str, ...]) -> None:
    """Let read models that were paused go on."""
    _pause(names, paused=False)


def _pause(names: tuple[str, ...], *, paused: bool) -> None:
    async def work(settings: "Settings") -> list[str]:
        from projections.engine.run_status import set_paused

        async with migrated_services(settings) as services:
            found: list[Any] = chosen(services, names, every=False)
            await set_paused(services.models, found, paused=paused)
            return [projection.name for projection in found]

    for name in run_foreseen(work):
        click.echo(f"{name} {'rests' if paused else 'goes on'}.")
