"""Codes in the words that officers read. Every code list is covered; a code newer than this program says so."""

from __future__ import annotations

from typing import Final

from schemas.codes import (
    Action,
    Band,
    Crossing,
    CrossingMode,
    DetentionBasis,
    FrontLineAction,
    FrontLineTarget,
    IncidentType,
    Mode,
    Priority,
    Role,
    Verdict,
    Warning,
    WorkflowState,
)

NEWER: Final = "a code newer than this program: ask the owner"

ACTIONS: Final[dict[Action, str]] = {
    Action.UNKNOWN: NEWER,
    Action.ARREST: "ARREST",
    Action.LOCATE: "LOCATE: report where the person is",
    Action.DISCREET_CHECK: (
        "DISCREET CHECK: the person must not notice; treat as any other traveller,"
        " note place, time, company, vehicle and belongings, and report"
    ),
    Action.INQUIRY_CHECK: "INQUIRY CHECK: interview and report",
    Action.SPECIFIC_CHECK: "SPECIFIC CHECK: search as national law allows, and report",
    Action.PROTECT: "PROTECT: the person may be in danger",
    Action.SEIZE: "SEIZE",
    Action.REFUSE_ENTRY: "REFUSE ENTRY",
    Action.INFORM: "INFORM the owner",
}
"""What is asked. The wording of a discreet check must be safe to be glanced at (domain rule 7)."""

AT_THE_POST: Final[dict[FrontLineAction, str]] = {
    FrontLineAction.UNKNOWN: "ASK YOUR BUREAU what to do",
    FrontLineAction.ARREST: "ARREST",
    FrontLineAction.LOCATE: "LOCATE: note where the person is and where to, and report",
    FrontLineAction.OBSERVE: "OBSERVE: treat as any other traveller, note company, vehicle and belongings, and report",
    FrontLineAction.INTERVIEW: "INTERVIEW and report",
    FrontLineAction.SEARCH: "SEARCH as national law allows, and report",
    FrontLineAction.PROTECT: "PROTECT: the person may be in danger",
    FrontLineAction.SEIZE: "SEIZE",
    FrontLineAction.REFUSE_ENTRY: "REFUSE ENTRY",
    FrontLineAction.INFORM_BUREAU: "INFORM YOUR BUREAU",
    FrontLineAction.VERIFY_IDENTITY: "VERIFY IDENTITY: do no more before your bureau says so",
}
"""What a post or patrol is told to do (domain rules 7 to 9)."""

TARGETS: Final[dict[FrontLineTarget, str]] = {
    FrontLineTarget.UNKNOWN: "",
    FrontLineTarget.PERSON: "the person",
    FrontLineTarget.DOCUMENT: "the document; it says nothing against its holder, who may be its rightful owner",
    FrontLineTarget.OBJECT: "the thing",
}

WARNINGS: Final[dict[Warning, str]] = {
    Warning.UNKNOWN: "danger (" + NEWER + ")",
    Warning.ARMED: "armed",
    Warning.VIOLENT: "violent",
    Warning.ESCAPED: "escaped from custody",
    Warning.SUICIDE_RISK: "suicide risk",
    Warning.HEALTH_THREAT: "contagious or other health threat",
    Warning.TERROR_RELATED: "terror-related",
}

BANDS: Final[dict[Band, str]] = {
    Band.UNKNOWN: "match of a band newer than this program",
    Band.EXACT: "EXACT match: an identifier agrees, with its issuer",
    Band.STRONG: "STRONG match",
    Band.POSSIBLE: "POSSIBLE match",
}

PRIORITIES: Final[dict[Priority, str]] = {
    Priority.UNKNOWN: "priority newer than this program",
    Priority.URGENT: "URGENT, answer within 10 minutes",
    Priority.ROUTINE: "ROUTINE, answer within 1 hour",
    Priority.SUPPLEMENTARY: "SUPPLEMENTARY, answer within 12 hours",
}
"""Priorities with their time limits (domain.md, Match, alert, answer)."""

MODES: Final[dict[Mode, str]] = {
    Mode.UNKNOWN: "[MODE NOT KNOWN: treat as real] ",
    Mode.ACTUAL: "",
    Mode.EXERCISE: "[EXERCISE] ",
    Mode.TEST: "[TEST] ",
}
"""Put before every line that could be taken for real (domain rule 14)."""

INCIDENTS: Final[dict[IncidentType, str]] = {
    IncidentType.UNKNOWN: "incident",
    IncidentType.BORDER_CHECK: "border check",
    IncidentType.ADVANCE_PASSENGER: "advance passenger data (not here yet)",
    IncidentType.ARREST: "arrest",
    IncidentType.SIGHTING: "sighting",
    IncidentType.DOC_PRESENTED: "document presented",
    IncidentType.DOC_LOSS: "document reported lost",
    IncidentType.VEHICLE_STOP: "vehicle check",
    IncidentType.WEAPON_SEIZED: "weapon seized",
    IncidentType.ART_RECOVERED: "work of art recovered",
    IncidentType.PERSON_MISSING: "person reported missing",
    IncidentType.BODY_FOUND: "body found",
    IncidentType.THREAT: "threat",
}

CROSSINGS: Final[dict[Crossing, str]] = {
    Crossing.UNKNOWN: "",
    Crossing.ENTRY: "entry",
    Crossing.EXIT: "exit",
    Crossing.TRANSIT: "transit",
}

MEANS: Final[dict[CrossingMode, str]] = {
    CrossingMode.UNKNOWN: "",
    CrossingMode.AIR: "by air",
    CrossingMode.LAND: "by land",
    CrossingMode.RAIL: "by rail",
    CrossingMode.SEA: "by sea",
}

DETENTION: Final[dict[DetentionBasis, str]] = {
    DetentionBasis.UNKNOWN: "somebody is held",
    DetentionBasis.NONE: "somebody is held, no ground stated",
    DetentionBasis.HIT_ONLY: "held on this match alone",
    DetentionBasis.OTHER: "held on other grounds",
}

ROLES: Final[dict[Role, str]] = {
    Role.UNKNOWN: "recipient",
    Role.LOCATOR: "locator (you met them)",
    Role.OWNER: "owner (it is your entry)",
    Role.COORDINATOR: "coordinator",
}

VERDICTS: Final[dict[Verdict, str]] = {
    Verdict.UNKNOWN: "? not known",
    Verdict.AGREES: "= agrees",
    Verdict.CLOSE: "≈ close",
    Verdict.DIFFERS: "≠ differs",
    Verdict.ABSENT: "∅ missing",
}

WORKFLOW: Final[dict[WorkflowState, str]] = {
    WorkflowState.UNKNOWN: "in a state newer than this program",
    WorkflowState.OPEN: "open",
    WorkflowState.CONFIRM_REQUESTED: "confirmation requested of the owner",
    WorkflowState.CONFIRMED: "confirmed by the owner",
    WorkflowState.NOT_CONFIRMED: "not confirmed by the owner",
    WorkflowState.CONFIRM_LATER: "the owner will answer later",
    WorkflowState.ACTIONED: "action taken",
    WorkflowState.CLOSED: "closed",
}


def words(code: str) -> str:
    """A code without words of its own here, made readable: `DOC_RECORD` is `doc record`."""
    return code.replace("_", " ").lower()
