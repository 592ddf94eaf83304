"""`trivia orgs`."""

from typing import TYPE_CHECKING

import click

from trivia.cli.runtime import json_option, migrated_services, print_json, run

if TYPE_CHECKING:
    from trivia.settings import Settings


@click.group
def orgs() -> None:
    """Make organisations."""


@orgs.command
@click.argument("org")
@click.option("--name", help="What people call it; ORG otherwise.")
@click.option("--own-bank-only", is_flag=True, help="Its users get no questions from the shared bank.")
@json_option
def create(*, org: str, name: str | None, own_bank_only: bool, as_json: bool) -> None:
    """Make an organisation with the id ORG (a-z, 0-9 and -), which has a bank of its own."""

    async def work(settings: "Settings") -> None:
        async with migrated_services(settings) as services:
            await services.administration.make_organisation(org, name or org, shared_bank=not own_bank_only)

    run(work)
    if as_json:
        print_json({"org": org, "name": name or org, "shared_bank": not own_bank_only})
    else:
        click.echo(f"The organisation {org} is there.")
