"""The importers: a file is read row by row, or refused by an error of theirs; what is read can be said in bytes."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from producers.country import encoded
from producers.errors import ProducerError, Unencodable
from producers.importers import Format, IncidentDefaults, ListDefaults, read_mrz_incidents, read_watchlist
from producers.importers.incidents_csv import read_incidents_csv
from producers.importers.mrz import NoMrz, read_mrz
from producers.importers.results import Note, RefusedRow
from tests.fuzz.hostile import CODEC, NOON

Read = Callable[[Path], Iterator[object]]


class FileTarget:
    """Bytes that are a file."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._rows: Counter[str] = Counter()
        self.shares: dict[str, object] = {"rows": self._rows}
        """What became of the rows."""

    def __call__(self, data: bytes) -> str | None:
        """Why the file is refused."""
        file = Path(self._folder.name, "file")
        file.write_bytes(data)
        try:
            for row in self._read(file):
                self._rows[_kind(row)] += 1
        except ProducerError as error:
            return type(error).__name__
        return None


def _kind(row: object) -> str:
    if isinstance(row, RefusedRow | Note):
        assert row.why
        return "refused" if isinstance(row, RefusedRow) else "with a part left out"
    assert isinstance(row, BaseModel)
    try:
        encoded(CODEC, row)
    except Unencodable:
        return "without bytes that say it"
    return "read"


def zone(data: bytes) -> str | None:
    """A machine-readable zone: read, or NoMrz."""
    try:
        read_mrz(data.decode("utf-8", "replace").splitlines() or [""])
    except NoMrz as error:
        return type(error).__name__
    return None


def watchlist(format_: Format) -> Callable[[], FileTarget]:
    """A reader of watchlists of one format."""
    return lambda: FileTarget(lambda file: read_watchlist(file, ListDefaults(producer="bd", at=NOON), format_))


def mrz_file() -> FileTarget:
    """The reader of files of machine-readable zones."""
    return FileTarget(lambda file: read_mrz_incidents(file, IncidentDefaults(producer="bd", at=NOON)))


def travellers() -> FileTarget:
    """The reader of incidents as CSV."""
    return FileTarget(lambda file: read_incidents_csv(file, IncidentDefaults(producer="bd", at=NOON)))
