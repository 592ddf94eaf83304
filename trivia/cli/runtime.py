"""Shared by commands: settings, one-line errors, a migrated database, output as text or JSON."""

import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from trivia.http.problems import FieldError
    from trivia.services import Services
    from trivia.settings import Origin, Settings

_T = TypeVar("_T")

WRONG_USAGE: Final = 2
SHOWN_FAULTS: Final = 20

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


class WrongSettings(click.ClickException):
    """A setting is wrong."""

    exit_code = WRONG_USAGE


def read_settings() -> "tuple[Settings, list[Origin]]":
    """The settings and where they come from. Raises WrongSettings."""
    from trivia.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        raise WrongSettings(f"wrong settings\n{error}") from None


def run(work: "Callable[[Settings], Coroutine[Any, Any, _T]]") -> _T:
    """Run a command's work with the settings; known errors are printed as one line, exit code 1."""
    from events.log import LogError
    from migrations.runner import MigrationRefused
    from trivia.http.problems import Problem
    from trivia.platform.logs import configure_logs
    from trivia.platform.process import run_async
    from trivia.settings import SettingsError

    settings, _ = read_settings()
    configure_logs(settings)
    try:
        return run_async(work(settings))
    except Problem as error:
        raise click.ClickException(_with_faults(error)) from error
    except SettingsError as error:
        raise WrongSettings(f"wrong settings\n{error}") from error
    except (LogError, MigrationRefused) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'error'}: {error.strerror or error}") from error


def _with_faults(error: Any) -> str:
    return "\n".join([error.detail, *describe_faults(error.errors)])


def describe_faults(faults: "Sequence[FieldError]") -> list[str]:
    """One line for each of the first faults."""
    lines = []
    for fault in faults[:SHOWN_FAULTS]:
        place = " ".join(filter(None, [f"line {fault.line}" if fault.line else "", fault.path]))
        lines.append(f"  {place}: {fault.message}" if place else f"  {fault.message}")
    if len(faults) > SHOWN_FAULTS:
        lines.append(f"  and {len(faults) - SHOWN_FAULTS} more")
    return lines


@asynccontextmanager
async def migrated_services(settings: "Settings") -> "AsyncIterator[Services]":
    """The services on a database that is up to date, not following the log.

    Raises ClickException and LogUnavailable.
    """
    from trivia.platform.storage import migrate
    from trivia.services import open_services

    if pending := await migrate(settings.database_url, check=True):
        raise click.ClickException(f"the database lacks {', '.join(pending)}; run `trivia migrate` first")
    async with open_services(settings) as services:
        yield services


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    import msgspec

    click.echo(msgspec.json.encode(value))


def printable(text: str) -> str:
    """A text that cannot do anything to a terminal."""
    return "".join([c if c.isprintable() else f"\\u{ord(c):04x}" for c in text])


def is_terminal() -> bool:
    """Whether a person is watching standard error, where progress is shown."""
    return sys.stderr.isatty()
