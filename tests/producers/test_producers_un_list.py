"""The UN consolidated list as it ships: everything in it is taken or listed as left out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse

from producers.importers import Note, RefusedRow, read_un_list
from producers.importers.un_elements import ELEMENTS
from producers.importers.un_names import alias_names
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Action, DocumentType, NameQuality, NameType, Sex, SubjectKind, Threat, Warning
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document, Subject

UN_LIST = Path(__file__).parents[2] / "examples/un/consolidated-2026-02-27.xml"
RESULTS = list(read_un_list(UN_LIST))
ENTRIES = {entry.entry_id: entry for entry in RESULTS if isinstance(entry, WatchlistEntry)}
NOTES = [note for note in RESULTS if isinstance(note, Note)]
CONTAINERS = {"NATIONALITY", "TITLE", "DESIGNATION", "LIST_TYPE", "LAST_DAY_UPDATED"} | {
    f"{of}_{part}"
    for of in ("INDIVIDUAL", "ENTITY")
    for part in ("ALIAS", "ADDRESS", "DATE_OF_BIRTH", "PLACE_OF_BIRTH", "DOCUMENT")
}


def subject(entry_id: str) -> Subject:
    found = ENTRIES[entry_id].subject
    assert found is not None
    return found


def made(xml: str, tmp_path: Path) -> list[object]:
    file = tmp_path / "list.xml"
    file.write_text(f'<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">{xml}</CONSOLIDATED_LIST>')
    return list(read_un_list(file))


def individual(inner: str) -> str:
    return f"""<INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>A</FIRST_NAME>
    <SECOND_NAME>B</SECOND_NAME><UN_LIST_TYPE>Taliban</UN_LIST_TYPE><LISTED_ON>2001-01-25</LISTED_ON>{inner}
    </INDIVIDUAL></INDIVIDUALS>"""


def test_every_individual_and_entity_becomes_an_entry() -> None:
    kinds = [entry.subject.kind for entry in ENTRIES.values() if entry.subject]

    assert kinds.count(SubjectKind.PERSON) == 730
    assert kinds.count(SubjectKind.ORGANISATION) == 273
    assert not [result for result in RESULTS if isinstance(result, RefusedRow)]


def test_every_element_of_the_list_is_accounted_for() -> None:
    def paths(element: Element, above: str) -> Iterator[str]:
        for child in element:
            path = f"{above}/{child.tag}" if above else child.tag
            if not (child.tag in CONTAINERS and not above):
                yield path
            yield from paths(child, path)

    found = {
        path
        for record in parse(UN_LIST).getroot().iter()
        if record.tag in ("INDIVIDUAL", "ENTITY")
        for path in paths(record, "")
    }

    assert found == set(ELEMENTS)


def test_elements_said_to_be_empty_or_constant_are() -> None:
    root = parse(UN_LIST).getroot()

    assert {element.text for element in root.iter("SORT_KEY")} <= {None, ""}
    assert {element.text for element in root.iter("SORT_KEY_LAST_MOD")} <= {None, ""}
    assert {value.text.strip() for value in root.iterfind(".//LIST_TYPE/VALUE") if value.text} == {"UN List"}
    assert {element.text for element in root.iter("VERSIONNUM")} == {"1"}


def test_what_could_not_be_used_is_noted_with_row_and_field() -> None:
    assert {(note.row, note.field) for note in NOTES} == {
        ("DATAID 6908703", "INDIVIDUAL_DATE_OF_BIRTH/NOTE"),
        ("DATAID 112379", "INDIVIDUAL_DOCUMENT/NUMBER"),
        ("DATAID 2960872", "NATIONALITY/VALUE"),
        ("DATAID 3026942", "INDIVIDUAL_DOCUMENT/NUMBER"),
        ("DATAID 3000509", "INDIVIDUAL_DOCUMENT/NUMBER"),
    }


def test_entries_stay_within_the_limits_of_the_gate() -> None:
    codec = Codec(LocalSchemaIds())

    assert max(len(codec.encode(entry)) for entry in ENTRIES.values()) < 32 * 1024


def test_reading_the_same_list_again_gives_the_same_entries_but_for_event_ids() -> None:
    again = [entry for entry in read_un_list(UN_LIST) if isinstance(entry, WatchlistEntry)]

    assert [e.model_copy(update={"event_id": ""}) for e in again] == [
        e.model_copy(update={"event_id": ""}) for e in ENTRIES.values()
    ]


def test_the_envelope_says_when_it_was_listed_and_when_the_list_was_made() -> None:
    entry = ENTRIES["6907993"]

    assert entry.occurred_at == datetime.datetime(2012, 12, 31, tzinfo=datetime.UTC)
    assert entry.recorded_at == datetime.datetime(2026, 2, 27, 0, 0, 9, 554000, tzinfo=datetime.UTC)
    assert {e.entry_version for e in ENTRIES.values()} == {1}


def test_name_parts_are_joined_in_the_order_given_and_the_original_script_is_named() -> None:
    names = [(name.full, name.script, name.type) for name in subject("6908083").names]

    assert names[0] == ("SAB'AWI IBRAHIM HASSAN AL-TIKRITI", "Latn", NameType.CURRENT)
    assert ("Arab", NameType.CURRENT) in {(script, type_) for _, script, type_ in names}


def test_no_name_keeps_separators_remarks_or_numbers() -> None:
    persons = [e.subject for e in ENTRIES.values() if e.subject and e.subject.kind is SubjectKind.PERSON]
    odd = [n.full for p in persons for n in p.names if any(c in n.full for c in '();:"\n') or "  " in n.full]
    remarks = [n.full for p in persons for n in p.names if "listed as" in n.full or "passport" in n.full.lower()]

    assert odd == remarks == []
    assert all(name.script for p in persons for name in p.names)


def test_several_exact_approximate_and_ranged_births_are_told_apart() -> None:
    births = [birth for e in ENTRIES.values() if e.subject for birth in e.subject.births]

    assert sum(birth.year_to is not None for birth in births) == 31
    assert sum(birth.approximate for birth in births) > 100
    assert all(birth.year for birth in births)
    assert any(len(e.subject.births) > 1 for e in ENTRIES.values() if e.subject)


@pytest.mark.parametrize(
    ("inner", "births"),
    [
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1978-04-28</DATE>", (BirthDate(year=1978, month=4, day=28),)),
        ("<TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1954</YEAR>", (BirthDate(year=1954, approximate=True),)),
        (
            "<TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1957</FROM_YEAR><TO_YEAR>1962</TO_YEAR>",
            (BirthDate(year=1957, year_to=1962),),
        ),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>Nov. 1973 </NOTE>", (BirthDate(year=1973, month=11),)),
        (
            "<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1958</YEAR><NOTE>Sep.</NOTE>",
            (BirthDate(year=1958, month=9),),
        ),
        (
            "<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>24/06/1402 (Hijri Calendar)</NOTE>",
            (BirthDate(year=1982, month=4, day=19, approximate=True),),
        ),
        ("<TYPE_OF_DATE/>", ()),
    ],
    ids=["day", "about", "range", "month in words", "month beside the year", "Hijri", "empty"],
)
def test_a_date_of_birth_keeps_what_is_known(inner: str, births: tuple[BirthDate, ...], tmp_path: Path) -> None:
    (entry,) = made(individual(f"<INDIVIDUAL_DATE_OF_BIRTH>{inner}</INDIVIDUAL_DATE_OF_BIRTH>"), tmp_path)

    assert isinstance(entry, WatchlistEntry)
    assert entry.subject
    assert entry.subject.births == births


def test_one_meaningless_number_costs_the_document_and_not_the_entry(tmp_path: Path) -> None:
    documents = "".join(
        f"<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>{number}</NUMBER>"
        f"<ISSUING_COUNTRY>Afghanistan</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>"
        for number in ("000000", "OA296623")
    )
    entry, note = made(individual(documents), tmp_path)

    assert isinstance(entry, WatchlistEntry)
    assert entry.subject
    assert entry.subject.documents == (Document(type=DocumentType.PASSPORT, number="OA296623", country="af"),)
    assert note == Note("DATAID 1", "INDIVIDUAL_DOCUMENT/NUMBER", "no usable number: 000000")


def test_who_is_listed_under_which_regime_decides_threat_action_and_warning() -> None:
    assert (ENTRIES["111796"].threat, ENTRIES["111796"].action) == (Threat.VIOLENT_EXTREMISM, Action.REFUSE_ENTRY)
    assert ENTRIES["111796"].warnings == (Warning.TERROR_RELATED,)
    assert (ENTRIES["6908083"].threat, ENTRIES["6908083"].action) == (Threat.FINANCIAL_CRIME, Action.INFORM)
    assert ENTRIES["6908024"].action is Action.INFORM
    assert subject("6908512").nationalities == ("kp",)
    assert {e.subject.sex for e in ENTRIES.values() if e.subject} == {Sex.U, Sex.M, Sex.F}


@pytest.mark.parametrize(
    ("text", "quality", "note", "expected"),
    [
        ("Azim Adhajani; Azim Agha-Jani", "Good", "", {"Azim Adhajani", "Azim Agha-Jani"}),
        ("Jin Tiesan (金铁三)", "Good", "", {"Jin Tiesan", "金铁三"}),
        ("Amir Khazmat (original script: Амир Хазмат)", "Low", "", {"Amir Khazmat", "Амир Хазмат"}),
        ("Abu Banat", "Low", "original script: Абу Банат", {"Abu Banat", "Абу Банат"}),
        (
            "حسن غول (Hassan Ghul; Hassan Gul; Hasan Gul)",
            "Good",
            "",
            {"حسن غول", "Hassan Ghul", "Hassan Gul", "Hasan Gul"},
        ),
        ("Abdel Ilah Sabri (false identity number 691)", "Good", "", {"Abdel Ilah Sabri"}),
        ("Safia Al-Hadad, born 1 Jan. 1953 (passport no.03825239)", "Good", "", {"Safia Al-Hadad"}),
        ("ALI, Yasin Baynah", "Good", "", {"ALI, Yasin Baynah"}),
    ],
    ids=["several", "Chinese", "original script", "script in the note", "transcriptions", "remark", "born", "comma"],
)
def test_an_alias_gives_every_name_in_it_and_no_remark(text: str, quality: str, note: str, expected: set[str]) -> None:
    assert {name.full for name in alias_names(text, quality, note, person=True)} == expected


def test_aliases_carry_type_and_quality() -> None:
    (low,) = alias_names("Tango Romeo", "Low", "Call sign", person=True)
    (former,) = alias_names("Mohammad Naim", "Good", "previously listed as", person=True)
    (named_before,) = alias_names("Al-Qaida in Yemen (AQY)", "f.k.a.", "", person=False)
    (family_first,) = alias_names("ALI, Yasin Baynah", "Good", "", person=True)

    assert (low.type, low.quality) == (NameType.ALIAS, NameQuality.LOW)
    assert (former.type, named_before.type) == (NameType.PREVIOUS, NameType.PREVIOUS)
    assert (family_first.family, family_first.given) == ("ALI", "Yasin Baynah")


def test_a_record_without_an_identifier_is_refused_and_the_file_goes_on(tmp_path: Path) -> None:
    results = made(individual("").replace("<DATAID>1</DATAID>", "") + individual(""), tmp_path)

    assert isinstance(results[0], RefusedRow)
    assert results[0].field == "DATAID"
    assert isinstance(results[1], WatchlistEntry)


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    whole = UN_LIST.read_bytes()
    broken = tmp_path / "broken.xml"
    broken.write_bytes(whole[: len(whole) // 2])
    results = list(read_un_list(broken))

    assert isinstance(results[-1], RefusedRow)
    assert sum(isinstance(result, WatchlistEntry) for result in results) > 300


def test_xml_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xml"
    file.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>')

    (result,) = read_un_list(file)

    assert isinstance(result, RefusedRow)
    assert "EntitiesForbidden" in result.why
