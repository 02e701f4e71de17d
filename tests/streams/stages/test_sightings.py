"""Sightings speaks for an incident: versions, numbers, who hears of its items, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from joins_world import Joins, candidates, continues, references, rejects
from stages_events import T0, event_id, gated, incident, now, passport, person

from schemas.codec import decode_state, encode_state
from schemas.codes import Mode, RejectReason
from schemas.events import Incident
from schemas.internal import EntryVersion, Found, Probe, Tick
from schemas.topics import DAY
from streams.stages import keys
from streams.stages.contract import Received
from streams.stages.sightings_state import INCIDENTS, ITEMS, LEAVING, SightedItem

FR1, FR2, UN1 = "ACTUAL:fr:E1", "ACTUAL:fr:E2", "ACTUAL:un:E1"
KEY = "ACTUAL:bd:I1"
N1, N2 = "ACTUAL|document|12A834567", "ACTUAL|document|K7704418"


@pytest.fixture
def joins() -> Joins:
    return Joins()


def found(number: str = N1, item: str = "s1", entry: str = FR1) -> Found:
    return Found(incident_key=KEY, item_id=item, number=number, entry_key=entry)


def version(number: int, **more: Any) -> Incident:
    return incident(incident_version=number, event_id=event_id(number), **more)


# Finding


def test_an_incident_finds_whom_the_list_names(joins: Joins) -> None:
    joins.list(FR1, "Durand Jeanne")
    joins.list(UN1, "Karim Uddin Ahmed")
    assert candidates(joins.publish(incident())) == [(FR1, "s1", "Jeanne Durand")]


def test_a_subject_of_very_many_words_is_searched_for_in_a_step_of_its_own(joins: Joins) -> None:
    wordy = ["Karim " * 19 + f"Uddin{number}" for number in range(60)]
    first = joins.publish(incident(subjects=tuple(person(*wordy, item_id=item) for item in ("s1", "s2"))))
    few = joins.publish(incident(incident_id="I2", subjects=tuple(person("Kim", item_id=f"s{n}") for n in range(60))))

    assert (continues(first), continues(few)) == (1, 0)


def test_only_the_list_of_the_same_mode_is_searched(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    assert candidates(joins.publish(incident(exercise=Mode.EXERCISE))) == []


def test_a_probe_finds_earlier_incidents_of_its_mode(joins: Joins) -> None:
    joins.publish(incident())
    joins.publish(incident(exercise=Mode.EXERCISE))
    joins.list(FR1, "Jeanne Durand")
    assert candidates(joins.probe(FR1)) == [(FR1, "s1", "Jeanne Durand")]


def test_a_probe_of_an_entry_that_left_the_list_finds_nobody(joins: Joins) -> None:
    joins.publish(incident())
    joins.list(FR1, "Jeanne Durand")
    joins.watchlist.apply(FR1, None, 2, T0)
    assert joins.probe(FR1) == []


def test_a_candidate_carries_the_incident_around_the_item(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.now = T0 + 1234
    (said,) = (send for send in joins.publish(incident(detained=True)) if send.topic == "cases")
    context = said.message.context  # type: ignore[union-attr]
    assert said.key == FR1
    assert (context.producer, context.incident_id, context.incident_version, context.detained) == ("bd", "I1", 1, True)
    assert context.passed_at == now() + timedelta(milliseconds=1234)


def test_numbers_are_referred_to_and_found_answers_are_passed_on(joins: Joins) -> None:
    said = joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    assert references(said) == [("s1", N1, True)]
    assert candidates(joins.say(found())) == [(FR1, "s1", "Jeanne Durand")]
    assert candidates(joins.say(found())) == [(FR1, "s1", "Jeanne Durand")]  # cases may have forgotten it


@pytest.mark.parametrize("what", [found(number=N2), found(item="s2")])
def test_found_is_dropped_when_the_item_lacks_the_number(joins: Joins, what: Found) -> None:
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    assert joins.say(what) == []


# Corrections


def test_a_correction_goes_to_all_who_heard_of_the_item(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    joins.say(found(entry=UN1))
    said = joins.publish(version(2, subjects=(person("Karim Uddin Ahmed"),)))
    assert candidates(said) == [(FR1, "s1", "Karim Uddin Ahmed"), (UN1, "s1", "Karim Uddin Ahmed")]
    assert references(said) == [("s1", N1, False)]


def test_only_numbers_that_came_or_went_are_said(joins: Joins) -> None:
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    said = joins.publish(version(2, subjects=(person("Jeanne Durand", numbers=("12AB34567", "K7704418")),)))
    assert references(said) == [("s1", N2, True)]


def test_an_item_that_disappears_is_absent_to_all_who_heard_and_then_forgotten(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    said = joins.publish(version(2, subjects=()))
    assert candidates(said) == [(FR1, "s1", "ABSENT")]
    assert references(said) == [("s1", N1, False)]
    assert joins.publish(version(3, subjects=(), detained=True)) == []
    assert joins.probe(FR1) == []


def test_an_item_that_comes_back_is_sought_anew(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident(objects=(passport(),)))
    joins.publish(version(2, subjects=()))
    said = joins.publish(version(3, objects=(passport(),)))
    assert candidates(said) == [(FR1, "s1", "Jeanne Durand")]
    assert references(said) == [("o1", N1, True)]


# Versions


def test_repeats_of_the_gate_are_ignored_even_after_a_correction(joins: Joins) -> None:
    joins.publish(incident(), offset=4)
    joins.publish(version(2), offset=5)
    before = joins.state.content()
    assert joins.publish(incident(), offset=4) == []
    assert joins.publish(version(2), offset=5) == []
    assert joins.state.content() == before
    assert (joins.stage.counts["repeat"], joins.stage.counts["duplicate"]) == (2, 0)


def test_a_repeat_of_a_refused_event_is_not_refused_again(joins: Joins) -> None:
    joins.publish(version(2), offset=1)
    assert len(rejects(joins.publish(version(1), offset=2))) == 1
    assert joins.publish(version(1), offset=2) == []


@pytest.mark.parametrize(
    ("second", "reason", "place"),
    [
        (version(1), RejectReason.NOT_HIGHER_VERSION, "incident_version"),
        (
            incident(incident_version=2, event_id=event_id(9), detained=True),
            RejectReason.VERSION_CONFLICT,
            "incident_version",
        ),
        (incident(incident_version=3, event_id=event_id(2)), RejectReason.EVENT_ID_REUSED, "event_id"),
    ],
)
def test_versions_only_rise_and_an_event_id_names_one_message(
    joins: Joins, second: Incident, reason: RejectReason, place: str
) -> None:
    joins.publish(version(2))
    said = joins.publish(second)
    assert rejects(said) == [(reason, place)]
    assert said[0].topic == "rejects.bd"


@pytest.mark.parametrize("again", [incident(), incident(event_id=event_id(9))])
def test_the_same_again_is_a_counted_duplicate(joins: Joins, again: Incident) -> None:
    joins.publish(incident())
    assert joins.publish(again) == []
    assert joins.stage.counts["duplicate"] == 1


# Waiting for the list


def test_a_probe_waits_until_the_list_has_its_versions(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand", version=1)
    probe = Received("sightings", 0, 9, T0, "", _probe(FR1, 2))
    assert not joins.stage.ready(probe)
    joins.list(FR1, "Jeanne Durand", version=3)
    assert joins.stage.ready(probe)


def test_a_removal_counts_as_the_version_that_took_it_off(joins: Joins) -> None:
    joins.watchlist.apply(FR1, None, 2, T0)
    assert joins.stage.ready(Received("sightings", 0, 9, T0, "", _probe(FR1, 2)))


def test_a_probe_of_a_version_that_was_compacted_away_waits_for_the_end_of_the_list(joins: Joins) -> None:
    joins.watchlist.reach_end(joins.watchlist.ask_for_end())
    probe = Received("sightings", 0, 9, T0, "", _probe(FR1, 1))
    assert not joins.stage.ready(probe)
    assert not joins.stage.ready(probe)
    joins.watchlist.reach_end(joins.watchlist.ends_asked)
    assert joins.stage.ready(probe)
    assert not joins.stage.ready(Received("sightings", 0, 10, T0, "", _probe(FR1, 1)))  # asked after it came


def test_nothing_else_waits(joins: Joins) -> None:
    assert joins.stage.ready(joins.received(Tick(at=now())))


def _probe(entry: str, number: int) -> Probe:
    return Probe(entries=(EntryVersion(entry_key=entry, entry_version=number),))


# Bounds


def test_a_search_with_many_hits_goes_on_by_continue_and_misses_none() -> None:
    joins = Joins(fan_out=10)
    entries = [f"ACTUAL:fr:E{n:03}" for n in range(95)]
    for entry in entries:
        joins.list(entry, "Jeanne Durand")
    first = joins.publish(incident())
    assert (len(candidates(first)), continues(first)) == (10, 9)
    assert [entry for entry, _, _ in candidates(joins.finish(first))] == entries


def test_a_probe_with_many_hits_goes_on_by_continue_and_misses_none() -> None:
    joins = Joins(fan_out=10)
    for number in range(45):
        joins.publish(incident(incident_id=f"I{number:03}", event_id=event_id(number)))
    for entry in (FR1, FR2, UN1):
        joins.list(entry, "Jeanne Durand")
    first = joins.probe(FR1, FR2, UN1)
    assert len(candidates(first)) <= 10
    assert len(candidates(joins.finish(first))) == 3 * 45


def test_however_many_hits_the_list_and_the_window_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    joins = Joins(fan_out=10)
    searched: list[str] = []
    for where, name in ((joins.watchlist, "list"), (joins.stage._window, "window")):
        search = where.search
        monkeypatch.setattr(where, "search", lambda *asked, s=search, n=name: searched.append(n) or s(*asked))
    for number in range(95):
        joins.list(f"ACTUAL:fr:E{number:03}", "Jeanne Durand")
        joins.publish(incident(incident_id=f"I{number:03}", event_id=event_id(number), subjects=()))
    joins.finish(joins.publish(incident()))
    assert searched == ["list"]
    for number in range(40):
        joins.publish(incident(incident_id=f"J{number:03}", event_id=event_id(200 + number)))
    searched.clear()
    assert len(candidates(joins.finish(joins.probe("ACTUAL:fr:E000")))) == 41
    assert searched == ["window"]


def test_all_who_heard_hear_a_correction_and_an_absence_in_bounded_steps() -> None:
    joins = Joins(fan_out=10)
    entries = [f"ACTUAL:fr:E{n:03}" for n in range(35)]
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    for entry in entries:
        joins.say(found(entry=entry))
    for number, subjects, what in ((2, (person("Karim Uddin Ahmed"),), "Karim Uddin Ahmed"), (3, (), "ABSENT")):
        first = joins.publish(version(number, subjects=subjects))
        assert (len(candidates(first)), continues(first)) == (10, 1)
        assert candidates(joins.finish(first)) == [(entry, "s1", what) for entry in entries]
    assert joins.state.content().get("item", {}) == joins.state.content().get("announced", {}) == {}


def test_an_incident_does_not_fade_while_a_continue_of_it_is_under_way() -> None:
    joins = Joins(fan_out=10)
    for number in range(15):
        joins.list(f"ACTUAL:fr:E{number:03}", "Jeanne Durand")
    first = joins.publish(incident())
    joins.tick(30 * DAY)
    joins.tick(DAY)
    assert len(candidates(joins.finish(first))) == 15
    joins.tick(DAY)
    assert joins.state.get(ITEMS, keys.joined(KEY, "s1")) == SightedItem()


def test_an_incident_with_many_items_goes_on_by_continue_and_misses_none() -> None:
    joins = Joins(fan_out=20)
    joins.list(FR1, "Jeanne Durand")
    subjects = tuple(person("Jeanne Durand", item_id=f"s{n:03}", numbers=("12AB34567",)) for n in range(120))
    first = joins.publish(incident(subjects=subjects))
    assert len(first) <= 23
    said = joins.finish(first)
    assert [item for _, item, _ in candidates(said)] == [subject.subject_id for subject in subjects]
    assert len(references(said)) == 120
    assert joins.state.content().get("pending", {}) == {}


def test_a_newer_version_overtakes_what_is_not_yet_through() -> None:
    joins = Joins(fan_out=5)
    joins.list(FR1, "Jeanne Durand")
    many = tuple(person("Jeanne Durand", item_id=f"s{n:02}") for n in range(20))
    first = joins.publish(incident(subjects=many))
    second = joins.publish(version(2, subjects=many[:1]))
    assert candidates(joins.finish(first)) == candidates(first)  # its Continue is dropped
    assert {item for _, item, what in candidates(joins.finish(second)) if what != "ABSENT"} == {"s00"}


def test_what_finds_an_item_before_its_turn_is_told_at_its_turn_or_in_the_version_that_overtakes() -> None:
    joins = Joins(fan_out=1)
    with_number = person("Jeanne Durand", item_id="s2", numbers=("12AB34567",))
    without = person("Jeanne Durand", item_id="s2")
    other = person("Karim Uddin Ahmed", item_id="s1", numbers=("K7704418",))
    joins.finish(joins.publish(incident(subjects=(other, with_number))))
    pending = joins.publish(version(2, subjects=(other.model_copy(update={"documents": ()}), without)))
    assert continues(pending) == 1
    assert candidates(joins.say(found(item="s2"))) == []
    said = joins.finish(joins.publish(version(3, subjects=(other, with_number))))
    assert (FR1, "s2", "Jeanne Durand") in candidates(said)


# Time


def test_an_incident_leaves_the_window_takes_back_its_numbers_and_tells_nobody(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    assert joins.tick(30 * DAY - 1) == []
    said = joins.tick(1)
    assert (candidates(said), references(said)) == ([], [("s1", N1, False)])
    assert joins.stage.stats()["rows"] == 0
    assert joins.probe(FR1) == []


def test_an_answer_under_way_is_passed_on_for_a_day_after_the_window(joins: Joins) -> None:
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    joins.tick(30 * DAY)
    assert candidates(joins.say(found())) == [(FR1, "s1", "Jeanne Durand")]
    joins.tick(DAY)
    assert joins.say(found()) == []


def test_an_old_incident_is_sought_once_and_not_kept(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    old = incident(
        occurred_at=now() - timedelta(days=30, milliseconds=1),
        subjects=(person("Jeanne Durand", numbers=("12AB34567",)),),
    )
    said = joins.publish(old)
    assert candidates(said) == [(FR1, "s1", "Jeanne Durand")]
    assert references(said) == [("s1", N1, True), ("s1", N1, False)]
    assert joins.probe(FR1) == []
    assert joins.stage.stats()["rows"] == 0
    assert candidates(joins.say(found(entry=UN1))) == [(UN1, "s1", "Jeanne Durand")]


def test_a_correction_within_the_footprint_reaches_all_who_heard(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident())
    for _ in range(119):
        joins.tick(DAY)
    joins.watchlist.apply(FR1, None, 2, joins.now)
    assert candidates(joins.publish(version(2, subjects=()))) == [(FR1, "s1", "ABSENT")]


def test_nothing_is_left_of_an_incident_after_its_footprint_and_a_correction_is_too_old(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident())
    for _ in range(121):
        joins.tick(DAY)
    left = joins.state.content()
    assert {name for name in left if left[name]} <= {"totals"}
    assert rejects(joins.publish(version(2))) == [(RejectReason.TOO_OLD, "occurred_at")]


def test_a_correction_that_is_too_old_is_refused_once_however_often_the_gate_says_it(joins: Joins) -> None:
    old = [version(number, incident_id=f"I{number}", occurred_at=now() - timedelta(days=121)) for number in (2, 3)]
    said = [rejects(joins.publish(event, offset)) for event, offset in zip(old * 2, (7, 9) * 2, strict=True)]
    assert said == [[(RejectReason.TOO_OLD, "occurred_at")]] * 2 + [[]] * 2
    assert joins.stage.counts == {"refused": 2, "repeat": 2}
    assert rejects(joins.publish(old[0], 10)) == [(RejectReason.TOO_OLD, "occurred_at")]


def test_what_is_kept_of_refused_corrections_does_not_grow(joins: Joins) -> None:
    for number in range(2, 100):
        joins.publish(version(number, incident_id=f"I{number}", occurred_at=now() - timedelta(days=121)))
    assert {name: len(table) for name, table in joins.state.content().items()} == {"refused": 1}


def test_a_footprint_holds_no_personal_data(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident())
    for _ in range(32):
        joins.tick(DAY)
    kept = [encode_state(value) for table in joins.state.content().values() for value in table.values()]
    assert kept
    assert not any(b"Durand" in data for data in kept)


def test_a_correction_that_moves_an_incident_out_of_the_window_takes_its_numbers_back(joins: Joins) -> None:
    joins.publish(incident(subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)))
    older = version(
        2, occurred_at=now() - timedelta(days=40), subjects=(person("Jeanne Durand", numbers=("12AB34567",)),)
    )
    assert references(joins.publish(older)) == [("s1", N1, False)]
    assert joins.stage.stats()["rows"] == 0


def test_the_oldest_leave_early_when_there_are_too_many_rows() -> None:
    joins = Joins(rows=3)
    for number in range(5):
        at = now() - timedelta(hours=5 - number)
        joins.publish(incident(incident_id=f"I{number}", event_id=event_id(number), occurred_at=at))
    stats = joins.stage.stats()
    assert stats["rows"] == 3
    assert stats["horizon"] == T0 - 4 * 3_600_000
    joins.list(FR1, "Jeanne Durand")
    assert len(candidates(joins.probe(FR1))) == 3
    joins.publish(incident(incident_id="late", event_id=event_id(7), occurred_at=now() - timedelta(hours=6)))
    assert joins.stage.stats()["late"] == 1


def test_many_deadlines_are_met_in_bounded_steps() -> None:
    joins = Joins(fan_out=30)
    for number in range(200):
        subject = person("Jeanne Durand", numbers=("12AB34567",))
        joins.publish(incident(incident_id=f"I{number}", event_id=event_id(number), subjects=(subject,)))
    first = joins.tick(30 * DAY)
    assert len(first) < 60
    assert len(references(joins.finish(first))) == 200
    assert joins.state.content().get(LEAVING.name, {}) == {}


# Restarts


def test_a_new_worker_knows_the_window_again(joins: Joins) -> None:
    joins.publish(incident())
    joins.restart()
    joins.list(FR1, "Jeanne Durand")
    assert candidates(joins.probe(FR1)) == [(FR1, "s1", "Jeanne Durand")]
    assert joins.stage.stats()["rows"] == 1


def test_every_state_value_can_be_written_and_read(joins: Joins) -> None:
    joins.list(FR1, "Jeanne Durand")
    joins.publish(incident(objects=(passport(),)))
    for table in joins.state.content().values():
        for value in table.values():
            assert decode_state(type(value), encode_state(value)) == value
    assert joins.state.get(INCIDENTS, KEY) is not None


def test_a_step_done_twice_says_and_keeps_the_same() -> None:
    one, two = Joins(), Joins()
    for joins in (one, two):
        joins.list(FR1, "Jeanne Durand")
    event = incident(objects=(passport(),))
    said = one.publish(event, offset=1)
    two.stage.step(type(two.state)(), two.received(gated(event, 1)), two.now)  # aborted: its state is thrown away
    two.offset = 0
    assert two.publish(event, offset=1) == said
    assert two.state.content() == one.state.content()
