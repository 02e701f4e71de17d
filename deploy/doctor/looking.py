"""Looking at a stack from outside: broker, registry, processes, certificates, disk. Judges nothing.

Each look takes seconds at most and never raises for what is away: it says so in what it saw.
"""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from cryptography import x509
from prometheus_client.parser import text_string_to_metric_families

from deploy.doctor.seen import BrokerSeen, CertificateSeen, DiskSeen, HeldBack, ProcessSeen, RegistrySeen, Seen
from deploy.stack import local, scraping
from deploy.stack.errors import StackError
from deploy.stack.supervision import State
from schemas.errors import NotProvisioned
from schemas.participants import Participants
from schemas.topics import CASES, IDENTIFIERS, SIGHTINGS, all_topics, incidents, responses, watchlist
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection
from tocsin.runtime.told_offsets import told_offset

ASKED_S = 5.0
"""How long a process, the registry or a listener may take to answer."""
BROKER_S = 5.0
"""How long the broker may take for one answer."""
STILL_S = 5.0
"""For how long a partition that is held back is looked at: transactions of ours last milliseconds."""
_PAUSE_S = 0.5


def look(connection: Connection, participants: Participants, state: Path, targets: Path | None = None) -> Seen:
    """Look at everything; `connection` is the super user's. `targets` names the processes (file_sd JSON) where the
    stack in `state` was not started by us.
    """
    with ThreadPoolExecutor(4) as pool:
        broker = pool.submit(_broker, connection, participants)
        registry = pool.submit(_registry, connection)
        processes = pool.submit(_processes, state, targets)
        certificates = pool.submit(_certificates, connection)
        return Seen(
            at=time.time(),
            broker=broker.result(),
            registry=registry.result(),
            processes=processes.result(),
            certificates=certificates.result(),
            disks=_disks(state),
        )


def _broker(connection: Connection, participants: Participants) -> BrokerSeen:
    # A broker that is away is for the screen to say, not for librdkafka's own log.
    admin = AdminClient(connection.as_librdkafka(socket_timeout_ms=5000) | {"log_level": 0})
    try:
        listed = admin.list_topics(timeout=BROKER_S)
        cluster = admin.describe_cluster(request_timeout=BROKER_S).result()
        places = {name: sorted(topic.partitions) for name, topic in listed.topics.items()}
        wanted = [topic.name for topic in all_topics(participants)]
        ours = [TopicPartition(name, number) for name in wanted for number in places.get(name, ())]
        there = [listed.topics[name] for name in wanted if name in places]
        every = [(f"{topic.topic}/{one.id}", one) for topic in there for one in topic.partitions.values()]
        return BrokerSeen(
            brokers=len(listed.brokers),
            has_controller=cluster.controller is not None,
            missing=tuple(name for name in wanted if name not in places),
            offline=tuple(name for name, one in every if one.leader < 0),
            thin=tuple(name for name, one in every if len(one.isrs) < len(one.replicas)),
            held_back=_held_back(admin, ours),
            waiting=_waiting(admin, participants, ours),
        )
    except KafkaException as error:
        return BrokerSeen(trouble=f"{connection.bootstrap} does not answer {connection.user}: {error.args[0].str()}")


def _ends(admin: AdminClient, places: Sequence[TopicPartition], committed: bool) -> dict[tuple[str, int], int]:
    level = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
    asked = admin.list_offsets(
        dict.fromkeys(places, OffsetSpec.latest()), isolation_level=level, request_timeout=BROKER_S
    )
    return {(one.topic, one.partition): told_offset(answer.result()) for one, answer in asked.items()}


def _held_back(admin: AdminClient, places: Sequence[TopicPartition]) -> tuple[HeldBack, ...]:
    """Partitions whose stable offset stands still before their end, for as long as we look."""
    began = time.monotonic()
    standing: dict[tuple[str, int], int] | None = None
    while True:
        looked = places if standing is None else [TopicPartition(*place) for place in standing]
        stable = _ends(admin, looked, committed=True)
        ends = _ends(admin, looked, committed=False)
        now = {place: offset for place, offset in stable.items() if offset < ends[place]}
        standing = {place: offset for place, offset in now.items() if standing is None or standing[place] == offset}
        took = time.monotonic() - began
        if not standing or took >= STILL_S:
            return tuple(HeldBack(topic, number, offset, took) for (topic, number), offset in standing.items())
        time.sleep(_PAUSE_S)


