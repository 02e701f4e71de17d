"""Answers from the command line: what is checked before, what is published, and what is taken for its effect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import typer

from consumers.duty.effects import effect
from consumers.duty.errors import NotPossible, Refused
from consumers.duty.moves import CLOSING, LONGEST_TEXT, MOVES, Said, check, response, words_of
from consumers.duty.waiting import fold, heard, to_end
from consumers.reading import Got, Quiet
from schemas.alerts import Answer
from schemas.codes import AlertStatus, AnswerReason, Mode, Outcome, RejectReason, ResponseKind, WorkflowState
from streams.stages.cases import CasesRules
from streams.stages.cases.workflow import CLOSING_REASONS
from tests.conftest import NOON, a_reject, an_alert
from tocsin.cli.cases import read_eta
from tocsin.runtime.consuming import AtEnd, Record

K = ResponseKind
RECORD = Record("alerts.bd", 0, 0, 0, None, b"")


def asking(*kinds, **more):
    return an_alert(**{"allowed_moves": (K.ACKNOWLEDGE, *kinds), "revision": 4} | more)


def reject(event_id="mine"):
    said = {"place": "kind", "detail": "This answer is not possible now. Possible for you: ACKNOWLEDGE."}
    at = {"stage": "cases", "source_topic": "responses.bd"}
    return a_reject(reason=RejectReason.ILLEGAL_MOVE, event_id=event_id, **said, **at)


def made(alert, said):
    return response(alert, said, producer="bd", event_id="mine", now=NOON)


def answered(**more):
    return asking(revision=5, answers=(Answer(by="bd", kind=K.REQUEST_CONFIRMATION, at=NOON, event_id="mine"),), **more)


def test_every_move_of_an_officer_has_a_word():
    assert set(MOVES.values()) == set(ResponseKind) - {
        K.UNKNOWN,
        K.RECEIPT,
        K.SUBJECT_SEARCH,
    }  # searches are no answers
    assert frozenset(CLOSING) == CLOSING_REASONS


def test_what_is_not_possible_is_refused_with_what_is():
    with pytest.raises(NotPossible, match=r"^confirm is not possible now; possible for you: ack, request$"):
        check(asking(K.REQUEST_CONFIRMATION), Said(K.CONFIRM))


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (K.NOT_CONFIRM, "--reason: DIFFERENT_PERSON"),
        (K.CONFIRM_LATER, "--eta"),
        (K.ACTION_TAKEN, "--outcome: LOCATED, ARRESTED, SEIZED, PROTECTED"),
        (K.CLOSE, "--reason: DIFFERENT_PERSON, NOT_EXECUTABLE_HERE, RECOVERED_DOCUMENT"),
    ],
)
def test_what_a_move_must_say_is_asked_for(kind, wanted):
    with pytest.raises(NotPossible, match=wanted):
        check(asking(kind), Said(kind))


def test_a_case_that_was_acted_on_is_closed_without_a_reason():
    check(asking(K.CLOSE, workflow=WorkflowState.ACTIONED), Said(K.CLOSE))
    with pytest.raises(NotPossible):
        check(asking(K.CLOSE), Said(K.CLOSE, reason=AnswerReason.RECORD_STALE))


def test_no_text_is_sent_that_would_be_cut_on_the_way():
    assert CasesRules().answer_text == LONGEST_TEXT
    check(asking(K.CONFIRM), Said(K.CONFIRM, text="x" * LONGEST_TEXT))
    with pytest.raises(NotPossible, match="2001 characters; at most 2000"):
        check(asking(K.CONFIRM), Said(K.CONFIRM, text="x" * (LONGEST_TEXT + 1)))


def test_what_was_taken_back_is_not_answered():
    with pytest.raises(NotPossible, match="taken back"):
        check(asking(status=AlertStatus.WITHDRAWN, case_ref=None), Said(K.ACKNOWLEDGE))


def test_the_answer_repeats_case_mode_and_the_revision_that_the_officer_saw():
    alert = asking(K.ACTION_TAKEN, exercise=Mode.EXERCISE)
    event = made(alert, Said(K.ACTION_TAKEN, outcome=Outcome.ARRESTED, text="at the gate"))
    assert (event.case_ref, event.exercise, event.revision) == (alert.case_ref, Mode.EXERCISE, 4)
    assert (event.outcome, event.text, event.producer) == (Outcome.ARRESTED, "at the gate", "bd")


def test_the_effect_is_the_revision_that_holds_ones_own_answer():
    alert = asking(K.REQUEST_CONFIRMATION)
    event = made(alert, Said(K.REQUEST_CONFIRMATION))
    anothers = asking(revision=5, answers=(Answer(by="bd", kind=K.REQUEST_CONFIRMATION, at=NOON, event_id="other"),))
    assert effect(anothers, event, "a-1") is None
    assert effect(answered(), event, "another") is None
    assert effect(answered(), event, "a-1") is not None
    assert effect(reject("other"), event, "a-1") is None
    with pytest.raises(Refused, match=r"refused, ILLEGAL_MOVE: .*Possible for you: ACKNOWLEDGE"):
        effect(reject(), event, "a-1")


def test_the_effect_of_an_acknowledgement_is_its_mark():
    event = made(asking(), Said(K.ACKNOWLEDGE))
    assert effect(asking(revision=5), event, "a-1") is None
    assert effect(asking(revision=5, acknowledged_at=NOON), event, "a-1") is not None


def steps(*messages):
    return iter([*(Got(message, RECORD) if not isinstance(message, Quiet) else message for message in messages)])


def forever():
    while True:
        yield Quiet()


def test_waiting_ends_with_the_effect_the_refusal_or_the_time():
    event = made(asking(), Said(K.REQUEST_CONFIRMATION))
    clock = iter(range(100))
    told = {"within": 10, "monotonic": lambda: next(clock)}
    assert heard(steps(Quiet(), answered()), forever(), event, "a-1", **told).revision == 5
    with pytest.raises(Refused):
        heard(forever(), steps(Quiet(), reject()), event, "a-1", **told)
    assert heard(forever(), forever(), event, "a-1", **told) is None


def test_reading_to_the_end_folds_what_was_there_and_leaves_the_rest():
    foreign = Got(asking(alert_id="x", recipient="fr"), RECORD)
    read = iter([Got(asking(), RECORD), foreign, Got(asking(revision=2), RECORD), AtEnd(), Got(answered(), RECORD)])
    (alert,) = fold(read, "bd").oldest_first()
    assert alert.revision == 4
    assert next(read).message.revision == 5
    to_end(iter([Quiet(), AtEnd()]))


def test_words_are_those_of_the_command_line():
    assert words_of(asking(K.CONFIRM, K.NOT_CONFIRM, K.CONFIRM_LATER)) == ["ack", "confirm", "reject", "later"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", NOON + timedelta(hours=2)),
        ("30min", NOON + timedelta(minutes=30)),
        ("3 d", NOON + timedelta(days=3)),
        ("2026-11-24T18:00+01:00", datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_time_for_later_is_a_length_or_a_moment_with_its_zone(text, moment):
    assert read_eta(text, NOON) == moment


@pytest.mark.parametrize("text", ["soon", "2026-11-24T18:00", "-2h", "99999h", ""])
def test_a_time_that_is_neither_is_refused(text):
    with pytest.raises(typer.BadParameter):
        read_eta(text, NOON)
