"""docs/dissemination.md, made from the rules themselves: `make schemas` prints this module into it.

The first table asks `audience` about every combination of what it looks at; the second asks the views what they hold.
Rows that say the same are shown as one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from pydantic import BaseModel

from schemas.alerts import EntryView, Evidence, FrontLineView, IncidentView, Match
from schemas.codes import (
    Action,
    AlertStatus,
    Band,
    DetentionBasis,
    IncidentType,
    Instrument,
    Mode,
    NoticeType,
    OwnerNotification,
    ReceiversMode,
    Role,
    Scope,
    Threat,
    Verdict,
    Warning,
)
from schemas.envelope import Handling
from schemas.events import Location, WatchlistEntry
from schemas.internal import IncidentContext
from schemas.model import timestamp
from schemas.participants import Kind, Participant, Participants
from schemas.subjects import Name, Object, Subject
from streams.stages.cases.dissemination import COORDINATOR, Audience, Side, audience
from streams.stages.cases.front_line import ACTIONS
from streams.stages.cases.records import EntryState, PairState
from streams.stages.cases.views import empty_view, live_view
from streams.stages.versions import History

LOCATOR, OWNER, ANOTHER = "bd", "fr", "np"
PARTICIPANTS = Participants(
    members={
        code: Participant(code=code, name=code, kind=kind)
        for code, kind in (
            (LOCATOR, Kind.BUREAU),
            (OWNER, Kind.BUREAU),
            (ANOTHER, Kind.BUREAU),
            (COORDINATOR, Kind.COORDINATOR),
        )
    }
)
ROLES = (Role.LOCATOR, Role.OWNER, Role.COORDINATOR)
RESTRICTIONS: dict[str, tuple[ReceiversMode, bool]] = {
    "ALL": (ReceiversMode.ALL, False),
    "ONLY, naming it": (ReceiversMode.ONLY, True),
    "ONLY others": (ReceiversMode.ONLY, False),
    "EXCEPT it": (ReceiversMode.EXCEPT, True),
    "EXCEPT others": (ReceiversMode.EXCEPT, False),
    "newer than this program": (ReceiversMode.UNKNOWN, False),
}
"""What one side may say of the participant that a row is about: mode, and whether it is named."""
SUPPRESSED = ("by neither", "by the incident", "by the entry", "by both")
ANY, TOLD, NOTHING = "any", "alert", "nothing"


@dataclass(frozen=True, slots=True)
class Question:
    """One combination of everything that dissemination looks at."""

    modes_equal: bool
    scope: Scope
    role: Role
    suppressed: str
    incident: str
    entry: str

    def told(self) -> bool:
        """Is the participant in this role told?"""
        home = self.scope is Scope.DOMESTIC
        who = {Role.LOCATOR: LOCATOR, Role.OWNER: LOCATOR if home else OWNER, Role.COORDINATOR: COORDINATOR}[self.role]
        incident = Side(LOCATOR, Mode.ACTUAL, self._handling(self.incident, who, ("by the incident", "by both")))
        entry_mode = Mode.ACTUAL if self.modes_equal else Mode.EXERCISE
        author = LOCATOR if home else OWNER
        entry = Side(author, entry_mode, self._handling(self.entry, who, ("by the entry", "by both")))
        return (who, self.role) in audience(incident, entry, PARTICIPANTS).roles

    def _handling(self, restriction: str, who: str, suppressing: tuple[str, ...]) -> Handling:
        mode, named = RESTRICTIONS[restriction]
        receivers = () if mode is ReceiversMode.ALL else (who if named else ANOTHER,)
        hidden = OwnerNotification.SUPPRESSED if self.suppressed in suppressing else OwnerNotification.NORMAL
        return Handling(receivers_mode=mode, receivers=receivers, owner_notification=hidden)


def questions() -> Iterator[Question]:
    """Every combination."""
    scopes = (Scope.CROSS_BORDER, Scope.DOMESTIC)
    for each in product((True, False), scopes, ROLES, SUPPRESSED, RESTRICTIONS, RESTRICTIONS):
        yield Question(*each)


def page() -> str:
    """The page as text."""
    return "\n".join((_HEAD, *_decisions(), "", _VIEWS, *_views(), "", _FRONT_LINE, *_front_line(), ""))


def _decisions() -> Iterator[str]:
    columns = ["modes", "scope", "as", "owner notification suppressed", "incident says"]
    yield _row([*columns, *(f"entry: {name}" for name in RESTRICTIONS)])
    yield _row(["---"] * (len(columns) + len(RESTRICTIONS)))
    for equal, scope in product((True, False), (Scope.CROSS_BORDER, Scope.DOMESTIC)):
        for role in ROLES:
            first = Question(equal, scope, role, SUPPRESSED[0], "ALL", "ALL")
            head = ["equal" if equal else "unequal", scope.replace("_", " ").lower(), role.lower()]
            for suppressed, incident, answers in _merged(first):
                yield _row([*head, suppressed, incident, *answers])


def _merged(first: Question) -> Iterator[tuple[str, str, list[str]]]:
    """The lines about one role: equal ones as one, values joined by semicolons, `any` where all are."""
    by_incident: dict[str, list[tuple[str, list[str]]]] = {}
    for suppressed in SUPPRESSED:
        lines: dict[tuple[str, ...], list[str]] = {}
        for incident in RESTRICTIONS:
            asked = replace(first, suppressed=suppressed, incident=incident)
            answers = tuple(TOLD if replace(asked, entry=entry).told() else NOTHING for entry in RESTRICTIONS)
            lines.setdefault(answers, []).append(incident)
        by_incident[suppressed] = [
            (ANY if len(names) == len(RESTRICTIONS) else "; ".join(names), list(answers))
            for answers, names in lines.items()
        ]
    groups: list[tuple[list[str], list[tuple[str, list[str]]]]] = []
    for suppressed, found in by_incident.items():
        same = next((names for names, lines_of in groups if lines_of == found), None)
        if same is None:
            groups.append(([suppressed], found))
        else:
            same.append(suppressed)
    for names, found in groups:
        for incident, cells in found:
            yield ANY if len(names) == len(SUPPRESSED) else "; ".join(names), incident, cells


def seen() -> dict[str, set[str]]:
    """By role (and `front line`), the fields of incident, entry, match and answers that its view holds."""
    pair, entry, match = _example()
    who = Audience(Scope.CROSS_BORDER, ((LOCATOR, Role.LOCATOR), (COORDINATOR, Role.COORDINATOR), (OWNER, Role.OWNER)))
    result = {}
    for code, role in who.roles:
        alert = live_view(pair, entry, match, who, code, "0-x", 1_000_000).alert
        result[role.lower()] = {
            f"{part}.{field}"
            for part, view in (("incident", alert.incident), ("entry", alert.entry), ("match", alert.match))
            if view is not None
            for field in type(view).model_fields
            if getattr(view, field) not in (None, ())
        }
        if alert.front_line is not None:
            result["front line"] = {f"front_line.{field}" for field in FrontLineView.model_fields}
    for status in (AlertStatus.RETRACTED, AlertStatus.WITHDRAWN):
        empty = empty_view(pair, status, LOCATOR, Role.LOCATOR, Scope.CROSS_BORDER).alert
        result[status.lower()] = {
            part for part in ("incident", "entry", "match", "front_line", "case_ref") if getattr(empty, part)
        }
    return result


def _views() -> Iterator[str]:
    by_role = seen()
    roles = [role.lower() for role in ROLES]
    yield _row(["field", *roles])
    yield _row(["---"] * (1 + len(roles)))
    parts: tuple[tuple[str, type[BaseModel]], ...] = (
        ("incident", IncidentView),
        ("entry", EntryView),
        ("match", Match),
    )
    for part, view in parts:
        for field in view.model_fields:
            yield _row([f"{part}.{field}", *("yes" if f"{part}.{field}" in by_role[role] else "no" for role in roles)])
    for field in WatchlistEntry.model_fields:
        if field not in EntryView.model_fields and field != "producer":
            yield _row([f"entry.{field}", *["no"] * len(roles)])


def _front_line() -> Iterator[str]:
    yield _row(["the owner asks for", "the front line is told"])
    yield _row(["---", "---"])
    for action, told in ACTIONS.items():
        yield _row([action, told])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _example() -> tuple[PairState, EntryState, Match]:
    """A pair with everything set that a view could show, subject and object both, though a real one has either."""
    at = timestamp(1_780_000_000_000)
    subject = Subject(subject_id="s1", names=(Name(full="A"),))
    envelope = {"event_id": "e", "producer": OWNER, "occurred_at": at, "recorded_at": at}
    entry = WatchlistEntry(
        **envelope,
        entry_id="E1",
        instrument=Instrument.NOTICE,
        notice_type=NoticeType.RED,
        threat=Threat.OTHER,
        operation="operation",
        list_name="list",
        action=Action.ARREST,
        warnings=(Warning.ARMED,),
        valid_from=at,
        expires_at=at,
        review_by=at,
        subject=subject,
        object=Object(object_id="o1"),
        linked_entry="E2",
        remarks="remarks",
    )
    context = IncidentContext(
        producer=LOCATOR,
        incident_id="I1",
        incident_version=1,
        exercise=Mode.ACTUAL,
        incident_type=IncidentType.BORDER_CHECK,
        occurred_at=at,
        zone="UTC",
        location=Location(country=LOCATOR),
        detained=True,
        detention_basis=DetentionBasis.HIT_ONLY,
        handling=Handling(),
        passed_at=at,
    )
    pair = PairState(
        entry_key=f"ACTUAL:{OWNER}:E1",
        incident_key=f"ACTUAL:{LOCATOR}:I1",
        item_id="s1",
        alert_id="a",
        context=context,
        subject=subject,
        object=Object(object_id="o1"),
    )
    evidence = Evidence(feature="name", left="A", right="A", weight=30.0, verdict=Verdict.AGREES)
    match = Match(band=Band.EXACT, score=30.0, rarity_version="1", evidence=(evidence,))
    return pair, EntryState(entry=entry, history=History(), passed_at=0), match


_HEAD = """# Who is told, and what

