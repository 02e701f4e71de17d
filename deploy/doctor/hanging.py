"""Transactions that hang: open in a partition, and unknown to the broker's coordinator, so that nobody ever ends them.

A transaction that is merely open is ended by the broker itself after a minute at the latest. Kafka's own tool
(org.apache.kafka.tools.TransactionsCommand, pinned with the broker) tells the two apart and aborts; it is run by the
Java that comes with us. It judges by two looks that are not at the same moment, so a transaction that is committed
between them looks as if it hung: here one hangs when two of its judgements, some seconds apart, name it.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.stack import java, secret_files
from deploy.stack.artifacts import Artifacts
from deploy.stack.errors import StackError
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.settings import Connection

APART_S = 5.0
"""Between the two looks: transactions of ours last milliseconds."""
_WITHIN_S = 60.0
_COLUMNS = 8
_TOOL = "org.apache.kafka.tools.TransactionsCommand"


class Hanging(NamedTuple):
    """A transaction that nobody will end."""

    topic: str
    partition: int
    start: int
    """Offset at which it began: readers of committed records stand before it."""
    producer: int
    """The id that the broker gave to its producer."""


class Transactions:
    """Finds and ends hanging transactions, as the super user of `connection`."""

    def __init__(self, connection: Connection, artifacts: Artifacts, sleep: Callable[[float], None] = time.sleep):
        self._connection, self._artifacts, self._sleep = connection, artifacts, sleep

    def hanging(self) -> list[Hanging]:
        """Every one, of all brokers, by topic and partition. Raises Unavailable, StackError."""
        brokers = self._brokers()
        first = self._look(brokers)
        if not first:
            return []
        self._sleep(APART_S)
        return sorted(first & self._look(brokers))

    def end(self, one: Hanging) -> None:
        """Abort it. What was written in it is never seen by readers of committed records. Raises StackError."""
        place = ["--topic", one.topic, "--partition", str(one.partition)]
        self._run(["abort", *place, "--start-offset", str(one.start)])

    def _look(self, brokers: Sequence[int]) -> set[Hanging]:
        wanted = ("find-hanging", "--max-transaction-timeout", "0", "--broker-id")
        return {one for broker in brokers for one in parsed(self._run([*wanted, str(broker)]))}

    def _brokers(self) -> list[int]:
        admin = AdminClient(self._connection.as_librdkafka() | {"log_level": 0})
        try:
            return sorted(node.id for node in admin.describe_cluster(request_timeout=10).result().nodes)
        except KafkaException as error:
            raise Unavailable(f"{self._connection.bootstrap} does not answer: {error.args[0].str()}") from error

    def _run(self, arguments: Sequence[str]) -> str:
        with tempfile.TemporaryDirectory(prefix="tocsin-") as name:  # readable by its owner alone
            folder = Path(name)
            secret_files.write_private(folder / "client.properties", client_properties(self._connection))
            given = ["--bootstrap-server", self._connection.bootstrap, "--command-config"]
            line = java.command(
                self._artifacts.java,
                folder / "arguments",
                [
                    *("-Djava.awt.headless=true", "-Xmx128m", "-XX:TieredStopAtLevel=1"),
                    *("-cp", self._artifacts.kafka_classpath, _TOOL),
                    *(*given, str(folder / "client.properties"), *arguments),
                ],
            )
            try:
                done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=_WITHIN_S)
            except subprocess.TimeoutExpired as error:
                raise Unavailable(f"Kafka's tool for transactions said nothing for {_WITHIN_S:.0f} s") from error
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise StackError(f"Kafka's tool for transactions failed: {said[-1] if said else done.returncode}")
        return done.stdout


def client_properties(connection: Connection) -> str:
    """The way to the broker as Java's clients are told it; holds the password."""
    password = connection.password.get_secret_value().replace("\\", "\\\\").replace('"', '\\"')
    login = "org.apache.kafka.common.security.scram.ScramLoginModule"
    settings = {
        "security.protocol": connection.security_protocol,
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": f'{login} required username="{connection.user}" password="{password}";',
    }
    if connection.ca_file:
        settings |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(connection.ca_file)}
    return "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")


def parsed(table: str) -> list[Hanging]:
    """What `find-hanging` prints: topic, partition, producer, its epoch, the coordinator's, start, two times."""
    rows = [line.split() for line in table.splitlines()]
    whole = [row for row in rows if len(row) >= _COLUMNS and row[1].isdigit()]
    return [Hanging(row[0], int(row[1]), int(row[5]), int(row[2])) for row in whole]
