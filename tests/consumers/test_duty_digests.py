"""Digests as officers meet them: a card that counts, matches that can be asked for, an end that says so."""

from __future__ import annotations

from datetime import timedelta

from consumers.duty import encounter_lines, grouped
from consumers.duty.effects import effect
from consumers.duty.finding import find
from consumers.duty.moves import Said, check, is_counted, response, with_members
from consumers.screening import Expected, Share, judge
from consumers.watch.book import AlertBook, Change
from consumers.watch.card import DIGEST_SHOWN, alert_card
from schemas.alerts import Digest, DigestMember
from schemas.codes import AlertStatus, Mode, ResponseKind
from tests.conftest import NOON, an_alert

K = ResponseKind
EMPTY = {"incident": None, "match": None, "encounter": None}


def member(number):
    return DigestMember(
        alert_id=f"m-{number}",
        case_ref=f"3-m-{number}",
        producer="bd",
        incident_id=f"i-{number}",
        item_id="s-1",
        occurred_at=NOON,
    )


def a_digest(count=3, **more):
    digest = Digest(
        count=count,
        since=NOON,
        until=NOON + timedelta(hours=1),
        members=tuple(member(number) for number in range(min(count, 100))),
    )
    moves = (K.ACKNOWLEDGE, K.REQUEST_DETAILS)
    given = {"alert_id": "d-1", "case_ref": "3-d-1", "digest": digest, "allowed_moves": moves}
    return an_alert(**EMPTY | given | more)


def card(*alerts):
    book = AlertBook()
    for alert in alerts:
        taken = book.take(alert)
    return [line.text for line in alert_card(taken, NOON, "UTC")]


def test_a_digest_says_how_many_of_which_entry_and_how_to_see_them():
    lines = card(a_digest(140, exercise=Mode.EXERCISE))
    assert lines[0] == "[EXERCISE] DIGEST: 140 POSSIBLE matches of one entry"
    assert f"    and {140 - DIGEST_SHOWN} more" in lines
    assert any("m-0" in line and "incident i-0" in line for line in lines)
    assert any("details" in line for line in lines)


def test_a_digest_that_ended_is_not_said_to_be_a_wrong_match():
    ended = an_alert(alert_id="d-1", revision=2, status=AlertStatus.RETRACTED, entry=None, **EMPTY)
    assert any("sent one by one, or stand no longer" in line for line in card(a_digest(), ended))


def test_a_digest_is_a_case_of_its_own_in_the_list():
    encounters = grouped([a_digest(), an_alert()])
    heads = [encounter_lines(each, NOON)[0].text for each in encounters]
    assert [head for head in heads if head.startswith("DIGEST of 3 POSSIBLE matches")]


def test_a_listed_match_can_be_asked_for_and_nothing_else():
    alerts = with_members([a_digest(), an_alert()])
    counted = find(alerts, "m-2")
    check(counted, Said(K.REQUEST_DETAILS))
    assert counted.allowed_moves == (K.REQUEST_DETAILS,)
    assert is_counted(counted)
    assert not is_counted(find(alerts, "d-1"))
    event = response(counted, Said(K.REQUEST_DETAILS), producer="bd", event_id="mine", now=NOON)
    assert (event.case_ref, event.revision) == ("3-m-2", None)
    sent = an_alert(alert_id="m-2")
    assert effect(a_digest(2, revision=2), event, "m-2") is None
    assert effect(sent, event, "m-2") is sent


def test_asking_for_all_of_a_digest_has_its_end_for_an_effect():
    digest = a_digest()
    event = response(digest, Said(K.REQUEST_DETAILS), producer="bd", event_id="mine", now=NOON)
    ended = an_alert(alert_id="d-1", revision=3, status=AlertStatus.RETRACTED, entry=None, **EMPTY)
    assert effect(a_digest(2, revision=2), event, "d-1") is None
    assert effect(ended, event, "d-1") is ended


def test_rule_2_what_was_taken_back_keeps_nothing_of_what_it_counted():
    book = AlertBook()
    book.take(a_digest())
    taken = book.take(a_digest(revision=2, status=AlertStatus.WITHDRAWN))
    assert taken.change is Change.TAKEN_BACK
    (kept,) = book.oldest_first()
    assert (kept.digest, kept.entry, kept.front_line) == (None, None, None)
    assert with_members([kept]) == [kept]


def test_a_match_that_a_digest_lists_was_found_by_a_screening():
    truth = [Expected("i-0", "FR-77", "fr", "s-1"), Expected("i-9", "FR-77", "fr", "s-1")]
    report = judge(truth, ["i-1", "i-2"], [a_digest(3)])
    assert (report.recall, report.false_alerts) == (Share(1, 2), 2)
    assert report.found_by_band == {"POSSIBLE": 1}
