"""The consolidated list of the UN Security Council (XML, scsanctions.un.org) as watchlist entries of `un`.

What becomes of every element stands in ELEMENTS. Choices where the list and our terms differ:
- entry_id is DATAID, entry_version VERSIONNUM (1 throughout in the lists seen so far: give --entry-version when
  publishing a later list over an earlier one).
- occurred_at is LISTED_ON, recorded_at the list's dateGenerated: the same list always gives the same entries.
- action: REFUSE_ENTRY for individuals, whom the sanctions regimes ban from travel, but INFORM under regime 1518 (Iraq),
  which only freezes assets, and for entities, which do not travel.
- threat: by the subject of the regime's resolution (_THREATS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pydantic import ValidationError

from producers.identity import new_event_id
from producers.importers.results import Note, RefusedRow, Result, refused_by_model
from producers.importers.un_elements import LIST_OF, entity_subject, individual_subject
from producers.importers.un_remarks import remarks
from schemas.codes import Action, Instrument, Mode, NoticeType, SubjectKind, Threat, Tlp, Warning
from schemas.envelope import Handling
from schemas.events import WatchlistEntry
from schemas.subjects import Subject

LIST_NAME = "UN Security Council Consolidated List"
_THREATS = {
    "Al-Qaida": Threat.VIOLENT_EXTREMISM,  # resolutions 1267, 1989, 2253
    "Taliban": Threat.VIOLENT_EXTREMISM,  # 1988
    "Somalia": Threat.VIOLENT_EXTREMISM,  # 2713, on Al-Shabaab
    "DPRK": Threat.ILLICIT_WEAPONS,  # 1718, weapons of mass destruction
    "Iran": Threat.ILLICIT_WEAPONS,  # 1737, 1929, the same
    "Iraq": Threat.FINANCIAL_CRIME,  # 1518, assets of the former government
    "DRC": Threat.OTHER,  # 1533, armed conflict; so are those below
    "CAR": Threat.OTHER,  # 2127
    "Libya": Threat.OTHER,  # 1970
    "Sudan": Threat.OTHER,  # 1591
    "SouthSudan": Threat.OTHER,  # 2206
    "Yemen": Threat.OTHER,  # 2140
    "Haiti": Threat.OTHER,  # 2653
    "GB": Threat.OTHER,  # 2048, Guinea-Bissau
}
_ASSETS_ONLY = frozenset({"Iraq"})
_SUBJECTS: dict[str, Callable[[Element, list[Note]], Subject]] = {
    "INDIVIDUAL": individual_subject,
    "ENTITY": entity_subject,
}


def read_un_list(
    file: Path,
    *,
    producer: str = "un",
    list_name: str = LIST_NAME,
    entry_version: int | None = None,
    exercise: Mode = Mode.ACTUAL,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """Each individual and entity of the list, and what could not be used of them.

    A file that is not well-formed (or tries XML entities) ends with a RefusedRow; what came before it stands.
    """
    generated: datetime | None = None
    common: dict[str, Any] = {"producer": producer, "list_name": list_name, "exercise": exercise}
    try:
        for event, element in _elements(file):
            if event == "start":
                if element.tag == "CONSOLIDATED_LIST":
                    generated = _time(element.get("dateGenerated"))
                continue
            if element.tag not in _SUBJECTS:
                continue
            yield from _entry(element, generated, entry_version, common | {"event_id": event_id()})
            element.clear()
    except (ParseError, DefusedXmlException) as error:
        yield RefusedRow("the rest of the file", "xml", f"{type(error).__name__}: {error}", broken=True)


def _elements(file: Path) -> Iterator[tuple[str, Element]]:
    """Begin and end of every element. Raises ParseError and DefusedXmlException."""
    try:
        yield from iterparse(file, events=("start", "end"))
    except (LookupError, ValueError) as error:  # it names an encoding that nobody knows, or one that expat cannot read
        raise ParseError(str(error)) from error


def _entry(
    element: Element, generated: datetime | None, version: int | None, common: dict[str, Any]
) -> Iterator[Result]:
    entry_id = (element.findtext("DATAID") or "").strip()
    row = f"DATAID {entry_id or '(none)'}"
    regime = (element.findtext("UN_LIST_TYPE") or "").strip()
    listed = _time(element.findtext("LISTED_ON"))
    if not entry_id:
        yield RefusedRow(row, "DATAID", "absent: nothing identifies the entry")
        return
    if listed is None:
        yield RefusedRow(row, "LISTED_ON", "absent or no date")
        return
    notes: list[Note] = []
    try:
        subject = _SUBJECTS[element.tag](element, notes)
        if regime not in _THREATS:
            notes.append(Note(row, "UN_LIST_TYPE", f"a regime that is not known yet ({regime!r}): threat OTHER"))
        yield WatchlistEntry(
            **common,
            entry_id=entry_id,
            entry_version=version or int(element.findtext("VERSIONNUM") or 1),
            occurred_at=listed,
            recorded_at=generated or listed,
            correlation_id=(element.findtext("REFERENCE_NUMBER") or "").strip() or None,
            language="en",
            handling=Handling(tlp=Tlp.CLEAR),
            instrument=Instrument.NOTICE,
            notice_type=NoticeType.UN_SPECIAL,
            threat=_THREATS.get(regime, Threat.OTHER),
            action=_action(subject.kind, regime),
            warnings=(Warning.TERROR_RELATED,) if regime == LIST_OF["terror"] else (),
            subject=subject,
            remarks=remarks(element),
        )
    except ValidationError as error:
        yield refused_by_model(row, error)
        return
    except ValueError as error:
        yield RefusedRow(row, "VERSIONNUM", str(error))
        return
    yield from notes


def _action(kind: SubjectKind, regime: str) -> Action:
    banned = kind is SubjectKind.PERSON and regime not in _ASSETS_ONLY
    return Action.REFUSE_ENTRY if banned else Action.INFORM


def _time(text: str | None) -> datetime | None:
    try:
        value = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
