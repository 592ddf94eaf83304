"""`trivia projections park`."""

from typing import TYPE_CHECKING

import click

from trivia.cli.projections.read_models import chosen, run_foreseen
from trivia.cli.runtime import json_option, migrated_services, print_json, printable

if TYPE_CHECKING:
    from projections.engine.dead_letters import DeadLetter
    from projections.engine.retry_dead_letters import Retried
    from trivia.settings import Settings


@click.group
def park() -> None:
    """List dead letters: events that a read model could not apply. Retry or drop them."""


@park.command("list")
@click.argument("names", nargs=-1)
@json_option
def list_(*, names: tuple[str, ...], as_json: bool) -> None:
    """Show parked events, of these read models or of all, and why they are parked."""

    async def work(settings: "Settings") -> "list[DeadLetter]":
        from projections.engine.retry_dead_letters import list_dead_letters

        async with migrated_services(settings) as services:
            found = chosen(services, names, every=not names)
            return [event for projection in found for event in await list_dead_letters(services.models, projection)]

    events = run_foreseen(work)
    for event in events:
        if as_json:
            print_json(event)
        else:
            why = "waits behind an earlier one" if event.error is None else printable(event.error)
            click.echo(f"{event.projection} {event.position} {event.type} {printable(event.key)}: {why}")
    if not events and not as_json:
        click.echo("Nothing is parked.")


@park.command
@click.argument("names", nargs=-1)
@click.option("--key", help="Only events of this key.")
@json_option
@click.pass_context
def retry(ctx: click.Context, *, names: tuple[str, ...], key: str | None, as_json: bool) -> None:
    """Retry parked events, those of each key in order. Exit code 1 if some stay parked."""

    async def work(settings: "Settings") -> "list[Retried]":
        from projections.engine.retry_dead_letters import dead_letter_keys, retry

        async with migrated_services(settings) as services:
            return [
                await retry(services.log, services.models, projection, each)
                for projection in chosen(services, names, every=not names)
                for each in await dead_letter_keys(services.models, projection)
                if key in {None, each}
            ]

    done = run_foreseen(work)
    _show(done, "applied", as_json=as_json)
    if any(each.left for each in done):
        ctx.exit(1)


@park.command
@click.argument("name")
@click.option("--key", help="Only events of this key.")
@click.option("--all", "every", is_flag=True, help="Events of every key.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def drop(*, name: str, key: str | None, every: bool, yes: bool, as_json: bool) -> None:
    """Drop parked events: the read model NAME stays without them until it is rebuilt.

    Refused for read models that would be wrong without them.
    """
    if every == (key is not None):
        raise click.UsageError("give --key or --all")
    if not yes:
        what = "every key" if key is None else f"the key {printable(key)}"
        click.confirm(f"{name} will stay without the parked events of {what}. Drop them?", abort=True, err=True)

    async def work(settings: "Settings") -> "list[Retried]":
        from projections.engine.retry_dead_letters import dead_letter_keys
        from projections.engine.retry_dead_letters import drop as drop_dead_letters

        async with migrated_services(settings) as services:
            (projection,) = chosen(services, (name,), every=False)
            found = [each for each in await dead_letter_keys(services.models, projection) if key in {None, each}]
            return [await drop_dead_letters(services.models, projection, each) for each in found]

    _show(run_foreseen(work), "dropped", as_json=as_json)


def _show(done: "list[Retried]", what: str, *, as_json: bool) -> None:
    for each in done:
        if as_json:
            print_json(each)
        else:
            left = f", {each.left} still parked: {printable(each.error or '')}" if each.left else ""
            click.echo(f"{each.projection} {printable(each.key)}: {each.done} events {what}{left}")
    if not done and not as_json:
        click.echo("Nothing is parked.")
