"""Machine-readable zones: the specimens of ICAO Doc 9303, long numbers, wrong check digits, two centuries."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from producers.importers import Format, IncidentDefaults, Note, RefusedRow, Result, format_of, read_mrz_incidents
from producers.importers.mrz import Mrz, NoMrz, Size, check_digit, read_mrz
from producers.importers.mrz_incidents import FIELDS, subject_of
from schemas.codes import DocumentType, Sex
from schemas.events import Incident
from schemas.subjects import BirthDate, Document

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
LONG_TD1 = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
VISA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
SPECIMENS = {Size.TD3: TD3, Size.TD2: TD2, Size.TD1: TD1, Size.MRV_A: VISA}
DEFAULTS = IncidentDefaults("bd", datetime(2026, 3, 1, tzinfo=UTC), point="Benapole")


def read(tmp_path: Path, text: str) -> list[Result]:
    file = tmp_path / "zones"
    file.write_text(text)
    return list(read_mrz_incidents(file, DEFAULTS))


def zone(line: str, second: str) -> Mrz:
    return read_mrz([line.ljust(44, "<"), second.ljust(44, "<")])


@pytest.mark.parametrize("size", SPECIMENS)
def test_the_specimens_of_doc_9303_are_read_with_every_check_digit_right(size: Size) -> None:
    found = read_mrz(SPECIMENS[size])

    assert (found.size, found.wrong) == (size, ())
    assert (found.primary, found.secondary, found.issuer, found.sex) == ("ERIKSSON", "ANNA MARIA", "UTO", "F")
    assert found.number == {Size.TD3: "L898902C3", Size.MRV_A: "L8988901C"}.get(size, "D23145890")


def test_a_number_of_more_than_nine_characters_goes_on_in_the_optional_data() -> None:
    found = read_mrz(LONG_TD1)
    assert (found.number, found.optional, found.wrong) == ("D23145890734", (), ())

    number = "AB123456789"
    digit = check_digit(number)
    td2 = read_mrz([TD2[0], f"{number[:9]}<UTO7408122F1204159{number[9:]}{digit}".ljust(35, "<") + "0"])
    assert (td2.number, "number" in td2.wrong) == (number, False)
    wrong = read_mrz([TD2[0], f"{number[:9]}<UTO7408122F1204159{number[9:]}{(digit + 1) % 10}".ljust(35, "<") + "0"])
    assert (wrong.number, "number" in wrong.wrong) == (number, True)


@pytest.mark.parametrize(
    "lines", [("P<UTO",), (TD3[0], TD2[1]), (TD3[0].replace("<", " "), TD3[1]), ("É" * 44, TD3[1])]
)
def test_what_is_no_zone_is_said_to_be_none(lines: tuple[str, ...]) -> None:
    with pytest.raises(NoMrz):
        read_mrz(lines)


def test_a_zone_on_one_line_and_in_small_letters_is_read_too() -> None:
    assert read_mrz(["".join(TD1).lower()]) == read_mrz(TD1)


def test_every_field_is_accounted_for() -> None:
    assert {field.name for field in fields(Mrz)} == set(FIELDS)


def test_a_person_in_our_terms() -> None:
    notes: list[Note] = []
    second = f"EB0417723{check_digit('EB0417723')}BGD710309{check_digit('710309')}M2912316"
    found = zone("P<BGDAHMED<<KARIM<UDDIN", second)
    subject = subject_of(found, 2026, "line 1", notes)

    (name,) = subject.names
    assert (name.full, name.family, name.given, name.truncated) == ("AHMED KARIM UDDIN", "AHMED", "KARIM UDDIN", False)
    assert (subject.sex, subject.nationalities) == (Sex.M, ("bd",))
    assert subject.births == (BirthDate(year=1971, month=3, day=9),)


def test_a_two_digit_year_has_two_centuries_where_both_are_possible() -> None:
    def births(text: str) -> tuple[BirthDate, ...]:
        line = f"EB04177239BGD{text}{check_digit(text)}M2912316"
        return subject_of(zone("P<BGDAHMED<<KARIM", line), 2026, "line 1", []).births

    assert births("200229") == (BirthDate(year=2020, month=2, day=29), BirthDate(year=1920, month=2, day=29))
    assert births("100101") == (BirthDate(year=2010, month=1, day=1),)
    assert births("71<<<<") == (BirthDate(year=1971),)
    assert births("<<<<<<") == ()


def test_a_misread_number_goes_without_its_issuer_and_a_misread_date_is_left_out(tmp_path: Path) -> None:
    digit, born = check_digit("EB0417723"), check_digit("710309")
    notes: list[Note] = []

    right = subject_of(zone("P<BGDAHMED<<KARIM", f"EB0417723{digit}BGD710309{born}M2912316"), 2026, "line 1", [])
    bad = zone("P<BGDAHMED<<KARIM", f"EB0417728{digit}BGD710309{(born + 1) % 10}M2912316")
    wrong = subject_of(bad, 2026, "line 1", notes)

    assert right.documents == (Document(type=DocumentType.PASSPORT, number="EB0417723", country="bd"),)
    assert wrong.documents == (Document(type=DocumentType.PASSPORT, number="EB0417728", country=None),)
    assert wrong.births == ()
    assert {"number", "birth"} <= {note.field for note in notes}


def test_names_that_fill_their_field_may_be_cut_and_undivided_ones_are_whole() -> None:
    line = "EB04177239BGD7103093M2912316"
    full = subject_of(zone("P<BGD" + "A" * 39, line), 2026, "line 1", []).names[0]
    assert (full.truncated, full.family, full.given) == (True, None, None)
    alone = subject_of(zone("P<BGDMOHAMMAD", line), 2026, "line 1", []).names[0]
    assert (alone.full, alone.truncated) == ("MOHAMMAD", False)


@pytest.mark.parametrize(
    ("issuer", "country"), [("D<<", "de"), ("UNO", "un"), ("RKS", "xk"), ("XPO", "xpo"), ("XXA", None), ("GBD", "gb")]
)
def test_issuers_of_icao_are_mapped(issuer: str, country: str | None) -> None:
    number = "EB0417723"
    line = f"{number}{check_digit(number)}XXA7103093M2912316"
    subject = subject_of(zone(f"P<{issuer}AHMED<<KARIM", line), 2026, "line 1", [])

    assert subject.documents[0].country == country
    assert subject.nationalities == ()


def test_a_file_of_zones_is_read_one_by_one_and_what_is_none_is_refused(tmp_path: Path) -> None:
    text = "\n".join((*TD3, "", *LONG_TD1, "nothing that is read", TD2[0], *TD1))
    results = read(tmp_path, text)

    incidents = [result for result in results if isinstance(result, Incident)]
    assert [i.subjects[0].documents[0].number for i in incidents] == ["L898902C3", "D23145890734", "D23145890"]
    assert [(r.row, r.field) for r in results if isinstance(r, RefusedRow)] == [("line 7", "mrz"), ("line 8", "mrz")]
    assert (incidents[0].location.country, incidents[0].location.point) == ("bd", "Benapole")
    assert [i.incident_id for i in incidents] == [
        i.incident_id for i in read(tmp_path, text) if isinstance(i, Incident)
    ]


def test_the_format_is_told_by_content(tmp_path: Path) -> None:
    file = tmp_path / "zones"
    for lines in SPECIMENS.values():
        file.write_text("\n".join(lines))
        assert format_of(file) is Format.MRZ
