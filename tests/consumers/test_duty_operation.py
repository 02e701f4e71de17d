"""What a joint operation's alerts add up to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.duty.operation import OperationBook, counted
from schemas.alerts import Answer
from schemas.codes import AlertStatus, Mode, Outcome, ResponseKind
from tests.conftest import NOON, an_alert, an_entry, an_incident


def acted(alert_id="a", outcome=Outcome.ARRESTED, *, country="bd", encounter=None, operation="ROUND-UP", **more):
    answers = (Answer(by=country, kind=ResponseKind.ACTION_TAKEN, at=NOON, outcome=outcome),) if outcome else ()
    given_now = {
        "alert_id": alert_id,
        "recipient": "ccc",
        "encounter": encounter or alert_id,
        "entry": an_entry(operation=operation),
        "incident": an_incident(producer=country),
        "answers": answers,
    }
    return an_alert(**given_now | more)


def gone(alert_id, status, revision=2):
    empty = {"incident": None, "entry": None, "match": None, "encounter": None}
    return an_alert(alert_id=alert_id, recipient="ccc", status=status, revision=revision, **empty)


def count(*alerts):
    book = OperationBook()
    for alert in alerts:
        book.take(alert)
    return {
        place: (found.met, {outcome: number for outcome, number in found.outcomes.items() if number})
        for place, found in counted(book.tallies()).items()
    }


ROUND_UP = (Mode.ACTUAL, "ROUND-UP", "bd")


def test_outcomes_are_counted_by_operation_and_country():
    said = count(acted("a"), acted("b", Outcome.LOCATED), acted("c", country="np"), acted("d", operation="OTHER"))
    assert said == {
        ROUND_UP: (2, {Outcome.ARRESTED: 1, Outcome.LOCATED: 1}),
        (Mode.ACTUAL, "ROUND-UP", "np"): (1, {Outcome.ARRESTED: 1}),
        (Mode.ACTUAL, "OTHER", "bd"): (1, {Outcome.ARRESTED: 1}),
    }


def test_a_person_with_two_entries_is_arrested_once():
    assert count(acted("a", encounter="e"), acted("b", encounter="e")) == {ROUND_UP: (1, {Outcome.ARRESTED: 1})}


def test_who_was_met_counts_before_anything_came_of_it():
    assert count(acted("a", None)) == {ROUND_UP: (1, {})}


def test_alerts_outside_operations_count_nothing():
    assert count(acted(operation=None)) == {}


def test_an_arrest_still_counts_when_its_entry_was_executed_and_the_alert_retracted():
    assert count(acted(), gone("a", AlertStatus.RETRACTED)) == {ROUND_UP: (1, {Outcome.ARRESTED: 1})}


def test_rule_2_what_was_withdrawn_no_longer_counts():
    assert count(acted(), gone("a", AlertStatus.WITHDRAWN)) == {}
    assert count(acted(), gone("a", AlertStatus.WITHDRAWN), acted()) == {}


def test_an_entry_that_leaves_the_operation_takes_its_alert_along():
    assert count(acted(), acted(operation=None, revision=2)) == {}


def test_rule_14_an_exercise_is_counted_apart():
    assert count(acted(exercise=Mode.EXERCISE)) == {(Mode.EXERCISE, "ROUND-UP", "bd"): (1, {Outcome.ARRESTED: 1})}


@given(repeats=st.lists(st.integers(0, 5), max_size=6))
def test_the_newest_revision_counts_whatever_is_read_twice(repeats):
    alerts = [
        acted("a", None),
        acted("a", revision=2),
        acted("b", Outcome.SEIZED),
        gone("b", AlertStatus.RETRACTED),
        acted("c"),
        gone("c", AlertStatus.WITHDRAWN),
    ]
    in_order = count(*alerts)
    assert in_order == {ROUND_UP: (2, {Outcome.ARRESTED: 1, Outcome.SEIZED: 1})}
    assert count(*alerts, *(alerts[each] for each in repeats)) == in_order
