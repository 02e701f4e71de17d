"""What Tocsin says to participants: alerts, each its recipient's own view, and rejects."""

from __future__ import annotations

from schemas.codes import (
    Action,
    AlertStatus,
    AnswerReason,
    Band,
    DetentionBasis,
    EntryStatus,
    FrontLineAction,
    FrontLineTarget,
    HandlingCode,
    IncidentType,
    Instrument,
    Mode,
    NoticeType,
    Outcome,
    Priority,
    RejectReason,
    ResponseKind,
    Role,
    Scope,
    Threat,
    Tlp,
    Verdict,
    Warning,
    WorkflowState,
)
from schemas.events import Location
from schemas.model import Model, Timestamp
from schemas.subjects import Object, Subject


class Evidence(Model):
    """One reason for or against a match."""

    feature: str
    """What was compared: name, birth date, document number, ..."""
    left: str
    """The value that was met."""
    right: str
    """The value on the list."""
    weight: float
    """Log-odds in bits that it adds to (or takes from) the score."""
    verdict: Verdict
    """What it says."""
    note: str | None = None
    """In words an officer understands."""


class Match(Model):
    """Why a subject or object of an incident and a watchlist entry belong together."""

    band: Band
    """How sure."""
    score: float
    """Sum of the weights, in bits."""
    evidence: tuple[Evidence, ...] = ()
    """Reasons for it, strongest first, then the conflicts it overcame."""
    rarity_version: str = ""
    """Version of the frozen table of token rarity that the score was made with."""


class IncidentView(Model):
    """What the recipient may see of the incident."""

    incident_id: str
    """The producer's identifier."""
    incident_version: int
    """Version that the alert was decided on."""
    producer: str
    """The bureau that met the subject."""
    incident_type: IncidentType
    """What happened."""
    occurred_at: Timestamp
    """When."""
    passed_at: Timestamp | None = None
    """When this version of it passed the gate."""
    zone: str = "UTC"
    """Time zone of the place."""
    location: Location
    """Where."""
    detained: bool = False
    """Somebody is held."""
    detention_basis: DetentionBasis = DetentionBasis.NONE
    """Why somebody is held."""
    subject: Subject | None = None
    """The person met; None when a thing was met."""
    object: Object | None = None
    """The thing met; None when a person was met."""


class EntryView(Model):
    """What the recipient may see of the watchlist entry."""

    entry_id: str
    """The owner's identifier."""
    entry_version: int
    """Version that the alert was decided on."""
    owner: str
    """The participant that issued it."""
    instrument: Instrument
    """Kind of entry."""
    notice_type: NoticeType | None = None
    """Colour, for notices."""
    threat: Threat = Threat.OTHER
    """Area of crime."""
    operation: str | None = None
    """Joint operation."""
    action: Action
    """What is asked for."""
    warnings: tuple[Warning, ...] = ()
    """What an officer must know before approaching."""
    status: EntryStatus = EntryStatus.ACTIVE
    """Where it is in its life."""
    subject: Subject | None = None
    """The person looked for."""
    object: Object | None = None
    """The thing looked for."""
    remarks: str | None = None
    """Free text of the owner."""


class FrontLineView(Model):
    """What may be shown at a border post or to a patrol: the locator's alert without the case behind it."""

    item_id: str
    """subject_id or object_id within the incident: whom or what the post met."""
    action: FrontLineAction
    """What to do."""
    target: FrontLineTarget
    """To whom or what."""
    warnings: tuple[Warning, ...] = ()
    """What an officer must know before approaching."""
    band: Band
    """How sure."""


class Answer(Model):
    """One answer given on the case, as both sides see it."""

    by: str
    """Participant that said it."""
    kind: ResponseKind
    """What was said."""
    at: Timestamp
    """When the pipeline received it."""
    reason: AnswerReason | None = None
    """Why not confirmed, or closed without action."""
    outcome: Outcome | None = None
    """What came of it."""
    eta: Timestamp | None = None
    """When an answer will come."""
    text: str | None = None
    """Free text."""
    event_id: str | None = None
    """Of the Response: by it a sender finds what became of its own."""


class DigestMember(Model):
    """One match that a digest counts: enough to ask for it."""

    alert_id: str
    """Of the alert that is sent once somebody asks for it."""
    case_ref: str
    """What a REQUEST_DETAILS for this one repeats."""
    producer: str
    """The bureau that met the person or thing."""
    incident_id: str
    """The incident there."""
    item_id: str
    """subject_id or object_id within it."""
    occurred_at: Timestamp
    """When they were met."""


