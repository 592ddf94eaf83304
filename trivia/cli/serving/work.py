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
    "--until-eof",
    is_flag=True,
    help="Stop at the end of standard input, that is, with the process that holds its other end.",
)
def work(*, until_eof: bool) -> None:
    """Run the background work without serving: projections, seals, generation jobs.

    `trivia serve` starts one worker by itself. More may run, on any machine: one runs the
    projections, the others stand by, all take jobs.
    """
    if not run(lambda settings: _work(settings, until_eof=until_eof)):
        raise click.ClickException("a required background task has stopped; see the service log")


async def _work(settings: "Settings", *, until_eof: bool) -> bool:
    """Work until a signal; False when a required task has stopped instead."""
    from trivia.platform.process import tune_runtime

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if until_eof:
        # Ctrl-C reaches every process of the terminal; the parent process decides when to stop.
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    else:
        loop.add_signal_handler(signal.SIGINT, stop.set)
    async with migrated_services(settings) as services, services.serving():
        tune_runtime()
        stopped, broken = asyncio.create_task(stop.wait()), asyncio.create_task(services.readiness.stopped.wait())
        await asyncio.wait({stopped, broken}, return_when=asyncio.FIRST_COMPLETED)
        broken.cancel()
        stopped.cancel()
    return stop.is_set()


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # Unbuffered: the interpreter cannot exit while a thread waits in a buffered read.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    loop.call_soon_threadsafe(stop.set)
