"""`trivia events seal`, `verify`, `proof` and `check-proof`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from trivia.cli.progress import PositionProgress
from trivia.cli.runtime import json_option, migrated_services, print_json, printable, run

if TYPE_CHECKING:
    from events.tamper_evidence.proof import Proof
    from events.tamper_evidence.verify import Report
    from trivia.settings import Settings

MAX_PROOF_BYTES: Final = 16_777_216
_POSITION: Final = click.IntRange(1, 2**63 - 1)


class PublicKey(click.ParamType[bytes, str]):
    """A public key: 64 hexadecimal digits, or the file that holds them."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """See click.ParamType.convert."""
        from trivia.platform.sealing import read_public_key

        try:
            return read_public_key(value)
        except OSError as error:
            self.fail(
                f"{value} is neither 64 hexadecimal digits nor a file that can be read: {error.strerror}", param, ctx
            )
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command
@json_option
def seal(*, as_json: bool) -> None:
    """Seal what the log has now, without waiting for a full block, and say the public key."""

    async def work(settings: "Settings") -> dict[str, Any]:
        from events.tamper_evidence.sealer import LogDamaged

        async with migrated_services(settings) as services:
            try:
                last = await services.sealing.sealer.seal_all()
            except LogDamaged as error:
                raise click.ClickException(str(error)) from error
            return {
                "sealed": last.last if last else 0,
                "seals": last.number if last else 0,
                "file": str(services.sealing.file.path),
                "public_key": services.sealing.key.public.hex(),
            }

    done = run(work)
    if as_json:
        print_json(done)
        return
    click.echo(f"Sealed up to {done['sealed']}, with {done['seals']} seals in all; they are in {done['file']} as well.")
    click.echo(f"Public key: {done['public_key']}")


@click.command
@click.option("--from", "first", type=_POSITION, default=1, help="First position to look at.")
@click.option("--to", "last", type=_POSITION, help="Last position to look at; whole blocks are looked at.")
@click.option(
    "--seal-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with the seals in this file (TRIVIA_SEAL_FILE).",
)
@click.option("--public-key", "keys", type=PublicKey(), multiple=True, help="Believe this key; may be given again.")
@click.option("--streams", is_flag=True, help="Look at the versions of every stream, too.")
@json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    first: int,
    last: int | None,
    seal_file: Path | None,
    keys: tuple[bytes, ...],
    streams: bool,
    as_json: bool,
) -> None:
    """Compare the log with its seals, and these with the file outside.

    Exit code 1 if anything differs.
    """
    if last is not None and last < first:
        raise click.UsageError("--to is before --from")

    async def work(settings: "Settings") -> "Report":
        from events.tamper_evidence.seal import Signatures
        from events.tamper_evidence.verify import verify

        async with migrated_services(settings) as services:
            outside, unreadable = await services.sealing.outside(seal_file)
            with PositionProgress("Verifying the log") as progress:
                report = await verify(
                    services.sealing.store,
                    Signatures(keys or [services.sealing.key.public]),
                    outside=outside,
                    after=first - 1,
                    until=last,
                    progress=progress.reached,
                    streams=streams,
                )
        path = seal_file or services.sealing.file.path
        if not outside:
            report.notes.append(f"there are no seals in {path} to compare with")
        if unreadable:
            lines = ", ".join(map(str, unreadable[:5]))
            report.notes.append(f"{len(unreadable)} lines of {path} are no seals, the first of them: {lines}")
        return report

    report = run(work)
    if as_json:
        print_json({"ok": not report.fault_count, "report": report})
    else:
        click.echo("\n".join(printable(line) for line in _describe(report)))
    if report.fault_count:
        ctx.exit(1)


def _describe(report: "Report") -> list[str]:
    if not (report.seals or report.fault_count):
        return [f"Nothing is sealed yet: {report.events} events.", *(f"  {note}" for note in report.notes)]
    looked = f"{report.events} events from {report.first} to {report.last}, under {report.seals} seals"
    if not report.fault_count:
        return [f"The log is as it was sealed: {looked}.", *(f"  {note}" for note in report.notes)]
    faults = "1 fault" if report.fault_count == 1 else f"{report.fault_count} faults"
    lines = [f"The log is NOT as it was sealed ({looked}); {faults}:"]
    for fault in report.faults:
        place = "" if fault.position is None else f"position {fault.position}: "
        lines.append(f"  {place}{fault.message}")
    if report.fault_count > len(report.faults):
        lines.append(f"  and {report.fault_count - len(report.faults)} more")
    return lines + [f"  {note}" for note in report.notes]


@click.command
@click.argument("position", type=_POSITION)
def proof(*, position: int) -> None:
    """Print, as JSON, the proof that the event at POSITION is under a seal."""

    async def work(settings: "Settings") -> "Proof":
        from events.tamper_evidence.proof import NoProof, prove

        async with migrated_services(settings) as services:
            try:
                return await prove(services.sealing.store, position, public_key=services.sealing.key.public)
            except NoProof as error:
                raise click.ClickException(str(error)) from error

    print_json(run(work))


@click.command("check-proof")
@click.argument("file", type=click.File("rb"))
@click.option("--public-key", "key", type=PublicKey(), required=True, help="The key that the operator has made known.")
@json_option
@click.pass_context
def check_proof(ctx: click.Context, *, file: Any, key: bytes, as_json: bool) -> None:
    """Check the proof in FILE (- for standard input) with a public key. Exit code 1 if it fails."""
    import msgspec

    from events.tamper_evidence.proof import Proof, check_proof

    raw = file.read(MAX_PROOF_BYTES)
    try:
        proof = msgspec.json.decode(raw, type=Proof)
        faults = check_proof(proof, key)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # Standard input may have a number for a name.
        name = file.name if isinstance(file.name, str) else "<stdin>"
        raise click.ClickException(f"{name} holds no proof: {error}") from error
    if as_json:
        print_json({"ok": not faults, "position": proof.event.position, "faults": faults})
    elif faults:
        click.echo("\n".join(["The proof does NOT hold:", *(f"  {printable(fault)}" for fault in faults)]))
    else:
        click.echo(
            f"The proof holds: {printable(proof.event.type)} at position {proof.event.position}, stream "
            f"{printable(proof.event.stream)}, is under seal {proof.seal.number}."
        )
    if faults:
        ctx.exit(1)


def add_to(group: click.Group) -> None:
    """Make these commands of the group."""
    for command in (seal, verify, proof, check_proof):
        group.add_command(command)
