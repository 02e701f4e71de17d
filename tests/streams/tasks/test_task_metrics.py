"""What /metrics says stays true: rejects once they are said, lag only of what is held, series from the beginning."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from math import inf
from typing import Any

from prometheus_client import REGISTRY, Gauge

from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.internal import Source
from schemas.participants import Participant, Participants
from schemas.public_keys import PublicKey, SignaturePolicy
from schemas.signing import key_id_of
from streams.stages.contract import Send
from streams.stages.rejects import reject
from streams.tasks import metrics
from streams.tasks.append_times import AppendTimes
from streams.tasks.gate_agent import Gate, GateWork
from streams.tasks.log import Place, Record
from streams.tasks.refused import Refused
from streams.tasks.unfinished import Unfinished

SOURCE = Source(topic="incidents.bd", partition=0, offset=1, timestamp=1, sha256=b"x" * 32, size=1, head=b"x")


def sample(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_rejects_are_counted_by_sender_and_by_reason_once_they_are_said() -> None:
    refused = Refused("a stage", ["rejects.bd", "rejects.fr", "alerts.np"])
    assert sample("tocsin_rejects_total", stage="a stage", participant="fr") == 0
    assert sample("tocsin_rejects_total", stage="a stage", participant="np") is None
    assert sample("tocsin_reject_reasons_total", stage="a stage", reason="TOO_OLD") == 0

    said = reject("a stage", SOURCE, RejectReason.TOO_OLD, "occurred_at", "too old")
    assert isinstance(said.message, Reject)
    refused.note([said, Send("alerts.bd", "k", None)])
    assert sample("tocsin_rejects_total", stage="a stage", participant="bd") == 0
    refused.count()
    refused.count()
    assert sample("tocsin_rejects_total", stage="a stage", participant="bd") == 1
    assert sample("tocsin_reject_reasons_total", stage="a stage", reason="TOO_OLD") == 1


def test_a_partition_that_left_is_no_longer_shown() -> None:
    gauge = Gauge("tocsin_test_lag", "x", ["topic", "partition"])
    shown = metrics.ByPartition(gauge)
    shown.show({Place("sightings", 0): (3.0,), Place("sightings", 1): (4.0,)})
    shown.show({Place("sightings", 1): (5.0,)})
    assert sample("tocsin_test_lag", topic="sightings", partition="0") is None
    assert sample("tocsin_test_lag", topic="sightings", partition="1") == 5


def test_who_must_sign_with_how_many_keys_until_when_is_shown_of_everybody() -> None:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    ends = PublicKey(public=bytes(32), valid_from=since, valid_until=datetime(2026, 12, 1, tzinfo=UTC))
    members = {
        "bd": Participant(code="bd", name="Bangladesh", keys={key_id_of(ends.public): ends}),
        "fr": Participant(code="fr", name="France"),
    }
    metrics.show_keys(Participants(members=members, signatures=SignaturePolicy.WHERE_DECLARED))

    names = ("keys_end_timestamp_seconds", "keys", "required")
    shown = [tuple(sample(f"tocsin_signing_{name}", participant=code) for name in names) for code in members]
    assert shown == [(1_796_083_200, 1, 1), (inf, 0, 0)]


def test_the_oldest_record_in_hand_is_the_gates_age() -> None:
    unfinished = Unfinished()
    assert unfinished.oldest() is None
    for offset in (5, 6):
        unfinished.took(Record(Place("incidents.bd", 0), offset, 1000 * offset, b"k", b"v", (), None))
    unfinished.done(6)
    assert unfinished.oldest() == 5000
    unfinished.done(5)
    assert unfinished.oldest() is None


def test_the_gate_shows_how_far_behind_and_how_old_its_input_is() -> None:
    class Nobody:
        def hold(self, place: Place) -> None: ...
        def release(self, place: Place) -> None: ...
        async def crash(self, error: BaseException) -> None: ...

    times = AppendTimes(lambda: 60_000)
    work = GateWork("gate", ["incidents.zz"], lambda record: [], str, {"rejects.zz": 1}, append_times=times)
    gate = Gate(work, {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}, lambda error: None, Nobody())
    try:
        place: Any = Place("incidents.zz", 3)
        assert sample("tocsin_gate_records_total", kind="incidents", participant="zz") == 0
        asyncio.run(gate.assigned(1))
        unfinished = gate._unfinished[place] = Unfinished()
        unfinished.took(Record(place, 7, 60_000, b"k", b"v", (), None))
        gate.measure(lambda _: 10, 63_000.0)
        assert sample("tocsin_task_lag_events", topic="incidents.zz", partition="3") == 3
        assert sample("tocsin_task_lag_seconds", topic="incidents.zz", partition="3") == 3
        unfinished.done(7)
        gate.measure(lambda _: 8, 64_000.0)
        assert sample("tocsin_task_lag_events", topic="incidents.zz", partition="3") == 0
        assert sample("tocsin_task_lag_seconds", topic="incidents.zz", partition="3") == 0
    finally:
        gate.close()
