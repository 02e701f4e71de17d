"""Answers to alerts: who may say what, what the others see of it, and what is refused."""

import pytest
from cases_world import World, alerts_in, audits_in, entry, except_, person, rejects_in, told

from schemas.codes import (
    AlertStatus,
    AnswerReason,
    EntryStatus,
    Mode,
    Outcome,
    OwnerNotification,
    RejectReason,
    ResponseKind,
    Role,
    Scope,
    WorkflowState,
)
from schemas.envelope import Handling
from schemas.events import Response
from schemas.model import timestamp
from streams.stages import keys
from streams.stages.cases.dissemination import Audience
from streams.stages.cases.records import PAIRS
from streams.stages.cases.workflow import Fault, allowed, move, moves_of

ANNA = person("ANNA ONE")
ALERT = keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1")
ALL = Audience(Scope.CROSS_BORDER, (("bd", Role.LOCATOR), ("ccc", Role.COORDINATOR), ("fr", Role.OWNER)))
NO_OWNER = Audience(Scope.CROSS_BORDER, (("bd", Role.LOCATOR), ("ccc", Role.COORDINATOR)))
HOME = Audience(Scope.DOMESTIC, (("fr", Role.LOCATOR),))
K, W = ResponseKind, WorkflowState


def alerted(**more):
    world = World()
    world.publish(entry())
    world.meet(ANNA, **more)
    return world


def seen_by(said):
    return {alert.recipient: alert for alert in alerts_in(said)}


def test_a_request_is_confirmed_and_acted_on_and_each_sees_the_others_word():
    world = alerted()
    steps = [
        ("bd", K.REQUEST_CONFIRMATION, {"text": "is it her?"}, W.CONFIRM_REQUESTED),
        ("fr", K.CONFIRM_LATER, {"eta": timestamp(world.now)}, W.CONFIRM_LATER),
        ("fr", K.CONFIRM, {}, W.CONFIRMED),
        ("bd", K.ACTION_TAKEN, {"outcome": Outcome.ARRESTED}, W.ACTIONED),
        ("bd", K.CLOSE, {}, W.CLOSED),
    ]
    for number, (by, kind, more, state) in enumerate(steps, 1):
        said = world.answer(by, kind, ALERT, **more)
        seen = seen_by(said)
        assert set(seen) == {"bd", "ccc", "fr"}
        for alert in seen.values():
            assert (alert.workflow, alert.revision, len(alert.answers)) == (state, number + 1, number)
            assert (alert.answers[-1].by, alert.answers[-1].kind) == (by, kind)
    assert next(record.what for record in audits_in(said)) == "ANSWERED"
    assert seen["fr"].answers[0].text == "is it her?"
    assert seen["ccc"].answers[3].outcome is Outcome.ARRESTED


def test_each_view_names_the_moves_of_its_recipient():
    world = alerted()
    assert {code: alert.allowed_moves for code, alert in seen_by(world.said).items()} == {
        "bd": (K.ACKNOWLEDGE, K.REQUEST_CONFIRMATION, K.CLOSE),
        "ccc": (K.ACKNOWLEDGE,),
        "fr": (K.ACKNOWLEDGE,),
    }
    said = world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    assert {code: alert.allowed_moves for code, alert in seen_by(said).items()} == {
        "bd": (K.ACKNOWLEDGE, K.CLOSE),
        "ccc": (K.ACKNOWLEDGE,),
        "fr": (K.ACKNOWLEDGE, K.CONFIRM, K.NOT_CONFIRM, K.CONFIRM_LATER),
    }


def test_receipts_and_acknowledgements_are_each_recipients_own():
    world = alerted()
    assert alerts_in(world.answer("bd", K.RECEIPT, ALERT)) == []
    shown = world.now
    (seen,) = alerts_in(world.answer("bd", K.ACKNOWLEDGE, ALERT))
    acknowledged = world.now
    assert (seen.recipient, seen.acknowledged_at) == ("bd", timestamp(acknowledged))
    assert alerts_in(world.answer("bd", K.ACKNOWLEDGE, ALERT)) == []
    world.answer("bd", K.RECEIPT, ALERT)
    ((_, pair),) = world.state.scan(PAIRS)
    marks = {holder.recipient: (holder.shown_at, holder.acknowledged_at) for holder in pair.holders}
    assert marks == {"bd": (shown, acknowledged), "ccc": (None, None), "fr": (None, None)}
    assert world.stage.stats().answers == 4


def test_unknown_and_not_yours_look_alike():
    world = alerted()
    varying = {"source_offset", "source_timestamp", "event_id", "sha256", "size", "head"}
    foreign = rejects_in(world.answer("np", K.ACKNOWLEDGE, ALERT))[0]
    unknown = rejects_in(world.answer("np", K.ACKNOWLEDGE, ALERT[::-1]))[0]
    assert foreign.reason is RejectReason.UNKNOWN_CASE
    assert foreign.model_dump(exclude=varying) == unknown.model_dump(exclude=varying)


