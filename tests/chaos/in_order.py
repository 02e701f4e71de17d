"""The oracle of chaos: the pure stages, given every event in the order in which it was published, and no fault.

Each event is worked off before the next one comes, so nothing is ever late, repeated or out of order. What the
recipients hold then is what they must hold after any legal order (invariant 4).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.internal import ListedPerson, Tick
from schemas.model import timestamp
from schemas.partition import partition_of
from streams.stages.cases import CasesRules
from streams.stages.contract import Received, Send
from streams.stages.memory import MemoryState
from streams.stages.rules import FAN_OUT, SightingsRules
from streams.stages.watchlist import Watchlist
from tests.schedules.histories import PARTITIONS, History
from tests.schedules.oracle import Live
from tests.schedules.world import Build, live_of

_TICK_EVERY = 200
"""Events."""
_ALL_SENT = 10**9
"""POSSIBLE alerts an hour: no digest counts anything instead of its being sent, so everything can be compared."""


class InOrder:
    """One run of a history."""

    def __init__(self, history: History, start: int) -> None:
        self._history, self._time = history, start
        build, self._known = Build(), Watchlist()
        self._gate = build.gate()
        self._stages = {}
        for partition in range(PARTITIONS):
            sightings = build.sightings(partition, self._known, SightingsRules())
            cases = build.cases(partition, CasesRules(possible_per_hour=_ALL_SENT))
            for name, stage in (
                (topics.SIGHTINGS, sightings),
                (topics.IDENTIFIERS, build.identifiers(FAN_OUT)),
                (topics.CASES, cases),
            ):
                self._stages[name, partition] = stage
        self._states = {place: MemoryState() for place in self._stages}
        self._offsets: Counter[tuple[str, int]] = Counter()
        self._waiting: deque[tuple[tuple[str, int], Send]] = deque()
        self._read: Counter[tuple[str, int]] = Counter()
        self._alerts: dict[tuple[str, str], Alert] = {}
        self.rejects: list[Reject] = []

    def run(self) -> Live:
        """The alerts that their recipients must hold in the end."""
        for number, feed in enumerate(self._history.order):
            offset = self._read[feed]
            self._read[feed] += 1
            record = self._history.feeds[feed][offset]
            self._say(self._gate.process(*feed, offset, self._time, record.key, record.value))
            self._work_off()
            if number % _TICK_EVERY == 0:
                self._tick()
        for _ in range(3):
            self._tick()
        return live_of(self._alerts)

    def _tick(self) -> None:
        self._time += 1000
        for place in self._stages:
            self._waiting.append((place, Send(place[0], "", Tick(at=timestamp(self._time)), place[1])))
        self._work_off()

    def _work_off(self) -> None:
        while self._waiting:
            place, send = self._waiting.popleft()
            assert send.message is not None
            self._offsets[place] += 1
            received = Received(place[0], place[1], self._offsets[place], self._time, send.key, send.message)
            stage = self._stages[place]
            assert stage.ready(received), f"{place} would wait for ever"
            self._say(stage.step(self._states[place], received, self._time))

    def _say(self, sends: Sequence[Send]) -> None:
        for send in sends:
            if send.topic in topics.STAGES:
                partition = partition_of(send.key, PARTITIONS) if send.partition is None else send.partition
                self._waiting.append(((send.topic, partition), send))
            elif send.topic == topics.PERSONS:
                person = send.message if isinstance(send.message, ListedPerson) else None
                version = person.entry_version if person else int(dict(send.headers)["version"])
                self._known.apply(send.key, person, version, self._time)
            elif isinstance(send.message, Alert):
                self._alerts[send.message.recipient, send.message.alert_id] = send.message
            elif isinstance(send.message, Reject):
                self.rejects.append(send.message)
