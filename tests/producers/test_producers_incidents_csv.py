"""Incidents from CSV: a person a row, nobody dropped for a bad detail, bad rows reported and the file goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from producers import UnreadableFile
from producers.importers import IncidentDefaults, Note, RefusedRow, Result, read_incidents_csv
from schemas.codes import DocumentType, Sex
from schemas.events import Incident
from schemas.subjects import BirthDate, Document

SCREENING = Path(__file__).parents[2] / "../shared/data/screening"
DEFAULTS = IncidentDefaults("bd", datetime(2026, 3, 1, tzinfo=UTC), point="Benapole")
HEADER = "full_name,first_name,middle_name,last_name,gender,date_of_birth,place_of_birth,nationality"


def read(tmp_path: Path, *rows: str, header: str = HEADER) -> list[Result]:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return list(read_incidents_csv(file, DEFAULTS))


def incidents(results: list[Result]) -> list[Incident]:
    return [result for result in results if isinstance(result, Incident)]


@pytest.mark.parametrize(("name", "count"), [("positives.csv", 340), ("negatives.csv", 5000)])
def test_every_row_of_the_screening_files_becomes_an_incident(name: str, count: int) -> None:
    if not SCREENING.is_dir():
        pytest.skip("the screening files (../shared/data/screening) are not part of the repository")
    results = list(read_incidents_csv(SCREENING / name, DEFAULTS))

    assert len(incidents(results)) == count
    assert not [result for result in results if isinstance(result, RefusedRow)]
    assert all(len(i.subjects) == 1 and i.subjects[0].names for i in incidents(results))


def test_a_row_is_read_into_the_terms_of_an_incident(tmp_path: Path) -> None:
    (incident,) = incidents(read(tmp_path, 'حسین موسوی,حسین,,موسوی,male,1945-04-29,"Herat, Afghanistan",Iraq'))
    (subject,) = incident.subjects

    assert (incident.producer, incident.location.country, incident.location.point) == ("bd", "bd", "Benapole")
    assert (subject.names[0].full, subject.names[0].given, subject.names[0].family) == ("حسین موسوی", "حسین", "موسوی")
    assert subject.names[0].script == "Arab"
    assert subject.births == (BirthDate(year=1945, month=4, day=29),)
    assert (subject.sex, subject.nationalities) == (Sex.M, ("iq",))
    assert subject.birth_place is not None
    assert (subject.birth_place.text, subject.birth_place.country) == ("Herat, Afghanistan", "af")


def test_the_truth_columns_are_carried_but_not_matched(tmp_path: Path) -> None:
    (incident,) = incidents(read(tmp_path, "111,Listed Name,Typed Name", header="un_dataid,list_name,full_name"))

    assert incident.correlation_id == "111 Listed Name"
    assert [name.full for name in incident.subjects[0].names] == ["Typed Name"]
    assert "Listed" not in incident.model_copy(update={"correlation_id": None}).model_dump_json()


def test_an_incident_keeps_its_id_over_imports_and_folders(tmp_path: Path) -> None:
    first = incidents(read(tmp_path, "Rahim Khan,,,,,,,", "Karim Khan,,,,,,,"))
    other = tmp_path / "other"
    other.mkdir()
    again = incidents(read(other, "Rahim Khan,,,,,,,", "Karim Khan,,,,,,,"))

    assert [i.incident_id for i in first] == [i.incident_id for i in again]
    assert first[0].incident_id != first[1].incident_id
    assert first[0].event_id != again[0].event_id


def test_a_bad_detail_is_noted_and_the_person_is_still_screened(tmp_path: Path) -> None:
    incident, *notes = read(tmp_path, "Rahim Khan,,,,unclear,1974-01-32,,Atlantis")

    assert isinstance(incident, Incident)
    assert incident.subjects[0].births == (BirthDate(year=1974, month=1),)
    assert {note.field for note in notes if isinstance(note, Note)} == {"gender", "date_of_birth", "nationality"}


def test_a_row_without_a_name_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    results = read(tmp_path, ",,,,male,1980,,bd", "Karim Khan,,,,,,,", "too,many,,,,,,,fields,here", ",Rahim,,Khan,,,,")

    assert [(r.row, r.field) for r in results if isinstance(r, RefusedRow)] == [
        ("row 1", "full_name"),
        ("row 3", "row"),
    ]
    assert [i.subjects[0].names[0].full for i in incidents(results)] == ["Karim Khan", "Rahim Khan"]


def test_a_shown_document_is_read_with_type_and_issuer(tmp_path: Path) -> None:
    (incident,) = incidents(
        read(
            tmp_path,
            "Rahim Khan,BX4471903,passport,Bangladesh",
            header="full_name,document_number,document_type,document_country",
        )
    )

    assert incident.subjects[0].documents == (Document(type=DocumentType.PASSPORT, number="BX4471903", country="bd"),)


def test_unknown_columns_are_noted_once(tmp_path: Path) -> None:
    results = read(tmp_path, "Rahim Khan,7", "Karim Khan,8", header="full_name,shoe_size")

    assert [r for r in results if isinstance(r, Note)] == [Note("header", "shoe_size", "not read")]


def test_a_file_without_a_name_column_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="full_name"):
        read(tmp_path, "1,2", header="a,b")


def test_bytes_that_are_no_text_do_not_stop_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(HEADER.encode() + b"\nRahim \xff\xfe Khan,,,,,,,\nKarim\x00 Khan,,,,,,,\nSalim Khan,,,,,,,\n")

    results = list(read_incidents_csv(file, DEFAULTS))

    assert incidents(results)[-1].subjects[0].names[0].full == "Salim Khan"
