"""FollowTheMoney entities: every property of the model is mapped or listed as ignored, and that is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from producers import UnknownColumn
from producers.importers import Format, ListDefaults, Note, RefusedRow, Result, format_of, read_watchlist
from producers.importers.ftm_properties import FIELDS, PROPERTIES
from schemas.codes import Action, DocumentType, Instrument, NameQuality, NameType, Sex, SubjectKind
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document

SAMPLE = Path(__file__).parent / "samples/ftm-every-property.jsonl"
ENTITIES: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
DEFAULTS = ListDefaults("un", datetime(2026, 3, 1, tzinfo=UTC))
NAMES = ("name", "alias", "previousName", "weakAlias", "abbreviation")


def read(tmp_path: Path, entities: Iterable[dict[str, Any]]) -> list[Result]:
    file = tmp_path / "entities.ftm.json"
    file.write_text("".join(json.dumps(entity) + "\n" for entity in entities), encoding="utf-8")
    return list(read_watchlist(file, DEFAULTS, Format.FTM, event_id=lambda: "e"))


def entries(results: list[Result]) -> dict[str, WatchlistEntry]:
    return {result.entry_id: result for result in results if isinstance(result, WatchlistEntry)}


def person(**properties: Any) -> dict[str, Any]:
    return {"id": "p", "schema": "Person", "properties": {"name": ["Rezaul Karim"]} | properties}


def test_every_property_of_the_sample_is_known_and_every_known_one_is_in_the_sample(tmp_path: Path) -> None:
    assert not [result for result in read(tmp_path, ENTITIES) if isinstance(result, (RefusedRow, Note))]
    for entity in ENTITIES:
        schema = entity["schema"]
        assert set(entity["properties"]) <= set(PROPERTIES[schema]), schema
        nested = {"sanctions", "identification"}
        of_thing = set(PROPERTIES[schema]) - nested - {"abbreviation"}
        assert schema == "Address" or of_thing <= set(entity["properties"]), of_thing - set(entity["properties"])
    assert {field for entity in ENTITIES for field in entity} == set(FIELDS)


def test_a_published_list_is_read_with_every_field_accounted_for(tmp_path: Path) -> None:
    """Of the European Union's list of sanctions, in the form in which OpenSanctions publishes it."""
    lines = SAMPLE.with_name("ftm-eu-list.jsonl").read_text(encoding="utf-8").splitlines()
    published = [json.loads(line) for line in lines]
    results = read(tmp_path, published)

    for entity in published:
        assert set(entity) <= set(FIELDS)
        assert set(entity["properties"]) <= set(PROPERTIES[entity["schema"]])
    assert not [result for result in results if isinstance(result, RefusedRow)]
    assert not [result for result in results if isinstance(result, Note) and "not known" in result.why]
    found = entries(results)
    assert set(found) == {entity["id"] for entity in published if entity["target"]}
    person = found["NK-2Myxbs6wX9xFKGoQn3sLaY"].subject
    assert person is not None
    assert {name.full for name in person.names} >= {"Viktor Vladimirovitj Sojko", "Виктор Владимирович СОЙКО"}
    assert person.births == (BirthDate(year=1971, month=7, day=3),)
    assert (person.sex, person.nationalities) == (Sex.M, ("by",))
    assert person.birth_place is not None
    assert person.birth_place.text == "BELARUS, Komsomolskaya"


@pytest.mark.parametrize(
    ("number", "name"),
    [(number, name) for number, entity in enumerate(ENTITIES) for name in entity["properties"]],
    ids=lambda value: str(value),
)
def test_what_is_ignored_changes_nothing_and_everything_else_does(tmp_path: Path, number: int, name: str) -> None:
    what = PROPERTIES[ENTITIES[number]["schema"]][name]
    whole = deepcopy(ENTITIES)
    if "where there is no name" in what:
        for other in NAMES:
            whole[number]["properties"].pop(other, None)
    if instead := re.search("where there is no `(.*)`", what):
        whole[number]["properties"].pop(instead[1])
    less = deepcopy(whole)
    del less[number]["properties"][name]

    same = entries(read(tmp_path, whole)) == entries(read(tmp_path, less))

    assert same == what.startswith("ignored"), f"{name}: {what}"


def test_documents_are_their_holders_wherever_they_stand_in_the_file(tmp_path: Path) -> None:
    passport = {
        "id": "d",
        "schema": "Passport",
        "properties": {"holder": ["p"], "number": ["EB0417723"], "country": ["bd"]},
    }
    bare = person(passportNumber=["EB0417723"])
    wanted = (Document(type=DocumentType.PASSPORT, number="EB0417723", country="bd"),)

    for order in ([passport, bare], [bare, passport]):
        subject = entries(read(tmp_path, order))["p"].subject
        assert subject is not None
        assert subject.documents == wanted
    nested = person(identification=[{"id": "d", "schema": "Passport", "properties": passport["properties"]}])
    subject = entries(read(tmp_path, [nested]))["p"].subject
    assert subject is not None
    assert subject.documents == wanted


