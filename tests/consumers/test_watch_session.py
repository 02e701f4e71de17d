"""What a watch shows and in which order."""

from __future__ import annotations

from datetime import timedelta

from consumers.reading import Got, Quiet, Unreadable
from consumers.watch.session import Notice, Shown, Standing, watch
from schemas.codes import AlertStatus
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost, Record


def record(offset=0):
    return Record("alerts.bd", 0, offset, 0, None, b"")


def seen(steps, make_alert, from_beginning=True):
    now = make_alert().raised_at + timedelta(minutes=3)
    return list(watch(steps, recipient="bd", from_beginning=from_beginning, clock=lambda: now))


def shown(sights):
    return [
        (s.taken.alert.alert_id, s.taken.alert.revision, s.taken.alert.status) for s in sights if isinstance(s, Shown)
    ]


def test_what_was_withdrawn_since_is_never_shown_for_a_moment(make_alert, taken_back):
    steps = [
        Got(make_alert(), record()),
        Got(make_alert(revision=2), record()),
        Got(taken_back(AlertStatus.WITHDRAWN, 3), record()),
        Got(make_alert(alert_id="a-2"), record()),
        AtEnd(),
    ]
    sights = seen(steps, make_alert)
    assert shown(sights) == [("a-1", 3, AlertStatus.WITHDRAWN), ("a-2", 1, AlertStatus.LIVE)]
    assert all(
        s.taken.alert.incident is None for s in sights if isinstance(s, Shown) and s.taken.alert.alert_id == "a-1"
    )


def test_after_the_end_each_new_revision_is_shown_as_it_comes_and_repeats_are_not(make_alert):
    steps = [AtEnd(), *(Got(make_alert(revision=revision), record()) for revision in (1, 1, 3, 2))]
    assert [revision for _, revision, _ in shown(seen(steps, make_alert))] == [1, 3]


def test_without_the_beginning_alerts_are_shown_at_once(make_alert):
    assert shown(seen([Got(make_alert(), record())], make_alert, from_beginning=False))


def test_an_alert_for_somebody_else_is_never_shown(make_alert):
    sights = seen([Got(make_alert(recipient="fr"), record(7)), AtEnd()], make_alert)
    assert not shown(sights)
    assert Notice("an alert for another recipient is in this topic (alerts.bd[0]@7): not shown", trouble=True) in sights


def test_a_lost_line_is_told_once_and_so_is_its_return(make_alert):
    sights = seen([AtEnd(), LineLost("the broker is away"), Quiet(), LineBack()], make_alert)
    texts = [s.text for s in sights]
    assert "LINE LOST at 2026-11-24 12:03:00 UTC: the broker is away. Alerts may be waiting; trying again" in texts
    assert "LINE LOST: no alerts can arrive" in texts
    assert "line back at 2026-11-24 12:03:00 UTC; what came meanwhile follows" in texts


def test_rule_13_silence_is_no_clearance_and_the_age_of_the_watchlist_is_said(make_alert):
    sights = seen([Got(make_alert(), record()), AtEnd()], make_alert)
    assert sights[-1] == Standing(
        "line up · 1 alert stands · last alert 3 min ago · newest watchlist change seen 4 min 30 s ago"
        " · silence is no confirmation and no clearance",
        once=True,
    )
    assert "no alert seen yet · watchlist age not known" in seen([AtEnd()], make_alert)[-1].text


def test_an_unreadable_record_is_named_by_its_place(make_alert):
    assert seen([Unreadable(record(3), "not ours")], make_alert) == [
        Notice("one record cannot be read (alerts.bd[0]@3): not ours")
    ]
