"""A record that meets a defect in the gate stops nobody: its sender is told, and the next one is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from faust.types import TP
from prometheus_client import REGISTRY

from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.participants import Participant, Participants
from streams.app import Place as WorkerPlace
from streams.app import gate_work
from streams.stages.contract import Send
from streams.tasks.errors import SendFailed
from streams.tasks.gate_agent import Gate
from streams.tasks.log import Outgoing, Record
from streams.tasks.unfinished import Unfinished
from tests.streams.tasks.gate_surroundings import BD, Fetching, message
from tocsin.runtime.registry import RegistrySchemaIds


class Hearing(Gate):
    """The gate as it is wired, judging by `process`, which hears at once that what it says is delivered."""

    def __init__(self, process: Callable[[Record], Sequence[Send]]) -> None:
        self.said: list[tuple[int, str, object]] = []
        self.surroundings = Fetching()
        bureaus = Participants(members={"bd": Participant(code="bd", name="Bangladesh")})
        work = gate_work(bureaus, RegistrySchemaIds("http://127.0.0.1:1"), WorkerPlace("gate", Path("state")))
        super().__init__(
            replace(work, process=process, encode=self._kept),
            {"bootstrap.servers": "127.0.0.1:1", "log_level": 0},
            self.surroundings.crashed.append,
            self.surroundings,
        )

    def _kept(self, message: object) -> bytes:
        self._message = message
        return b"encoded"

    async def _send(self, unfinished: Unfinished, offset: int, output: Outgoing) -> None:
        self.said.append((offset, output.place.topic, self._message))


def set_aside() -> float:
    return REGISTRY.get_sample_value("tocsin_task_quarantined_total", {"stage": "gate"}) or 0.0


def run(process: Callable[[Record], Sequence[Send]], scenario: Callable[[Hearing], Awaitable[None]]) -> None:
    async def whole() -> None:
        gate = Hearing(process)
        await gate.assigned(1)
        try:
            await scenario(gate)
        finally:
            gate.close()

    asyncio.run(asyncio.wait_for(whole(), 60))


def test_a_defect_is_said_to_the_sender_with_its_fingerprint_and_the_next_record_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def process(record: Record) -> Sequence[Send]:
        if record.value == b"defect":
            raise ZeroDivisionError
        return []

    async def scenario(gate: Hearing) -> None:
        before = set_aside()
        for offset, value in enumerate(("good", "defect", "good")):
            await gate.submit(message(BD, offset, value))

        [(offset, topic, reject)] = gate.said
        assert (offset, topic) == (1, "rejects.bd")
        assert isinstance(reject, Reject)
        assert reject.reason is RejectReason.NOT_PROCESSED
        assert reject.detail.split()[-1] in caplog.text, "the log has the same fingerprint"
        assert gate.committable() == {TP(*BD): 3}
        assert set_aside() - before == 1
        assert gate.surroundings.crashed == []

    run(process, scenario)


@pytest.mark.parametrize("error", [OSError("disk"), MemoryError(), SendFailed("away")], ids=repr)
def test_trouble_that_is_nobodys_fault_refuses_nothing(error: Exception) -> None:
    def process(_: Record) -> Sequence[Send]:
        raise error

    async def scenario(gate: Hearing) -> None:
        before = set_aside()
        with pytest.raises(type(error)):
            await gate.submit(message(BD, 0, "good"))
        assert (gate.said, gate.committable(), set_aside() - before) == ([], {TP(*BD): 0}, 0)

    run(process, scenario)
