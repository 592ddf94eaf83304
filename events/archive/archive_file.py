"""An archive: a log as lines of JSON, the same bytes whichever database it came from.

    {"trivia_log":1,"software":…,"head":…,"after":…,"until":…,"keys":…,"rows":{"events":…,"commands":…,…},"crc":…}
    {"position":1,"stream":…,"version":…,"type":…,"schema":…,"data":…,"metadata":…,"recorded_at":…,"crc":…}      for each event
    {"id":…,"fingerprint":…,"first_position":…,"last_position":…,"crc":…}                                        for each command
    …                                                                                   rows of the other tables, if it has any
    {"lines":…,"rows":{…},"sha256":…,"crc":…}

`data` and `metadata` are the stored texts to the byte, as JSON strings; bytes are base64. `crc` is the CRC-32 of this line without it
and of all lines before, so that the first line that is not as it was written is known by its number; `sha256` is over all lines before
the last.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final, NoReturn, Protocol

import msgspec

from events.archive.archive_tables import EVENTS, TABLES, Carried, CommandRow, KeyRow, SealRow
from events.log import RecordedEvent
from events.prepare import is_name

FORMAT: Final = 1
MAX_LINE_BYTES: Final = 256 * 1024 * 1024

_CRC = b',"crc":"%08x"}\n'
_CRC_BYTES: Final = len(_CRC % 0)
_MAX_INTEGER: Final = 2**63 - 1
_MAX_SCHEMA: Final = 2**31 - 1
_KEY_BYTES: Final = 32


class ArchiveRefused(Exception):
    """A file that is no archive, or not the one that was written; the message names its first bad line."""


class Header(msgspec.Struct, frozen=True):
    """What an archive holds: the events beyond `after` up to `until` of a log that ended at `head`, and how many rows of each table."""

    trivia_log: int
    software: str
    head: int
    after: int
    until: int
    keys: bool
    rows: dict[str, int]


class Trailer(msgspec.Struct, frozen=True):
    """The last line. `lines` counts those before it."""

    lines: int
    rows: dict[str, int]
    sha256: str


class _Format(msgspec.Struct):
    trivia_log: int


class Writable(Protocol):
    """Where an archive goes."""

    def write(self, data: bytes, /) -> object:
        """Take these bytes."""


class Readable(Protocol):
    """Where an archive comes from."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line, of `size` bytes at most."""


