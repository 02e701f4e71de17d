"""What the doctor saw, as plain values. A `trouble` says why something could not be seen; the rest is then empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A partition whose committed records end before its records do, and did so all the while we looked."""

    topic: str
    partition: int
    offset: int
    """Where the open transaction begins."""
    seconds: float
    """How long we looked."""


@dataclass(frozen=True, slots=True)
class BrokerSeen:
    """The broker, as a client sees it."""

    trouble: str | None = None
    brokers: int = 0
    has_controller: bool = True
    missing: tuple[str, ...] = ()
    """Topics that are declared and not there."""
    offline: tuple[str, ...] = ()
    """Partitions without a leader, as topic/number."""
    thin: tuple[str, ...] = ()
    """Partitions with replicas that are not in step."""
    held_back: tuple[HeldBack, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Records that a group has not committed yet, by topic."""


@dataclass(frozen=True, slots=True)
class RegistrySeen:
    """The schema registry, asked for every schema of ours."""

    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """One process that shall run."""

    name: str
    role: str
    trouble: str | None = None
    """Why it is not ready, in its own or the supervisor's words."""
    figures: tuple[tuple[str, Mapping[str, str], float], ...] = ()
    """Its samples: name, labels, value."""


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """The certificate of a listener with TLS."""

    where: str
    trouble: str | None = None
    ends: float = 0
    """Unix time."""


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """The file system of a folder."""

    folder: str
    free: int
    """Bytes."""
    total: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything, at one time."""

    at: float
    """Unix time."""
    broker: BrokerSeen
    registry: RegistrySeen
    processes: tuple[ProcessSeen, ...]
    certificates: tuple[CertificateSeen, ...] = ()
    disks: tuple[DiskSeen, ...] = ()
