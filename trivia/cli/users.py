"""`trivia users`."""

import re
import secrets
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from events.timestamps import rfc3339
from trivia.cli.runtime import json_option, migrated_services, print_json, printable, run

if TYPE_CHECKING:
    from events.vocabulary.accounts import Role
    from trivia.accounts.service import Known
    from trivia.services import Services
    from trivia.settings import Settings

ROLES: Final = ("player", "host", "admin")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_GENERATED_BYTES: Final = 12

role_option = click.option("--role", type=click.Choice(ROLES), default="player", show_default=True)


class Duration(click.ParamType[int]):
    """`90s`, `15m`, `1h`, `1d`, or a number of seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,9})([smhd]?)", value)
        if match is None:
            self.fail(f"{value!r} is no duration such as 90s, 15m, 1h or 1d", param, ctx)
        return int(match[1]) * _UNITS[match[2] or "s"]


@click.group
def users() -> None:
    """Make, list, change and erase users."""


@users.command
@click.argument("email")
@role_option
@click.option("--org", default="public", show_default=True, help="The user's organisation.")
@click.option("--name", help="What to call the user.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
@json_option
def create(*, email: str, role: "Role", org: str, name: str | None, password_stdin: bool, as_json: bool) -> None:
    """Make a user with the address EMAIL.

    Without --password-stdin a terminal is asked for the password; elsewhere one is made and
    printed, once.
    """
    password, made = _password(from_stdin=password_stdin)

    async def work(settings: "Settings") -> str:
        import msgspec

        from trivia.accounts.joining import Registration
        from trivia.accounts.routes import Register
        from trivia.http.validation import parse_json

        # The same bounds as for those who register themselves.
        parse_json(msgspec.json.encode({"email": email, "password": password, "name": name}), Register)
        async with migrated_services(settings) as services:
            user = await services.administration.create_user(Registration(email, password, name), org=org, role=role)
            return user.id

    user = run(work)
    if as_json:
        print_json({"user": user, "email": email, "org": org, "role": role, "password": password if made else None})
    else:
        click.echo(f"{email} has the role {role} in {org}.")
        if made:
            click.echo(f"Password: {password}")


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """A password, and whether it was made here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(_GENERATED_BYTES), True


@users.command
@click.argument("email")
@click.option("--ttl", type=Duration(), default="1h", show_default=True, help="How long it is good for, a day at most.")
def token(*, email: str, ttl: int) -> None:
    """Print an access token for the user with the address EMAIL, and nothing else."""
    from trivia.accounts.tokens import MAX_TOKEN_SECONDS

    if not 0 < ttl <= MAX_TOKEN_SECONDS:
        raise click.BadParameter("between 1s and 1d", param_hint="--ttl")

    async def work(settings: "Settings") -> str:
        async with migrated_services(settings) as services:
            return await services.administration.issue_token(email, ttl)

    click.echo(run(work))


@users.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List users, by when they came."""

    async def work(settings: "Settings") -> None:
        async with migrated_services(settings) as services:
            await _bring_up_to_date(services)
            async for known in services.administration.list_users():
                row = _describe(known)
                if as_json:
                    print_json(row)
                else:
                    click.echo(
                        printable("  ".join([row["user"], row["role"], row["org"], row["email"] or row["name"] or ""]))
                    )

    run(work)


async def _bring_up_to_date(services: "Services") -> None:
    """Fold into the read model what no process that serves has folded yet."""
    from projections.engine.projector import catch_up
    from projections.engine.store import CheckpointMoved
    from projections.models.accounts import Accounts

    head = await services.log.head()
    for projection in services.projections:
        if isinstance(projection, Accounts):
            try:
                await catch_up(services.log, services.models, projection, head)
            except CheckpointMoved:
                return


def _describe(known: "Known") -> dict[str, Any]:
    user, profile = known.user, known.profile
    return {
        "user": user.id,
        "kind": user.kind,
        "role": user.role,
        "org": user.org,
        "email": profile.get("email"),
        "name": profile.get("name") or profile.get("nickname"),
        "created_at": rfc3339(user.created_at),
    }


@users.command("set-role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def set_role(*, email: str, role: "Role") -> None:
    """Give the user with the address EMAIL a ROLE: player, host or admin.

    Their tokens with the old one stop working.
    """

    async def work(settings: "Settings") -> bool:
        async with migrated_services(settings) as services:
            return await services.administration.set_role(email, role)

    changed = run(work)
    click.echo(f"{email} has {'now' if changed else 'already'} the role {role}.")


@users.command
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(*, email: str, yes: bool) -> None:
    """Erase the user with the address EMAIL: their personal data becomes unreadable for ever."""
    if not yes:
        click.confirm(f"Forget {email} for ever?", abort=True)

    async def work(settings: "Settings") -> None:
        async with migrated_services(settings) as services:
            await services.administration.erase(email)

    run(work)
    click.echo(f"{email} is forgotten.")
