"""`trivia import` and `trivia export`."""

import gzip
import os
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import click

from trivia.cli.progress import ImportProgress
from trivia.cli.runtime import describe_faults, json_option, migrated_services, print_json, run

if TYPE_CHECKING:
    from trivia.exchange.importing import ImportResult, OnError
    from trivia.questions.bank.near_duplicates.finder import NearDuplicates
    from trivia.questions.bank.near_duplicates.screening import Mode
    from trivia.questions.bank.question_row import RawRow
    from trivia.services import Services
    from trivia.settings import Settings

CHUNK_BYTES: Final = 65_536

FORMATS: Final = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
"""Suffix (before `.gz`): format."""

_LAST_QUESTION: Final = "SELECT coalesce(max(number), 0) FROM questions"


class Readable(Protocol):
    """A file of bytes, compressed or not."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, all of them if no size is given."""


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["jsonl", "json"]), help="By the file's suffix, unless given.")
@click.option("--org", default="public", show_default=True, help="Whose bank.")
@click.option(
    "--on-error",
    type=click.Choice(["abort", "skip"]),
    default="abort",
    show_default=True,
    help="abort: one bad row and nothing of the file enters. skip: its good rows enter.",
)
@click.option(
    "--near-duplicates",
    type=click.Choice(["count", "skip", "off"]),
    help="Questions that ask for the same fact as another in other words. count: they enter and are counted. skip: they do not enter, "
    "and those that only may ask for the same wait for approval. off: nobody looks. By default count, or off where the bank is so large "
    "that it takes long.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and add nothing.")
@json_option
def import_(
    files: tuple[Path, ...],
    *,
    form: str | None,
    org: str,
    on_error: "OnError",
    near_duplicates: "Mode | None",
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import questions from FILES.

    JSON Lines (.jsonl, .ndjson) or {"questions": [...]} (.json), either also as .gz.

    A question that the bank has is skipped, so an import that was interrupted is simply run again.
    """
    formats = [form or _format_of(path) for path in files]

    async def work(settings: "Settings") -> None:
        from trivia.exchange.importing import ImportRefused

        async with migrated_services(settings) as services:
            await _require_org(services, org)
            near = None if near_duplicates == "off" else await _boot_near(services, asked=near_duplicates is not None)
            for path, kind in zip(files, formats, strict=True):
                asked = Asked(org, on_error, near_duplicates, dry_run)
                try:
                    result = await _import_file(services, near, path, kind, asked)
                except ImportRefused as refused:
                    if as_json:
                        print_json(
                            {
                                "file": str(path),
                                "dry_run": dry_run,
                                "invalid": refused.invalid,
                                "errors": refused.errors,
                            }
                        )
                    raise
                _report(path, result, dry_run=dry_run, as_json=as_json)

    run(work)


def _format_of(path: Path) -> str:
    suffix = Path(path.stem if path.suffix == ".gz" else path.name).suffix
    if suffix not in FORMATS:
        raise click.UsageError(f"{path}: its name does not say its format; give --format")
    return FORMATS[suffix]


class Asked(NamedTuple):
    """How files are to be imported."""

    org: str
    on_error: "OnError"
    near_duplicates: "Mode | None"
    dry_run: bool


async def _boot_near(services: "Services", *, asked: bool) -> "NearDuplicates | None":
    """The near-duplicate finder with the present bank; None where that takes too long."""
    from projections.models.pool_boot import boot_pool
    from projections.models.question_pool import QuestionPool
    from trivia.questions.bank.near_duplicates.screening import UNASKED_BACKLOG

    if not asked and (await services.models.fetch(_LAST_QUESTION))[0][0] > UNASKED_BACKLOG:
        return None
    services.live.feed("questions", QuestionPool.handles, services.pool.apply, services.pool.skip)
    services.live.position = await boot_pool(services.pool, services.models, await services.log.head())
    await services.live.catch_up()
    return services.near


async def _import_file(
    services: "Services", near: "NearDuplicates | None", path: Path, kind: str, asked: Asked
) -> "ImportResult":
    from events.log import Context
    from trivia.exchange.importing import ImportService, Options
    from trivia.exchange.sources import read_body, read_lines
    from trivia.questions.bank.stored_bank import StoredBank

    bank = StoredBank(services.log, services.models)
    service = ImportService(services.log, bank, Path(services.settings.data_dir), near)
    with _open(path) as file, ImportProgress() as progress:
        options = Options(
            asked.org,
            path.name[:100],
            asked.on_error,
            asked.dry_run,
            Context(org=asked.org, actor="command-line"),
            progress=progress.rows,
            near_duplicates=asked.near_duplicates,
        )
        rows: AsyncIterator[list[RawRow]] = read_lines(_chunks(file)) if kind == "jsonl" else read_body(file.read())
        try:
            return (await service.run(rows, options)).result
        except BaseException:
            if progress.added is not None and not asked.dry_run:
                at_least = f"stopped with {progress.added} questions or more added or skipped, each of them whole"
                click.echo(f"{path}: {at_least}. Run it again for the rest.", err=True)
            raise


async def _require_org(services: "Services", org: str) -> None:
    """Raise ClickException unless there is such an organisation."""
    from events.vocabulary.accounts import PUBLIC_ORG
    from trivia.accounts.streams import organisation_stream

    if org != PUBLIC_ORG and not (await services.log.versions([organisation_stream(org)]))[0]:
        raise click.ClickException(f"there is no organisation {org}; `trivia orgs create` makes one")


@contextmanager
def _open(path: Path) -> Iterator[Readable]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise click.ClickException(f"{path}: {error}") from error


async def _chunks(file: Readable) -> AsyncIterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _report(path: Path, result: "ImportResult", *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        import msgspec

        print_json({"file": str(path), "dry_run": dry_run, **msgspec.structs.asdict(result)})
        return
    verb = "would be imported" if dry_run else "imported"
    near = f", {result.near_duplicates} near duplicates" if result.near_duplicates else ""
    click.echo(
        f"{path}: {result.imported} {verb}, {result.skipped} skipped, {result.invalid} invalid{near}; "
        f"the bank has {result.total_questions} questions."
    )
    for line in describe_faults(result.errors):
        click.echo(line)


@click.command
@click.option("--org", default="public", show_default=True, help="Whose bank.")
@click.option("--format", "_form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="File to write; standard output otherwise."
)
def export(*, org: str, _form: str, output: Path | None) -> None:
    """Write a bank's questions out, in a form that can be imported again."""

    async def work(settings: "Settings") -> int:
        async with migrated_services(settings) as services:
            await _require_org(services, org)
            with _destination(output) as file:
                return await _write(services, org, file)

    count = run(work)
    if output:
        click.echo(f"{output}: {count} questions")


async def _write(services: Any, org: str, file: IO[bytes]) -> int:
    import msgspec

    from trivia.questions.bank.stored_bank import StoredBank

    encoder = msgspec.json.Encoder()
    count = 0
    async for page in StoredBank(services.log, services.models).rows(org):
        file.write(encoder.encode_lines(page))
        count += len(page)
    return count


@contextmanager
def _destination(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that appears under its name once it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
