"""JSON Lines of every kind of event, with the envelope filled in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from producers.importers import EnvelopeDefaults, RefusedRow, read_entries_jsonl, read_incidents_jsonl
from schemas.codes import IncidentType, Instrument, Mode, NoticeType
from schemas.events import Incident, WatchlistEntry

EXAMPLES = Path(__file__).parents[2] / "examples"
DEFAULTS = EnvelopeDefaults("bd", datetime(2026, 3, 1, tzinfo=UTC))
ENTRY = {"entry_id": "1", "instrument": "DOC_RECORD", "action": "SEIZE"}


def lines(tmp_path: Path, *values: Any) -> Path:
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(value if isinstance(value, str) else json.dumps(value) for value in values))
    return file


def test_the_example_entries_show_every_instrument_notice_and_kind_of_object() -> None:
    entries = list(read_entries_jsonl(EXAMPLES / "watchlist.jsonl", DEFAULTS))

    assert all(isinstance(entry, WatchlistEntry) for entry in entries)
    shown = [entry for entry in entries if isinstance(entry, WatchlistEntry)]
    assert {entry.instrument for entry in shown} == set(Instrument) - {Instrument.UNKNOWN}
    assert {entry.notice_type for entry in shown} >= set(NoticeType) - {NoticeType.UNKNOWN, NoticeType.UN_SPECIAL}
    things = [entry.object for entry in shown if entry.object]
    for kind in ("document", "vehicle", "firearm", "vessel", "artwork"):
        assert any(getattr(thing, kind) for thing in things), kind


def test_the_example_incidents_show_every_type() -> None:
    incidents = list(read_incidents_jsonl(EXAMPLES / "incidents.jsonl", DEFAULTS))

    assert {i.incident_type for i in incidents if isinstance(i, Incident)} == set(IncidentType) - {IncidentType.UNKNOWN}
    assert len({i.incident_id for i in incidents if isinstance(i, Incident)}) == len(incidents)


def test_what_a_line_leaves_out_of_the_envelope_is_filled_in(tmp_path: Path) -> None:
    (entry,) = read_entries_jsonl(lines(tmp_path, ENTRY), EnvelopeDefaults("fr", DEFAULTS.at, Mode.TEST, "stolen"))

    assert isinstance(entry, WatchlistEntry)
    assert (entry.producer, entry.occurred_at, entry.recorded_at) == ("fr", DEFAULTS.at, DEFAULTS.at)
    assert (entry.exercise, entry.list_name) == (Mode.TEST, "stolen")
    assert entry.event_id[14] == "7"


def test_what_a_line_says_is_kept(tmp_path: Path) -> None:
    said = {**ENTRY, "producer": "np", "list_name": "own", "occurred_at": "2026-01-02T03:04:05Z"}
    (entry,) = read_entries_jsonl(lines(tmp_path, said), DEFAULTS)

    assert isinstance(entry, WatchlistEntry)
    assert (entry.producer, entry.list_name, entry.occurred_at.year) == ("np", "own", 2026)
    assert entry.occurred_at.month == 1


def test_a_bad_line_is_refused_with_its_field_and_the_next_is_read(tmp_path: Path) -> None:
    file = lines(
        tmp_path,
        "not json",
        "[1, 2]",
        {**ENTRY, "action": "APPLAUD"},
        {**ENTRY, "unheard_of": 1},
        "",
        "[" * 100_000,
        ENTRY,
    )
    results = list(read_entries_jsonl(file, DEFAULTS))

    assert [(r.row, r.field) for r in results if isinstance(r, RefusedRow)] == [
        ("line 1", "line"),
        ("line 2", "line"),
        ("line 3", "action"),
        ("line 4", "unheard_of"),
        ("line 6", "line"),
    ]
    assert isinstance(results[-1], WatchlistEntry)


def test_a_line_too_long_for_the_broker_is_not_read_into_memory_whole(tmp_path: Path) -> None:
    file = lines(tmp_path, {**ENTRY, "remarks": "x" * 5_000_000}, ENTRY)
    refused, entry = read_entries_jsonl(file, DEFAULTS)

    assert isinstance(refused, RefusedRow)
    assert refused.row == "line 1"
    assert isinstance(entry, WatchlistEntry)


def test_an_incident_keeps_its_id_over_imports_unless_the_line_names_one(tmp_path: Path) -> None:
    file = lines(tmp_path, {"incident_type": "SIGHTING"}, {"incident_type": "SIGHTING", "incident_id": "own"})
    first = list(read_incidents_jsonl(file, DEFAULTS))
    again = list(read_incidents_jsonl(file, DEFAULTS))

    assert [i.incident_id for i in first if isinstance(i, Incident)] == [
        i.incident_id for i in again if isinstance(i, Incident)
    ]
    assert isinstance(first[1], Incident)
    assert first[1].incident_id == "own"
    assert first[1].location.country == "bd"


def test_a_place_that_is_none_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (refused,) = read_incidents_jsonl(lines(tmp_path, {"incident_type": "SIGHTING", "location": "Dhaka"}), DEFAULTS)

    assert isinstance(refused, RefusedRow)
    assert refused.field == "location"
