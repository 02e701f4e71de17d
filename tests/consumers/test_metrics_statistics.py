"""What the metrics consumer counts, and when it says that it is ready."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

import deploy
from consumers.metrics import Figures, MetricsService, Statistics
from consumers.metrics.statistics import KEPT
from consumers.reading import Got, Quiet, Unreadable
from schemas.codes import AlertStatus, Band, Mode, Scope
from schemas.participants import load_participants
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost, Record

KIND = {
    "mode": "ACTUAL",
    "owner": "fr",
    "country": "bd",
    "instrument": "DOC_RECORD",
    "threat": "OTHER",
    "band": "EXACT",
}
PLACE = {"mode": "ACTUAL", "owner": "fr", "country": "bd"}


@pytest.fixture
def participants():
    return load_participants(Path(deploy.__file__).with_name("bureaus.toml"))


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def statistics(participants, registry):
    return Statistics(participants, Figures(registry))


def take(statistics, *alerts):
    for alert in alerts:
        statistics.take(alert, alert.revised_at + timedelta(milliseconds=40))


def test_an_alert_counts_once_however_often_it_is_revised_or_read(statistics, registry, make_alert):
    take(statistics, make_alert(), make_alert(), make_alert(revision=2), make_alert(revision=5), make_alert(revision=3))
    assert registry.get_sample_value("tocsin_alerts_total", KIND) == 1
    assert registry.get_sample_value("tocsin_alerts_live", PLACE | {"band": "EXACT"}) == 1


def test_a_band_that_changes_moves_the_live_alert_and_not_the_count(statistics, registry, make_alert, make_match):
    take(statistics, make_alert(match=make_match(band=Band.POSSIBLE)), make_alert(revision=2))
    assert registry.get_sample_value("tocsin_alerts_total", KIND | {"band": "POSSIBLE"}) == 1
    assert registry.get_sample_value("tocsin_alerts_total", KIND) is None
    assert registry.get_sample_value("tocsin_alerts_live", PLACE | {"band": "POSSIBLE"}) == 0
    assert registry.get_sample_value("tocsin_alerts_live", PLACE | {"band": "EXACT"}) == 1


def test_retractions_count_each_time_an_alert_stood_before(statistics, registry, make_alert, taken_back):
    take(
        statistics,
        make_alert(),
        taken_back(AlertStatus.RETRACTED, 2),
        taken_back(AlertStatus.RETRACTED, 3),
        make_alert(revision=4),
        taken_back(AlertStatus.WITHDRAWN, 5),
    )
    assert registry.get_sample_value("tocsin_alerts_taken_back_total", PLACE | {"status": "RETRACTED"}) == 1
    assert registry.get_sample_value("tocsin_alerts_taken_back_total", PLACE | {"status": "WITHDRAWN"}) == 1
    assert registry.get_sample_value("tocsin_alerts_live", PLACE | {"band": "EXACT"}) == 0
    assert registry.get_sample_value("tocsin_alerts_total", KIND) == 1


def test_exercises_are_told_apart_and_canaries_left_out(
    statistics, registry, make_alert, make_incident, make_entry, taken_back
):
    take(statistics, make_alert(exercise=Mode.EXERCISE))
    take(statistics, make_alert(alert_id="c-1", incident=make_incident(producer="xa")))
    take(statistics, make_alert(alert_id="c-2", entry=make_entry(owner="xb")))
    take(statistics, taken_back(AlertStatus.RETRACTED, 2, alert_id="c-1"))
    take(statistics, make_alert(alert_id="d-1", scope=Scope.DOMESTIC))
    assert registry.get_sample_value("tocsin_alerts_total", KIND | {"mode": "EXERCISE"}) == 1
    text = generate_latest(registry).decode()
    actual = [line for line in text.splitlines() if 'mode="ACTUAL"' in line and "_created" not in line]
    assert [line for line in actual if not line.endswith(" 0.0")] == []
    assert '"xa"' not in text
    assert '"xb"' not in text


def test_the_time_from_incident_to_alert_is_a_histogram_apart_for_retrospective_alerts(
    statistics, registry, make_alert
):
    late = make_alert().raised_at + timedelta(seconds=7)
    take(statistics, make_alert(raised_at=late, revised_at=late))
    take(statistics, make_alert(alert_id="a-2", retrospective=True))
    prompt = {"mode": "ACTUAL", "retrospective": "no"}
    name = "tocsin_incident_to_alert_seconds"
    assert registry.get_sample_value(f"{name}_sum", prompt) == 7
    assert registry.get_sample_value(f"{name}_bucket", prompt | {"le": "5.0"}) == 0
    assert registry.get_sample_value(f"{name}_bucket", prompt | {"le": "10.0"}) == 1
    assert registry.get_sample_value(f"{name}_count", {"mode": "ACTUAL", "retrospective": "yes"}) == 1
    assert registry.get_sample_value("tocsin_alert_last_hop_seconds_sum", {"mode": "ACTUAL"}) == pytest.approx(0.08)


def test_the_pipelines_own_time_counts_only_what_the_incident_raised(statistics, registry, make_alert, make_incident):
    passed = make_incident(passed_at=make_alert().raised_at - timedelta(milliseconds=40))
    take(statistics, make_alert(incident=passed))
    take(statistics, make_alert(alert_id="a-2", incident=passed, retrospective=True))
    name = "tocsin_gate_to_alert_seconds"
    assert registry.get_sample_value(f"{name}_count", {"mode": "ACTUAL"}) == 1
    assert registry.get_sample_value(f"{name}_sum", {"mode": "ACTUAL"}) == pytest.approx(0.08)


def test_labels_stay_within_closed_lists_and_below_a_limit(participants, registry, make_alert, make_entry):
    statistics = Statistics(participants, Figures(registry), most_kinds=1)
    take(statistics, make_alert())
    take(statistics, make_alert(alert_id="a-2", entry=make_entry(owner="zz")))
    take(statistics, make_alert(alert_id="a-3"))
    other = dict.fromkeys(KIND, "other") | {"mode": "ACTUAL"}
    assert registry.get_sample_value("tocsin_alerts_total", KIND) == 2
    assert registry.get_sample_value("tocsin_alerts_total", other) == 1
    assert registry.get_sample_value("tocsin_alerts_beyond_label_limit_total") == 1
    assert '"zz"' not in generate_latest(registry).decode()


def test_nothing_personal_gets_into_the_metrics(statistics, registry, make_alert):
    take(statistics, make_alert())
    text = generate_latest(registry).decode()
    for secret in ("موسوی", "09AB12345", "FR-77", "a-1", "i-1", "Benapole"):
        assert secret not in text


def test_what_has_not_changed_for_ninety_days_is_no_longer_live(statistics, registry, make_alert):
    take(statistics, make_alert())
    assert statistics.forget(make_alert().revised_at + KEPT + timedelta(days=1)) == 1
    assert registry.get_sample_value("tocsin_alerts_live", PLACE | {"band": "EXACT"}) == 0
    assert registry.get_sample_value("tocsin_alerts_total", KIND) == 1


def test_nothing_is_exposed_or_ready_before_the_end_was_read(participants, make_alert):
    service = MetricsService(participants, lambda: make_alert().raised_at)
    record = Record("alerts.ccc", 0, 0, 0, None, b"")
    alive = {"trouble": None}

    def ready():
        return service.ready(lambda: alive["trouble"])

    service.run([Got(make_alert(), record), Unreadable(record, "junk"), Quiet()])
    assert ready() == "reading what was in the topic"
    assert not list(service.collect())
    service.run([AtEnd()])
    assert ready() is None
    assert {metric.name for metric in service.collect()} >= {"tocsin_alerts", "tocsin_alerts_live"}
    service.run([LineLost("the broker is away")])
    assert ready() == "the broker is away"
    assert list(service.collect())
    service.run([LineBack()])
    alive["trouble"] = "no connection to the broker (down)"
    assert ready() == "no connection to the broker (down)"


def test_the_service_ends_when_told_to(participants, make_alert):
    def endless():
        while True:
            yield Quiet()

    MetricsService(participants, lambda: make_alert().raised_at).run(endless(), stopping=lambda: True)
