"""Has a client lost its brokers for good? librdkafka forgets every broker that a cluster does not name.

A broker that was stopped for longer than its session names none for a moment when it goes on, itself neither. A client
that asks then knows nobody any more, and never asks again (librdkafka issue 5301, seen with 2.16.0, chaos seed 9): it
must be replaced. That it reaches nobody while another client does is how it is told from a broker that is away.
"""

from __future__ import annotations

import logging
from typing import Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata

from tocsin.runtime.settings import Connection

LOOK_AFTER = 30.0
"""Seconds without progress after which it is looked at, and after which again."""
_ANOTHER = 2.0
"""Seconds that another client has to reach the cluster."""
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())


class Client(Protocol):
    """A client of confluent-kafka."""

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """What the cluster consists of."""
        ...


def has_lost_brokers(client: Client, connection: Connection, own: float) -> bool:
    """Does `client` reach nobody within `own` seconds, and another client with this `connection` does?"""
    if _reaches(client, own):
        return False
    return _reaches(AdminClient(connection.as_librdkafka() | {"log_level": 0}), _ANOTHER)


def _reaches(client: Client, seconds: float) -> bool:
    try:
        return bool(client.list_topics(timeout=seconds).brokers)
    except KafkaException as error:
        _log.info("no answer within %.0f s: %s", seconds, error)
        return False
