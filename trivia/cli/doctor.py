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
    """Look for what is wrong with the installation, change nothing, and say what to do; exit code 1 if anything is wrong."""
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
