"""How far each topic was read, kept beside what was queued, so that both become durable together."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from consumers.forwarder.errors import TwoForwarders
from consumers.forwarder.tables import POSITIONS

Positions = dict[tuple[str, int], int]
"""Next offset by topic and partition."""


def read(connection: Connection) -> Positions:
    """Where reading goes on."""
    return {(row.topic, row.partition): row.next_offset for row in connection.execute(select(POSITIONS))}


def move(connection: Connection, before: Mapping[tuple[str, int], int], after: Positions) -> None:
    """Move from `before` (what this process last read or wrote) to `after`.

    Raises TwoForwarders when somebody else moved them: then nothing of this transaction may be kept.
    """
    for (topic, partition), offset in after.items():
        where = (POSITIONS.c.topic == topic, POSITIONS.c.partition == partition)
        expected = before.get((topic, partition))
        there = connection.execute(select(POSITIONS.c.next_offset).where(*where).with_for_update()).scalar()
        if there != expected:
            raise TwoForwarders(
                f"another forwarder reads {topic}[{partition}] into the same database (it is at {there}, not at"
                f" {expected}): end one of them"
            )
        if there is None:
            connection.execute(insert(POSITIONS).values(topic=topic, partition=partition, next_offset=offset))
        else:
            connection.execute(update(POSITIONS).where(*where).values(next_offset=offset))