def test_the_order_of_values_and_of_linked_entities_says_nothing(tmp_path: Path) -> None:
    def turned(entity: dict[str, Any]) -> dict[str, Any]:
        return entity | {"properties": {name: list(reversed(found)) for name, found in entity["properties"].items()}}

    many = deepcopy(ENTITIES)
    many[0]["properties"] |= {name: ["Karim B", "Karim A", "Person caption"] for name in ("name", "alias", "lastName")}
    many += [deepcopy(ENTITIES[6]) | {"id": "s2"}, deepcopy(ENTITIES[5]) | {"id": "d2"}]
    many[-2]["properties"]["authority"] = ["Another"]
    many[-1]["properties"]["number"] = ["1198-4455-22"]

    found = entries(read(tmp_path, many))
    assert found == entries(read(tmp_path, [turned(entity) for entity in reversed(many)]))
    assert found["person-1"].subject is not None
    assert found["person-1"].subject.names[0].full == "Person caption"


def test_weak_aliases_are_of_low_quality(tmp_path: Path) -> None:
    subject = entries(read(tmp_path, [person(weakAlias=["Abu Walid"], previousName=["Karim Haddad"])]))["p"].subject

    assert subject is not None
    assert [(name.full, name.type, name.quality) for name in subject.names[1:]] == [
        ("Karim Haddad", NameType.PREVIOUS, NameQuality.GOOD),
        ("Abu Walid", NameType.ALIAS, NameQuality.LOW),
    ]


def test_relatives_and_other_kinds_are_left_out_and_counted(tmp_path: Path) -> None:
    airplane = {"id": "a", "schema": "Airplane", "properties": {}}
    results = read(tmp_path, [person() | {"target": False}, person() | {"id": "q"}, airplane, {}])

    assert set(entries(results)) == {"q"}
    assert [note.why for note in results if isinstance(note, Note)] == [
        "1 entities are no targets of the list",
        "1 entities are of schema Airplane: neither persons, organisations, vessels nor vehicles",
    ]
    assert [(row.field, row.row) for row in results if isinstance(row, RefusedRow)] == [("schema", "line 4")]


def test_what_nobody_knew_to_be_a_person_or_a_company_is_a_person_unless_registered(tmp_path: Path) -> None:
    one = {"id": "1", "schema": "LegalEntity", "properties": {"name": ["Rezaul Karim"]}}
    two = {"id": "2", "schema": "LegalEntity", "properties": {"name": ["Karim"], "registrationNumber": ["4711"]}}
    kinds = {key: entry.subject and entry.subject.kind for key, entry in entries(read(tmp_path, [one, two])).items()}

    assert kinds == {"1": SubjectKind.PERSON, "2": SubjectKind.ORGANISATION}


def test_vessels_and_vehicles_become_records_of_things(tmp_path: Path) -> None:
    found = entries(read(tmp_path, ENTITIES))

    assert found["vessel-1"].instrument is Instrument.VESSEL_RECORD
    assert found["vessel-1"].object is not None
    assert found["vessel-1"].object.vessel is not None
    assert found["vessel-1"].object.vessel.imo == "9074729"
    assert found["vehicle-1"].object is not None
    assert found["vehicle-1"].object.vehicle is not None
    assert (found["vehicle-1"].object.vehicle.plate, found["vehicle-1"].object.vehicle.country) == (
        "DHAKA-GA-11-4711",
        "bd",
    )


def test_odd_values_refuse_no_more_than_they_must(tmp_path: Path) -> None:
    odd = person(birthDate=["soon", "1971"], nationality=["suhh", "BD"], idNumber=["0000"], gender="female", alias=None)
    results = read(tmp_path, [odd, person(name=[]) | {"id": "q"}])

    entry = entries(results)["p"]
    assert entry.subject is not None
    assert (entry.subject.births[0].year, entry.subject.nationalities, entry.subject.documents) == (1971, ("bd",), ())
    assert {note.field for note in results if isinstance(note, Note)} == {"birthDate", "nationality", "idNumber"}
    assert [row.row for row in results if isinstance(row, RefusedRow)] == ["entity q"]


def test_unknown_properties_are_noted_once(tmp_path: Path) -> None:
    results = read(tmp_path, [person(shoeSize=["44"]), person(shoeSize=["45"]) | {"id": "q", "extra": 1}])

    assert [note.field for note in results if isinstance(note, Note)] == ["Person:shoeSize", "extra"]


def test_the_format_is_told_by_content_and_the_action_may_be_stated() -> None:
    assert format_of(SAMPLE) is Format.FTM
    stated = ListDefaults("un", DEFAULTS.at, action=Action.REFUSE_ENTRY)
    found = [entry for entry in read_watchlist(SAMPLE, stated) if isinstance(entry, WatchlistEntry)]
    assert {entry.action for entry in found} == {Action.REFUSE_ENTRY}


def test_one_array_of_entities_is_read_like_lines_and_a_cut_one_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "entities.json"
    file.write_text(json.dumps(ENTITIES))
    assert format_of(file) is Format.FTM
    assert entries(list(read_watchlist(file, DEFAULTS, event_id=lambda: "e"))) == entries(read(tmp_path, ENTITIES))

    file.write_text(json.dumps(ENTITIES)[:-100])
    assert [row.broken for row in read_watchlist(file, DEFAULTS) if isinstance(row, RefusedRow)] == [True]


def test_columns_are_for_csv_alone() -> None:
    with pytest.raises(UnknownColumn, match="is ftm"):
        read_watchlist(SAMPLE, ListDefaults("un", DEFAULTS.at, columns={"full_name": "Nom"}))
