"""Figures of joint operations: closed labels, whatever names entries carry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from consumers.metrics import Figures, Statistics
from consumers.metrics.statistics import KEPT
from schemas.alerts import Answer
from schemas.codes import AlertStatus, Outcome, ResponseKind
from schemas.errors import DeclarationError
from schemas.participants import Kind, Participant, Participants, load_participants
from tests.conftest import NOON, an_alert, an_entry, an_incident

CODES = {"bd": Kind.BUREAU, "fr": Kind.BUREAU, "ccc": Kind.COORDINATOR, "xa": Kind.CANARY, "xb": Kind.CANARY}


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def statistics(registry):
    members = {code: Participant(code=code, name=code, kind=kind) for code, kind in CODES.items()}
    return Statistics(Participants(members=members, operations=("ROUND-UP",)), Figures(registry))


def acted(alert_id="a", operation="ROUND-UP", country="bd", **more):
    answers = (Answer(by=country, kind=ResponseKind.ACTION_TAKEN, at=NOON, outcome=Outcome.ARRESTED),)
    return an_alert(
        **{
            "alert_id": alert_id,
            "encounter": alert_id,
            "entry": an_entry(operation=operation),
            "incident": an_incident(producer=country),
            "answers": answers,
        }
        | more
    )


def value(registry, name, **labels):
    return registry.get_sample_value(name, {"mode": "ACTUAL", "operation": "ROUND-UP", "country": "bd"} | labels)


def counted(statistics, *alerts):
    for alert in alerts:
        statistics.take(alert, alert.revised_at)
    statistics.count_operations()


def test_a_declared_operation_is_named_with_its_outcomes(statistics, registry):
    counted(statistics, acted("a"), acted("b", answers=()))
    assert value(registry, "tocsin_operation_met") == 2
    assert value(registry, "tocsin_operation_outcomes", outcome="ARRESTED") == 1
    assert value(registry, "tocsin_operation_outcomes", outcome="LOCATED") == 0


def test_no_other_name_from_outside_becomes_a_label(statistics, registry):
    counted(statistics, *(acted(f"a{number}", f"Operation of {number} <script>", country="zz") for number in range(9)))
    assert value(registry, "tocsin_operation_met", operation="other", country="other") == 9
    assert b"script" not in generate_latest(registry)


def test_an_arrest_outlives_the_retraction_that_follows_it_and_not_a_withdrawal(statistics, registry):
    empty = {"incident": None, "entry": None, "match": None, "encounter": None}
    counted(statistics, acted(), an_alert(alert_id="a", revision=2, status=AlertStatus.RETRACTED, **empty))
    assert value(registry, "tocsin_operation_outcomes", outcome="ARRESTED") == 1
    counted(statistics, an_alert(alert_id="a", revision=3, status=AlertStatus.WITHDRAWN, **empty))
    assert value(registry, "tocsin_operation_outcomes", outcome="ARRESTED") is None


def test_canaries_count_in_no_operation(statistics, registry):
    counted(statistics, acted(country="xa", entry=an_entry(owner="xb", operation="ROUND-UP")))
    assert value(registry, "tocsin_operation_met") is None


def test_rule_16_what_is_forgotten_counts_no_longer(statistics, registry):
    counted(statistics, acted())
    statistics.forget(NOON + KEPT + timedelta(days=1))
    statistics.count_operations()
    assert value(registry, "tocsin_operation_met") is None


def test_operations_are_declared_with_the_participants(tmp_path):
    path = tmp_path / "bureaus.toml"
    members = '[participants.ccc]\nname = "C"\nkind = "coordinator"\n'
    path.write_text(f'operations = ["ROUND-UP"]\n{members}')
    assert load_participants(path).operations == ("ROUND-UP",)
    path.write_text(f'operations = [""]\n{members}')
    with pytest.raises(DeclarationError, match=r"operations\.0"):
        load_participants(path)