def _waiting(admin: AdminClient, participants: Participants, places: Sequence[TopicPartition]) -> dict[str, int]:
    """Records behind each group's committed offset; a partition without one has not been read at all."""
    inputs = {
        "gate": {topic(code) for code in participants.codes for topic in (incidents, watchlist, responses)},
        "joins": {SIGHTINGS, IDENTIFIERS},
        "cases": {CASES},
    }
    ends = _ends(admin, places, committed=False)
    waiting: dict[str, int] = {}
    for group, topics in inputs.items():
        asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=BROKER_S)
        committed = {(one.topic, one.partition): one.offset for one in asked[group].result().topic_partitions}
        for (topic, number), end in ends.items():
            if topic in topics:
                behind = max(0, end - max(0, committed.get((topic, number), 0)))
                waiting[topic] = waiting.get(topic, 0) + behind
    return waiting


def _registry(connection: Connection) -> RegistrySeen:
    try:
        RegistrySchemaIds(connection.registry, patience=0, ca_file=connection.ca_file).load()
    except (Unavailable, NotProvisioned) as error:
        return RegistrySeen(trouble=str(error))
    return RegistrySeen()


def _processes(state: Path, targets: Path | None) -> tuple[ProcessSeen, ...]:
    if targets is not None and not targets.is_file():
        raise StackError(f"there is no file {targets} with the processes (Prometheus' file_sd)")
    supervised = _supervised(state) if targets is None else {}
    asked = list(_targets(targets or scraping.targets_file(state)))
    with ThreadPoolExecutor(8) as pool:
        return tuple(pool.map(partial(_process, supervised=supervised), asked))


def _supervised(state: Path) -> Mapping[str, str]:
    """What the supervisor says of processes that it does not keep running."""
    stack = local.find(state)
    if stack is None:
        return {}
    try:
        seen = stack.seen()
    except StackError:
        return {}
    return {name: f"{one.state} ({one.said})" for name, one in seen.items() if one.state is not State.RUNNING}


def _targets(file: Path) -> Iterable[tuple[str, str, str]]:
    """Name, role and address of each process. Raises StackError when the file is none of file_sd's."""
    if not file.exists():
        return
    try:
        for group in json.loads(file.read_text()):
            for address in group["targets"]:
                labels = group.get("labels", {})
                yield labels.get("instance", address), labels.get("role", ""), address
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StackError(f"{file} is not a list of targets as Prometheus' file_sd has it: {error!r}") from error


def _process(target: tuple[str, str, str], supervised: Mapping[str, str]) -> ProcessSeen:
    name, role, address = target
    bare = ProcessSeen(name, role)
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=ASKED_S, trust_env=False) as client:
            health, shown = client.get("/healthz"), client.get("/metrics")
    except httpx.HTTPError as error:
        return replace(bare, trouble=supervised.get(name) or f"does not answer at {address}: {error}")
    try:
        families = list(text_string_to_metric_families(shown.text))
    except ValueError:
        families = []
    trouble = None if health.status_code == httpx.codes.OK else health.text.strip()[:200]
    if trouble is None and not any(family.name.startswith("tocsin_") for family in families):
        trouble = f"what answers at {address} shows no metrics of ours"
    figures = tuple((one.name, one.labels, one.value) for family in families for one in family.samples)
    return replace(bare, trouble=trouble, figures=figures)


def _certificates(connection: Connection) -> tuple[CertificateSeen, ...]:
    listeners: list[str] = []
    if connection.security_protocol.endswith("SSL"):
        listeners += connection.bootstrap.split(",")
    registry = httpx.URL(connection.registry)
    if registry.scheme == "https":
        listeners.append(f"{registry.host}:{registry.port or 443}")
    context = ssl.create_default_context(cafile=connection.ca_file)
    return tuple(_certificate(where.strip(), context) for where in listeners)


def _certificate(where: str, context: ssl.SSLContext) -> CertificateSeen:
    host, _, port = where.rpartition(":")
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=ASKED_S) as plain,
            context.wrap_socket(plain, server_hostname=host.strip("[]")) as wrapped,
        ):
            shown: Any = wrapped.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError as error:
        return CertificateSeen(where, trouble=f"not to be trusted: {error.verify_message}")
    except (OSError, ValueError) as error:
        return CertificateSeen(where, trouble=f"no TLS there: {error}")
    return CertificateSeen(where, ends=x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp())


def _disks(state: Path) -> tuple[DiskSeen, ...]:
    if not state.exists():
        return ()
    usage = shutil.disk_usage(state)
    return (DiskSeen(str(state), usage.free, usage.total),)
