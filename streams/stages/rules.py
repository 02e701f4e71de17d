"""What may be tuned about the stages, with the units and defaults of the architecture."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.topics import DAY, MINUTE
from streams.stages.contract import Millis

FAN_OUT = 500
"""Pairs that one record may touch; what is beyond goes on by a Continue record (invariant 9)."""


@dataclass(frozen=True, slots=True)
class SightingsRules:
    """How long and how much `sightings` remembers."""

    window: Millis = 30 * DAY
    """How long after it happened an incident can still be found by an entry (domain rule 6)."""
    snapshot: Millis = DAY
    """How long after it left the window an incident's items are kept for answers that are still under way."""
    footprint: Millis = 120 * DAY
    """How long after its last version an incident can be corrected."""
    rows: int = 200_000
    """Items of incidents that one partition keeps in its window; beyond it the oldest leave early."""
    fan_out: int = FAN_OUT
    """Outputs of one step."""


@dataclass(frozen=True, slots=True)
class GateRules:
    """What the gate lets through. Sizes in bytes, as decoded (uncompressed)."""

    incident: int = 256 * 1024
    entry: int = 64 * 1024
    response: int = 64 * 1024
    item: int = 32 * 1024
    """One subject or object."""
    items: int = 1_000
    """Subjects and objects of one incident."""
    ahead: Millis = 5 * MINUTE
    """How far an event, or its signature, may lie after the time at which the broker appended it."""
    signed_before: Millis = 7 * DAY
    """How long before that time a message may have been signed."""
