"""The only wiring of the stages: which worker runs which stage, with which clients, codec and participants."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel

from schemas.codec import Codec, encode_state
from schemas.errors import NotProvisioned, UnknownSchema
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
from streams.stages.cases import Cases, CasesRules
from streams.stages.contract import Send
from streams.stages.gate import Gate
from streams.stages.identifiers import Identifiers
from streams.stages.sightings import Sightings
from streams.stages.watchlist import Watchlist
from streams.tasks import metrics, state_formats
from streams.tasks.append_times import AppendTimes, own_clock
from streams.tasks.codecs import Codecs
from streams.tasks.gate_agent import GateWork, run_gate
from streams.tasks.log import Record
from streams.tasks.persons_reader import PersonsReader
from streams.tasks.quarantine import Fault
from streams.tasks.stage_metrics import export
from streams.tasks.store import REWRITE_EVERY
from streams.tasks.worker import Work, run_worker
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.registry import InMemory, RegistrySchemaIds
from tocsin.runtime.settings import Connection

_log = logging.getLogger(__name__)
_REGISTRY_PATIENCE = 2.0
"""Seconds: how long one look at an absent registry lasts, and the pause before the next."""


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
    rewrite_stores: float = REWRITE_EVERY
    """Seconds between two rewrites of its stores, by which deleted values leave the disk."""
    cap_append_times: bool = False
    """Take records that were appended in the future for appended now, instead of waiting; see AppendTimes."""


def run(
    role: Role, participants: Participants, connection: Connection, place: Place, rules: CasesRules | None = None
) -> NoReturn:
    """Run one worker until SIGTERM. Exit codes: 0 told to, 1 crash, 70 lost ownership, a hole or a failed send.

    `rules` are those of the stage `cases`.
    """
    if role is Role.GATE:
        _gate(participants, connection, place)
    _log.info("the matcher is compiled (%.1f s)", warm())
    codec = Codec(_schema_ids(connection))
    work = _joins(participants, connection, codec) if role is Role.JOINS else _cases(participants, codec, rules)
    run_worker(
        work,
        connection=connection,
        state=place.state,
        worker_id=place.worker_id,
        host=place.host,
        port=place.port,
        session_timeout=place.session_timeout,
        rewrite_stores=place.rewrite_stores,
        cap_append_times=place.cap_append_times,
    )


def _gate(participants: Participants, connection: Connection, place: Place) -> NoReturn:
    metrics.show_keys(participants)
    run_gate(
        gate_work(participants, _schema_ids(connection), place),
        connection=connection,
        worker_id=place.worker_id,
        host=place.host,
        port=place.port,
        session_timeout=place.session_timeout,
    )


def gate_work(participants: Participants, ids: RegistrySchemaIds, place: Place) -> GateWork:
    """What the gate does, with the schemas that `ids` has loaded."""
    codec = Codec(InMemory(ids))
    gate = Gate(participants, codec.decode)

    def process(record: Record) -> Sequence[Send]:
        it = record.place
        return gate.process(
            it.topic, it.partition, record.offset, record.timestamp, record.key, record.value, record.headers
        )

    def set_aside(record: Record, fault: Fault) -> Sequence[Send]:
        it = record.place
        return gate.set_aside(it.topic, it.partition, record.offset, record.timestamp, record.value, fault.fingerprint)

    return GateWork(
        app_id=Role.GATE,
        topics=[topic(code) for code in participants.codes for topic in (incidents, watchlist, responses)],
        process=process,
        encode=codec.encode,
        partitions=_partitions(participants),
        largest=_largest(participants),
        set_aside=set_aside,
        look_up=ids.look_up,
        append_times=AppendTimes(own_clock, place.cap_append_times),
    )


def _joins(participants: Participants, connection: Connection, codec: Codec) -> Work:
    known = Watchlist()
    count = participants.partitions
    codecs = _codecs(codec)
    reader = PersonsReader(known, PERSONS, count, connection.as_librdkafka(client_id="joins-watchlist"), codecs.decode)
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


def _cases(participants: Participants, codec: Codec, rules: CasesRules | None) -> Work:
    count = participants.partitions
    return Work(
        app_id=Role.CASES,
        stages={CASES: export(lambda partition: Cases(partition, participants, count, rules))},
        partitions=_partitions(participants),
        largest=_largest(participants),
        changelogs={CASES: changelog(CASES)},
        codecs=_codecs(codec),
        tick=_tick,
    )


def _schema_ids(connection: Connection) -> RegistrySchemaIds:
    """The ids of every schema of ours, read; waits for as long as the registry is away or not provisioned."""
    ids = RegistrySchemaIds(connection.registry, patience=_REGISTRY_PATIENCE, ca_file=connection.ca_file)
    while True:
        try:
            ids.load()
        except (Unavailable, NotProvisioned) as error:
            _log.warning("waiting for the schemas: %s", error)
            time.sleep(_REGISTRY_PATIENCE)
        else:
            return ids


def _codecs(codec: Codec) -> Codecs:
    """For internal topics: only we write them, so an unknown schema there is the registry's trouble, not a record's."""

    def encode(message: BaseModel) -> bytes:
        try:
            return codec.encode(message)
        except NotProvisioned as error:
            raise Unavailable(str(error)) from error

    def decode(data: bytes) -> BaseModel:
        try:
            return codec.decode(data)
        except UnknownSchema as error:
            raise Unavailable(str(error)) from error

    formats = state_formats.shipped()
    return Codecs(encode, decode, encode_state, formats.decode, formats.current)


def _tick(now: int) -> Tick:
    return Tick(at=timestamp(now))


def _largest(participants: Participants) -> dict[str, int]:
    return {topic.name: int(topic.config["max.message.bytes"]) for topic in all_topics(participants)}


def _partitions(participants: Participants) -> dict[str, int]:
    return {topic.name: topic.partitions for topic in all_topics(participants)}