Made from `streams/stages/cases` by `make schemas`: every combination is asked of the code, and lines that say the same
are shown as one. `it` is the participant that a line is about. Judged again on every change of incident or entry; who
held an alert and loses the right gets one content-free WITHDRAWN and nothing else, who keeps the right and loses the
match gets RETRACTED.

- A restriction does not bind the side that wrote it. `ccc` is left out by EXCEPT alone.
- Domestic: the owner met its own entry. That bureau alone is told, as locator.
- Canaries (`xa`, `xb`) meet canaries alone, and then nobody else is told, not even `ccc`.
- A participant that is no longer declared is told nothing. An owner is told of its own entries alone: every alert is
  about one entry.

## Decisions
"""
_VIEWS = """## What each role sees

Cut down where a view is longer than its topic takes, with the number of items left out. What no role sees is the
owner's own bookkeeping. RETRACTED and WITHDRAWN hold none of it. A digest (too many POSSIBLE matches of one entry in an
hour) holds the entry as below, and of each match that its reader may know of the ids, the country and the time alone;
the front line is told nothing of it before somebody has asked for the match.
"""
_FRONT_LINE = """## What the front line is told

Inside the locator's alert stands `front_line`: action, its target, warnings, band, and which item of the incident.
Posts and patrols are shown that, with the mode, and nothing else. The action is the owner's or less:

- Only a person turns a match into a hit: a POSSIBLE match, or one by a name alone however rare it is, is
  VERIFY_IDENTITY until the owner has confirmed.
- So is a match with a name that is known to be a victim's (MISUSED).
- A document on a list is seized or reported; nothing is done to its holder, who may be its rightful owner.
- A discreet check is OBSERVE whatever else is true, and has no word of stopping anybody.
"""

if __name__ == "__main__":
    sys.stdout.write(page())
