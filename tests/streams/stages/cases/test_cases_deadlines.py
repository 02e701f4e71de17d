"""Deadlines of answers: requested again, escalated, stopped and resumed; the clock is the partition's."""

from __future__ import annotations

import pytest
from cases_world import PARTITIONS, World, alerts_in, audits_in, entry, except_, numbers_of, person, rejects_in, told
from cases_world import decide as equal
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codes import (
    AnswerReason,
    DetentionBasis,
    EntryStatus,
    OwnerNotification,
    Priority,
    RejectReason,
    ResponseKind,
    WorkflowState,
)
from schemas.envelope import Handling
from schemas.model import millis, timestamp
from schemas.topics import DAY, HOUR
from streams.stages import keys
from streams.stages.cases import Cases, CasesRules
from streams.stages.cases.deadlines import MINUTE, AnswerClock, Deadlines, adjusted, after_answer, run_out
from streams.stages.cases.records import DEADLINES, PAIRS

ANNA = person("ANNA ONE")
ALERT = keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1")
K = ResponseKind
HELD = {
    Priority.URGENT: {"detained": True, "detention_basis": DetentionBasis.HIT_ONLY},
    Priority.ROUTINE: {"detained": True, "detention_basis": DetentionBasis.OTHER},
    Priority.SUPPLEMENTARY: {},
}
WITHIN = {Priority.URGENT: 10 * MINUTE, Priority.ROUTINE: HOUR, Priority.SUPPLEMENTARY: 12 * HOUR}
SUPPRESSED = Handling(owner_notification=OwnerNotification.SUPPRESSED)


def requested(priority=Priority.URGENT, **more):
    world = World()
    world.publish(entry())
    world.meet(ANNA, **HELD[priority], **more)
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    return world


def last(world, recipient="bd"):
    return [alert for alert in alerts_in(world.said) if alert.recipient == recipient][-1]


@pytest.mark.parametrize("priority", [Priority.URGENT, Priority.ROUTINE])
def test_an_unanswered_request_is_made_a_second_and_a_third_time_and_then_escalated(priority):
    world, within = requested(priority), WITHIN[priority]
    seen = []
    for _ in range(3):
        assert millis(last(world).answer_due_at) == world.now + within
        assert world.tick(after=within - 1) == []
        said = world.tick(after=1)
        assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
        assert len({(alert.requests, alert.escalated, alert.answer_due_at) for alert in alerts_in(said)}) == 1
        seen.append((last(world).requests, last(world).escalated))
    assert seen == [(2, False), (3, False), (3, True)]
    assert last(world).answer_due_at is None
    assert world.tick(after=30 * DAY) == []
    stats = world.stage.stats()
    assert (stats.requested_again, stats.escalated) == (2, 1)
    assert [record.what for record in audits_in(world.said) if record.what in ("REQUESTED_AGAIN", "ESCALATED")] == [
        "REQUESTED_AGAIN",
        "REQUESTED_AGAIN",
        "ESCALATED",
    ]


def test_exchange_of_information_is_escalated_at_once_after_twelve_hours():
    world = requested(Priority.SUPPLEMENTARY)
    assert world.tick(after=12 * HOUR - 1) == []
    world.tick(after=1)
    assert (last(world).requests, last(world).escalated) == (1, True)


def test_escalated_is_a_mark_with_which_the_coordinator_may_answer_and_so_may_the_owner_still():
    for by in ("ccc", "fr"):
        world = requested(Priority.SUPPLEMENTARY)
        assert rejects_in(world.answer("ccc", K.CONFIRM, ALERT))[0].reason is RejectReason.ILLEGAL_MOVE
        world.tick(after=12 * HOUR)
        assert last(world).workflow is WorkflowState.CONFIRM_REQUESTED
        assert K.CONFIRM in last(world, "ccc").allowed_moves
        assert K.CONFIRM in last(world, "fr").allowed_moves
        assert K.CONFIRM not in last(world, "bd").allowed_moves
        world.answer(by, K.CONFIRM, ALERT)
        assert last(world).workflow is WorkflowState.CONFIRMED
        assert last(world).answers[-1].by == by
        assert last(world).escalated
        (late,) = rejects_in(world.answer("ccc", K.CONFIRM, ALERT))
        assert late.reason is RejectReason.ILLEGAL_MOVE
        assert "Possible for you: ACKNOWLEDGE." in late.detail


@pytest.mark.parametrize(
    ("kind", "by", "more"),
    [
        (K.CONFIRM, "fr", {}),
        (K.NOT_CONFIRM, "fr", {"reason": AnswerReason.RECORD_STALE}),
        (K.CLOSE, "bd", {"reason": AnswerReason.DIFFERENT_PERSON}),
    ],
)
def test_an_answer_stops_the_clock_for_good(kind, by, more):
    world = requested()
    world.answer(by, kind, ALERT, **more)
    assert (last(world).requests, last(world).answer_due_at) == (1, None)
    assert list(world.state.scan(DEADLINES)) == []
    assert world.tick(after=DAY) == []


