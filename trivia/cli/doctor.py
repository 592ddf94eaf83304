"""`trivia doctor`."""

import asyncio
from typing import Final

import click

from trivia.cli.runtime import json_option, print_json, printable

_LABELS: Final = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


@click.command
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check the installation and say how to fix what is wrong. Exit code 1 if anything is.

    Nothing is changed.
    """
    from trivia.operations.doctor.examine import examine

    findings = asyncio.run(examine())
    faults = sum(finding.verdict == "wrong" for finding in findings)
    if as_json:
        print_json({"ok": not faults, "findings": findings})
    else:
        for finding in findings:
            click.echo(f"{_LABELS[finding.verdict]}  {finding.check:<12} {printable(finding.message)}")
        click.echo("Nothing is wrong." if not faults else f"{faults} of these have to be mended.")
    if faults:
        ctx.exit(1)
