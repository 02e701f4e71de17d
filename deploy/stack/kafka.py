"""Kafka brokers in KRaft mode, one or three, secure from their first start: SCRAM for clients, deny by default.

Clients (and the broker towards itself) come with SCRAM-SHA-512 on loopback, over TLS where certificates are given
(SASL_SSL), else in plain text (SASL_PLAINTEXT). The controller's
listener takes PLAIN with a password of its own, because SCRAM users are kept by the very controller that would have
to check them. `admin` is the only super user; everybody else may do what an ACL grants, nothing more.
"""

from __future__ import annotations

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.stack import java, secret_files
from deploy.stack.artifacts import Artifacts
from deploy.stack.certificates import Certificates
from deploy.stack.errors import StackError

REPLICAS, IN_SYNC = 3, 2
"""With three brokers or more: how many hold a record, and how many must have it before it counts as written."""
REAUTHENTICATED_MS = 60 * 60 * 1000
"""How long a client may go on before it has to show its password again (KIP-368). librdkafka and Java's clients do so
on the connection that they have. aiokafka (the workers' fetching) does not: the broker closes its connections at the
first request after that, and it makes new ones."""
LOG4J = Path(__file__).with_name("kafka-log4j2.properties")

SETTINGS: dict[str, str | int] = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.client.scram-sha-512.connections.max.reauth.ms": REAUTHENTICATED_MS,
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:admin",
    "allow.everyone.if.no.acl.found": "false",
    "auto.create.topics.enable": "false",
    # One broker: what is replicated three times in production is kept once here; see _REPLICATED.
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "offsets.topic.num.partitions": 10,
    "transaction.state.log.num.partitions": 10,
    # The largest topics take 4 MiB; each topic has its own limit. The rest is the batch's own overhead.
    "message.max.bytes": 4 * 1024 * 1024 + 64 * 1024,
    "log.message.timestamp.type": "LogAppendTime",
    # A dead worker's open transaction holds back readers until it times out: end it soon.
    "transaction.max.timeout.ms": 60_000,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,
    "group.initial.rebalance.delay.ms": 0,
    # Offsets of groups outlive a long holiday.
    "offsets.retention.minutes": 60 * 24 * 30,
    # Small files: many partitions, little data.
    "log.segment.bytes": 64 * 1024 * 1024,
    "log.index.size.max.bytes": 1024 * 1024,
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 4,
}
_REPLICATED: dict[str, str | int] = {
    "default.replication.factor": REPLICAS,
    "min.insync.replicas": IN_SYNC,
    "offsets.topic.replication.factor": REPLICAS,
    "transaction.state.log.replication.factor": REPLICAS,
    "transaction.state.log.min.isr": IN_SYNC,
    "share.coordinator.state.topic.replication.factor": REPLICAS,
    "share.coordinator.state.topic.min.isr": IN_SYNC,
}


class Node(NamedTuple):
    """One of the brokers, which is a controller as well."""

    number: int
    """From 1."""
    port: int
    """Where clients come to, and the other brokers."""
    controller_port: int


def folder_of(state: Path, number: int) -> Path:
    """Where the n-th broker keeps its configuration and its data."""
    return state / ("broker" if number == 1 else f"broker-{number}")


def prepare(
    state: Path,
    artifacts: Artifacts,
    nodes: Sequence[Node],
    certificates: Certificates | None = None,
) -> list[tuple[str, ...]]:
    """Write the brokers' configuration, format their storage on the first start; returns the commands that run them.

    With `certificates` all listeners speak TLS. Raises StackError when the storage cannot be formatted, or holds a
    cluster of another size: who votes is fixed when it is made.
    """
    there = [number for number in range(1, 10) if _data(folder_of(state, number)).exists()]
    if there and len(there) != len(nodes):
        raise StackError(
            f"{state} holds a cluster of {len(there)} brokers, not {len(nodes)}: start it with --brokers {len(there)},"
            " or another one in another --state"
        )
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return [
        _prepare(folder_of(state, node.number), state, artifacts, node, nodes, cluster, certificates) for node in nodes
    ]


