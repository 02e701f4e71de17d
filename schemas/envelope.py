"""What every event carries: its identity, its time, its handling, and who vouches for it."""

from __future__ import annotations

from schemas.codes import (
    HandlingCode,
    InformationEvaluation,
    Mode,
    OwnerNotification,
    ReceiversMode,
    SourceEvaluation,
    Tlp,
)
from schemas.model import Model, Timestamp


class Handling(Model):
    """How the information may be used and who may learn of it."""

    code: HandlingCode = HandlingCode.H0
    """Handling code."""
    tlp: Tlp = Tlp.AMBER
    """Traffic Light Protocol."""
    receivers_mode: ReceiversMode = ReceiversMode.ALL
    """Whether `receivers` are the only ones, or the ones left out."""
    receivers: tuple[str, ...] = ()
    """Participants that `receivers_mode` speaks of."""
    owner_notification: OwnerNotification = OwnerNotification.NORMAL
    """SUPPRESSED: the owner of a matching entry is not told."""
    source_eval: SourceEvaluation = SourceEvaluation.X
    """Reliability of the source."""
    info_eval: InformationEvaluation = InformationEvaluation.E4
    """Reliability of the information."""


class Delegation(Model):
    """A service that published on a bureau's behalf, and for whom."""

    service: str
    """The service, as bureaus.toml declares it."""
    officer: str | None = None
    """The officer's pseudonym within the bureau."""


class Envelope(Model):
    """The part that all events share."""

    event_id: str
    """Names this one message: a UUIDv7."""
    producer: str
    """The participant that says it: the country of the topic."""
    occurred_at: Timestamp
    """When it happened (of an entry: when it was decided)."""
    recorded_at: Timestamp
    """When the producer recorded it."""
    exercise: Mode = Mode.ACTUAL
    """ACTUAL, EXERCISE or TEST."""
    supersedes: str | None = None
    """event_id of the message that this one replaces."""
    correlation_id: str | None = None
    """What the producer wants to find again."""
    language: str | None = None
    """Language of the free text, BCP 47."""
    handling: Handling = Handling()
    """Handling restrictions."""
    delegation: Delegation | None = None
    """Set when a service published it on the producer's behalf."""
