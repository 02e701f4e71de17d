"""What the stages say to each other. Checked events only; no bureau can read these topics."""

from __future__ import annotations

from enum import StrEnum

from schemas.codes import DetentionBasis, IncidentType, Mode
from schemas.envelope import Handling
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.model import Model, Timestamp
from schemas.subjects import Object, Subject


class Source(Model):
    """Where an event stood in its country topic, and its bytes as far as a reject needs them."""

    topic: str
    """Country topic."""
    partition: int
    """Partition of the country topic."""
    offset: int
    """Offset in it."""
    timestamp: Timestamp
    """When the broker appended it."""
    sha256: bytes
    """SHA-256 of its bytes."""
    size: int
    """How many bytes it had."""
    head: bytes = b""
    """Its first 64 KiB."""


class GatedIncident(Model):
    """An incident that passed the gate. Key: mode:producer:incident_id."""

    source: Source
    """The event it was."""
    content: bytes
    """SHA-256 of what it says: without event_id, times of recording, delegation and correlation."""
    incident: Incident
    """The incident."""


class GatedEntry(Model):
    """A watchlist entry that passed the gate. Key: mode:owner:entry_id."""

    source: Source
    """The event it was."""
    content: bytes
    """SHA-256 of what it says: without event_id, times of recording, delegation and correlation."""
    entry: WatchlistEntry
    """The entry."""


class GatedResponse(Model):
    """A response that passed the gate. Goes to the partition that its case_ref names."""

    source: Source
    """The event it was."""
    alert_id: str
    """Which alert, out of the case_ref."""
    response: Response
    """The response."""


class Side(StrEnum):
    """Which side of the join refers to a number."""

    UNKNOWN = "UNKNOWN"
    INCIDENT = "INCIDENT"
    ENTRY = "ENTRY"


class Reference(Model):
    """One side refers to a number, or no longer does. Key: mode, kind and folded number."""

    side: Side
    """Who refers to it."""
    key: str
    """Key of the incident or of the entry."""
    item_id: str = ""
    """subject_id or object_id within the incident; empty for an entry."""
    number: str
    """The key of this record: mode, kind and folded number."""
    present: bool = True
    """False: no longer."""


class Found(Model):
    """An incident's item and an entry refer to the same number. Key: that of the incident."""

    incident_key: str
    """Key of the incident."""
    item_id: str
    """subject_id or object_id within it."""
    number: str
    """Mode, kind and folded number."""
    entry_key: str
    """Key of the entry."""


class EntryVersion(Model):
    """An entry at a version."""

    entry_key: str
    """mode:owner:entry_id."""
    entry_version: int
    """At least this version."""


class Probe(Model):
    """These entries are on the persons list now: search the window for them. Sent to every partition of sightings."""

    entries: tuple[EntryVersion, ...]
    """At most 500."""


class Tick(Model):
    """Time passes in this partition."""

    at: Timestamp
    """The sender's clock. Not used for deciding: the append timestamp is."""


class Continue(Model):
    """The rest of work that was too much for one record. Sent to the own partition."""

    work: str
    """Which kind of work, as the stage names it."""
    key: str
    """What it is about: the key of an incident, entry or number."""
    version: int = 0
    """Version that the work belongs to: dropped when a newer one has overtaken it."""
    after: str = ""
    """Go on after this key."""
    detail: str = ""
    """What else the stage needs to know."""
    keys: tuple[str, ...] = ()
    """What is left of what was found: up to 500 keys."""


class IncidentContext(Model):
    """What `cases` must know of an incident besides the item that matched."""

    producer: str
    """The bureau that met the item."""
    incident_id: str
    """Its identifier there."""
    incident_version: int
    """Version of this snapshot."""
    exercise: Mode
    """ACTUAL, EXERCISE or TEST."""
    incident_type: IncidentType
    """What happened."""
    occurred_at: Timestamp
    """When."""
    zone: str
    """Time zone of the place."""
    location: Location
    """Where."""
    detained: bool
    """Somebody is held."""
    detention_basis: DetentionBasis
    """Why somebody is held."""
    handling: Handling
    """Handling restrictions of the incident."""
    language: str | None = None
    """Language of its free text."""
    passed_at: Timestamp
    """When this version passed the gate."""


class Candidate(Model):
    """An incident's item as it is now, for an entry that it may match. Key: that of the entry.

    Neither subject nor object: the item is ABSENT from the incident's current version.
    """

    entry_key: str
    """Key of the entry."""
    incident_key: str
    """Key of the incident."""
    item_id: str
    """subject_id or object_id within the incident."""
    context: IncidentContext
    """The incident."""
    subject: Subject | None = None
    """The person or organisation."""
    object: Object | None = None
    """The thing."""


class Link(Model):
    """An object's entry ends with another entry of its owner, or no longer does. Key: that of the other."""

    entry_key: str
    """Key of the object's entry."""
    linked_key: str
    """Key of the entry with which it ends."""
    present: bool = True
    """False: no longer."""


class Ending(Model):
    """How an entry stands, for one that ends with it. Key: that of the one that ends."""

    entry_key: str
    """Key of the entry that ends with it."""
    linked_key: str
    """Key of the entry that tells."""
    ended: bool
    """It was withdrawn, cancelled, executed or deleted, or has expired."""
    expires_at: Timestamp | None = None
    """It raises no alert for incidents at or after this time, so neither does the other."""


class ListedPerson(Model):
    """A person or organisation on the list, for the search by name. Key: mode:owner:entry_id; null when off the list.

    A null record carries the header `version`: the entry version that took it off.
    """

    entry_version: int
    """Version of the entry."""
    subject: Subject
    """Who is looked for."""
