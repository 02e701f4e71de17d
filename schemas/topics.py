"""The topic table: every topic, its settings, who writes and who reads it. Provisioning and docs come from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.participants import Kind, Participant, Participants

KIB = 1024
MIB = 1024 * KIB
MINUTE = 60_000
"""In milliseconds, as all times here."""
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LARGEST_BATCH = 4 * MIB
"""Bytes of a batch of records in a country topic, as the broker stores it (max.message.bytes) and also unpacked: what
may not come in 4 MiB plain may not come compressed. Clients make batches of at most 1 MiB before they compress them,
unless they are told otherwise (librdkafka 1,000,000 bytes, Java and aiokafka 16 KiB)."""
MOST_RECORDS = 10_000
"""Records of a batch: as many as librdkafka puts into one (batch.num.messages). Each that is refused is a reject, and
the smallest has 7 bytes."""
MOST_HEADERS = 100_000
"""Headers of a batch, ten a record. One has 2 bytes on the wire and a hundred in memory."""

SIGHTINGS = "sightings"
IDENTIFIERS = "identifiers"
PERSONS = "persons"
CASES = "cases"
QUARANTINE = "quarantine"
AUDIT = "audit"
ROLL = "-roll-"
"""Key (its beginning) of the records without content by which `tocsin forget` has Kafka close a partition's newest
segment, which is never compacted. No entry_id begins so; readers pass over them."""
STAGES = (SIGHTINGS, IDENTIFIERS, CASES)
"""The stateful stages: each has an input topic of its name and a changelog."""

GATE_USER = "worker-gate"
JOINS_USER = "worker-joins"
CASES_USER = "worker-cases"
METRICS_USER = "consumer-metrics"
FORWARDER_USER = "consumer-forwarder"
AUDITOR_USER = "auditor"
OPERATOR_USER = "operator"


@dataclass(frozen=True)
class Topic:
    """One topic. `config` is what Kafka calls it; principals are Kafka users without `User:`."""

    name: str
    key: str
    partitions: int
    config: dict[str, str]
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    about: str = field(default="", compare=False)


def incidents(code: str) -> str:
    """Topic of a bureau's incidents."""
    return f"incidents.{code}"


def watchlist(code: str) -> str:
    """Topic of a participant's watchlist entries."""
    return f"watchlist.{code}"


def responses(code: str) -> str:
    """Topic of a participant's answers."""
    return f"responses.{code}"


def rejects(code: str) -> str:
    """Topic of what was refused of a participant's events."""
    return f"rejects.{code}"


def alerts(code: str) -> str:
    """Topic of a participant's alerts."""
    return f"alerts.{code}"


def changelog(stage: str) -> str:
    """Changelog topic of a stateful stage."""
    return f"{stage}-changelog"


def is_roll(key: bytes | None, value: bytes | None) -> bool:
    """Whether a record says nothing and only closes a segment."""
    return value is None and key is not None and key.startswith(ROLL.encode())


def country_of(topic: str) -> str:
    """The participant whose country topic this is."""
    return topic.rsplit(".", 1)[1]


def service_user(code: str, service: str) -> str:
    """Kafka user of a service that publishes on a participant's behalf."""
    return f"{code}-{service}"


def is_forwarded(participant: Participant) -> bool:
    """Whether the shared forwarder serves this participant. Canaries have no webhooks (domain rule 14)."""
    return participant.forwarded and participant.kind is not Kind.CANARY


def _writers(participant: Participant, kind: str) -> tuple[str, ...]:
    """The participant, and its services that may publish this kind of event (named as the topic is)."""
    services = (name for name, service in participant.services.items() if kind in service.events)
    return (participant.code, *(service_user(participant.code, name) for name in services))


def _kept(days: int, largest: int) -> dict[str, str]:
    # Whole segments are deleted, when their newest record is old enough: one holds a day, so that none is kept longer.
    kept = {"cleanup.policy": "delete", "retention.ms": str(days * DAY), "segment.ms": str(DAY)}
    return kept | _common(largest)