class Digest(Model):
    """POSSIBLE matches of one entry that came too many in an hour to be sent one by one (domain rule 15)."""

    count: int
    """How many it stands for now, for this recipient."""
    since: Timestamp
    """Begin of the hour."""
    until: Timestamp
    """End of the hour."""
    members: tuple[DigestMember, ...] = ()
    """Some of them; all of them where `count` says no more."""


class Alert(Model):
    """A match, as its one recipient may see it, or a digest of many. Newer revisions replace older ones."""

    alert_id: str
    """uuid5 of mode, producer, incident, subject or object, owner and entry: the same however often it is raised."""
    revision: int
    """Counts the changes of any recipient's view."""
    recipient: str
    """The participant that this view is for."""
    role: Role
    """Why it gets it."""
    scope: Scope
    """Cross-border, or domestic."""
    exercise: Mode
    """ACTUAL, EXERCISE or TEST."""
    status: AlertStatus
    """LIVE, RETRACTED or WITHDRAWN."""
    raised_at: Timestamp
    """When the first revision was decided."""
    revised_at: Timestamp
    """When this revision was decided."""
    case_ref: str | None = None
    """What an answer to this alert repeats."""
    encounter: str | None = None
    """Incident and subject: alerts with the same value are one case to the locator."""
    retrospective: bool = False
    """The entry came after the incident."""
    priority: Priority = Priority.SUPPLEMENTARY
    """How fast an answer is due."""
    incident: IncidentView | None = None
    """The incident; None once RETRACTED or WITHDRAWN took the content back."""
    entry: EntryView | None = None
    """The entry; None once RETRACTED or WITHDRAWN took the content back."""
    match: Match | None = None
    """Why; None once RETRACTED or WITHDRAWN took the content back."""
    digest: Digest | None = None
    """Set: this is no single match but a digest of many; incident and match are None then. RETRACTED, it counts none
    any more: they were sent one by one, or stand no longer."""
    front_line: FrontLineView | None = None
    """What the locator's front line may be shown, with the alert's mode; nothing else of it may. Locators alone."""
    clipped: int = 0
    """How many names, documents or pieces of evidence were left out because the view was too long."""
    workflow: WorkflowState = WorkflowState.OPEN
    """Where the shared answer stands."""
    answers: tuple[Answer, ...] = ()
    """What both sides said, oldest first."""
    allowed_moves: tuple[ResponseKind, ...] = ()
    """Answers that this recipient may give now."""
    acknowledged_at: Timestamp | None = None
    """When an officer of this recipient first acknowledged; nobody else is told."""
    requests: int = 0
    """How often confirmation was requested: 1 by the locator, then by the pipeline because no answer came in time."""
    answer_due_at: Timestamp | None = None
    """When the answer is due; then it is requested again, or escalated. None: no clock runs."""
    escalated: bool = False
    """Nobody answered in time: it is with ccc, which may answer now as well as the owner."""
    handling_code: HandlingCode = HandlingCode.H0
    """Stricter of both sides' handling codes."""
    tlp: Tlp = Tlp.AMBER
    """Stricter of both sides' TLP."""
    watchlist_age: int | None = None
    """Age in milliseconds of the newest watchlist change known when this was decided.

    Of entries of the alert's mode that all may receive, and of its own entry. Rounded up: to whole minutes up to an
    hour, to whole hours beyond."""


class Reject(Model):
    """Why an event was refused. Goes to its sender alone, about its own bytes only."""

    reason: RejectReason
    """Reason code."""
    place: str
    """Path of the field that was wrong; empty for the whole event."""
    detail: str
    """One sentence: what was wrong and what to do. Holds no value of the event."""
    stage: str
    """The stage that refused it."""
    source_topic: str
    """Topic of the event."""
    source_partition: int
    """Its partition."""
    source_offset: int
    """Its offset."""
    source_timestamp: Timestamp
    """When the broker appended it."""
    event_id: str | None = None
    """Its event_id, where it could be read."""
    sha256: bytes
    """SHA-256 of its bytes."""
    size: int
    """How many bytes it had."""
    head: bytes = b""
    """Its first 64 KiB."""


class AuditRecord(Model):
    """One thing that happened to a case, for the auditor: who learned what, when. No personal data."""

    at: Timestamp
    """When."""
    stage: str
    """Who says so."""
    participant: str
    """Whom it concerns."""
    what: str
    """PUBLISHED, DELETED, SEARCHED, SENT, RETRACTED, WITHDRAWN, ANSWERED, REQUESTED_AGAIN, ESCALATED, REFUSED or
    FORGOTTEN."""
    alert_id: str | None = None
    """Which alert."""
    revision: int | None = None
    """Which revision of it."""
    detail: str | None = None
    """More, without personal data."""
