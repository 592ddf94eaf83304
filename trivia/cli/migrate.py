"""`trivia migrate`."""

from typing import TYPE_CHECKING

import click

from trivia.cli.runtime import json_option, print_json, run

if TYPE_CHECKING:
    from trivia.settings import Settings


@click.command
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if something is pending.")
@json_option
@click.pass_context
def migrate(ctx: click.Context, *, check: bool, as_json: bool) -> None:
    """Bring the database's schema up to date."""

    async def work(settings: "Settings") -> list[str]:
        from trivia.platform.storage import migrate

        return await migrate(settings.database_url, check=check)

    names = run(work)
    if as_json:
        print_json({"pending" if check else "applied": names})
    elif names:
        click.echo(f"{'Pending' if check else 'Applied'}: {', '.join(names)}")
    else:
        click.echo("The schema is up to date.")
    if check and names:
        ctx.exit(1)
