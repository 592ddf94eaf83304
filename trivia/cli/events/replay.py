"""`trivia events replay`."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from events.timestamps import rfc3339
from trivia.cli.runtime import json_option, migrated_services, print_json, printable, run

if TYPE_CHECKING:
    from events.log import RecordedEvent
    from trivia.audit.replay import StreamThen, UserThen
    from trivia.services import Services
    from trivia.settings import Settings

_SHOWN: Final = 20


class Moment(click.ParamType[int | datetime]):
    """A position, or a time as RFC 3339 writes it."""

    name = "time|position"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | datetime:
        """An integer or a time with its zone."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return] # converted before
        if value.isascii() and value.isdigit() and int(value) < 2**63:
            return int(value)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or "T" not in value.upper():
            self.fail(f"{value!r} is neither a position nor a time such as 2026-11-01T12:00:00Z", param, ctx)
        return moment


@click.command
@click.option("--user", help="The id of a user, or their e-mail address.")
@click.option("--stream", help="The name of a stream.")
@click.option("--at", type=Moment(), help="A time (2026-11-01T12:00:00Z) or a position; now, if none is given.")
@json_option
def replay(*, user: str | None, stream: str | None, at: int | datetime | None, as_json: bool) -> None:
    """Show what was known of a user, or what a stream held, at an earlier moment."""
    if (user is None) == (stream is None):
        raise click.UsageError("give either --user or --stream")

    async def work(settings: "Settings") -> None:
        from trivia.audit.replay import position_of, replay_stream, replay_user

        async with migrated_services(settings) as services:
            position = await position_of(services.log, at)
            if stream is not None:
                _show_stream(await replay_stream(services.log, stream, position), as_json=as_json)
            else:
                found = await _id_of(services, user or "")
                _show_user(found, await replay_user(services.log, services.keys, found, position), as_json=as_json)

    from events.registry import UnknownEvent
    from trivia.audit.replay import NotThere

    try:
        run(work)
    except (NotThere, UnknownEvent) as error:
        raise click.ClickException(printable(str(error))) from error


async def _id_of(services: "Services", user: str) -> str:
    return (await services.administration.find(user)).id if "@" in user else user


def _show_user(user: str, then: "UserThen", *, as_json: bool) -> None:
    from trivia.audit.replay import describe_seen, describe_statistics, describe_user

    history: list[dict[str, Any]] = [
        {
            "position": decoded.recorded.position,
            "at": rfc3339(decoded.recorded.recorded_at),
            "type": decoded.recorded.type,
            "questions": list(getattr(decoded.event, "questions", ())),
        }
        for decoded in then.history
    ]
    account = describe_user(then.user) if then.user else None
    seen, statistics = describe_seen(then.seen), describe_statistics(then.statistics)
    if as_json:
        state = {"position": then.position, "user": user, "account": account, "profile": then.profile}
        print_json({**state, **seen, "statistics": statistics, "history": history})
        return
    lines = [f"{user} at position {then.position}"]
    if then.user:
        ended = ", forgotten" if then.user.forgotten else ""
        lines.append(f"{then.user.kind} in {then.user.org}, {then.user.role}{ended}")
        profile = then.profile and ", ".join(
            f"{name} {value}" for name, value in then.profile.items() if value is not None
        )
        lines.append(profile or "personal data cannot be read any more")
    lines.append(
        f"{seen['seen_count']} questions seen, {len(seen['given'])} ever given; "
        f"{statistics['answered']} answered, {statistics['correct']} of them right"
    )
    lines += [
        f"{row['position']:>12}  {row['at']}  {row['type']}  {_some(row['questions'])}".rstrip() for row in history
    ]
    click.echo("\n".join(map(printable, lines)))


def _some(questions: list[int]) -> str:
    more = f" and {len(questions) - _SHOWN} more" if len(questions) > _SHOWN else ""
    return ", ".join(map(str, questions[:_SHOWN])) + more


def _show_stream(then: "StreamThen", *, as_json: bool) -> None:
    import msgspec

    events = [_describe(recorded) for recorded in then.events]
    if as_json:
        print_json({"position": then.position, "events": events, "state": then.state})
        return
    for event in events:
        data = msgspec.json.encode(event["data"]).decode()
        click.echo(
            printable(f"{event['position']:>12}  {event['recorded_at']}  {event['version']}  {event['type']}  {data}")
        )
    if then.state is not None:
        click.echo(printable(f"state: {msgspec.json.encode(then.state).decode()}"))


def _describe(recorded: "RecordedEvent") -> dict[str, Any]:
    """An event as this version of the software decodes it; as stored, where it cannot."""
    import msgspec

    from events.registry import UnknownEvent
    from events.vocabulary import REGISTRY

    try:
        data = msgspec.to_builtins(REGISTRY.decode(recorded.type, recorded.schema, recorded.data))
    except (UnknownEvent, msgspec.DecodeError):
        data = msgspec.Raw(recorded.data.encode())
    return {
        "position": recorded.position,
        "version": recorded.version,
        "type": recorded.type,
        "schema": recorded.schema,
        "recorded_at": rfc3339(recorded.recorded_at),
        "data": data,
    }
