"""Importers: one file a format, each a generator of models, refused rows and notes."""

from producers.importers.entry_items import Kind
from producers.importers.formats import Format, format_of
from producers.importers.incidents_csv import IncidentDefaults, read_incidents_csv
from producers.importers.jsonl import EnvelopeDefaults, read_entries_jsonl, read_incidents_jsonl
from producers.importers.mrz_incidents import read_mrz_incidents
from producers.importers.results import Note, RefusedRow, Result
from producers.importers.un_consolidated import read_un_list
from producers.importers.watchlists import ListDefaults, read_watchlist

__all__ = [
    "EnvelopeDefaults",
    "Format",
    "IncidentDefaults",
    "Kind",
    "ListDefaults",
    "Note",
    "RefusedRow",
    "Result",
    "format_of",
    "read_entries_jsonl",
    "read_incidents_csv",
    "read_incidents_jsonl",
    "read_mrz_incidents",
    "read_un_list",
    "read_watchlist",
]
