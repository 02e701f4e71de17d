"""Has a client lost its brokers for good? librdkafka forgets every broker that a cluster does not name.

A broker that was stopped for longer than its session names none for a moment when it goes on, itself neither. A client
that asks then knows nobody any more, and never asks again (librdkafka issue 5301, seen with 2.16.0, chaos seed 9): it
must be replaced. That it reaches nobody while another client does is how it is told from a broker that is away.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata

LOOK_AFTER = 30.0
"""Seconds without progress after which it is looked at, and after which again."""
RECONNECTS_WITHIN = 2.5
"""Seconds within which a client that knows its brokers has tried them again (tocsin.runtime.settings.LONGEST_PAUSE)."""
_ANOTHER = 2.0
"""Seconds that another client has to reach the cluster."""
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())


class Client(Protocol):
    """A client of confluent-kafka."""

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """What the cluster consists of."""
        ...


def has_lost_brokers(client: Client, config: Mapping[str, Any], own: float = RECONNECTS_WITHIN) -> bool:
    """Does `client` reach nobody within `own` seconds, and another client with this `config` does?

    `client` is asked again afterwards: a broker that came back meanwhile may have been met in its pause.
    """
    return not _reaches(client, own) and _another_reaches(config) and not _reaches(client, own)


def _another_reaches(config: Mapping[str, Any]) -> bool:
    try:
        another = AdminClient({**config, "log_level": 0})
    except KafkaException as error:
        _log.info("no other client can be made: %s", error)
        return False
    return _reaches(another, _ANOTHER)


def _reaches(client: Client, seconds: float) -> bool:
    try:
        return bool(client.list_topics(timeout=seconds).brokers)
    except KafkaException as error:
        _log.info("no answer within %.1f s: %s", seconds, error)
        return False


def _in_a_thread(look: Callable[[], None]) -> None:
    threading.Thread(target=look, name="look for brokers", daemon=True).start()


class BrokerWatch:
    """Looks, while something waits for the broker, whether its client has lost it. Nobody waits for the look.

    For one thread, which asks `lost` again and again while something waits, and says `rests` when something was done.
    """

    def __init__(
        self,
        look: Callable[[], bool],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        begin: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        """`look` may take seconds; `begin` runs it beside the caller."""
        self._look, self._monotonic, self._begin = look, monotonic, begin
        self.after = LOOK_AFTER
        """Seconds of waiting after which it is looked at, and after which again."""
        self._since: float | None = None
        self._found: list[bool] | None = None
        """What the look that is under way has found, once it has; None: none is under way."""

    def rests(self) -> None:
        """Nothing waits for the broker any more, or it has just answered."""
        self._since = self._found = None

    def lost(self) -> bool:
        """Something waits: has the client lost its brokers, as far as is known?"""
        now = self._monotonic()
        if self._since is None:
            self._since = now
        if now - self._since < self.after:
            return False
        if self._found is None:
            self._found = found = []
            self._begin(lambda: found.append(self._look()))
        if not self._found:
            return False
        (answer,) = self._found
        self._since, self._found = now, None
        return answer
