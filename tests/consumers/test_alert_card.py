"""What an officer reads of an alert."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from consumers.watch.book import Change, Taken
from consumers.watch.card import Tone, alert_card
from consumers.watch.times import age, both
from consumers.watch.wording import (
    ACTIONS,
    BANDS,
    CROSSINGS,
    DETENTION,
    INCIDENTS,
    MEANS,
    MODES,
    PRIORITIES,
    ROLES,
    VERDICTS,
    WARNINGS,
    WORKFLOW,
)
from schemas import codes
from schemas.codes import Action, AlertStatus, DetentionBasis, IncidentType, Mode, Role, Warning
from tocsin.cli.showing import cleaned


def card(alert, *, change=Change.NEW, before=None, now=None, zone="Asia/Dhaka", others=()):
    now = now or alert.revised_at + timedelta(minutes=2)
    return alert_card(Taken(change, alert, before), now, zone, others)


def text(lines):
    return "\n".join(line.text for line in lines)


def test_an_officer_reads_what_is_asked_the_dangers_and_the_reasons(make_alert):
    said = text(card(make_alert()))
    assert said.splitlines()[0] == "SEIZE"
    assert "WARNINGS: armed, contagious or other health threat" in said
    assert "SUPPLEMENTARY, answer within 12 hours · EXACT match" in said
    assert "= agrees     +24.0  document number: 09AB12345 | 09AB12345  (same issuer)" in said
    assert "≠ differs     -2.5  birth date: 1980 | 1990" in said
    assert "Benapole (bd), border check, entry by land; reported by bd" in said
    assert "passport 09AB12345 (fr); stolen" in said
    assert "doc record of fr, FR-77 version 3" in said


def test_times_are_local_to_the_place_and_utc(make_alert):
    assert "when      2026-11-24 18:00:00 local (Asia/Dhaka) = 12:00:00 UTC, 2 min ago" in text(card(make_alert()))


def test_a_zone_that_does_not_exist_leaves_utc(make_alert, make_incident):
    said = text(card(make_alert(incident=make_incident(zone="../Mars"))))
    assert "2026-11-24 12:00:00 UTC (local time not known)" in said


def test_conflicts_stand_out_and_their_absence_is_said(make_alert, make_match):
    assert [line.text for line in card(make_alert()) if line.tone is Tone.CONFLICT] == [
        "    ≠ differs     -2.5  birth date: 1980 | 1990"
    ]
    assert "no conflicts among what was compared" in text(card(make_alert(match=make_match(evidence=()))))


@pytest.mark.parametrize(("mode", "word"), [(Mode.EXERCISE, "[EXERCISE] "), (Mode.TEST, "[TEST] ")])
def test_an_exercise_cannot_be_taken_for_real(make_alert, taken_back, mode, word):
    lines = card(make_alert(exercise=mode))
    assert lines[0].text.startswith(word)
    assert all(word in line.text for line in lines if line.tone is Tone.DANGER)
    assert card(taken_back(AlertStatus.RETRACTED, 2, exercise=mode))[0].text.startswith(word)


def test_a_real_alert_carries_no_mode(make_alert):
    assert "[" not in card(make_alert())[0].text


def test_an_entry_that_came_after_the_incident_says_so(make_alert):
    assert card(make_alert(retrospective=True))[0].text.startswith("RETROSPECTIVE (the entry came after the incident)")


def test_a_discreet_check_never_speaks_of_stopping_or_holding(make_alert, make_incident, make_entry):
    alert = make_alert(
        incident=make_incident(
            incident_type=IncidentType.VEHICLE_STOP, detained=True, detention_basis=DetentionBasis.OTHER
        ),
        entry=make_entry(action=Action.DISCREET_CHECK, warnings=(Warning.ESCAPED,)),
    )
    said = text(card(alert)).lower()
    for word in ("stop", "arrest", "detain", "held", "hold", "seize"):
        assert word not in said
    assert "must not notice" in said


def test_a_withdrawn_alert_says_nothing_of_what_it_was(make_alert, taken_back):
    said = text(card(taken_back(AlertStatus.WITHDRAWN, 2), change=Change.TAKEN_BACK, before=make_alert()))
    assert said.startswith("WITHDRAWN")
    for secret in ("موسوی", "09AB12345", "FR-77", "Benapole"):
        assert secret not in said


def test_a_retraction_says_whom_it_was_about_if_that_was_known(make_alert, taken_back):
    retracted = taken_back(AlertStatus.RETRACTED, 2)
    said = text(card(retracted, change=Change.TAKEN_BACK, before=make_alert()))
    assert said.startswith("RETRACTED: this match no longer stands")
    assert "موسوی" in said
    assert "موسوی" not in text(card(retracted, change=Change.TAKEN_BACK))


def test_the_age_of_the_watchlist_is_told_and_no_match_is_called_a_hit(make_alert):
    said = text(card(make_alert()))
    assert "the newest watchlist change was at most 1 min 30 s old then" in said
    assert "a match is no hit until somebody confirms it" in said
    assert "how fresh the watchlist was is not known" in text(card(make_alert(watchlist_age=None)))


def test_a_revision_says_what_it_replaces(make_alert):
    said = text(card(make_alert(revision=4), change=Change.REVISED, before=make_alert(revision=2)))
    assert "revision 4, replaces 2" in said


def test_other_alerts_of_the_encounter_are_named(make_alert, make_entry):
    other = make_alert(alert_id="a-9", entry=make_entry(owner="un"))
    assert "see also  alert a-9: the same encounter, entry of un" in text(card(make_alert(), others=(other,)))


def test_a_right_to_left_name_is_isolated_from_the_line_around_it(make_alert):
    said = text(card(cleaned(make_alert())))
    assert "met       \u2068حسین موسوی\u2069; born 1980-02-??" in said


def test_text_from_outside_cannot_steer_the_terminal(make_alert, make_entry):
    alert = make_alert(
        entry=make_entry(remarks="\x1b]0;owned\x07\x1b[2Jhello\r\nARREST \u202eevil", owner="fr\x1b[31m")
    )
    said = text(card(cleaned(alert)))
    assert "remarks   hello  ARREST evil" in said
    assert not any(unicodedata.category(char) == "Cc" for char in said if char != "\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (ACTIONS, codes.Action),
        (WARNINGS, codes.Warning),
        (BANDS, codes.Band),
        (PRIORITIES, codes.Priority),
        (MODES, codes.Mode),
        (INCIDENTS, codes.IncidentType),
        (CROSSINGS, codes.Crossing),
        (MEANS, codes.CrossingMode),
        (DETENTION, codes.DetentionBasis),
        (ROLES, codes.Role),
        (VERDICTS, codes.Verdict),
        (WORKFLOW, codes.WorkflowState),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_code_has_words(words, code):
    assert set(words) == set(code)


def test_every_role_and_an_alert_without_match_can_be_shown(make_alert):
    for role in Role:
        assert card(make_alert(role=role, match=None, case_ref=None))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (273600, "3 days 4 h"),
        (-5, "0 s"),
    ],
)
def test_ages_are_said_in_their_two_largest_units(seconds, said):
    assert age(timedelta(seconds=seconds)) == said


def test_utc_names_its_day_where_the_local_day_differs(make_alert):
    moment = make_alert().raised_at.replace(hour=20)
    assert both(datetime(9999, 12, 31, 23, tzinfo=UTC), "Asia/Dhaka") == "9999-12-31 23:00:00 UTC"
    assert both(moment, "Asia/Dhaka") == "2026-11-25 02:00:00 local (Asia/Dhaka) = 2026-11-24 20:00:00 UTC"
