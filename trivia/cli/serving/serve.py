"""`trivia serve`."""

import os
import signal
import socket
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import click

from trivia.cli.runtime import read_settings, run

if TYPE_CHECKING:
    import uvicorn
    from litestar.types import ASGIApp

    from trivia.settings import Settings

MAX_MESSAGE_BYTES: Final = 65_536
BACKLOG: Final = 2048
PING_SECONDS: Final = 20.0
GRACE_SECONDS: Final = 6
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than the 60 s for which proxies keep connections, so that the proxy closes them first."""


@click.command
@click.option("--host", help="Address to listen on (TRIVIA_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one (TRIVIA_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that serve (TRIVIA_WORKERS).")
@click.option("--reload", is_flag=True, help="Start again whenever the code changes; for development.")
@click.pass_context
def serve(ctx: click.Context, *, host: str | None, port: int | None, workers: int | None, reload: bool) -> None:
    """Run the service.

    Migrates the database first; the first start also fills the bank and makes an admin's
    invitation.
    """
    settings, _ = read_settings()
    host, port, workers = host or settings.host, settings.port if port is None else port, workers or settings.workers
    if reload and workers > 1:
        raise click.UsageError("--reload serves with one process")
    with _bind(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        run(lambda settings: _prepare(settings, url))
        click.echo(f"Serving on {url}{f' with {workers} processes' if workers > 1 else ''}; Ctrl-C stops.")
        ctx.exit(_serve(listener, settings, workers=workers, reload=reload))


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener


async def _prepare(settings: "Settings", url: str) -> None:
    """What is done once, before any process serves."""
    from trivia.platform.storage import migrate
    from trivia.services import open_services

    for name in await migrate(settings.database_url):
        click.echo(f"Migrated: {name}")
    async with open_services(settings) as services:
        await services.storage.database.require_protected()
        if settings.starter_bank:
            await _fill_bank(services)
        await _invite_first_admin(services, url)


async def _fill_bank(services: Any) -> None:
    from pathlib import Path

    from trivia.cli.progress import ImportProgress
    from trivia.generation.starter import add_starter_bank
    from trivia.questions.bank.stored_bank import StoredBank

    with ImportProgress() as progress:
        bank = StoredBank(services.log, services.models)
        added = await add_starter_bank(services.log, bank, Path(services.settings.data_dir), progress.rows)
    if added is not None:
        click.echo(f"The bank starts with {added} questions.")


async def _invite_first_admin(services: Any, url: str) -> None:
    invitation = await services.accounts.ensure_first_admin()
    if invitation is not None:
        click.echo(f"First start. Make yourself the admin, once, with this invitation: {invitation}")
        click.echo(f"  POST {url}/auth/register with email, password and invite. It is good for a week.")


def _serve(listener: socket.socket, settings: "Settings", *, workers: int, reload: bool) -> int:
    """Serve until a signal; the exit code."""
    import uvicorn
    from uvicorn.supervisors import ChangeReload, Multiprocess

    from trivia.cli.serving.worker_process import WorkerProcess
    from trivia.http.connections import BoundedProtocol, CountedWebSocketProtocol, raise_open_file_limit

    # Processes that are started from here inherit it.
    raise_open_file_limit(settings.max_connections)
    config = uvicorn.Config(
        "trivia.cli.serving.serve:worker_app",
        factory=True,
        interface="asgi3",
        loop="uvloop",
        http=BoundedProtocol,
        ws=CountedWebSocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # RequestMiddleware decides which proxies are trusted.
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        workers=workers,
        reload=reload,
    )
    if reload:
        # Code that changes would not change there.
        os.environ["TRIVIA_BACKGROUND_PROCESS"] = "false"
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=[listener]).run()
        return 0
    with WorkerProcess() if settings.background_process else nullcontext():
        if workers > 1:
            supervisor = Multiprocess(config, sockets=[listener])
            supervisor.run()
            return int(any(process.exitcode == uvicorn.config.STARTUP_FAILURE for process in supervisor.processes))
        while True:
            server = uvicorn.Server(config)
            exit_code = _serve_here(server, listener)
            # All that a process holds in memory was made from the log; one with another history needs all of it made again.
            if not getattr(getattr(config, "loaded_app", None), "starts_again", False):
                return exit_code
            click.echo("The log has another history, as after a restore or a failover: starting again.", err=True)
            config.loaded = False


def _serve_here(server: "uvicorn.Server", listener: socket.socket) -> int:
    # uvicorn raises the signal again after a graceful shutdown, which is no failure. Handlers are installed
    # here so that a signal before uvicorn's own start is not lost.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    # The server closes what it was given.
    server.run(sockets=[listener.dup()])
    return int(not server.started or getattr(server.config.loaded_app, "failed", False))


def worker_app() -> "ASGIApp":
    """The application of one process that serves, made from its own reading of the settings."""
    from trivia.app import create_app
    from trivia.http.connections import configure as bound_connections
    from trivia.http.shutdown import GracefulShutdown
    from trivia.platform.logs import configure_logs

    settings, _ = read_settings()
    configure_logs(settings)
    bound_connections(settings)
    return GracefulShutdown(create_app(settings, background=not settings.background_process), settings.drain_seconds)
