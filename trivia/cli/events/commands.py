"""`trivia events`."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import click

from events.timestamps import rfc3339
from trivia.cli.events import audit
from trivia.cli.events.replay import replay
from trivia.cli.events.transfer import export_log, import_log
from trivia.cli.runtime import json_option, migrated_services, print_json, printable, run

if TYPE_CHECKING:
    from events.log import RecordedEvent
    from trivia.services import Services
    from trivia.settings import Settings

SHOWN_CHARACTERS: Final = 200
_PAGE: Final = 1000


@click.group
def events() -> None:
    """Look at the log."""


events.add_command(export_log)
events.add_command(import_log)
events.add_command(replay)
audit.add_to(events)


@events.command
@click.option("-n", "--last", type=click.IntRange(0, 1_000_000), default=10, show_default=True, help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@click.option("--stream", help="Only of this stream.")
@click.option("--type", "types", multiple=True, help="Only of this type; may be given again.")
@json_option
def tail(*, last: int, follow: bool, stream: str | None, types: tuple[str, ...], as_json: bool) -> None:
    """Show the last events, in the order in which they happened."""

    async def work(settings: "Settings") -> None:
        async with migrated_services(settings) as services:
            head = await services.log.head()
            for event in await _last(services, last, head, stream, types):
                _print(event, as_json=as_json)
            if follow:
                async for event in _follow(services, head, stream, types):
                    _print(event, as_json=as_json)

    try:
        run(work)
    except KeyboardInterrupt:
        # Following has no other end.
        if not follow:
            raise


async def _last(
    services: "Services", count: int, head: int, stream: str | None, types: tuple[str, ...]
) -> "list[RecordedEvent]":
    conditions = ["position <= $1"]
    values: list[Any] = [head]
    if stream is not None:
        values.append(stream)
        conditions.append(f"stream = ${len(values)}")
    if types:
        places = ", ".join(f"${len(values) + n}" for n in range(1, len(types) + 1))
        values += types
        conditions.append(f"type IN ({places})")
    sql = f"SELECT position FROM events WHERE {' AND '.join(conditions)} ORDER BY position DESC LIMIT {count}"
    positions = [row[0] for row in await services.models.fetch(sql, *values)]
    found = []
    for position in reversed(positions):
        found += await services.log.read(position - 1, limit=1)
    return found


async def _follow(
    services: "Services", after: int, stream: str | None, types: tuple[str, ...]
) -> "AsyncIterator[RecordedEvent]":
    from events.subscription import follow

    async for page in follow(services.log, after):
        for event in page:
            if stream in {None, event.stream} and (not types or event.type in types):
                yield event


@events.command
@click.argument("position", type=click.IntRange(1, 2**63 - 1))
@json_option
def show(*, position: int, as_json: bool) -> None:
    """Show the event at POSITION, whole."""

    async def work(settings: "Settings") -> None:
        async with migrated_services(settings) as services:
            found = await services.log.read(position - 1, limit=1)
            if not found or found[0].position != position:
                raise click.ClickException(f"there is no event at position {position}")
            if as_json:
                _print(found[0], as_json=True)
            else:
                _print_whole(found[0])

    run(work)


@events.command
@json_option
def stats(*, as_json: bool) -> None:
    """Count what is in the log, by type."""
    counts = run(_count)
    if as_json:
        print_json(counts)
        return
    click.echo(
        f"{counts['events']} events in {counts['streams']} streams, from {counts['first_at']} to {counts['last_at']}"
    )
    for name, count in counts["types"].items():
        click.echo(f"{count:>12}  {name}")


async def _count(settings: "Settings") -> dict[str, Any]:
    async with migrated_services(settings) as services:
        fetch = services.models.fetch
        types = await fetch("SELECT type, count(*) FROM events GROUP BY type ORDER BY count(*) DESC, type")
        ((streams,),) = await fetch("SELECT count(*) FROM events WHERE version = 1")
        ((first, last),) = await fetch("SELECT min(recorded_at), max(recorded_at) FROM events")
    return {
        "events": sum(row[1] for row in types),
        "streams": streams,
        "first_at": None if first is None else rfc3339(first),
        "last_at": None if last is None else rfc3339(last),
        "types": {row[0]: row[1] for row in types},
    }


def _as_dict(event: "RecordedEvent") -> dict[str, Any]:
    import msgspec

    return {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "schema": event.schema,
        "recorded_at": rfc3339(event.recorded_at),
        "data": msgspec.Raw(event.data.encode()),
        "metadata": msgspec.Raw(event.metadata.encode()),
    }


def _print(event: "RecordedEvent", *, as_json: bool) -> None:
    if as_json:
        print_json(_as_dict(event))
        return
    data = event.data if len(event.data) <= SHOWN_CHARACTERS else f"{event.data[:SHOWN_CHARACTERS]}…"
    click.echo(
        printable(
            f"{event.position}  {rfc3339(event.recorded_at)}  {event.type}  {event.stream}@{event.version}  {data}"
        )
    )


def _print_whole(event: "RecordedEvent") -> None:
    import msgspec

    for name, value in _as_dict(event).items():
        if isinstance(value, msgspec.Raw):
            click.echo(f"{name}:")
            for line in msgspec.json.format(bytes(value), indent=2).decode().splitlines():
                click.echo(f"  {printable(line)}")
        else:
            click.echo(f"{name}: {printable(str(value))}")
