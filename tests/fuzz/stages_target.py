"""What passes the gate goes on through sightings, identifiers and cases, in memory: bytes that say a short history.

What stages say to each other is encoded and read again, their states as well; at the end every stage moves to a new
worker, which knows its state alone, and time goes on until deadlines and windows are over.
"""

from __future__ import annotations

import random
import struct
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel

from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.codec import decode_state, encode_state
from schemas.codes import AnswerReason, Outcome, ResponseKind
from schemas.errors import SchemaError
from schemas.events import Response
from schemas.internal import ListedPerson, Tick
from schemas.model import timestamp
from schemas.topics import DAY, HOUR, MINUTE
from streams.stages.cases import Cases, CasesRules
from streams.stages.contract import Received, Send, Stage, State, Table
from streams.stages.gate import Gate
from streams.stages.identifiers import Identifiers
from streams.stages.memory import MemoryState
from streams.stages.rules import SightingsRules
from streams.stages.sightings import Sightings
from streams.stages.watchlist import Watchlist
from tests.fuzz.gate_target import outbox
from tests.fuzz.hostile import CODEC, key_of, mutated
from tests.fuzz.twisting import twisted
from tests.schedules.histories import PARTICIPANTS, PARTITIONS, START, Writer, event_id

T = TypeVar("T", bound=BaseModel)
Place = tuple[str, int]
_RECORD = struct.Struct(">BBI")
"""Topic, bytes of the key, bytes of the value."""
_ANSWER = struct.Struct(">BBBI")
"""Which of the alerts so far, what is answered, by whom, and what is twisted in it."""
_TIME = struct.Struct(">B")
_PASSES = (0, 1_000, MINUTE, 10 * MINUTE, HOUR, DAY, 31 * DAY, 130 * DAY, 400 * DAY)
_TOPICS = tuple(f"{kind}.{code}" for code in PARTICIPANTS.codes for kind in ("incidents", "watchlist", "responses"))
_STEPS = 20_000
"""Records that one history may become between stages."""
_STEP_SECONDS = 1.0


class Kept(State):
    """A state whose values are kept as the bytes that a store holds."""

    def __init__(self) -> None:
        self._values = MemoryState()

    def get(self, table: Table[T], key: str) -> T | None:
        return self._values.get(table, key)

    def put(self, table: Table[T], key: str, value: T) -> None:
        assert "\0" not in key, f"a key of {table.name} holds NUL"
        key.encode()
        self._values.put(table, key, decode_state(table.model, encode_state(value)))

    def delete(self, table: Table[T], key: str) -> None:
        self._values.delete(table, key)

    def scan(self, table: Table[T], prefix: str = "", after: str = "") -> Iterator[tuple[str, T]]:
        return self._values.scan(table, prefix, after)


class StagesTarget:
    """Runs histories, each from nothing."""

    def __init__(self) -> None:
        self._records: Counter[str] = Counter()
        self.shares: dict[str, object] = {"records": self._records}
        """What became of the records in them, and what of those was said."""

    def __call__(self, data: bytes) -> str | None:
        """Takes every history."""
        run = _Run(self._records, small=len(data) % 2 == 0)
        at = 0
        while at < len(data):
            at = run.take(data, at)
        run.end()
        return None


