"""The gate in memory: the product's pure gate, at least once, in front of feeds that somebody has published."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence

from schemas.partition import partition_of
from streams.stages.contract import Send
from streams.stages.gate import Gate
from streams.tasks.log import Outgoing, Place
from tests.schedules.histories import CODEC, START, Published
from tests.schedules.tasks.broker import Broker

Feed = tuple[str, int]
"""Country topic and partition."""


class Gates:
    """One gate at a time, and what earlier ones had sent before they died and has not arrived yet."""

    def __init__(
        self,
        gate: Gate,
        feeds: Mapping[Feed, Sequence[Published]],
        broker: Broker,
        partitions: Mapping[str, int],
        rng: random.Random,
    ) -> None:
        self._gate, self._feeds, self._broker, self._partitions, self._rng = gate, feeds, broker, partitions, rng
        self._read: Counter[Feed] = Counter()
        self._acknowledged: Counter[Feed] = Counter()
        self._sending: deque[Outgoing] = deque()
        self._late: list[deque[Outgoing]] = []

    def steps(self) -> list[Callable[[], None]]:
        """What it can do next."""
        steps: list[Callable[[], None]] = [lambda late=late: self._arrive(late) for late in self._late]  # type: ignore[misc]
        if self._sending:
            return [*steps, self._send]
        for feed, published in self._feeds.items():
            if self._read[feed] < len(published):
                steps.append(lambda feed=feed: self._process(feed))  # type: ignore[misc]
        if self._acknowledged != self._read:
            steps.append(self._acknowledge)
        return steps

    def _process(self, feed: Feed) -> None:
        offset = self._read[feed]
        record = self._feeds[feed][offset]
        sends = self._gate.process(feed[0], feed[1], offset, START, record.key, record.value)
        self._sending.extend(self._outgoing(send) for send in sends)
        self._read[feed] += 1

    def _outgoing(self, send: Send) -> Outgoing:
        assert send.message is not None
        count = self._partitions[send.topic]
        partition = partition_of(send.key, count) if send.partition is None else send.partition
        return Outgoing(Place(send.topic, partition), send.key.encode(), CODEC.encode(send.message))

    def _send(self) -> None:
        self._broker.append(self._sending.popleft())

    def _acknowledge(self) -> None:
        self._acknowledged = Counter(self._read)

    def _arrive(self, late: deque[Outgoing]) -> None:
        self._broker.append(late.popleft())
        self._late = [it for it in self._late if it]

    def crash(self) -> None:
        """It dies, and the next goes on behind what was acknowledged; what is under way arrives some time, or never."""
        if self._sending and self._rng.random() < 0.5:
            self._late.append(self._sending)
        self._sending = deque()
        self._read = Counter(self._acknowledged)
