"""The state machine of one alert and one subscription, against everything that may happen in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consumers.forwarder.delivery import (
    Delivery,
    GiveUp,
    Queue,
    Revision,
    Supersede,
    again,
    dropped,
    failed,
    read,
    succeeded,
)
from consumers.forwarder.failure import Failure, Fault

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def middle() -> float:
    return 0.5


def queued(revision: int = 1) -> Delivery:
    return read(Delivery(), live(revision), True, NOW)[0]


def live(number: int, *, wanted: bool = True) -> Revision:
    return Revision(number, NOW, taken_back=False, wanted=wanted)


def back(number: int) -> Revision:
    return Revision(number, NOW, taken_back=True, wanted=False)


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(1, 9), st.booleans(), st.booleans(), st.booleans()),
        st.tuples(st.just("again"), st.integers(1, 9), st.booleans(), st.booleans(), st.booleans()),
        st.tuples(st.just("send"), st.sampled_from(["took", "refused", "outage"]), st.integers(0, 3)),
        st.tuples(st.just("drop")),
    ),
    max_size=60,
)


@given(EVENTS)
def test_nothing_overtaken_is_ever_sent_and_what_arrives_rises(events: list[tuple[object, ...]]) -> None:
    """Domain rule 2, and order per alert. Revisions 3, 6 and 9 are those that take back."""
    state, now = Delivery(), NOW
    heard, arrived = 0, [0]
    in_flight: list[int] = []
    for event in events:
        now += timedelta(minutes=7)
        match event:
            case ("read" | "again" as kind, int(revision), bool(wanted), bool(open_), bool(missing)):
                taken_back = revision % 3 == 0
                one = Revision(revision, now, taken_back, wanted and not taken_back)
                state, actions = read(state, one, open_, now) if kind == "read" else again(state, one, missing, now)
                heard = max(heard, revision)
                assert all(not isinstance(act, Queue) or act.revision == state.newest for act in actions)
            case ("send", str(outcome), int(lag)) if state.pending is not None:
                in_flight.append(state.pending.revision)
                assert state.pending.revision == state.newest >= heard
                sent = in_flight.pop(max(0, len(in_flight) - 1 - lag))  # an older attempt may end later
                if outcome == "took":
                    state, _ = succeeded(state, sent)
                    arrived.append(sent)
                else:
                    fault = Fault.REFUSED if outcome == "refused" else Fault.TIMEOUT
                    state, _ = failed(state, sent, Failure(fault), now, middle)
            case ("drop",):
                state, _ = dropped(state)
        assert state.delivered == max(arrived)
        assert state.pending is None or state.pending.revision == state.newest
        assert state.newest == heard
        assert not (state.missed and (state.pending is not None or state.delivered == state.newest))
        owed = state.forwarded and state.delivered < state.newest and state.pending is None
        assert not owed or state.missed, "what is owed and does not wait is made up for later"


def test_a_newer_revision_takes_the_place_of_one_that_waits() -> None:
    state, actions = read(queued(), live(2, wanted=False), True, NOW)

    assert actions == (Supersede(1), Queue(2))
    assert state.pending is not None
    assert state.pending.revision == 2


def test_a_failure_of_what_was_overtaken_meanwhile_changes_nothing() -> None:
    state, _ = read(queued(), back(2), True, NOW)

    assert failed(state, 1, Failure(Fault.TIMEOUT), NOW, middle) == (state, ())


def test_what_is_taken_back_before_anything_was_queued_is_not_told_but_remembered() -> None:
    state, actions = read(Delivery(), back(2), True, NOW)

    assert actions == ()
    assert again(state, live(1), False, NOW) == (state, ())
    assert again(state, back(2), False, NOW) == (state, ())


def test_an_alert_that_resumes_is_told_again() -> None:
    state, _ = read(queued(), back(2), True, NOW)
    _, actions = read(state, live(3), True, NOW)

    assert Queue(3) in actions


def test_a_refused_message_waits_alone_and_one_that_met_an_outage_stays_due() -> None:
    refused, _ = failed(queued(), 1, Failure(Fault.REFUSED, 400), NOW, middle)
    unlucky, _ = failed(queued(), 1, Failure(Fault.TIMEOUT), NOW, middle)

    assert refused.pending is not None
    assert unlucky.pending is not None
    assert refused.pending.due_at == NOW + timedelta(seconds=5)
    assert unlucky.pending.due_at == NOW


def test_a_message_is_given_up_at_the_first_failure_after_a_day() -> None:
    state, attempts, now = queued(), 0, NOW
    while state.pending is not None:
        now = state.pending.due_at
        attempts += 1
        state, actions = failed(state, 1, Failure(Fault.REFUSED, 400), now, middle)

    assert actions == (GiveUp(1),)
    assert timedelta(days=1) <= now - NOW < timedelta(days=1, minutes=20)
    assert 90 < attempts < 110


def test_a_disabled_subscription_only_remembers_and_gets_what_it_missed_afterwards() -> None:
    state, _ = succeeded(queued(), 1)
    state, actions = read(state, live(2), False, NOW)
    assert actions == ()
    assert state.pending is None

    _, actions = again(state, live(2), True, NOW)
    assert actions == (Queue(2),)


def test_a_redelivery_beside_a_running_forwarder_queues_nothing_that_a_filter_has_overtaken() -> None:
    """The forwarder read revision 2, which no filter lets through; the redelivery had read the topic before it."""
    state, _ = read(Delivery(), live(2, wanted=False), True, NOW)

    assert again(state, live(1), False, NOW) == (state, ())


def test_what_never_was_for_a_disabled_subscription_is_not_missed() -> None:
    missed, _ = read(Delivery(), live(1), False, NOW)
    fallen, _ = read(missed, live(2, wanted=False), False, NOW)
    gone, _ = read(missed, back(2), False, NOW)

    assert missed.missed
    assert not fallen.missed
    assert not gone.missed