def test_what_the_gate_says_again_of_an_unknown_case_is_refused_once_and_never_taken_in():
    world = World()
    assert rejects_in(world.answer("bd", K.ACKNOWLEDGE, ALERT, offset=3))[0].reason is RejectReason.UNKNOWN_CASE
    assert world.answer("bd", K.ACKNOWLEDGE, ALERT, offset=3) == []
    world.publish(entry())
    world.meet(ANNA)
    assert world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, offset=3) == []
    assert (world.stage.stats().rejected, world.stage.stats().repeats, world.stage.stats().answers) == (1, 2, 0)
    assert seen_by(world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, offset=4))["fr"].workflow is W.CONFIRM_REQUESTED


def test_an_answer_to_an_unknown_case_is_refused_also_in_a_topic_that_was_made_anew():
    world = World()
    assert rejects_in(world.answer("bd", K.ACKNOWLEDGE, ALERT, offset=3))
    world.make_anew("responses.bd")
    (reject,) = rejects_in(world.answer("bd", K.ACKNOWLEDGE, ALERT, offset=1))
    assert reject.reason is RejectReason.UNKNOWN_CASE
    assert world.answer("bd", K.ACKNOWLEDGE, ALERT, offset=1) == []


def test_an_illegal_move_is_refused_with_the_legal_ones_named():
    world = alerted()
    said = world.answer("fr", K.CONFIRM, ALERT)
    (reject,) = rejects_in(said)
    assert (reject.reason, reject.place) == (RejectReason.ILLEGAL_MOVE, "kind")
    assert "ACKNOWLEDGE" in reject.detail
    assert alerts_in(said) == []
    (reject,) = rejects_in(world.answer("bd", K.ACTION_TAKEN, ALERT, outcome=Outcome.ARRESTED))
    assert "REQUEST_CONFIRMATION" in reject.detail
    assert "CONFIRM," not in reject.detail


def test_an_answer_in_another_mode_is_refused():
    world = alerted()
    (reject,) = rejects_in(world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, exercise=Mode.EXERCISE))
    assert (reject.reason, reject.place) == (RejectReason.MODE_CHANGED, "exercise")


def test_the_gates_repeats_are_ignored_duplicates_counted_and_reused_ids_refused():
    world = alerted()
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, offset=3, event_id="x", occurred_at=timestamp(1))
    assert world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, offset=3, event_id="x") == []
    again = {"event_id": "x", "occurred_at": timestamp(1)}
    first = world.answer("bd", K.CLOSE, ALERT, offset=5, reason=AnswerReason.DIFFERENT_PERSON, **again)
    assert rejects_in(first)[0].reason is RejectReason.EVENT_ID_REUSED
    # one answer of each participant: their topics have the same partition and offset
    assert seen_by(world.answer("fr", K.CONFIRM, ALERT, offset=3))["bd"].workflow is W.CONFIRMED
    assert world.stage.stats().repeats == 1


def test_a_sent_again_answer_is_a_counted_duplicate():
    world = alerted()
    recorded = {"event_id": "x", "occurred_at": timestamp(1), "recorded_at": timestamp(1)}
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, **recorded)
    assert world.answer("bd", K.REQUEST_CONFIRMATION, ALERT, **recorded) == []
    assert world.stage.stats().duplicates == 1


def test_nothing_moves_while_retracted_and_the_former_state_is_resumed():
    world = alerted()
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    world.publish(entry(2, status=EntryStatus.SUSPENDED))
    (reject,) = rejects_in(world.answer("fr", K.CONFIRM, ALERT))
    assert reject.reason is RejectReason.ILLEGAL_MOVE
    assert rejects_in(world.answer("fr", K.RECEIPT, ALERT)) == []
    said = world.publish(entry(3))
    assert {alert.workflow for alert in alerts_in(said)} == {W.CONFIRM_REQUESTED}
    assert seen_by(world.answer("fr", K.CONFIRM, ALERT))["bd"].workflow is W.CONFIRMED


def test_who_lost_the_right_may_confirm_receipt_and_learns_no_more():
    world = alerted()
    world.publish(entry(2, handling=except_("bd")))
    assert rejects_in(world.answer("bd", K.RECEIPT, ALERT)) == []
    (reject,) = rejects_in(world.answer("bd", K.REQUEST_CONFIRMATION, ALERT))
    assert reject.reason is RejectReason.UNKNOWN_CASE


def test_who_lost_the_right_after_a_retraction_learns_no_more_either():
    world = alerted()
    world.meet(None, 2)
    world.publish(entry(2, handling=except_("bd")))
    (reject,) = rejects_in(world.answer("bd", K.REQUEST_CONFIRMATION, ALERT))
    assert reject.reason is RejectReason.UNKNOWN_CASE