def _compact(largest: int, *, lag: int = 0, tombstones: int = 14 * DAY) -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": str(lag),
        "max.compaction.lag.ms": str(DAY),
        "delete.retention.ms": str(tombstones),
    } | _common(largest)


def _common(largest: int) -> dict[str, str]:
    return {"max.message.bytes": str(largest), "message.timestamp.type": "LogAppendTime"}


def country_topics(participant: Participant) -> Iterator[Topic]:
    """The five topics of one participant."""
    code, count = participant.code, participant.partitions
    yield Topic(
        incidents(code),
        "incident_id",
        count,
        _kept(31, LARGEST_BATCH),
        _writers(participant, "incidents"),
        (GATE_USER, code),
        "incidents that it reports",
    )
    yield Topic(
        watchlist(code),
        "entry_id",
        count,
        _compact(LARGEST_BATCH),
        _writers(participant, "watchlist"),
        (GATE_USER, code),
        "its watchlist entries",
    )
    yield Topic(
        responses(code),
        "case_ref",
        count,
        _kept(90, 256 * KIB),
        _writers(participant, "responses"),
        (GATE_USER, code),
        "its answers to alerts",
    )
    yield Topic(
        rejects(code),
        "source position",
        count,
        _kept(30, 128 * KIB),
        (GATE_USER, JOINS_USER, CASES_USER),
        (code,),
        "what was refused of its events, and why",
    )
    yield Topic(
        alerts(code),
        "mode:producer:incident_id (digest: mode:owner:entry_id)",
        count,
        _kept(90, 256 * KIB),
        (CASES_USER,),
        (
            code,
            *((METRICS_USER,) if participant.kind is Kind.COORDINATOR else ()),
            *((FORWARDER_USER,) if is_forwarded(participant) else ()),
        ),
        "alerts for it, each its own view",
    )


def internal_topics(count: int) -> Iterator[Topic]:
    """The topics between the stages, with `count` partitions each."""
    incident, entry = "mode:producer:incident_id", "mode:owner:entry_id"
    gate, joins, cases = GATE_USER, JOINS_USER, CASES_USER
    yield Topic(
        SIGHTINGS, incident, count, _kept(31, 512 * KIB), (gate, joins, cases), (joins,), "checked incidents, joins"
    )
    yield Topic(
        IDENTIFIERS,
        "mode, kind and folded number",
        count,
        _kept(7, 64 * KIB),
        (joins, cases),
        (joins,),
        "who refers to a number",
    )
    yield Topic(
        PERSONS, entry, count, _compact(256 * KIB, lag=HOUR), (cases,), (joins,), "the list that names are sought in"
    )
    yield Topic(
        CASES, entry, count, _kept(31, 512 * KIB), (gate, joins, cases), (cases,), "entries, candidates, answers"
    )
    for stage, owner in ((SIGHTINGS, joins), (IDENTIFIERS, joins), (CASES, cases)):
        yield Topic(
            changelog(stage), "state key", count, _compact(MIB), (owner,), (owner,), f"state of the stage {stage}"
        )
    yield Topic(
        QUARANTINE,
        "source position",
        1,
        _kept(30, MIB),
        (joins, cases),
        (OPERATOR_USER,),
        "records that a stage could not process",
    )
    yield Topic(
        AUDIT,
        "participant",
        1,
        # A record has at most 16 KiB, but the broker judges whole batches, and producers make them up to 60,000 bytes.
        {"cleanup.policy": "delete", "retention.ms": "-1"} | _common(64 * KIB),
        (cases,),
        (AUDITOR_USER,),
        "who learned what, when",
    )


def all_topics(participants: Participants) -> list[Topic]:
    """Every topic of a declaration."""
    made = [topic for member in participants.members.values() for topic in country_topics(member)]
    return made + list(internal_topics(participants.partitions))
