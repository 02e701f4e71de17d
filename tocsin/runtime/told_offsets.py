"""Offsets that a broker told, and none that the client filled in for a broker that is away.

librdkafka's ListOffsets (2.16) asks whom it knew as a partition's leader. Where that broker is away, it gives the
offset -1001 after the timeout, without an error, and goes on so for as long as the client lives. Taken for an offset,
that lies below everything: a list counts as read, a partition as empty, a log as forgotten to its end.
"""

from __future__ import annotations

from typing import Protocol

from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException


class Told(Protocol):
    """What ListOffsets answers about a partition."""

    @property
    def offset(self) -> int:
        """-1: no record is as young as was asked for."""
        ...


def told_offset(answer: Told) -> int:
    """The offset in `answer`. Raises KafkaException (timed out) where no broker told one: ask with a new client."""
    if answer.offset == OFFSET_INVALID:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the partition's leader told no offset"))
    return answer.offset