def _data(folder: Path) -> Path:
    return folder / "data" / "meta.properties"


def _prepare(
    folder: Path,
    state: Path,
    artifacts: Artifacts,
    node: Node,
    nodes: Sequence[Node],
    cluster: str,
    certificates: Certificates | None,
) -> tuple[str, ...]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    properties = write_properties(folder, state, node, nodes, certificates)
    if not _data(folder).exists():
        _format(folder, properties, artifacts, secret_files.ensure(state, "admin"), cluster)
    return java.command(
        artifacts.java,
        folder / "arguments",
        [
            *_options(folder),
            "-Xms256m",
            "-Xmx512m",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            # Compiled at once rather than well: a broker that lives for minutes starts on 3 instead of 5 seconds of
            # processor time, and takes a quarter to a half less for its first hundred thousand records.
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            artifacts.kafka_classpath,
            "kafka.Kafka",
            str(properties),
        ],
    )


def write_properties(
    folder: Path,
    state: Path,
    node: Node,
    nodes: Sequence[Node],
    certificates: Certificates | None = None,
    *,
    listen: str = "127.0.0.1",
    advertised: str = "127.0.0.1",
) -> Path:
    """Write server.properties into `folder`, with secrets from `state` (made where they are not there); returns it.

    Clients are served at the address `listen` and told to come to the host `advertised`.
    """
    admin = secret_files.ensure(state, "admin")
    controller = secret_files.ensure(state, "controller")
    settings = (
        SETTINGS
        | (_REPLICATED if len(nodes) >= REPLICAS else {})
        | _transport(certificates)
        | {
            "node.id": node.number,
            "log.dirs": folder / "data",
            "listeners": f"CLIENT://{listen}:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"CLIENT://{advertised}:{node.port}",
            "controller.quorum.voters": ",".join(f"{one.number}@127.0.0.1:{one.controller_port}" for one in nodes),
            "listener.name.client.scram-sha-512.sasl.jaas.config": (
                f'org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="{admin}";'
            ),
            "listener.name.controller.plain.sasl.jaas.config": (
                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                f' username="admin" password="{controller}" user_admin="{controller}";'
            ),
        }
    )
    properties = folder / "server.properties"
    secret_files.write_private(properties, "".join(f"{name}={value}\n" for name, value in settings.items()))
    return properties


def _transport(certificates: Certificates | None) -> dict[str, str | int]:
    protocol = protocol_with(certificates)
    plain: dict[str, str | int] = {"listener.security.protocol.map": f"CLIENT:{protocol},CONTROLLER:{protocol}"}
    if certificates is None:
        return plain
    return plain | {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates.both),
        # The broker is a client too: of its controller, and of itself.
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.ca),
    }


def protocol_with(certificates: Certificates | None) -> str:
    """How clients speak to a broker that has these certificates, or none."""
    return "SASL_SSL" if certificates else "SASL_PLAINTEXT"


def _format(folder: Path, properties: Path, artifacts: Artifacts, admin: str, cluster: str) -> None:
    """Storage of the new cluster with this id, and `admin` in it before anybody can connect."""
    arguments = folder / "format-arguments"
    secret_files.write_private(arguments, "")  # the password stays out of the process list
    line = java.command(
        artifacts.java,
        arguments,
        [
            *_options(folder),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            artifacts.kafka_classpath,
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={cluster}",  # it may begin with a dash
            "--config",
            str(properties),
            "--add-scram",
            f"SCRAM-SHA-512=[name=admin,password={admin}]",
        ],
    )
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    arguments.unlink()
    if done.returncode:
        raise StackError(
            f"the broker's storage in {folder} cannot be formatted: {(done.stderr or done.stdout).strip()}"
        )


def _options(folder: Path) -> list[str]:
    return [
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={LOG4J.as_uri()}",
        f"-Dkafka.logs.dir={folder}",
    ]
