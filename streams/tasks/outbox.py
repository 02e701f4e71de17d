"""What a task says in the batch in hand: encoded, judged by size, addressed and numbered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel

from schemas.partition import partition_of
from streams.stages.contract import Send
from streams.tasks.errors import UnknownTopic
from streams.tasks.log import Outgoing, Place
from streams.tasks.sequences import Sent

LARGEST = 900_000
"""Bytes of one record where nothing else is said: below a client's and the changelogs' max.message.bytes of 1 MB."""
_FRAMING = 200


class Outbox:
    """`partitions` and `largest` (max.message.bytes where it is below LARGEST) are of the topics written."""

    def __init__(
        self,
        sent: Sent,
        partitions: Mapping[str, int],
        largest: Mapping[str, int],
        encode: Callable[[BaseModel], bytes],
    ) -> None:
        self._sent, self._partitions, self._largest, self._encode = sent, partitions, largest, encode
        self.outputs: list[Outgoing] = []
        self.bytes = 0
        """About what `outputs` take."""

    def encoded(self, send: Send) -> Outgoing:
        """`send` as a record, not yet numbered.

        Raises ValueError when the topic would refuse it, UnknownTopic when its partition count was not given, and
        whatever encoding raises.
        """
        count = self.partitions_of(send.topic)
        partition = partition_of(send.key, count) if send.partition is None else send.partition
        if not 0 <= partition < count:
            raise ValueError(f"{send.topic} has no partition {partition}")
        value = None if send.message is None else self._encode(send.message)
        headers = tuple((name, text.encode()) for name, text in send.headers)
        output = Outgoing(Place(send.topic, partition), send.key.encode(), value, headers)
        if size_of(output) > (limit := self._largest.get(send.topic, LARGEST)):
            raise ValueError(f"an output to {send.topic} is longer than {limit} bytes")
        return output

    def partitions_of(self, topic: str) -> int:
        """Raises UnknownTopic when the wiring did not say."""
        try:
            return self._partitions[topic]
        except KeyError:
            raise UnknownTopic(f"the partition count of {topic} was not given, and a stage sends to it") from None

    def add(self, outputs: Sequence[Outgoing]) -> None:
        """Number `outputs` and add them to the batch."""
        for output in outputs:
            self.bytes += size_of(output)
            numbered = output.headers + self._sent.number(output.place)
            self.outputs.append(output._replace(headers=numbered))

    def take_numbers(self) -> Mapping[str, int]:
        """Last numbers that changed in this batch."""
        return self._sent.take_changes()

    def clear(self) -> None:
        """The batch is committed."""
        self.outputs, self.bytes = [], 0


def size_of(output: Outgoing) -> int:
    """About what the broker counts for one record, our own headers included."""
    headers = sum(len(name) + len(value or b"") for name, value in output.headers)
    return len(output.key or b"") + len(output.value or b"") + headers + _FRAMING
