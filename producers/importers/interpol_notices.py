"""INTERPOL notices as the public notices service gives them (JSON): red, yellow and UN, one, many, or lists of them.

A file holds a notice's details, a list of them, the service's list (`_embedded.notices`), or any of these on lines of
their own; what several say of one entity_id is put together, so lists and details may stand in one file. Choices where
the service and our terms differ:
- entry_id is entity_id. The colour is told by the notice's address (`_links.self`), else by what it holds; a notice
  that could be of any colour is refused unless the colour is stated, because a missing child is not to be arrested.
- action: ARREST for red, PROTECT for yellow; UN notices REFUSE_ENTRY for persons, INFORM for organisations.
- a list that says it has more notices than the file holds is refused as incomplete.

What becomes of every field stands in FIELDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from producers.errors import UnreadableFile
from producers.identity import new_event_id
from producers.importers.dates import read_date, without_impossible
from producers.importers.interpol_subjects import notice_remarks, notice_subject
from producers.importers.results import Note, RefusedRow, Result, refused_by_model
from producers.importers.values import text_of
from schemas.codes import Action, Instrument, Mode, NoticeType, SubjectKind
from schemas.events import WatchlistEntry

Notice = dict[str, Any]

FIELDS = {
    "entity_id": "entry_id",
    "name": "names",
    "forename": "names",
    "birth_name": "names: BIRTH",
    "name_at_birth": "names: BIRTH",
    "name_in_original_script": "names",
    "forename_in_original_script": "names",
    "aliases": "names: ALIAS; births",
    "also_known_as": "names: ALIAS",
    "formerly_known_as": "names: PREVIOUS",
    "date_of_birth": "births",
    "sex_id": "sex",
    "nationalities": "nationalities",
    "country_of_birth_id": "birth_place",
    "place_of_birth": "birth_place",
    "identity_documents": "documents",
    "arrest_warrants": "remarks; the colour: red",
    "distinguishing_marks": "remarks",
    "height": "remarks",
    "weight": "remarks",
    "eyes_colors_id": "remarks",
    "hairs_id": "remarks",
    "languages_spoken_ids": "remarks",
    "father_name": "remarks",
    "father_forename": "remarks",
    "mother_name": "remarks",
    "mother_forename": "remarks",
    "date_of_event": "remarks; the colour: yellow",
    "place": "remarks",
    "country": "remarks",
    "un_reference": "correlation_id; the colour: UN",
    "un_reference_date": "occurred_at",
    "un_resolution": "remarks",
    "summary": "remarks",
    "profession": "remarks",
    "main_activity": "remarks",
    "additional_information": "remarks",
    "adresses": "remarks",
    "legal_form": "remarks",
    "registration_number": "remarks",
    "from_chamber_of_commerce": "remarks",
    "administrators": "remarks",
    "associates": "remarks",
    "purposes": "remarks",
    "_links": "the colour and the kind",
    "_embedded": "ignored: addresses of pictures",
}
"""Every field of a notice that is known, and what becomes of it. A test compares it with a notice that has them all."""

_ACTIONS = {
    NoticeType.RED: Action.ARREST,
    NoticeType.YELLOW: Action.PROTECT,
    NoticeType.BLUE: Action.LOCATE,
    NoticeType.UN_SPECIAL: Action.REFUSE_ENTRY,
}
_BY_ADDRESS = (
    ("/red", NoticeType.RED),
    ("/yellow", NoticeType.YELLOW),
    ("/un", NoticeType.UN_SPECIAL),
)


def read_interpol_notices(
    file: Path,
    *,
    producer: str,
    at: datetime,
    exercise: Mode = Mode.ACTUAL,
    list_name: str | None = None,
    entry_version: int | None = None,
    notice_type: NoticeType | None = None,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """An entry for each notice of the file. `notice_type` is the colour where nothing else tells it.

    Raises UnreadableFile when the file cannot be opened.
    """
    notices: dict[str, Notice] = {}
    announced = 0
    for where, value in _values(file):
        if isinstance(value, RefusedRow):
            yield value
            continue
        announced = max(announced, _total(value))
        for row, notice in _notices(value, where):
            entity_id = text_of(notice.get("entity_id"))
            if not entity_id:
                yield RefusedRow(row, "entity_id", "absent: nothing identifies the notice")
                continue
            known = notices.setdefault(entity_id, {})
            known |= {field: found for field, found in notice.items() if found not in (None, "", [])}
    common = {
        "producer": producer,
        "exercise": exercise,
        "list_name": list_name,
        "recorded_at": at,
        "entry_version": entry_version or 1,
    }
    unknown: set[str] = set()
    for entity_id, notice in notices.items():
        for field in notice.keys() - FIELDS.keys() - unknown:
            unknown.add(field)
            yield Note("header", field, "not known, not read")
        yield from _entry(entity_id, notice, notice_type, at, common | {"event_id": event_id()})
    if announced > len(notices):
        why = f"the list says it has {announced} notices, the file holds {len(notices)}: fetch every page"
        yield RefusedRow("the rest of the file", "total", why, broken=True)


def _entry(
    entity_id: str, notice: Notice, stated: NoticeType | None, at: datetime, common: dict[str, Any]
) -> Iterator[Result]:
    row = f"notice {entity_id}"
    colour = _colour(notice) or stated
    if colour is None:
        yield RefusedRow(row, "_links", "nothing tells whether it is red, yellow or UN; state the notice type")
        return
    kind = SubjectKind.ORGANISATION if "/un/entities" in _address(notice) else SubjectKind.PERSON
    notes: list[Note] = []
    action = _ACTIONS.get(colour, Action.INFORM)
    try:
        subject = notice_subject(notice, kind, row, notes)
        if not subject.names and not subject.documents:
            yield RefusedRow(row, "name", "neither a name nor a document")
            return
        yield WatchlistEntry(
            **common,
            entry_id=entity_id,
            occurred_at=_day(notice.get("un_reference_date")) or at,
            correlation_id=text_of(notice.get("un_reference"))[:200] or None,
            instrument=Instrument.NOTICE,
            notice_type=colour,
            action=Action.INFORM if kind is SubjectKind.ORGANISATION else action,
            subject=subject,
            remarks=notice_remarks(notice) or None,
        )
    except ValidationError as error:
        yield refused_by_model(row, error)
        return
    yield from notes


def _colour(notice: Notice) -> NoticeType | None:
    address = _address(notice)
    for part, colour in _BY_ADDRESS:
        if part in address:
            return colour
    if notice.get("un_reference"):
        return NoticeType.UN_SPECIAL
    if notice.get("arrest_warrants"):
        return NoticeType.RED
    if notice.get("date_of_event"):
        return NoticeType.YELLOW
    return None


def _address(notice: Notice) -> str:
    links = notice.get("_links")
    own = links.get("self") if isinstance(links, dict) else None
    address = text_of(own.get("href")) if isinstance(own, dict) else ""
    return address.partition("/notices")[2] or address


def _day(value: object) -> datetime | None:
    read = read_date(text_of(value))
    birth = without_impossible(read) if read and read.year else None
    if birth is None or birth.year is None:
        return None
    return datetime(birth.year, birth.month or 1, birth.day or 1, tzinfo=UTC)


def _notices(value: object, where: str, links: object = None) -> Iterator[tuple[str, Notice]]:
    """Each notice and where it stands; one that does not say its address has that of the list it stands in."""
    if isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _notices(inner, f"{where}, notice {number}" if where else f"notice {number}", links)
    elif isinstance(value, dict):
        embedded = value.get("_embedded")
        listed = embedded.get("notices") if isinstance(embedded, dict) else None
        if isinstance(listed, list):
            yield from _notices(listed, where, value.get("_links"))
        else:
            yield where or "the file", value if value.get("_links") or not links else value | {"_links": links}


def _total(value: object) -> int:
    total = value.get("total") if isinstance(value, dict) else None
    return total if isinstance(total, int) else 0


def _values(file: Path) -> Iterator[tuple[str, Any]]:
    try:
        text = file.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror or error}") from error
    try:
        yield "", json.loads(text)
        return
    except (ValueError, RecursionError) as error:
        whole = error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) < 2 or not _is_json(lines[0][1]):
        yield "", RefusedRow("the rest of the file", "json", f"no JSON: {whole}", broken=True)
        return
    for number, line in lines:
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError) as error:
            yield "", RefusedRow(f"line {number}", "json", f"no JSON: {error}", broken=True)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