class _Run:
    """One history."""

    def __init__(self, counts: Counter[str], *, small: bool) -> None:
        self._counts, self._small = counts, small
        self._gate = Gate(PARTICIPANTS, CODEC.decode)
        self._outbox = outbox(PARTICIPANTS)
        self._known = Watchlist()
        self._time, self._steps = START, 0
        self._states = {(name, number): Kept() for name in topics.STAGES for number in range(PARTITIONS)}
        self._stages = self._made()
        self._offsets: Counter[Place] = Counter()
        self._waiting: deque[tuple[Place, str, BaseModel]] = deque()
        self._alerts: dict[tuple[str, str], Alert] = {}

    def _made(self) -> dict[Place, Stage]:
        small = self._small
        cases = (
            CasesRules(pairs_per_step=2, references_per_step=1, links_per_step=1, possible_per_hour=1)
            if small
            else CasesRules()
        )
        sightings = SightingsRules(fan_out=3, rows=20) if small else SightingsRules()
        made: dict[Place, Stage] = {}
        for number in range(PARTITIONS):
            made[topics.SIGHTINGS, number] = Sightings(number, self._known, PARTITIONS, sightings)
            made[topics.IDENTIFIERS, number] = Identifiers(2 if small else 500)
            made[topics.CASES, number] = Cases(number, PARTICIPANTS, PARTITIONS, cases)
        return made

    def take(self, data: bytes, at: int) -> int:
        """Do what stands at a place of the bytes; returns the place behind it."""
        match data[at] % 8:
            case 0:
                (passed,) = _TIME.unpack(_part(data, at + 1, _TIME.size))
                self._pass(_PASSES[passed % len(_PASSES)])
                return at + 1 + _TIME.size
            case 1:
                self._answer(*_ANSWER.unpack(_part(data, at + 1, _ANSWER.size)))
                return at + 1 + _ANSWER.size
        (topic, key, value) = _RECORD.unpack(_part(data, at + 1, _RECORD.size))
        at += 1 + _RECORD.size
        self._publish(_TOPICS[topic % len(_TOPICS)], data[at : at + key], data[at + key : at + key + value])
        return at + key + value

    def end(self) -> None:
        """All stages move to new workers, and time passes."""
        self._stages = self._made()
        for place, stage in self._stages.items():
            stage.restore(self._states[place])
        for passed in (MINUTE, DAY, 130 * DAY):
            self._pass(passed)

    def _pass(self, passed: int) -> None:
        self._time += passed
        for place in self._stages:
            self._waiting.append((place, "", Tick(at=timestamp(self._time))))
        self._work_off()

    def _answer(self, which: int, kind: int, by: int, seed: int) -> None:
        if not self._alerts:
            return
        alert = list(self._alerts.values())[which % len(self._alerts)]
        rng = random.Random(seed)
        code = PARTICIPANTS.codes[by % len(PARTICIPANTS.codes)] if by > 127 else alert.recipient
        kinds = list(ResponseKind)
        answer = Response(
            event_id=event_id(rng),
            producer=code,
            occurred_at=timestamp(self._time),
            recorded_at=timestamp(self._time),
            exercise=alert.exercise,
            case_ref=alert.case_ref or "",
            kind=kinds[kind % len(kinds)],
            reason=rng.choice((None, *AnswerReason)),
            outcome=rng.choice((None, *Outcome)),
            eta=rng.choice((None, timestamp(self._time + HOUR))),
            revision=alert.revision,
        )
        if rng.random() < 0.3:
            answer = twisted(rng, answer)
        try:
            value = CODEC.encode(answer)
        except (TypeError, ValueError, OverflowError):
            return
        self._publish(topics.responses(code), answer.case_ref.encode("utf-8", "surrogatepass"), value)

    def _publish(self, topic: str, key: bytes, value: bytes) -> None:
        place = (topic, 0)
        self._offsets[place] += 1
        self._say(self._gate.process(topic, 0, self._offsets[place], self._time, key, value))
        self._work_off()

    def _work_off(self) -> None:
        while self._waiting:
            place, key, message = self._waiting.popleft()
            self._steps += 1
            assert self._steps < _STEPS, f"{place[0]} finds no end"
            self._offsets[place] += 1
            received = Received(place[0], place[1], self._offsets[place], self._time, key, message)
            assert self._stages[place].ready(received), f"{place[0]} would wait for ever"
            began = time.process_time()
            said = self._stages[place].step(self._states[place], received, self._time)
            took = time.process_time() - began
            assert took < _STEP_SECONDS, f"a step of {place[0]} with {type(message).__name__} takes over a second"
            self._say(said)

    def _say(self, sends: Sequence[Send]) -> None:
        for send in sends:
            output = self._outbox.encoded(send)
            message = None if output.value is None else CODEC.decode(output.value)
            assert message == send.message, f"{type(message).__name__} is read as another than was said"
            self._counts[f"{type(message).__name__} to {send.topic.partition('.')[0]}"] += 1
            if send.topic in topics.STAGES:
                assert message is not None
                self._waiting.append(((send.topic, output.place.partition), send.key, message))
            elif send.topic == topics.PERSONS:
                person = message if isinstance(message, ListedPerson) else None
                version = person.entry_version if person else int(dict(send.headers)["version"])
                self._known.apply(send.key, person, version, self._time)
            elif isinstance(message, Alert):
                assert send.topic == topics.alerts(message.recipient)
                self._alerts[message.recipient, message.alert_id] = message
            else:
                assert isinstance(message, Reject) or send.topic == topics.AUDIT, f"{send.topic} is nobody's"


def _part(data: bytes, at: int, size: int) -> bytes:
    return data[at : at + size].ljust(size, b"\0")


def packed(topic: str, key: bytes, value: bytes) -> bytes:
    """The bytes that say that a record is published."""
    number = _TOPICS.index(topic)
    return bytes((2,)) + _RECORD.pack(number, min(len(key), 255), len(value)) + key[:255] + value


def histories(rng: random.Random) -> Iterator[bytes]:
    """Bytes that say short histories in which something is twisted, for ever."""
    while True:
        writer = Writer(random.Random(rng.getrandbits(64)))
        writer.write(rng.randint(2, 8))
        data = b"".join(_parts(rng, writer))
        yield data if rng.random() < 0.95 else mutated(rng, [data])


def _parts(rng: random.Random, writer: Writer) -> Iterator[bytes]:
    history, read = writer.made, Counter[Place]()
    for feed in history.order:
        record = history.feeds[feed][read[feed]]
        read[feed] += 1
        yield packed(feed[0], *_hostile(rng, record.key, record.value))
        while rng.random() < 0.4:
            yield bytes((1,)) + _ANSWER.pack(*(rng.randrange(256) for _ in range(3)), rng.getrandbits(32))
        if rng.random() < 0.2:
            yield bytes((0, rng.choice((0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8))))


def _hostile(rng: random.Random, key: bytes, value: bytes) -> tuple[bytes, bytes]:
    if rng.random() < 0.4:
        return key, value
    try:
        event = CODEC.decode(value)
        for _ in range(rng.choice((1, 1, 2, 4))):
            event = twisted(rng, event)
        return key_of(event).encode("utf-8", "surrogatepass"), CODEC.encode(event)
    except (SchemaError, TypeError, AttributeError, LookupError, ValueError, OverflowError):
        return key, value
