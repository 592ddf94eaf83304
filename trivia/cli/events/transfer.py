"""`trivia events export` and `trivia events import`; `trivia backup` and `trivia restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trivia.cli.progress import PositionProgress
from trivia.cli.runtime import json_option, migrated_services, print_json, run

if TYPE_CHECKING:
    from trivia.operations.backups import Restored
    from trivia.services import Services
    from trivia.settings import Settings

_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("export")
@click.argument("file", type=_NEW_FILE)
@click.option("--after", type=click.IntRange(0, 2**63 - 1), default=0, help="Only what came after this position.")
@click.option("--until", type=click.IntRange(0, 2**63 - 1), help="Only up to this position; the whole log otherwise.")
@click.option(
    "--with-keys",
    is_flag=True,
    help="Also the keys of personal data. Without them names and addresses cannot be read where the log is imported, and nobody "
    "can sign in there; with them, the file contains personal data in readable form.",
)
@json_option
def export_log(*, file: Path, after: int, until: int | None, with_keys: bool, as_json: bool) -> None:
    """Write the log to a new FILE as lines of JSON, compressed if its name ends in .gz.

    WITHOUT --with-keys PERSONAL DATA CANNOT BE READ ON THE OTHER SIDE.
    """
    if until is not None and until < after:
        raise click.UsageError("--until lies before --after")

    async def work(settings: "Settings") -> dict[str, Any]:
        from events.archive.files import create_archive
        from events.archive.source import export_log
        from trivia.operations.backups import SOFTWARE

        async with migrated_services(settings) as services:
            with create_archive(file) as archive, PositionProgress("Exporting") as progress:
                async with services.storage.database.source() as source:
                    header = await export_log(
                        source, archive, progress.reached, software=SOFTWARE, keys=with_keys, after=after, until=until
                    )
        return {
            "file": str(file),
            "after": header.after,
            "until": header.until,
            "keys": header.keys,
            "rows": header.rows,
        }

    done = _run(work)
    if as_json:
        print_json(done)
        return
    kept = (
        "with the keys of personal data"
        if with_keys
        else "without the keys of personal data, which cannot be read where it goes"
    )
    click.echo(f"{file}: {done['rows']['events']} events, {kept}.")


@click.command("import")
@click.argument("file", type=_FILE)
@json_option
def import_log(*, file: Path, as_json: bool) -> None:
    """Bring a log that was exported to FILE into an empty database: all of it, or nothing."""

    async def work(settings: "Settings") -> dict[str, Any]:
        from events.archive.archive_file import ArchiveReader
        from events.archive.files import open_archive

        with open_archive(file) as opened:
            archive = ArchiveReader(opened)
            async with migrated_services(settings) as services:
                with PositionProgress("Importing") as progress:
                    await services.storage.database.load(archive, progress.reached)
        header = archive.header
        return {"file": str(file), "head": header.until, "keys": header.keys, "rows": header.rows}

    done = _run(work)
    if as_json:
        print_json(done)
        return
    click.echo(
        f"{file}: {done['rows']['events']} events imported. `trivia projections rebuild --all` brings the read models up to date."
    )


@click.command
@click.argument("file", type=_NEW_FILE)
@json_option
def backup(*, file: Path, as_json: bool) -> None:
    """Back up the database to a new FILE while the service runs.

    The file contains all personal data and its keys.

    Of SQLite it is a copy of the database; of PostgreSQL the log with all that belongs to it,
    compressed if the name ends in .gz.
    """

    async def work(settings: "Settings") -> int:
        from trivia.operations.backups import back_up

        async with migrated_services(settings) as services:
            unit = "pages" if settings.database_url.startswith("sqlite:") else "events"
            with PositionProgress("Backing up", unit) as progress:
                return await back_up(services.storage, file, progress.reached)

    head = _run(work)
    if as_json:
        print_json({"file": str(file), "head": head})
    else:
        click.echo(f"{file}: everything up to position {head}.")


@click.command
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Where there is a SQLite database already, move it aside.")
@json_option
def restore(*, file: Path, force: bool, as_json: bool) -> None:
    """Put the backup FILE in the database's place, while no process uses it.

    A SQLite database must not be there, unless --force; a PostgreSQL database must be empty. Who
    was erased after the backup was made is in it, and has to be erased again.
    """

    async def work(settings: "Settings") -> "Restored":
        from trivia.operations.backups import restore

        with PositionProgress("Restoring", "") as progress:
            restored = await restore(settings.database_url, file, progress.reached, force=force)
        if restored.log_alone:
            async with migrated_services(settings) as services:
                await _build_read_models(services)
        return restored

    restored = _run(work)
    if as_json:
        print_json({"file": str(file), "head": restored.head, "aside": restored.aside and str(restored.aside)})
        return
    click.echo(f"{file} is restored; the log ends at position {restored.head}.")
    if restored.aside:
        click.echo(f"The database that was there is {restored.aside} now.")


async def _build_read_models(services: "Services") -> None:
    from projections.engine.dead_letters import ProjectionFailed
    from projections.rebuild.multi_fold import fold_together
    from projections.rebuild.rebuild import BATCH

    head = await services.log.head()
    with PositionProgress("Building the read models") as progress:
        try:
            await fold_together(
                services.log,
                services.models,
                services.projections,
                head,
                BATCH,
                lambda position: progress.reached(position, head),
            )
        except ProjectionFailed as error:
            # The log is restored by now. A service sets aside what a projection cannot apply, and goes on.
            click.echo(f"The read models are left to the service that starts: {error}", err=True)


def _run(work: Any) -> Any:
    from events.archive.archive_file import ArchiveRefused
    from events.archive.sqlite_copy import DamagedDatabase, DatabaseInUse
    from events.archive.target import TargetNotEmpty
    from trivia.operations.backups import WrongKind

    try:
        return run(work)
    except (ArchiveRefused, TargetNotEmpty, DamagedDatabase, DatabaseInUse, WrongKind) as error:
        raise click.ClickException(str(error)) from error
