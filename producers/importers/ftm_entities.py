"""FollowTheMoney entities (JSON, one a line; OpenSanctions publishes its lists so) as watchlist entries.

Persons and organisations become entries with a subject, vessels and vehicles with an object. What hangs on them
(passports and identifications by `holder`, sanctions by `entity`, addresses by `addressEntity`) may stand anywhere in
the file, or nested in its owner (targets.nested.json). Choices where the two models differ:
- entry_id is the entity's id. An entity that the file says is no target (`target` false: a relative, an owner of an
  asset) is left out and counted, and so are other schemata; where the file does not say, every entity is taken.
- instrument NATIONAL (VESSEL_RECORD, VEHICLE_RECORD for things), action INFORM unless another is stated: the model
  does not say what is asked for.
- occurred_at is the earliest day on which a sanction was listed (or began), else the time of the import.
- a LegalEntity is a person unless it is registered somewhere: travellers are compared with persons alone.
- numbers of organisations are remarks, not documents: registers count from 1 and would meet travellers' numbers.

What becomes of every field and property stands in ftm_properties.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from producers.errors import UnreadableFile
from producers.identity import new_event_id
from producers.importers.dates import read_date, without_impossible
from producers.importers.ftm_properties import FIELDS, LINKED, ORGANISATIONS, PERSONS, PROPERTIES, VEHICLES, VESSELS
from producers.importers.ftm_subjects import Properties, entity_remarks, entity_subject, entity_thing
from producers.importers.jsonl import json_lines
from producers.importers.results import Note, RefusedRow, Result, refused_by_model
from producers.importers.values import text_of, texts_of
from schemas.codes import Action, Instrument, Mode, SubjectKind, Threat, Warning
from schemas.events import WatchlistEntry

_KINDS = PERSONS | ORGANISATIONS | VESSELS | VEHICLES
_REGISTERED = ("registrationNumber", "legalForm", "incorporationDate", "leiCode", "ogrnCode", "vatCode", "dunsCode")
_DEEPEST = 3
"""Nested entities within nested entities: lists nest two deep."""
_BEGINNING = 64
_OWNED_BY = ("holder", "entity")
_THREATS = (
    ("crime.terror", Threat.VIOLENT_EXTREMISM),
    ("crime.traffick.drug", Threat.DRUG_TRAFFICKING),
    ("crime.traffick.human", Threat.HUMAN_TRAFFICKING),
    ("crime.traffick", Threat.OTHER),
    ("crime.fin", Threat.FINANCIAL_CRIME),
    ("crime.fraud", Threat.FINANCIAL_CRIME),
)


@dataclass
class _Linked:
    """What hangs on the entities of a file, by entity; addresses by their own id."""

    documents: defaultdict[str, list[tuple[str, Properties]]] = field(default_factory=lambda: defaultdict(list))
    sanctions: defaultdict[str, list[Properties]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, Properties] = field(default_factory=dict)

    def take(self, schema: str, entity_id: str, properties: Properties, owner: str = "") -> None:
        """Remember a linked entity; `owner` is the one that it is nested in."""
        if schema == "Address":
            self.addresses[entity_id] = properties
            return
        for owning in {owner} - {""} or {text for name in _OWNED_BY for text in texts_of(properties.get(name))}:
            if schema == "Sanction":
                self.sanctions[owning].append(properties)
            else:
                self.documents[owning].append((schema, properties))


def read_ftm_entities(
    file: Path,
    *,
    producer: str,
    at: datetime,
    exercise: Mode = Mode.ACTUAL,
    list_name: str | None = None,
    entry_version: int | None = None,
    action: Action | None = None,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """An entry for each person, organisation, vessel and vehicle; the file is read twice."""
    linked = _Linked()
    for _, _, value in _entities(file):
        if not isinstance(value, RefusedRow):
            _collect(value, linked)
    common = {
        "producer": producer,
        "exercise": exercise,
        "list_name": list_name,
        "recorded_at": at,
        "entry_version": entry_version or 1,
    }
    told: set[str] = set()
    left_out: Counter[str] = Counter()
    for _, row, value in _entities(file):
        if isinstance(value, RefusedRow):
            yield value
            continue
        yield from _unknown(value, told)
        schema, entity_id = text_of(value.get("schema")), text_of(value.get("id"))
        if schema in LINKED:
            continue
        if not schema:
            yield RefusedRow(row, "schema", "absent: no FollowTheMoney entity")
        elif schema not in _KINDS:
            left_out[f"of schema {schema}: neither persons, organisations, vessels nor vehicles"] += 1
        elif not entity_id:
            yield RefusedRow(row, "id", "absent: nothing identifies the entity")
        elif value.get("target") is False:
            left_out["no targets of the list"] += 1
        else:
            yield from _entry(schema, entity_id, value, linked, action, at, common | {"event_id": event_id()})
    for what, count in left_out.items():
        yield Note("the file", "schema, target", f"{count} entities are {what}")


def _entities(file: Path) -> Iterator[tuple[int, str, dict[str, Any] | RefusedRow]]:
    """Each entity: one a line, or all in one JSON array."""
    try:
        with file.open("rb") as stream:
            whole = stream.read(_BEGINNING).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
        text = file.read_bytes() if whole else b""
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror or error}") from error
    if not whole:
        yield from json_lines(file)
        return
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield 1, "", RefusedRow("the rest of the file", "json", f"no JSON: {error}", broken=True)
        return
    for number, value in enumerate(values, 1):
        row = f"entity {number}"
        yield number, row, value if isinstance(value, dict) else RefusedRow(row, "entity", "no JSON object")


def _entry(
    schema: str,
    entity_id: str,
    value: dict[str, Any],
    linked: _Linked,
    action: Action | None,
    at: datetime,
    common: dict[str, Any],
) -> Iterator[Result]:
    row = f"entity {entity_id}"
    properties = _properties(value)
    sanctions = linked.sanctions.get(entity_id, [])
    notes: list[Note] = []
    subject = thing = None
    instrument = Instrument.NATIONAL
    topics = texts_of(properties.get("topics"))
    try:
        if schema in VESSELS | VEHICLES:
            instrument = Instrument.VESSEL_RECORD if schema in VESSELS else Instrument.VEHICLE_RECORD
            thing = entity_thing(schema, properties, row, notes)
        else:
            kind = SubjectKind.PERSON if _may_be_person(schema, properties) else SubjectKind.ORGANISATION
            documents = linked.documents.get(entity_id, [])
            subject = entity_subject(kind, text_of(value.get("caption")), properties, documents, row, notes)
            if not subject.names and not subject.documents:
                yield RefusedRow(row, "name", "neither a name nor a document")
                return
        yield WatchlistEntry(
            **common,
            entry_id=entity_id,
            occurred_at=_listed(sanctions) or at,
            instrument=instrument,
            threat=next(
                (threat for topic, threat in _THREATS if any(t.startswith(topic) for t in topics)), Threat.OTHER
            ),
            action=action or Action.INFORM,
            warnings=(Warning.TERROR_RELATED,) if "crime.terror" in topics else (),
            subject=subject,
            object=thing,
            remarks=entity_remarks(schema, properties, sanctions, linked.addresses) or None,
        )
    except ValidationError as error:
        yield refused_by_model(row, error)
        return
    yield from notes


def _may_be_person(schema: str, properties: Properties) -> bool:
    """A LegalEntity is what nobody knew to be a person or a company: taken for a person unless it is registered."""
    return schema in PERSONS or (schema == "LegalEntity" and not any(properties.get(name) for name in _REGISTERED))


def _collect(value: dict[str, Any], linked: _Linked, owner: str = "", depth: int = 0) -> None:
    schema, entity_id = text_of(value.get("schema")), text_of(value.get("id"))
    properties = _properties(value)
    if schema in LINKED:
        linked.take(schema, entity_id, properties, owner)
    for nested in properties.values() if depth < _DEEPEST else ():
        for one in nested if isinstance(nested, list) else ():
            if isinstance(one, dict):
                _collect(one, linked, entity_id, depth + 1)


def _properties(value: dict[str, Any]) -> Properties:
    found = value.get("properties")
    return found if isinstance(found, dict) else {}


def _unknown(value: dict[str, Any], told: set[str]) -> Iterator[Note]:
    """A note for each field and property that is not known, once a file."""
    schema = text_of(value.get("schema"))
    known = PROPERTIES.get(schema)
    names = [name for name in value if name not in FIELDS]
    names += [f"{schema}:{name}" for name in _properties(value) if known is not None and name not in known]
    for name in names:
        if name not in told:
            told.add(name)
            yield Note("header", name, "not known, not read")


def _listed(sanctions: list[Properties]) -> datetime | None:
    days = []
    for sanction in sanctions:
        for text in texts_of(sanction.get("listingDate")) or texts_of(sanction.get("startDate")):
            read = read_date(text)
            day = without_impossible(read) if read and read.year else None
            if day is not None and day.year is not None:
                days.append(datetime(day.year, day.month or 1, day.day or 1, tzinfo=UTC))
    return min(days, default=None)
