"""A writer without transactions: `Campaign.worker(name, transactions=False)` shows that the broker tests notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import Message, Producer

from streams.tasks.errors import OwnershipLost
from streams.tasks.log import Outgoing


class PlainWriter:
    """Writes and waits; fences nobody, hides nothing."""

    def __init__(self, config: Mapping[str, Any], transactional_id: str) -> None:
        self._producer = Producer({**config, "enable.idempotence": True, "acks": "all", "compression.type": "lz4"})

    def commit(self, records: Sequence[Outgoing]) -> int:
        last: list[int | None] = []

        def report(error: object, message: Message) -> None:
            if error is None:
                last.append(message.offset())

        for record in records:
            self._produce(record, {"on_delivery": report} if record is records[-1] else {})
        if self._producer.flush(30) or not last:
            raise OwnershipLost("not delivered")
        return last[0] or 0

    def _produce(self, record: Outgoing, more: dict[str, Any]) -> None:
        headers = list(record.headers)
        self._producer.produce(
            record.place.topic, record.value, record.key, record.place.partition, headers=headers, **more
        )

    def close(self) -> None:
        return