class ArchiveWriter:
    """Writes the header when made; then come the rows, table by table, and `finish`."""

    def __init__(self, file: Writable, header: Header) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode
        self._crc = 0
        self._digest = hashlib.sha256()
        self._lines = 0
        self._rows = dict.fromkeys(header.rows, 0)
        self._put([header])

    def write(self, carried: Carried, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows of a table."""
        make = carried.row
        self._rows[carried.table] += self._put([make(*row) for row in rows])

    def finish(self) -> None:
        """Write the last line."""
        self._put([Trailer(self._lines, self._rows, self._digest.hexdigest())])

    def _put(self, structs: Iterable[msgspec.Struct]) -> int:
        lines = []
        crc = self._crc
        for struct in structs:
            line = self._encode(struct)
            crc = zlib.crc32(line, crc)
            lines.append(line[:-1] + _CRC % crc)
        data = b"".join(lines)
        self._crc = crc
        self._digest.update(data)
        self._file.write(data)
        self._lines += len(lines)
        return len(lines)


class ArchiveReader:
    """Reads and checks an archive as it goes.

    Whoever has come to the end of `batches` without ArchiveRefused has seen all of it as it was written.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._line = 0
        self._crc = 0
        self._digest = hashlib.sha256()
        self.header = self._read_header()

    def _read_header(self) -> Header:
        raw = self._next()
        try:
            known = msgspec.json.decode(raw, type=_Format).trivia_log
        except msgspec.DecodeError:
            self._refuse("this is no export of a log")
        if known != FORMAT:
            self._refuse(f"the format is {known}, and this version of the software reads {FORMAT}")
        header: Header = self._decode(raw, msgspec.json.Decoder(Header))
        names = {carried.table for carried in TABLES}
        if unknown := [name for name in header.rows if name not in names]:
            self._refuse(f"holds {', '.join(unknown)}, which this version of the software does not know")
        if not 0 <= header.after <= header.until <= min(header.head, _MAX_INTEGER) or min(header.rows.values()) < 0:
            self._refuse("counts that cannot be")
        if header.rows.get(EVENTS.table) != header.until - header.after:
            self._refuse("does not count its events as their positions do")
        return header

    def batches(self) -> Iterator[tuple[Carried, list[Any]]]:
        """The rows, as structs, in batches of one table each. Raises ArchiveRefused."""
        by_name = {carried.table: carried for carried in TABLES}
        for name, count in self.header.rows.items():
            carried = by_name[name]
            decoder = msgspec.json.Decoder(carried.row)
            check = _check_of(carried, self.header)
            left = count
            while left:
                batch = []
                for _ in range(min(left, carried.page)):
                    row = self._decode(self._next(), decoder)
                    if fault := check(row):
                        self._refuse(fault)
                    batch.append(row)
                left -= len(batch)
                yield carried, batch
        self._check_trailer()

    def _check_trailer(self) -> None:
        lines, digest = self._line, self._digest.hexdigest()
        trailer: Trailer = self._decode(self._next(), msgspec.json.Decoder(Trailer))
        if trailer != Trailer(lines, self.header.rows, digest):
            self._refuse("the file is not the one that was written: its last line tells of another")
        if self._readline():
            self._line += 1
            self._refuse("there is more after the last line")

    def _next(self) -> bytes:
        self._line += 1
        line = self._readline()
        if not line.endswith(b"\n"):
            self._refuse("the file ends here, before its last line" if len(line) < MAX_LINE_BYTES else "too long")
        return line

    def _readline(self) -> bytes:
        try:
            return self._file.readline(MAX_LINE_BYTES)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ArchiveRefused(f"line {self._line}: {error}") from error

    def _decode(self, line: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
        body = line[:-_CRC_BYTES] + b"}"
        self._crc = zlib.crc32(body, self._crc)
        if line[-_CRC_BYTES:] != _CRC % self._crc:
            self._refuse("is not as it was written, or not in its place")
        self._digest.update(line)
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._refuse(str(error))

    def _refuse(self, why: str) -> NoReturn:
        raise ArchiveRefused(f"line {self._line}: {why}")


class _Check(Protocol):
    def __call__(self, row: Any, /) -> str | None:
        """What is wrong with a row, in words."""


def _check_of(carried: Carried, header: Header) -> _Check:
    if carried is EVENTS:
        return _EventCheck(header.after)
    if carried.row is CommandRow:
        return lambda row: _span_fault(row, header) or _name_fault(row.id)
    if carried.row is SealRow:
        return lambda row: _span_fault(row, header) or _seal_fault(row)
    if carried.row is KeyRow:
        return _key_fault
    return lambda row: _name_fault(row.subject)


class _EventCheck:
    """Positions without a gap, times that never fall, and nothing that a database would refuse or change."""

    def __init__(self, after: int) -> None:
        self._position = after
        self._recorded_at = 0

    def __call__(self, row: RecordedEvent) -> str | None:
        self._position += 1
        if row.position != self._position:
            return f"position {row.position} stands where {self._position} should"
        if not self._recorded_at <= row.recorded_at <= _MAX_INTEGER:
            return f"recorded at {row.recorded_at}, but the one before at {self._recorded_at}"
        self._recorded_at = row.recorded_at
        if not 1 <= row.version <= row.position or not 1 <= row.schema <= _MAX_SCHEMA:
            return f"version {row.version} and schema {row.schema} cannot be"
        if not is_name(row.stream) or not is_name(row.type):
            return "has no good name of a stream and a type"
        if "\0" in row.data or "\0" in row.metadata:
            return "holds a NUL"
        return None


def _span_fault(row: CommandRow | SealRow, header: Header) -> str | None:
    if header.after < row.first_position <= row.last_position <= header.until:
        return None
    return "tells of positions that are not here"


def _name_fault(name: str) -> str | None:
    return None if is_name(name) else "has no good name"


def _seal_fault(row: SealRow) -> str | None:
    good = 1 <= row.number <= row.last_position and 0 <= row.signed_at <= _MAX_INTEGER
    return _name_fault(row.key_id) if good else "is no seal"


def _key_fault(row: KeyRow) -> str | None:
    return _name_fault(row.subject) if len(row.key) == _KEY_BYTES else "is no key of a subject"
