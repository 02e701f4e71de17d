"""Kafka's tool for transactions is told where and who, and what it prints is read."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from deploy.doctor.hanging import Hanging, client_properties, parsed
from tocsin.runtime.settings import Connection

ROWS = (
    "Topic            Partition ProducerId ProducerEpoch CoordinatorEpoch StartOffset LastTimestamp  Duration(min)",
    "sightings        3         1012       2             -1               4711        1780000000000  12",
    "cases-changelog  0         7          0             3                0           1780000000001  0",
)
PRINTED = "\n".join("\t".join(f"{cell}  " for cell in row.split()) for row in ROWS)


def test_each_row_is_a_transaction() -> None:
    assert parsed(PRINTED) == [Hanging("sightings", 3, 4711, 1012), Hanging("cases-changelog", 0, 0, 7)]


def test_a_table_of_none_and_lines_of_a_log_are_no_transactions() -> None:
    assert parsed(PRINTED.splitlines()[0]) == []
    assert parsed("WARN something is not as it was (org.apache.kafka.Some) and there is more of it") == []


def test_the_password_is_quoted_for_java() -> None:
    connection = Connection(
        bootstrap="kafka:9093",
        registry="https://registry",
        user="ops",
        password=SecretStr('a"b\\c'),
        security_protocol="SASL_SSL",
        ca_file=Path("ca.pem"),
    )

    told = dict(line.split("=", 1) for line in client_properties(connection).splitlines())

    assert told["ssl.truststore.location"] == "ca.pem"
    # A properties file takes one backslash of two away, the login module's own quoting the next.
    assert told["sasl.jaas.config"].endswith(r'username="ops" password="a\\"b\\\\c";')