def test_rule_3_with_a_suppressed_owner_the_coordinator_answers():
    world = alerted(handling=Handling(owner_notification=OwnerNotification.SUPPRESSED))
    said = world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    assert K.CONFIRM in seen_by(said)["ccc"].allowed_moves
    said = world.answer("ccc", K.CONFIRM, ALERT)
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE"}
    assert seen_by(said)["bd"].answers[-1].by == "ccc"
    assert rejects_in(world.answer("fr", K.CONFIRM, ALERT))[0].reason is RejectReason.UNKNOWN_CASE


def test_rule_1_at_home_one_bureau_makes_the_moves_of_both_sides():
    world = World()
    world.publish(entry())
    world.meet(ANNA, producer="fr")
    alert_id = keys.alert_id("ACTUAL:fr:I1", "s1", "ACTUAL:fr:E1")
    world.answer("fr", K.REQUEST_CONFIRMATION, alert_id)
    said = world.answer("fr", K.CONFIRM, alert_id)
    assert {code: alert.workflow for code, alert in seen_by(said).items()} == {"fr": W.CONFIRMED}


def test_a_correction_keeps_the_answers():
    world = alerted()
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    said = world.meet(person("ANNA ONE", documents=["P1"]), 2)
    assert {(alert.workflow, len(alert.answers)) for alert in alerts_in(said)} == {(W.CONFIRM_REQUESTED, 1)}
    assert {alert.status for alert in alerts_in(said)} == {AlertStatus.LIVE}


def response(kind, **more):
    given = {"event_id": "e", "producer": "bd", "occurred_at": timestamp(0), "recorded_at": timestamp(0)}
    return Response(**given | {"case_ref": "0-x", "kind": kind} | more)


@pytest.mark.parametrize(
    ("kind", "state", "by", "more", "place"),
    [
        (K.NOT_CONFIRM, W.CONFIRM_REQUESTED, "fr", {}, "reason"),
        (K.NOT_CONFIRM, W.CONFIRM_REQUESTED, "fr", {"reason": AnswerReason.UNKNOWN}, "reason"),
        (K.CONFIRM_LATER, W.CONFIRM_REQUESTED, "fr", {}, "eta"),
        (K.ACTION_TAKEN, W.CONFIRMED, "bd", {}, "outcome"),
        (K.ACTION_TAKEN, W.CONFIRMED, "bd", {"outcome": Outcome.UNKNOWN}, "outcome"),
        (K.CLOSE, W.OPEN, "bd", {}, "reason"),
        (K.CLOSE, W.OPEN, "bd", {"reason": AnswerReason.RECORD_STALE}, "reason"),
    ],
)
def test_a_move_says_what_it_must(kind, state, by, more, place):
    result = move(response(kind, **more), by, state, ALL, live=True)
    assert isinstance(result, Fault)
    assert result.place == place


@pytest.mark.parametrize(
    "reason", [AnswerReason.DIFFERENT_PERSON, AnswerReason.NOT_EXECUTABLE_HERE, AnswerReason.RECOVERED_DOCUMENT]
)
@pytest.mark.parametrize("state", [W.OPEN, W.CONFIRM_REQUESTED, W.CONFIRM_LATER, W.CONFIRMED, W.NOT_CONFIRMED])
def test_the_locator_may_close_without_action_saying_why(reason, state):
    assert move(response(K.CLOSE, reason=reason), "bd", state, ALL, live=True) is W.CLOSED


def test_nobody_moves_a_closed_case_and_no_view_offers_it():
    for audience in (ALL, NO_OWNER, HOME):
        for code, _ in audience.roles:
            assert moves_of(code, W.CLOSED, audience) == {}
            assert allowed(code, W.CLOSED, audience) == (K.ACKNOWLEDGE,)


def test_the_coordinator_answers_only_where_the_owner_does_not():
    assert moves_of("ccc", W.CONFIRM_REQUESTED, ALL) == {}
    assert K.CONFIRM in moves_of("ccc", W.CONFIRM_REQUESTED, NO_OWNER)
    assert K.CONFIRM in moves_of("fr", W.CONFIRM_REQUESTED, HOME)


def test_a_search_for_a_person_is_recorded_once_by_its_id_alone_and_is_no_answer():
    world, event_id = World(), "018f0000-0000-7000-8000-000000000001"
    reference = keys.read_case_ref(keys.search_ref(event_id, 8), 8).alert_id
    for again in range(2):
        said = world.answer("bd", ResponseKind.SUBJECT_SEARCH, reference, offset=0, event_id=event_id)
        searched = [(it.what, it.participant, it.detail) for it in audits_in(said)]
        assert searched == ([] if again else [("SEARCHED", "bd", event_id)])
        assert rejects_in(said) == []
    assert set(world.state.content()) == {"audit", "refused", "totals"}
