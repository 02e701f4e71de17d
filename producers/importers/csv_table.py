"""CSV as people send it: any of the usual delimiters, BOM or none, odd quotation marks; no row is lost or merged.

RFC 4180 is read as it is. What is none: a quotation mark that is never closed does not swallow the rows below it (the
line is taken as it stands, and said to be a problem); bytes that are not UTF-8 are read as Windows-1252, which they
nearly always are. UTF-16 is read where a byte order mark says so, as Excel writes it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from producers.errors import UnreadableFile
from producers.importers.values import one_line

DELIMITERS = (",", ";", "\t", "|")
"""Told from the header, unless the delimiter is stated."""
LARGEST_FIELD = 1 << 20
"""Characters."""
_MOST_LINES = 100
"""Lines that one row with line breaks inside quotation marks may have."""
_UNCLOSED = "a quotation mark that is never closed: the line is taken as it stands"
_LOOSE = "quotation marks that are not RFC 4180's: the line is taken as it stands"
_NOT_UTF8 = "bytes that are not UTF-8 are read as Windows-1252"
_NOT_UTF16 = "bytes that are not UTF-16 are read as \ufffd"
_EXCEL = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row below the header. Empty lines are none."""

    number: int
    """From 1."""
    fields: list[str]
    """As they stand in the file; as many as the row has, which may differ from the header."""
    problem: str | None = None
    """What is wrong with the row as a whole; its fields are usable all the same."""
    cut: bool = False
    """The file may end in the middle of this row: no line break behind it, and fewer fields than the header has."""

    def text(self, place: int | None) -> str:
        """The field at `place` on one line, without surplus blanks; empty where there is none."""
        if place is None or place >= len(self.fields):
            return ""
        return one_line(self.fields[place])


class CsvTable:
    """A CSV file with a header, read once from its beginning.

    >>> with CsvTable(file, known=("full_name",)) as table:
    ...     for row in table: ...
    """

    def __init__(self, file: Path, *, known: Collection[str] = (), delimiter: str | None = None) -> None:
        """`known` are column names that may be expected: they tell the delimiter. Raises UnreadableFile."""
        csv.field_size_limit(LARGEST_FIELD)
        try:
            self._bytes: BinaryIO = file.open("rb")
        except OSError as error:
            raise UnreadableFile(f"{file}: {error.strerror or error}") from error
        start = self._bytes.read(4)
        self._bytes.seek(0)
        encoding, errors = ("utf-8-sig", "surrogateescape")
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            encoding, errors = ("utf-16", "replace")  # its decoder lets nothing else stand for what is none
        self._lines = io.TextIOWrapper(self._bytes, encoding, errors, newline="")
        self._waiting: list[str] = []
        self._number = -1
        self._ended = True
        self._undecoded: str | None = None
        self.size = file.stat().st_size
        """Bytes of the file."""
        first = self._line()
        if found := _EXCEL.fullmatch(first):
            delimiter, first = delimiter or found[1], self._line()
        while first and not first.strip():
            first = self._line()
        if not first:
            self.close()
            raise UnreadableFile(f"{file.name}: empty, without even a header")
        self.delimiter = delimiter or _delimiter(first, {normal(name) for name in known})
        self._waiting.insert(0, first)
        self.header = next(iter(self)).fields
        """The column names as they stand in the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    @property
    def position(self) -> int:
        """Bytes read so far, for a progress bar."""
        return self._bytes.tell()

    def __iter__(self) -> Iterator[CsvRow]:
        while line := self._line():
            if not line.rstrip("\r\n"):
                continue
            self._undecoded = None
            fields, problem = self._row(self._decoded(line))
            self._number += 1
            problem = problem or self._undecoded
            cut = not self._ended and self._number > 0 and (problem == _UNCLOSED or len(fields) < len(self.header))
            yield CsvRow(self._number, fields, problem, cut)

    def _line(self) -> str:
        line = self._waiting.pop(0) if self._waiting else self._lines.readline()
        if line:
            self._ended = line.endswith(("\n", "\r"))
        return line

    def _decoded(self, line: str) -> str:
        if line.isascii():
            return line
        if self._lines.errors == "replace":
            if "\ufffd" in line:
                self._undecoded = _NOT_UTF16
            return line
        if not _UNDECODED.search(line):
            return line
        self._undecoded = _NOT_UTF8
        return _UNDECODED.sub(lambda found: _windows_1252(ord(found[0]) - 0xDC00), line)

    def _row(self, line: str) -> tuple[list[str], str | None]:
        if '"' not in line:
            return self._split(line), None
        taken = [line]
        while len(taken) <= _MOST_LINES:
            try:
                return self._parsed(taken), None
            except _Unclosed:
                if not (more := self._line()):
                    break
                taken.append(self._decoded(more))
            except csv.Error:
                self._waiting[:0] = taken[1:]
                return self._loose(line), _LOOSE
        self._waiting[:0] = taken[1:]
        return self._split(line), _UNCLOSED

    def _split(self, line: str) -> list[str]:
        return line.rstrip("\r\n").split(self.delimiter)

    def _loose(self, line: str) -> list[str]:
        try:
            return self._parsed([line], strict=False)
        except (csv.Error, _Unclosed):
            return self._split(line)

    def _parsed(self, lines: list[str], *, strict: bool = True) -> list[str]:
        def feed() -> Iterator[str]:
            yield from lines
            raise _Unclosed

        return next(csv.reader(feed(), delimiter=self.delimiter, strict=strict))


class _Unclosed(Exception):
    """The row goes on behind the lines that are there."""


def normal(column: str) -> str:
    """A column name as it is compared: small letters, blanks and hyphens as underscores."""
    return re.sub(r"[\s-]+", "_", column.strip().strip("\ufeff").casefold())


def _delimiter(header: str, known: set[str]) -> str:
    def worth(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([header], delimiter=delimiter))
        return len({normal(cell) for cell in cells} & known), len(cells)

    return max(DELIMITERS, key=worth)


def _windows_1252(byte: int) -> str:
    raw = bytes((byte,))
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
