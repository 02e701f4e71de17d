"""Alerts are held once, in their newest revision."""

import itertools
from datetime import timedelta

import pytest

from consumers.watch.book import KEPT, AlertBook, Change
from schemas.codes import AlertStatus


def test_a_repeat_changes_nothing(make_alert):
    book = AlertBook()
    assert book.take(make_alert()).change is Change.NEW
    assert book.take(make_alert()).change is Change.OLD
    assert len(book) == 1


@pytest.mark.parametrize("status", [AlertStatus.RETRACTED, AlertStatus.WITHDRAWN])
def test_an_older_revision_never_comes_back_after_it_was_taken_back(make_alert, taken_back, status):
    book = AlertBook()
    book.take(make_alert(revision=1))
    assert book.take(taken_back(status, 3)).change is Change.TAKEN_BACK
    assert book.take(make_alert(revision=2)).change is Change.OLD
    assert [alert.status for alert in book.oldest_first()] == [status]
    assert book.live == 0


def test_content_of_an_alert_that_was_taken_back_is_dropped_even_if_it_was_sent(make_alert):
    book = AlertBook()
    book.take(make_alert())
    taken = book.take(make_alert(revision=2, status=AlertStatus.WITHDRAWN))
    held = next(book.oldest_first())
    assert taken.alert == held
    assert held.incident is held.entry is held.match is held.encounter is None


def test_a_pair_that_matches_again_stands_again(make_alert, taken_back):
    book = AlertBook()
    book.take(make_alert())
    book.take(taken_back(AlertStatus.RETRACTED, 2))
    assert book.take(make_alert(revision=3)).change is Change.RESUMED
    assert book.live == 1


def test_any_order_of_arrival_ends_in_the_same_book(make_alert, taken_back):
    sent = [
        make_alert(revision=1),
        make_alert(revision=2),
        taken_back(AlertStatus.RETRACTED, 3),
        make_alert(revision=4, alert_id="a-2"),
    ]
    ends = set()
    for order in itertools.permutations(sent):
        book = AlertBook()
        for alert in order:
            book.take(alert)
        ends.add(tuple((alert.alert_id, alert.revision, alert.status) for alert in book.oldest_first()))
    assert ends == {(("a-1", 3, AlertStatus.RETRACTED), ("a-2", 4, AlertStatus.LIVE))}


def test_alerts_of_one_encounter_are_found_while_they_stand(make_alert, taken_back):
    book = AlertBook()
    first, second = make_alert(), make_alert(alert_id="a-2")
    book.take(first)
    book.take(second)
    book.take(make_alert(alert_id="a-3", encounter="another"))
    assert book.same_encounter(first) == (second,)
    book.take(taken_back(AlertStatus.RETRACTED, 2, alert_id="a-2"))
    assert book.same_encounter(first) == ()


def test_what_has_not_changed_for_ninety_days_is_forgotten(make_alert):
    book = AlertBook()
    alert = make_alert()
    book.take(alert)
    assert book.forget(alert.revised_at + KEPT) == 0
    assert book.forget(alert.revised_at + KEPT + timedelta(seconds=1)) == 1
    assert len(book) == 0
