"""The doctor's judgement: silent on what is well, and each trouble named, with what to do and a page that exists."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

import deploy
from deploy.doctor.judging import Finding, Level, judge
from deploy.doctor.seen import (
    BrokerSeen,
    CertificateSeen,
    DiskSeen,
    HeldBack,
    ProcessSeen,
    RegistrySeen,
    Seen,
)

NOW = 1_800_000_000.0
DAY = 86_400.0
RUNBOOKS = Path(deploy.__file__).parents[1] / "docs" / "runbooks"


def joins(name: str, newest: float = NOW - 60, persons: float = 10) -> ProcessSeen:
    figures = (
        ("tocsin_watchlist_newest_timestamp_seconds", {}, newest),
        ("tocsin_watchlist_persons", {}, persons),
        ("tocsin_task_lag_seconds", {"topic": "sightings", "partition": "0"}, 0.0),
        ("tocsin_task_stable_offset_still_seconds", {"topic": "sightings", "partition": "0"}, 0.0),
    )
    return ProcessSeen(name, "joins", figures=figures)


def shows(name: str, value: float, role: str = "cases", **labels: str) -> ProcessSeen:
    return ProcessSeen(role, role, figures=((name, labels, value),))


def signing(keys: int, required: int) -> tuple[ProcessSeen, ...]:
    """Two gates and what they show of fr: the second was started when its key was declared."""
    return tuple(
        ProcessSeen(
            name,
            "gate",
            figures=(
                ("tocsin_signing_keys", {"participant": "fr"}, float(known)),
                ("tocsin_signing_required", {"participant": "fr"}, float(asked)),
            ),
        )
        for name, known, asked in (("gate-1", keys, required), ("gate-2", 1, 1))
    )


KEYS_END = "tocsin_signing_keys_end_timestamp_seconds"
GATE = ProcessSeen(
    "gate",
    "gate",
    figures=(
        ("tocsin_gate_waiting_partitions", {}, 0.0),
        (KEYS_END, {"participant": "bd"}, NOW + 22 * DAY),
        (KEYS_END, {"participant": "fr"}, inf),
    ),
)
# Every worker shows the gauges of the list, also those that hold none.
CASES = shows("tocsin_watchlist_newest_timestamp_seconds", 0)
WELL = Seen(
    at=NOW,
    broker=BrokerSeen(brokers=1, waiting={"sightings": 8}),
    registry=RegistrySeen(),
    processes=(GATE, joins("joins-1"), CASES),
    disks=(DiskSeen(".tocsin", 50, 100),),
)


def with_process(*more: ProcessSeen) -> Seen:
    return replace(WELL, processes=(*WELL.processes, *more))


def not_fine(seen: Seen) -> list[Finding]:
    return [finding for finding in judge(seen) if finding.level is not Level.FINE]


def test_a_stack_that_is_well_has_one_line_an_area_and_nothing_to_do() -> None:
    findings = judge(WELL)
    assert not_fine(WELL) == []
    areas = [finding.area for finding in findings]
    assert areas[-2:] == ["signing keys", "disk"]
    assert areas[:-2] == ["broker", "registry", "processes", "transactions", "lag", "watchlist", "certificates"]
    assert not any(finding.do or finding.page for finding in findings)


TROUBLES = {
    "broker away": (replace(WELL, broker=BrokerSeen(trouble="no answer")), "broker", Level.WRONG, "ProcessDown"),
    "no controller": (
        replace(WELL, broker=BrokerSeen(has_controller=False)),
        "broker",
        Level.WRONG,
        "PipelineStopped",
    ),
    "topic missing": (
        replace(WELL, broker=BrokerSeen(missing=("alerts.bd",))),
        "broker",
        Level.WRONG,
        "PipelineStopped",
    ),
    "no leader": (replace(WELL, broker=BrokerSeen(offline=("cases/1",))), "broker", Level.WRONG, "PipelineStopped"),
    "replica away": (replace(WELL, broker=BrokerSeen(thin=("cases/1",))), "broker", Level.WARNING, "PipelineStopped"),
    "registry away": (
        replace(WELL, registry=RegistrySeen(trouble="no answer")),
        "registry",
        Level.WRONG,
        "GateWaitsForRegistry",
    ),
    "process down": (
        with_process(ProcessSeen("joins-2", "joins", trouble="failed")),
        "processes",
        Level.WRONG,
        "ProcessDown",
    ),
    "nobody does it": (replace(WELL, processes=(GATE, joins("joins-1"))), "processes", Level.WRONG, "RoleMissing"),
    "set aside": (
        with_process(shows("tocsin_task_quarantined_total", 2, stage="cases")),
        "processes",
        Level.WARNING,
        "RecordsSetAside",
    ),
    "hangs as we look": (
        replace(WELL, broker=BrokerSeen(held_back=(HeldBack("cases", 1, 7, 5.0),))),
        "transactions",
        Level.WRONG,
        "TransactionHangs",
    ),
    "hangs as a worker says": (
        with_process(shows("tocsin_task_stable_offset_still_seconds", 50, topic="cases", partition="1")),
        "transactions",
        Level.WRONG,
        "TransactionHangs",
    ),
    "clock ahead": (
        with_process(
            shows("tocsin_task_clock_ahead_seconds", 86_400, topic="incidents.bd", partition="0"),
            shows("tocsin_gate_waiting_partitions", 3, role="gate"),
        ),
        "lag",
        Level.WRONG,
        "ClockAhead",
    ),
    "gate waits": (
        with_process(shows("tocsin_gate_waiting_partitions", 3, role="gate")),
        "lag",
        Level.WRONG,
        "GateWaitsForRegistry",
    ),
    "too much is refused": (
        with_process(shows("tocsin_gate_slowed_partitions", 2, role="gate")),
        "lag",
        Level.WARNING,
        "RejectsHigh",
    ),
    "late": (
        with_process(shows("tocsin_task_lag_seconds", 60, topic="cases", partition="1")),
        "lag",
        Level.WARNING,
        "LagSeconds",
    ),
    "very late": (
        with_process(shows("tocsin_task_lag_seconds", 600, topic="incidents.bd", partition="0")),
        "lag",
        Level.WRONG,
        "LagSeconds",
    ),
    "records wait": (
        replace(WELL, broker=BrokerSeen(waiting={"cases": 50_000})),
        "lag",
        Level.WARNING,
        "LagGrowing",
    ),
    "copies differ": (with_process(joins("joins-2", NOW - 600)), "watchlist", Level.WRONG, "WatchlistBehind"),
    "old list": (
        replace(WELL, processes=(GATE, CASES, joins("joins-1", NOW - 3 * DAY))),
        "watchlist",
        Level.WARNING,
        "WatchlistOld",
    ),
    "empty list": (
        replace(WELL, processes=(GATE, CASES, joins("joins-1", 0, persons=0))),
        "watchlist",
        Level.WARNING,
        "WatchlistOld",
    ),
    "endpoint disabled": (
        with_process(shows("tocsin_forwarder_disabled_endpoints", 1, role="forwarder", participant="fr")),
        "deliveries",
        Level.WARNING,
        "EndpointDisabled",
    ),
    "deliveries wait": (
        with_process(shows("tocsin_forwarder_oldest_undelivered_seconds", 5000, role="forwarder", participant="fr")),
        "deliveries",
        Level.WARNING,
        "DeliveriesBehind",
    ),
    "certificate not trusted": (
        replace(WELL, certificates=(CertificateSeen("kafka:9093", trouble="not to be trusted"),)),
        "certificates",
        Level.WRONG,
        "CertificateEnds",
    ),
    "certificate ends soon": (
        replace(WELL, certificates=(CertificateSeen("kafka:9093", ends=NOW + 10 * DAY),)),
        "certificates",
        Level.WARNING,
        "CertificateEnds",
    ),
    "certificate ended": (
        replace(WELL, certificates=(CertificateSeen("kafka:9093", ends=NOW - DAY),)),
        "certificates",
        Level.WRONG,
        "CertificateEnds",
    ),
    "a key ends soon": (
        with_process(shows(KEYS_END, NOW + 20 * DAY, role="gate", participant="bd")),
        "signing keys",
        Level.WARNING,
        "SigningKeyEnds",
    ),
    "a key has ended": (
        with_process(shows(KEYS_END, NOW - DAY, role="gate", participant="bd")),
        "signing keys",
        Level.WRONG,
        "SigningKeyEnds",
    ),
    "no key, and taken unsigned": (
        with_process(*signing(keys=0, required=0)),
        "signing keys",
        Level.WARNING,
        "SigningKeyMissing",
    ),
    "no key, and refused": (
        with_process(*signing(keys=0, required=1)),
        "signing keys",
        Level.WARNING,
        "SigningKeyMissing",
    ),
    "disk nearly full": (replace(WELL, disks=(DiskSeen(".", 10, 100),)), "disk", Level.WARNING, "DiskFull"),
    "disk full": (replace(WELL, disks=(DiskSeen(".", 1, 100),)), "disk", Level.WRONG, "DiskFull"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_named_with_what_to_do_and_a_page(name: str) -> None:
    seen, area, level, page = TROUBLES[name]
    (found, *others) = [finding for finding in not_fine(seen) if finding.area == area]
    assert (found.level, found.page) == (level, page)
    assert found.what
    assert found.do
    assert (RUNBOOKS / f"{page}.md").exists()
    assert others == []
    assert {finding.area for finding in judge(seen)} >= {area, "disk"}


def test_a_missing_key_says_whether_what_is_unsigned_is_taken_or_refused() -> None:
    (taken,), (refused,) = (not_fine(with_process(*signing(keys=0, required=asked))) for asked in (0, 1))
    assert "for fr: what they publish is taken without a signature" in taken.what
    assert "for fr: what they publish is refused" in refused.what


def test_what_cannot_be_known_without_the_broker_is_not_called_fine() -> None:
    seen = replace(WELL, broker=BrokerSeen(trouble="no answer"), processes=())
    known = {finding.area for finding in judge(seen) if finding.level is Level.FINE}
    assert known == {"registry", "certificates", "disk"}
