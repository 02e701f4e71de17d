"""The only wiring of the stages: which worker runs which stage, with which clients, codec and participants."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from schemas.codec import Codec, decode_state, encode_state
from schemas.internal import Tick
from schemas.model import timestamp
from schemas.participants import Participants
from schemas.topics import (
    CASES,
    IDENTIFIERS,
    PERSONS,
    SIGHTINGS,
    all_topics,
    changelog,
    incidents,
    responses,
    watchlist,
)
from streams.matching.warming import warm
from streams.stages.cases import Cases
from streams.stages.contract import Send
from streams.stages.gate import Gate
from streams.stages.identifiers import Identifiers
from streams.stages.sightings import Sightings
from streams.stages.watchlist import Watchlist
from streams.tasks.codecs import Codecs
from streams.tasks.gate_agent import GateWork, run_gate
from streams.tasks.log import Record
from streams.tasks.persons_reader import PersonsReader
from streams.tasks.stage_metrics import export
from streams.tasks.worker import Work, run_worker
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection

_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a worker does; also the id of its Faust app, its consumer group and (worker-<role>) its Kafka user."""

    GATE = "gate"
    JOINS = "joins"
    CASES = "cases"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker runs: its name in the group, its state folder, and where it serves /metrics and /healthz."""

    worker_id: str
    state: Path
    host: str = "127.0.0.1"
    port: int = 0
    session_timeout: float = 30.0
    """Seconds without a heartbeat after which the group gives its partitions away."""


def run(role: Role, participants: Participants, connection: Connection, place: Place) -> NoReturn:
    """Run one worker until SIGTERM. Exit codes: 0 told to, 1 crash, 70 lost ownership, a hole or a failed send."""
    if role is Role.GATE:
        _gate(participants, connection, place)
    _log.info("the matcher is compiled (%.1f s)", warm())
    ids = RegistrySchemaIds(connection.registry)
    codec = Codec(ids)
    work = _joins(participants, connection, codec) if role is Role.JOINS else _cases(participants, codec)
    run_worker(
        work,
        connection=connection,
        state=place.state,
        worker_id=place.worker_id,
        host=place.host,
        port=place.port,
        session_timeout=place.session_timeout,
    )


def _gate(participants: Participants, connection: Connection, place: Place) -> NoReturn:
    codec = Codec(RegistrySchemaIds(connection.registry))
    gate = Gate(participants, codec.decode)

    def process(record: Record) -> Sequence[Send]:
        it = record.place
        return gate.process(it.topic, it.partition, record.offset, record.timestamp, record.key, record.value)

    work = GateWork(
        app_id=Role.GATE,
        topics=[topic(code) for code in participants.codes for topic in (incidents, watchlist, responses)],
        process=process,
        encode=codec.encode,
        partitions=_partitions(participants),
    )
    run_gate(
        work,
        connection=connection,
        worker_id=place.worker_id,
        host=place.host,
        port=place.port,
        session_timeout=place.session_timeout,
    )


def _joins(participants: Participants, connection: Connection, codec: Codec) -> Work:
    known = Watchlist()
    count = participants.partitions
    reader = PersonsReader(known, PERSONS, count, connection.as_librdkafka(client_id="joins-watchlist"), codec.decode)
    return Work(
        app_id=Role.JOINS,
        stages={
            SIGHTINGS: export(lambda partition: Sightings(partition, known, count)),
            IDENTIFIERS: export(lambda _: Identifiers()),
        },
        partitions=_partitions(participants),
        largest=_largest(participants),
        changelogs={SIGHTINGS: changelog(SIGHTINGS), IDENTIFIERS: changelog(IDENTIFIERS)},
        codecs=_codecs(codec),
        tick=_tick,
        followers=(reader,),
    )


def _cases(participants: Participants, codec: Codec) -> Work:
    count = participants.partitions
    return Work(
        app_id=Role.CASES,
        stages={CASES: export(lambda partition: Cases(partition, participants, count))},
        partitions=_partitions(participants),
        largest=_largest(participants),
        changelogs={CASES: changelog(CASES)},
        codecs=_codecs(codec),
        tick=_tick,
    )


def _codecs(codec: Codec) -> Codecs:
    return Codecs(codec.encode, codec.decode, encode_state, decode_state)


def _tick(now: int) -> Tick:
    return Tick(at=timestamp(now))


def _largest(participants: Participants) -> dict[str, int]:
    return {topic.name: int(topic.config["max.message.bytes"]) for topic in all_topics(participants)}


def _partitions(participants: Participants) -> dict[str, int]:
    return {topic.name: topic.partitions for topic in all_topics(participants)}