def test_an_answer_promised_for_later_starts_the_clock_anew_at_that_time():
    world = requested()
    world.tick(after=10 * MINUTE)
    eta = world.now + 2 * HOUR
    world.answer("fr", K.CONFIRM_LATER, ALERT, eta=timestamp(eta))
    assert (last(world).requests, millis(last(world).answer_due_at)) == (1, eta + 10 * MINUTE)
    assert world.tick(after=eta + 10 * MINUTE - 1 - world.now) == []
    world.tick(after=1)
    assert (last(world).requests, last(world).workflow) == (2, WorkflowState.CONFIRM_LATER)


def test_an_answer_promised_for_a_time_that_has_passed_starts_it_now():
    world = requested()
    world.answer("fr", K.CONFIRM_LATER, ALERT, eta=timestamp(1))
    assert millis(last(world).answer_due_at) == world.now + 10 * MINUTE


def test_an_answer_cannot_be_put_off_for_ever():
    world = requested()
    (reject,) = rejects_in(world.answer("fr", K.CONFIRM_LATER, ALERT, eta=timestamp(world.now + 31 * DAY)))
    assert (reject.reason, reject.place) == (RejectReason.INVALID_FIELD, "eta")
    assert rejects_in(world.answer("fr", K.CONFIRM_LATER, ALERT, eta=timestamp(world.now + 29 * DAY))) == []


def test_nor_by_putting_it_off_again_and_again():
    world = requested()
    first, put_off = world.now, 0
    while not rejects_in(world.answer("fr", K.CONFIRM_LATER, ALERT, eta=timestamp(world.now + 5 * DAY))):
        put_off += 1
        world.tick(after=5 * DAY - HOUR)
    assert put_off == 6
    assert world.now < first + 30 * DAY
    world.tick(after=2 * DAY)
    (reject,) = rejects_in(world.answer("fr", K.CONFIRM_LATER, ALERT, eta=timestamp(1)))
    assert (reject.reason, reject.place) == (RejectReason.INVALID_FIELD, "eta")
    for _ in range(6):
        world.tick(after=DAY)
    assert last(world).escalated


def test_rule_5_a_retraction_stops_the_clock_and_the_rest_of_it_runs_when_the_match_stands_again():
    world = requested()
    world.tick(after=4 * MINUTE)
    world.publish(entry(2, status=EntryStatus.SUSPENDED))
    stopped = world.now
    assert world.tick(after=DAY) == []
    left = millis(last_due(world)) - stopped
    world.publish(entry(3))
    assert millis(last(world).answer_due_at) == world.now + left
    assert world.tick(after=left - 1) == []
    world.tick(after=1)
    assert last(world).requests == 2


def last_due(world):
    """The newest deadline that anybody was shown."""
    return [alert.answer_due_at for alert in alerts_in(world.said) if alert.answer_due_at][-1]


def test_the_clock_stands_still_while_the_locator_may_not_know():
    world = requested()
    assert told(world.publish(entry(2, handling=except_("bd")))) == {"bd": "WITHDRAWN", "ccc": "LIVE", "fr": "LIVE"}
    assert last(world, "fr").answer_due_at is None
    assert world.tick(after=DAY) == []


def test_rule_1_there_is_no_clock_at_home():
    world = World()
    world.publish(entry())
    world.meet(ANNA, producer="fr", **HELD[Priority.URGENT])
    alert_id = keys.alert_id("ACTUAL:fr:I1", "s1", "ACTUAL:fr:E1")
    world.answer("fr", K.REQUEST_CONFIRMATION, alert_id)
    assert last(world, "fr").workflow is WorkflowState.CONFIRM_REQUESTED
    assert last(world, "fr").answer_due_at is None
    assert world.tick(after=30 * DAY) == []


def test_rule_3_the_clock_of_a_suppressed_owner_runs_for_the_coordinator():
    world = requested(handling=SUPPRESSED)
    for _ in range(3):
        said = world.tick(after=10 * MINUTE)
        assert told(said) == {"bd": "LIVE", "ccc": "LIVE"}
    assert last(world, "ccc").escalated
    assert not [send for send in world.said if send.topic.rpartition(".")[2] == "fr"]
    assert {record.what for record in audits_in(world.said) if record.participant == "fr"} == {"PUBLISHED"}


def test_without_the_coordinator_the_third_request_is_the_last_and_nothing_is_escalated():
    world = requested(Priority.SUPPLEMENTARY, handling=except_("ccc"))
    for _ in range(3):
        world.tick(after=12 * HOUR)
    assert (last(world).requests, last(world).escalated, last(world).answer_due_at) == (3, False, None)
    assert "ccc" not in {send.topic.rpartition(".")[2] for send in world.said}
    assert "ccc" not in {record.participant for record in audits_in(world.said)}


def test_a_coordinator_excluded_after_the_escalation_is_no_longer_said_to_have_it():
    world = requested(Priority.SUPPLEMENTARY)
    world.tick(after=12 * HOUR)
    world.meet(ANNA, 2, handling=except_("ccc"))
    assert not last(world).escalated
    assert rejects_in(world.answer("ccc", K.CONFIRM, ALERT))[0].reason is RejectReason.UNKNOWN_CASE


