"""The events that bureaus publish: incidents, watchlist entries, responses."""

from __future__ import annotations

from schemas.codes import (
    Action,
    AnswerReason,
    Crossing,
    CrossingMode,
    DetentionBasis,
    EntryStatus,
    IncidentType,
    Instrument,
    NoticeType,
    Outcome,
    ResponseKind,
    Threat,
    Warning,
)
from schemas.envelope import Envelope
from schemas.model import Model, Timestamp
from schemas.subjects import Object, Subject


class Location(Model):
    """Where an incident happened."""

    country: str
    """The producer's country: ISO 3166-1 alpha-2 in lower case."""
    point: str | None = None
    """Border point, station or town."""
    crossing: Crossing = Crossing.UNKNOWN
    """Direction of the crossing."""
    mode: CrossingMode = CrossingMode.UNKNOWN
    """Means of the crossing."""


class Incident(Envelope):
    """Something a bureau's officers met: who, what, where, when."""

    incident_id: str
    """Chosen by the producer, the same over all corrections."""
    incident_version: int = 1
    """Rises with every correction."""
    incident_type: IncidentType
    """What happened."""
    location: Location
    """Where."""
    zone: str = "UTC"
    """IANA time zone of the place, for showing local time."""
    subjects: tuple[Subject, ...] = ()
    """Persons and organisations met."""
    objects: tuple[Object, ...] = ()
    """Things met."""
    detained: bool = False
    """Somebody is held."""
    detention_basis: DetentionBasis = DetentionBasis.NONE
    """Why somebody is held."""


LAST_VERSION = 2**48 - 1
"""The highest version there is. Of an entry it is its deletion's alone, so that one can always be said."""


class WatchlistEntry(Envelope):
    """A person, organisation or thing that its owner is looking for."""

    entry_id: str
    """The owner's own identifier."""
    entry_version: int = 1
    """Rises with every change; a lower one never overwrites a higher one."""
    instrument: Instrument
    """Kind of entry."""
    notice_type: NoticeType | None = None
    """Colour, for notices."""
    threat: Threat = Threat.OTHER
    """Area of crime."""
    operation: str | None = None
    """Joint operation that counts its hits."""
    list_name: str | None = None
    """The owner's list that it belongs to, for keeping lists in step."""
    action: Action
    """What is asked for."""
    warnings: tuple[Warning, ...] = ()
    """What an officer must know before approaching."""
    status: EntryStatus = EntryStatus.ACTIVE
    """Where it is in its life."""
    valid_from: Timestamp | None = None
    """Raises no alert for incidents before this time."""
    expires_at: Timestamp | None = None
    """Raises no alert for incidents at or after this time."""
    review_by: Timestamp | None = None
    """When the owner must look at it again."""
    subject: Subject | None = None
    """The person or organisation; either this or `object` is set, but for a DELETED entry."""
    object: Object | None = None
    """The thing; either this or `subject` is set, but for a DELETED entry."""
    linked_entry: str | None = None
    """Entry of a person with which this object's entry ends."""
    remarks: str | None = None
    """Free text for the officer who meets the subject."""


class Response(Envelope):
    """An answer to an alert, or a receipt for it."""

    case_ref: str
    """Repeated from the alert: says which case, to nobody but those who hold it."""
    kind: ResponseKind
    """What is said."""
    reason: AnswerReason | None = None
    """Why not confirmed, or closed without action."""
    outcome: Outcome | None = None
    """What came of it (ACTION_TAKEN)."""
    eta: Timestamp | None = None
    """When the answer will come (CONFIRM_LATER)."""
    revision: int | None = None
    """The alert's revision that the officer had before them."""
    text: str | None = None
    """Free text for the other side."""
