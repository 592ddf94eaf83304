"""`trivia work`."""

import asyncio
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from trivia.cli.runtime import migrated_services, run

if TYPE_CHECKING:
    from trivia.settings import Settings


@click.command
@click.option(
    "--until-eof", is_flag=True, help="End when standard input does: with whatever process holds its other end."
)
def work(*, until_eof: bool) -> None:
    """Do what goes on behind requests, and serve none: fold the log into read models, seal it, run generation jobs.

    `trivia serve` starts one by itself. More of them may run, on any machine: one folds, the others stand by, all take jobs.
    """
    if not run(lambda settings: _work(settings, until_eof=until_eof)):
        raise click.ClickException("a task stopped that must not; see the log")


async def _work(settings: "Settings", *, until_eof: bool) -> bool:
    """Work until told to stop; False when that was not the reason."""
    from trivia.platform.process import settle

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if until_eof:
        # Ctrl-C reaches every process of a terminal; whoever started this one says when it is over.
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    else:
        loop.add_signal_handler(signal.SIGINT, stop.set)
    async with migrated_services(settings) as services, services.serving():
        settle()
        told, broken = asyncio.create_task(stop.wait()), asyncio.create_task(services.readiness.stopped.wait())
        await asyncio.wait({told, broken}, return_when=asyncio.FIRST_COMPLETED)
        broken.cancel()
        told.cancel()
    return stop.is_set()


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # Not through a buffer: the interpreter could not end while a thread waits in one.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    loop.call_soon_threadsafe(stop.set)
