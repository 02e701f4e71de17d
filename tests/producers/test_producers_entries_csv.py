"""Watchlist entries from CSV: every column is accounted for; what asks for something is understood or refused."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from producers import UnreadableFile
from producers.importers import Kind, ListDefaults, Note, RefusedRow, Result, read_watchlist
from producers.importers.entries_csv import COLUMNS
from producers.importers.formats import Format
from schemas.codes import Action, DocumentType, Instrument, LossStatus, NameType, NoticeType, ReceiversMode, SubjectKind
from schemas.codes import Warning as Caution
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document

AT = datetime(2026, 3, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "examples/stolen.csv"
PERSON = {
    "entry_id": "BD-1",
    "entry_version": "4",
    "kind": "person",
    "instrument": "diffusion",
    "notice_type": "blue",
    "threat": "drug trafficking",
    "operation": "SILVER TIDE",
    "list_name": "wanted",
    "action": "discreet check",
    "warnings": "armed; violent",
    "status": "suspended",
    "valid_from": "2026-01-01",
    "expires_at": "2031-01-01",
    "review_by": "2027-01-01T12:00:00+06:00",
    "linked_entry": "BD-0",
    "remarks": "ask for the supervisor",
    "reference": "case 4711",
    "language": "en",
    "handling_code": "H1",
    "tlp": "amber+strict",
    "receivers_mode": "except",
    "receivers": "np; India",
    "full_name": "AHMED Karim Uddin",
    "first_name": "Karim",
    "middle_name": "Uddin",
    "last_name": "Ahmed",
    "birth_name": "Karim Miah",
    "aliases": "করিম উদ্দিন; K. U. Ahmed",
    "low_quality_aliases": "Abu Walid",
    "previous_names": "Karim Sikder",
    "misused_names": "Rahim Khan",
    "gender": "male",
    "date_of_birth": "1971-03-09; 1970 to 1972",
    "place_of_birth": "Sylhet",
    "country_of_birth": "Bangladesh",
    "nationality": "Bangladeshi; GBR",
    "document_number": "EB0417723",
    "document_type": "passport",
    "document_country": "BGD",
}
THINGS: tuple[dict[str, str], ...] = (
    {
        "document_number": "EB0417723",
        "document_type": "passport",
        "document_country": "Bangladesh",
        "loss_status": "stolen",
    },
    {"vin": "WVWZZZ1JZXW000001", "plate": "DHAKA-GA-11-4711", "vehicle_country": "bd", "vehicle_make": "VW Golf"},
    {"serial": "PB4471903", "firearm_make": "Beretta", "firearm_model": "92FS", "calibre": "9 mm"},
    {"imo": "9074729", "mmsi": "351759000", "vessel_name": "MV SAMPLE", "flag": "Panama"},
    {"artwork_reference": "WOA-17", "artwork_title": "Lady with a parrot", "artist": "S. Sample"},
)


def read(tmp_path: Path, *rows: dict[str, str], **options: Any) -> list[Result]:
    file = tmp_path / "entries.csv"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return list(read_watchlist(file, ListDefaults("bd", AT, **options), Format.CSV, event_id=lambda: "e"))


def only(results: list[Result]) -> WatchlistEntry:
    (entry,) = [result for result in results if isinstance(result, WatchlistEntry)]
    return entry


def test_every_column_is_in_the_samples() -> None:
    assert {*PERSON, *(column for thing in THINGS for column in thing)} == set(COLUMNS)


@pytest.mark.parametrize("column", sorted(set(PERSON) - {"entry_id", "first_name", "middle_name", "last_name", "kind"}))
def test_every_column_of_a_person_makes_a_difference(tmp_path: Path, column: str) -> None:
    whole = only(read(tmp_path, PERSON))
    less = only(read(tmp_path, {name: text for name, text in PERSON.items() if name != column}))

    assert whole != less
    if column != "full_name":
        assert whole.subject is not None
        assert whole.subject.names[0].family == "Ahmed"


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: next(iter(thing)))
def test_every_column_of_a_thing_makes_a_difference(tmp_path: Path, thing: dict[str, str]) -> None:
    whole = only(read(tmp_path, thing | {"entry_id": "1"}))
    for column in thing:
        rest = {name: text for name, text in thing.items() if name != column} | {"entry_id": "1"}
        assert [result for result in read(tmp_path, rest) if result == whole] == [], column


def test_a_person_in_our_terms(tmp_path: Path) -> None:
    entry = only(read(tmp_path, PERSON))

    assert (entry.instrument, entry.notice_type, entry.action) == (
        Instrument.DIFFUSION,
        NoticeType.BLUE,
        Action.DISCREET_CHECK,
    )
    assert entry.warnings == (Caution.ARMED, Caution.VIOLENT)
    assert entry.expires_at == datetime(2031, 1, 2, tzinfo=UTC)
    assert entry.review_by == datetime(2027, 1, 1, 6, tzinfo=UTC)
    assert (entry.handling.receivers_mode, entry.handling.receivers) == (ReceiversMode.EXCEPT, ("np", "in"))
    subject = entry.subject
    assert subject is not None
    assert [(name.full, name.type) for name in subject.names[1:4]] == [
        ("Karim Miah", NameType.BIRTH),
        ("Karim Sikder", NameType.PREVIOUS),
        ("করিম উদ্দিন", NameType.ALIAS),
    ]
    assert subject.births == (BirthDate(year=1971, month=3, day=9), BirthDate(year=1970, year_to=1972))
    assert subject.nationalities == ("bd", "gb")
    assert subject.documents == (Document(type=DocumentType.PASSPORT, number="EB0417723", country="bd"),)


def test_things_are_told_by_what_a_row_fills(tmp_path: Path) -> None:
    found = [entry for entry in read(tmp_path, *THINGS) if isinstance(entry, WatchlistEntry)]

    assert [entry.instrument for entry in found] == [
        Instrument.DOC_RECORD,
        Instrument.VEHICLE_RECORD,
        Instrument.FIREARM_RECORD,
        Instrument.VESSEL_RECORD,
        Instrument.ART_RECORD,
    ]
    assert [entry.action for entry in found] == [Action.SEIZE] * 3 + [Action.INFORM, Action.SEIZE]
    assert found[0].object is not None
    assert found[0].object.loss_status is LossStatus.STOLEN


def test_an_entry_without_id_keeps_the_one_made_for_it(tmp_path: Path) -> None:
    row = {"full_name": "Karim Ahmed", "date_of_birth": "1971", "remarks": "one"}
    first, second = only(read(tmp_path, row)), only(read(tmp_path, row | {"remarks": "two"}))

    assert first.entry_id == second.entry_id
    assert first.entry_id != only(read(tmp_path, row | {"date_of_birth": "1972"})).entry_id


def test_options_fill_what_rows_do_not_say(tmp_path: Path) -> None:
    row = {"full_name": "Sample Trading"}
    entry = only(
        read(
            tmp_path,
            row,
            kind=Kind.ORGANISATION,
            action=Action.SPECIFIC_CHECK,
            notice_type=NoticeType.SILVER,
            list_name="assets",
        )
    )
    assert entry.subject is not None
    assert entry.subject.kind is SubjectKind.ORGANISATION
    assert (entry.instrument, entry.notice_type, entry.action, entry.list_name) == (
        Instrument.NOTICE,
        NoticeType.SILVER,
        Action.SPECIFIC_CHECK,
        "assets",
    )


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"action": "shoot"}, "action"),
        ({"warnings": "armed; tall"}, "warnings"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2026-02-31"}, "expires_at"),
        ({"receivers": "Atlantis"}, "receivers"),
        ({"status": "UNKNOWN"}, "status"),
        ({"entry_version": "0"}, "entry_version"),
        ({"kind": "ghost"}, "kind"),
        ({"kind": "", "plate": "DHAKA-GA-11-4711"}, "kind"),
        ({"kind": "document", "document_number": "0000"}, "document_number"),
        ({"kind": "vehicle", "plate": "x" * 10, "loss_status": "eaten"}, "loss_status"),
    ],
)
def test_what_asks_for_something_and_is_not_understood_refuses_its_row(
    tmp_path: Path, changes: dict[str, str], column: str
) -> None:
    results = read(tmp_path, PERSON | changes, PERSON | {"entry_id": "BD-2"})

    assert [(row.row, row.field) for row in results if isinstance(row, RefusedRow)] == [("row 1", column)]
    assert only(results).entry_id == "BD-2"


def test_a_bad_detail_of_the_subject_is_left_out_with_a_note(tmp_path: Path) -> None:
    bad = {"date_of_birth": "1971-02-31", "nationality": "Atlantis; bd", "document_number": "0000", "gender": "tall"}
    results = read(tmp_path, PERSON | bad)

    subject = only(results).subject
    assert subject is not None
    assert (subject.births, subject.nationalities, subject.documents) == ((BirthDate(year=1971, month=2),), ("bd",), ())
    assert {note.field for note in results if isinstance(note, Note)} == set(bad)


def test_a_record_of_a_stolen_document_carries_no_name(tmp_path: Path) -> None:
    results = read(tmp_path, THINGS[0] | {"full_name": "Karim Ahmed"})

    assert only(results).subject is None
    assert "Karim" not in only(results).model_dump_json()
    assert ("full_name", "a record of a document carries no name") in {
        (note.field, note.why) for note in results if isinstance(note, Note)
    }


def test_a_file_without_a_column_that_identifies_anything_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="shoe_size"):
        read(tmp_path, {"shoe_size": "44"})


def test_columns_are_mapped_and_delimiters_told(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Nom;Né le\nKarim Ahmed;1971\n;1972\n", encoding="utf-8")
    defaults = ListDefaults("bd", AT, columns={"full_name": "Nom", "date_of_birth": "Né le"})
    results = list(read_watchlist(file, defaults))

    assert [
        entry.subject and entry.subject.names[0].full for entry in results if isinstance(entry, WatchlistEntry)
    ] == ["Karim Ahmed"]
    assert [row.row for row in results if isinstance(row, RefusedRow)] == ["row 2"]


def test_the_example_is_read_whole() -> None:
    results = list(read_watchlist(EXAMPLE, ListDefaults("bd", AT)))

    assert len(results) == 5
    assert all(isinstance(result, WatchlistEntry) for result in results)


def test_a_filler_in_one_number_does_not_cost_the_thing_its_other_numbers(tmp_path: Path) -> None:
    results = read(tmp_path, THINGS[1] | {"plate": "UNKNOWN"})

    thing = only(results).object
    assert thing is not None
    assert thing.vehicle is not None
    assert (thing.vehicle.vin, thing.vehicle.plate) == ("WVWZZZ1JZXW000001", None)
    assert [note.field for note in results if isinstance(note, Note) and note.row == "row 1"] == ["plate"]
