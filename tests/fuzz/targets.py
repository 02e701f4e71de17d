"""What hostile bytes are thrown at: each target answers them or says why not, and raises only on a defect of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import deploy
from producers.errors import ProducerError
from producers.importers import Format, IncidentDefaults, ListDefaults, read_mrz_incidents, read_watchlist
from producers.importers.incidents_csv import read_incidents_csv
from producers.importers.mrz import NoMrz, read_mrz
from schemas.alerts import Reject
from schemas.codec import Codec, LocalSchemaIds
from schemas.errors import SchemaError
from schemas.internal import GatedEntry, GatedResponse
from schemas.participants import load_participants
from streams.stages.cases import Cases
from streams.stages.contract import Received
from streams.stages.gate import Gate
from streams.stages.memory import MemoryState

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
T0 = int(NOON.timestamp() * 1000)
TOPICS = ("incidents.bd", "watchlist.fr", "responses.ccc", "watchlist.bd", "responses.fr", "incidents.un")
CODEC = Codec(LocalSchemaIds())


@dataclass(slots=True)
class GateTarget:
    """The gate and, for what it lets pass, the stage that decides: one answer each, whatever comes."""

    passed: int = 0
    rejected: int = 0
    messages: int = 0
    _gate: Gate = field(init=False)
    _cases: Cases = field(init=False)
    _state: MemoryState = field(init=False, default_factory=MemoryState)

    def __post_init__(self) -> None:
        participants = load_participants(Path(deploy.__file__).with_name("bureaus.toml")).without_signatures()
        self._gate = Gate(participants, CODEC.decode)
        self._cases = Cases(0, participants, 1)

    def __call__(self, data: bytes) -> None:
        """The first byte chooses the topic, the second how much of the rest is the key."""
        if len(data) < 2:
            return
        topic, length = TOPICS[data[0] % len(TOPICS)], data[1] % 64
        key, value = data[2 : 2 + length], data[2 + length :]
        self.messages += 1
        answers = list(self._gate.process(topic, 0, self.messages, T0 + self.messages, key, value))
        assert len(answers) == 1, f"{len(answers)} answers to one message"
        message = answers[0].message
        if isinstance(message, Reject):
            assert answers[0].topic == f"rejects.{topic.partition('.')[2]}", "a reject went to somebody else"
            assert message.reason
            assert message.size == len(value)
            CODEC.encode(message)
            self.rejected += 1
            return
        assert message is not None
        CODEC.encode(message)
        self.passed += 1
        if isinstance(message, GatedEntry | GatedResponse):
            received = Received("cases", 0, self.messages, T0 + self.messages, None, message)
            for send in self._cases.step(self._state, received, received.timestamp):
                if send.message is not None:
                    CODEC.encode(send.message)


def decode(data: bytes) -> None:
    """The codec: a message, or a SchemaError."""
    try:
        CODEC.encode(CODEC.decode(data))
    except SchemaError:
        return


def zone(data: bytes) -> None:
    """A machine-readable zone: read, or NoMrz."""
    try:
        read_mrz(data.decode("utf-8", "replace").splitlines() or [""])
    except NoMrz:
        return


def _of_file(read: Callable[[Path], Iterator[object]]) -> Callable[[bytes], None]:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def target(data: bytes) -> None:
        file = folder / "file"
        file.write_bytes(data)
        try:
            for _ in read(file):
                pass
        except ProducerError:
            return

    return target


def _list(format_: Format) -> Callable[[bytes], None]:
    return _of_file(lambda file: read_watchlist(file, ListDefaults(producer="bd", at=NOON), format_))


TARGETS: dict[str, Callable[[], Callable[[bytes], None]]] = {
    "gate": GateTarget,
    "codec": lambda: decode,
    "mrz": lambda: zone,
    "mrz-file": lambda: _of_file(lambda file: read_mrz_incidents(file, IncidentDefaults(producer="bd", at=NOON))),
    "travellers": lambda: _of_file(lambda file: read_incidents_csv(file, IncidentDefaults(producer="bd", at=NOON))),
    "list-csv": lambda: _list(Format.CSV),
    "list-un": lambda: _list(Format.UN_XML),
    "list-ftm": lambda: _list(Format.FTM),
    "list-interpol": lambda: _list(Format.INTERPOL),
    "list-jsonl": lambda: _list(Format.JSONL),
}
"""By name, how the target is made."""
