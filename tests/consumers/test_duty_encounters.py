"""Several entries, one person: one case to the locator, the highest compatible action first (domain rule 15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.duty import encounter_lines, grouped, open_encounters
from consumers.duty.encounters import ORDER, compatible
from consumers.duty.errors import NoSuchAlert
from consumers.duty.finding import find, short_ids
from consumers.watch.card import Tone
from schemas.codes import Action, AlertStatus, Band, Mode, Priority, WorkflowState
from tests.conftest import NOON, a_match, an_alert, an_entry

W = WorkflowState


def about(alert_id, action=Action.INFORM, **more):
    given_entry = {"action": action, "owner": more.pop("owner", "fr"), "operation": more.pop("operation", None)}
    return an_alert(**{"alert_id": alert_id, "encounter": "e", "entry": an_entry(**given_entry)} | more)


def test_alerts_of_one_encounter_are_one_case_with_the_highest_action_first():
    first, other = about("a", Action.INFORM), about("b", Action.ARREST, owner="np")
    elsewhere = about("c", encounter="f")
    found = grouped([first, elsewhere, other])
    assert [[alert.alert_id for alert in each.alerts] for each in found] == [["b", "a"], ["c"]]


def test_a_case_shows_only_what_its_reader_holds_so_an_owner_sees_its_own():
    (encounter,) = grouped([about("a", recipient="fr", owner="fr")])
    assert {alert.entry.owner for alert in encounter.alerts} == {"fr"}


def test_what_was_taken_back_is_in_no_case():
    gone = about("b", Action.ARREST, status=AlertStatus.RETRACTED)
    (encounter,) = grouped([about("a"), gone])
    assert [alert.alert_id for alert in encounter.alerts] == ["a"]


def test_modes_are_never_one_case():
    assert len(grouped([about("a"), about("b", exercise=Mode.EXERCISE)])) == 2


def test_of_equal_actions_the_surer_match_comes_first():
    possible = about("a", Action.ARREST, match=a_match(band=Band.POSSIBLE))
    (encounter,) = grouped([possible, about("b", Action.ARREST, match=a_match(band=Band.STRONG))])
    assert encounter.first.alert_id == "b"


def test_a_discreet_check_beside_an_arrest_comes_last_and_is_said_to_conflict():
    alerts = [about("a", Action.DISCREET_CHECK), about("b", Action.ARREST), about("c", Action.INFORM)]
    (encounter,) = grouped(alerts)
    assert [alert.alert_id for alert in encounter.alerts] == ["b", "c", "a"]
    assert [alert.alert_id for alert in encounter.incompatible] == ["a"]
    conflicts = [line.text for line in encounter_lines(encounter, NOON) if line.tone is Tone.CONFLICT]
    assert conflicts == ["  CONFLICT  a asks for a discreet check: agree with its owner first"]


@given(alerts=st.lists(st.sampled_from(list(Action)), min_size=1, max_size=8), data=st.data())
def test_the_order_in_which_alerts_come_does_not_matter(alerts, data):
    made = [about(f"id-{number}", action) for number, action in enumerate(alerts)]
    (one,), (two,) = grouped(made), grouped(data.draw(st.permutations(made)))
    assert one == two
    assert ORDER.index(one.first.entry.action) == min(ORDER.index(action) for action in alerts)
    kept = [compatible(one.first.entry.action, alert.entry.action) for alert in one.alerts[1:]]
    assert kept == sorted(kept, reverse=True)


def test_every_action_has_its_place():
    assert sorted(ORDER) == sorted(Action)


def test_the_most_urgent_case_comes_first():
    minutes = [
        about("late", encounter="1", answer_due_at=NOON + timedelta(hours=3), workflow=W.CONFIRM_REQUESTED),
        about("soon", encounter="2", answer_due_at=NOON + timedelta(minutes=3), workflow=W.CONFIRM_REQUESTED),
        about("held", encounter="3", priority=Priority.URGENT),
        about("free", encounter="4", priority=Priority.SUPPLEMENTARY),
        about("ccc", encounter="5", escalated=True, workflow=W.CONFIRM_REQUESTED),
        about("done", encounter="6", workflow=W.CLOSED),
        about("answered", encounter="7", escalated=True, workflow=W.CONFIRMED, raised_at=NOON + timedelta(hours=1)),
    ]
    order = [each.first.alert_id for each in open_encounters(minutes)]
    assert order == ["ccc", "soon", "late", "held", "answered", "free"]
    assert [each.first.alert_id for each in open_encounters(minutes, closed_too=True)][-1] == "done"


def test_the_time_left_is_said_and_what_is_overdue():
    due = NOON + timedelta(minutes=10)
    (encounter,) = grouped([about("a", answer_due_at=due, requests=2, workflow=W.CONFIRM_REQUESTED)])
    lines = [line.text for line in encounter_lines(encounter, NOON)]
    assert lines[0] == "INFORM the owner · SUPPLEMENTARY · 10 min left"
    assert any("requested 2 times · 10 min left" in line for line in lines)
    assert "OVERDUE by 5 min" in encounter_lines(encounter, due + timedelta(minutes=5))[0].text


def test_an_exercise_is_said_in_the_first_line():
    (encounter,) = grouped([about("a", exercise=Mode.EXERCISE)])
    assert encounter_lines(encounter, NOON)[0].text.startswith("[EXERCISE] ")


def test_ids_are_as_short_as_they_may_be():
    alerts = [an_alert(alert_id=each) for each in ("abcdefgh-1", "abcdefgh-2", "zzz")]
    assert short_ids(alerts) == {"abcdefgh-1": "abcdefgh-1", "abcdefgh-2": "abcdefgh-2", "zzz": "zzz"}
    assert short_ids(alerts[:1]) == {"abcdefgh-1": "abcdefgh"}


@given(ids=st.sets(st.text("ab-", min_size=1, max_size=12), min_size=1, max_size=12))
def test_a_short_id_finds_its_alert_and_no_other(ids):
    alerts = [an_alert(alert_id=each) for each in ids]
    for alert_id, short in short_ids(alerts).items():
        assert find(alerts, short).alert_id == alert_id


@pytest.mark.parametrize(("given_id", "said"), [("x", "no alert begins with 'x'"), ("ab", "2 alerts begin with 'ab'")])
def test_an_id_that_finds_none_or_several_is_said(given_id, said):
    with pytest.raises(NoSuchAlert, match=said):
        find([an_alert(alert_id="abc"), an_alert(alert_id="abd")], given_id)