def test_nobody_can_answer_so_nothing_runs():
    world = requested(handling=except_("ccc", owner_notification=OwnerNotification.SUPPRESSED))
    assert told(world.said) == {"bd": "LIVE"}
    assert last(world).answer_due_at is None


def test_an_arrest_on_the_hit_shortens_the_time_that_runs():
    world = requested(Priority.SUPPLEMENTARY)
    asked = world.now
    world.meet(ANNA, 2, after=2 * MINUTE, **HELD[Priority.URGENT])
    assert millis(last(world).answer_due_at) == asked + 10 * MINUTE
    assert len(list(world.state.scan(DEADLINES))) == 1
    world.tick(after=8 * MINUTE)
    assert (last(world).requests, last(world).escalated) == (2, False)


def test_a_deadline_survives_a_restart_and_fires_once():
    world = requested()
    moved = Cases(0, world.participants, PARTITIONS, CasesRules(), decide=equal, reference_numbers=numbers_of)
    moved.restore(world.state)
    world.stage = moved
    world.tick(after=10 * MINUTE)
    assert last(world).requests == 2
    assert world.tick() == []


def test_a_deadline_left_behind_does_nothing():
    world = requested()
    ((key, due),) = list(world.state.scan(DEADLINES))
    world.answer("fr", K.CONFIRM, ALERT)
    world.state.put(DEADLINES, key, due)
    gone = keys.joined(key.split(keys.SEPARATOR)[0], due.kind, "no such pair")
    world.state.put(DEADLINES, gone, due.model_copy(update={"key": "no such pair"}))
    assert world.tick(after=DAY) == []
    assert list(world.state.scan(DEADLINES)) == []


def test_one_tick_takes_so_many_deadlines_and_the_next_the_rest():
    world = World(CasesRules(deadlines_per_tick=2))
    world.publish(entry())
    for number in range(5):
        world.meet(ANNA, incident_id=f"I{number}", **HELD[Priority.URGENT])
        alert_id = keys.alert_id(f"ACTUAL:bd:I{number}", "s1", "ACTUAL:fr:E1")
        world.answer("bd", K.REQUEST_CONFIRMATION, alert_id)
    seen = [len({alert.alert_id for alert in alerts_in(world.tick(after=10 * MINUTE))}) for _ in range(1)]
    seen += [len({alert.alert_id for alert in alerts_in(world.tick())}) for _ in range(2)]
    assert seen == [2, 2, 1]


def test_intervals_are_settable():
    quick = Deadlines(urgent=2_000, requests=2)
    world = World(CasesRules(deadlines=quick))
    world.publish(entry())
    world.meet(ANNA, **HELD[Priority.URGENT])
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    world.tick(after=2_000)
    world.tick(after=2_000)
    assert (last(world).requests, last(world).escalated) == (2, True)


def test_a_new_request_after_an_old_escalation_begins_at_one():
    clock = after_answer(AnswerClock(requests=3, escalated=True), K.REQUEST_CONFIRMATION, None, 50)
    assert clock == AnswerClock(requests=1, asked_at=50, started_at=50)


MOMENTS = st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=12)


@settings(max_examples=300, deadline=None)
@given(moments=MOMENTS, interval=st.integers(1, 200), eta=st.integers(0, 100))
def test_only_time_that_runs_counts(moments, interval, eta):
    """However often it stops, the clock ends when it has run for its interval, never before the time promised."""
    clock, now, ran, running = AnswerClock(requests=1, started_at=max(1, eta)), 1, 0, True
    clock = adjusted(clock, True, interval, now)
    for passed, runs_then in moments:
        if running:
            ran += max(0, now + passed - max(now, eta, 1))
        now += passed
        running = runs_then
        clock = adjusted(clock, running, interval, now)
        if running:
            assert clock.due_at == max(now, max(1, eta)) + interval - ran
        else:
            assert clock.due_at == 0


@given(most=st.integers(1, 4))
def test_it_is_escalated_after_the_last_request_and_then_ends(most):
    clock, steps = AnswerClock(requests=1, started_at=5), 0
    while clock.started_at:
        clock, steps = run_out(clock, most, True, 7), steps + 1
    assert steps == most
    assert (clock.requests, clock.escalated) == (most, True)
    assert isinstance(clock, AnswerClock)


def test_a_pair_that_is_forgotten_takes_its_deadline_with_it():
    world = World(CasesRules(pair_age=5 * MINUTE))
    world.publish(entry())
    world.meet(ANNA, **HELD[Priority.URGENT])
    world.answer("bd", K.REQUEST_CONFIRMATION, ALERT)
    ((_, pair),) = world.state.scan(PAIRS)
    assert pair.clock.due_at
    world.tick(after=4 * MINUTE)
    world.tick(after=5 * MINUTE)
    assert set(world.state.content()) == {"entry", "newest", "totals", "audit"}
