"""What the stage sightings remembers: frozen values in tables, by keys that begin with the incident's key."""

from __future__ import annotations

from enum import StrEnum

from schemas.events import Incident
from schemas.internal import IncidentContext
from schemas.model import Model
from schemas.subjects import Object, Subject
from streams.stages.contract import Table
from streams.stages.versions import History


class Life(StrEnum):
    """How much is remembered of an incident; it only ever goes forward until a correction starts it anew."""

    UNKNOWN = "UNKNOWN"
    KEPT = "KEPT"
    """In the window: entries find it by name and number."""
    HELD = "HELD"
    """Out of the window; its items are there for answers that are still under way."""
    FOOTPRINT = "FOOTPRINT"
    """Version and the entries that it was announced to, for corrections."""


class SightedIncident(Model):
    """One incident. Key: incident key."""

    history: History
    """Its versions."""
    occurred_at: int
    """When it happened, in milliseconds."""
    passed_at: int
    """When its current version passed the gate, in milliseconds."""
    context: IncidentContext | None = None
    """Its current version without the items; None in a footprint."""
    life: Life
    """How much of it is remembered."""
    next_at: int
    """When, in milliseconds, `life` goes one step forward."""
    pending: int = 0
    """Continue records of its current version that are under way: it is not yet through."""


class SightedItem(Model):
    """A subject or object of an incident as it was last looked at. Key: incident key, item id."""

    version: int = 0
    """Version of the incident that it was looked at in; lower than the incident's: it is its turn later."""
    subject: Subject | None = None
    """The person or organisation."""
    object: Object | None = None
    """The thing. Neither: absent from the current version, or a footprint."""
    numbers: tuple[str, ...] = ()
    """Number keys that it has, ascending."""
    kept: bool = False
    """It is in the window: indexed by name, and its numbers are referred to at identifiers."""


class Announced(Model):
    """An entry that an item was announced to. Key: incident key, item id, entry key."""

    version: int = 0
    """Version of the incident that it was told last; 0: it was found before the item's turn, which tells it."""


class PendingIncident(Model):
    """The current version of an incident with more items than one step may touch. Key: incident key."""

    incident: Incident
    """The whole version."""


class WindowDue(Model):
    """Something is due. Key: time (15 digits), incident key."""


class WindowTotals(Model):
    """How full the window is. The only key is the empty text."""

    rows: int = 0
    """Items in it."""
    left_early: int = 0
    """The latest occurred_at, in milliseconds, of an incident that had to leave early; 0: none had to."""


INCIDENTS = Table("incident", SightedIncident)
ITEMS = Table("item", SightedItem)
ANNOUNCED = Table("announced", Announced)
PENDING = Table("pending", PendingIncident)
LEAVING = Table("leaving", WindowDue)
"""Incidents that are KEPT, by the time at which they leave the window."""
FADING = Table("fading", WindowDue)
"""Incidents that are HELD or FOOTPRINT, by the time of their next step."""
TOTALS = Table("totals", WindowTotals)
