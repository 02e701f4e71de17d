"""Which importer reads a file: named, or told from its beginning."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from producers.errors import UnknownFormat, UnreadableFile

_BEGINNING = 65_536
_DELIMITER = re.compile(rb"[,;\t|]")
_COLUMN = re.compile(rb"name|number|entry_id|vin|plate|serial|imo|date|birth")
_MRZ = re.compile(rb"[A-Z][A-Z0-9<][A-Z0-9<]{28,88}\s*(?:\n|$)")


class Format(StrEnum):
    """Formats of files. AUTO: told from the file's beginning."""

    AUTO = "auto"
    UN_XML = "un-xml"
    CSV = "csv"
    JSONL = "jsonl"
    FTM = "ftm"
    INTERPOL = "interpol-json"
    MRZ = "mrz"


def format_of(file: Path) -> Format:
    """The format of `file`. Raises UnknownFormat (the beginning is of none) and UnreadableFile."""
    try:
        with file.open("rb") as stream:
            start = stream.read(_BEGINNING).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror or error}") from error
    if b"<CONSOLIDATED_LIST" in start:
        return Format.UN_XML
    if start.startswith((b"{", b"[")):
        return _of_json(start)
    if _MRZ.match(start):
        return Format.MRZ
    header = start.split(b"\n", 1)[0]
    if file.suffix.lower() == ".csv" or (_DELIMITER.search(header) and _COLUMN.search(header.lower())):
        return Format.CSV
    raise UnknownFormat(
        f"{file}: neither the UN list's XML nor JSON, CSV or machine-readable zones that are known; name its format"
    )


def _of_json(start: bytes) -> Format:
    if b'"schema"' in start and (b'"properties"' in start or b'"caption"' in start):
        return Format.FTM
    if b'"entry_id"' not in start and (b'"_embedded"' in start or b'"entity_id"' in start):
        return Format.INTERPOL
    return Format.JSONL
