"""A worker whose client has lost its brokers ends within a minute; one whose broker is away goes on waiting."""

from __future__ import annotations

import asyncio

import pytest

from streams.stages.contract import Send
from streams.tasks import transaction
from streams.tasks.append_times import AppendTimes
from streams.tasks.errors import OwnershipLost, SendFailed
from streams.tasks.gate_agent import Gate, GateWork
from streams.tasks.transaction import KafkaWriter
from tests.streams.tasks.gate_surroundings import BD, Fetching, message, until
from tocsin.runtime import lost_brokers
from tocsin.runtime.lost_brokers import BrokerWatch

NOBODY = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}


async def gate_that_sends(lost: bool) -> tuple[list[BaseException], int]:
    """What a gate fails with that has handed on one record and reaches nobody, and how often it was looked at."""
    failed: list[BaseException] = []
    looks = 0

    def look() -> bool:
        nonlocal looks
        looks += 1
        return lost

    work = GateWork(
        "gate",
        [],
        lambda _: [Send("cases", "k", None)],
        lambda _: b"",
        {"cases": 1},
        append_times=AppendTimes(lambda: 1_000),
    )
    gate = Gate(work, NOBODY, failed.append, Fetching())
    try:
        await gate.assigned(1)
        gate._watch = BrokerWatch(look, begin=lambda look: look())
        gate._watch.after = 0.0
        await asyncio.sleep(0.3)
        assert looks == 0, "nothing waits"
        await gate.submit(message(BD, 0, "x"))
        await asyncio.wait_for(until(lambda: looks > 1), 30)
    finally:
        gate.close()
    return failed, looks


def test_a_gate_whose_client_has_lost_its_brokers_ends() -> None:
    failed, _ = asyncio.run(gate_that_sends(lost=True))

    assert isinstance(failed[0], SendFailed)
    assert "lost its brokers" in str(failed[0])


def test_a_gate_whose_broker_is_away_waits() -> None:
    failed, _ = asyncio.run(gate_that_sends(lost=False))

    assert failed == []


@pytest.mark.parametrize(("lost", "why"), [(True, "has lost its brokers"), (False, "failed for 1 s")])
def test_a_writer_whose_client_has_lost_its_brokers_waits_no_longer(
    lost: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "has_lost_brokers", lambda *_: lost)
    monkeypatch.setattr(transaction, "_CALL", 0.05)
    monkeypatch.setattr(lost_brokers, "LOOK_AFTER", 0.0)

    with pytest.raises(OwnershipLost, match=why):
        KafkaWriter(NOBODY, "lost-1", patience=0.6)
