"""A watchlist of any format that is read, as entries, refused rows and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from producers.errors import UnknownColumn, UnknownFormat
from producers.identity import new_event_id
from producers.importers.entries_csv import read_entries_csv
from producers.importers.entry_items import Kind
from producers.importers.formats import Format, format_of
from producers.importers.ftm_entities import read_ftm_entities
from producers.importers.interpol_notices import read_interpol_notices
from producers.importers.jsonl import EnvelopeDefaults, read_entries_jsonl
from producers.importers.results import Result
from producers.importers.un_consolidated import LIST_NAME, read_un_list
from schemas.codes import Action, Mode, NoticeType

FORMATS = (Format.UN_XML, Format.JSONL, Format.FTM, Format.INTERPOL, Format.CSV)
"""Formats that watchlist entries are read from."""


@dataclass(frozen=True)
class ListDefaults:
    """What a file does not say of its entries."""

    producer: str
    at: datetime
    exercise: Mode = Mode.ACTUAL
    list_name: str | None = None
    entry_version: int | None = None
    action: Action | None = None
    """What is asked for, where the format does not say."""
    notice_type: NoticeType | None = None
    """The colour of notices that do not tell theirs."""
    kind: Kind | None = None
    """Of CSV: what its rows are about, where they do not say."""
    delimiter: str | None = None
    """Of CSV: told from the header where it is not stated."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Of CSV: which column of the file is which of ours."""


def read_watchlist(
    file: Path,
    defaults: ListDefaults,
    format_: Format = Format.AUTO,
    *,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """Every entry of a list. Raises UnknownFormat and UnreadableFile."""
    known = format_of(file) if format_ is Format.AUTO else format_
    if defaults.columns and known is not Format.CSV:
        raise UnknownColumn(f"--columns says how CSV is to be read, and {file.name} is {known}")
    match known:
        case Format.UN_XML:
            return read_un_list(
                file,
                producer=defaults.producer,
                list_name=defaults.list_name or LIST_NAME,
                entry_version=defaults.entry_version,
                exercise=defaults.exercise,
                event_id=event_id,
            )
        case Format.JSONL:
            envelope = EnvelopeDefaults(defaults.producer, defaults.at, defaults.exercise, defaults.list_name)
            return read_entries_jsonl(file, envelope, event_id=event_id)
        case Format.FTM:
            return read_ftm_entities(file, action=defaults.action, **_common(defaults, event_id))
        case Format.INTERPOL:
            return read_interpol_notices(file, notice_type=defaults.notice_type, **_common(defaults, event_id))
        case Format.CSV:
            return read_entries_csv(
                file,
                kind=defaults.kind,
                action=defaults.action,
                notice_type=defaults.notice_type,
                columns=defaults.columns,
                delimiter=defaults.delimiter,
                **_common(defaults, event_id),
            )
        case _:
            raise UnknownFormat(f"{file}: watchlist entries are read from {', '.join(FORMATS)}, not from {known}")


def _common(defaults: ListDefaults, event_id: Callable[[], str]) -> dict[str, Any]:
    return {
        "producer": defaults.producer,
        "at": defaults.at,
        "exercise": defaults.exercise,
        "list_name": defaults.list_name,
        "entry_version": defaults.entry_version,
        "event_id": event_id,
    }
