"""The age of the watchlist tells how fresh it was, and nothing about anybody else's entries."""

import pytest
from cases_world import World, alerts_in, entry, except_, only, person
from hypothesis import given
from hypothesis import strategies as st

from schemas.codes import EntryStatus, Mode
from schemas.topics import DAY, HOUR
from streams.stages.cases.freshness import MINUTE, coarse

ANNA = person("ANNA ONE")


def ages(said):
    return {alert.watchlist_age for alert in alerts_in(said)}


def other(**more):
    return entry(**{"entry_id": "E2", "subject": person("SOMEBODY ELSE")} | more)


def test_the_newest_change_of_the_same_mode_counts_whosever_entry_it_is():
    world = World()
    world.publish(entry())
    world.publish(other(producer="un"), after=DAY)
    assert ages(world.meet(ANNA, after=5 * MINUTE)) == {5 * MINUTE}


@pytest.mark.parametrize(
    "change",
    [
        {"exercise": Mode.EXERCISE},
        {"exercise": Mode.TEST},
        {"producer": "xa"},
        {"handling": except_("bd")},
        {"handling": only("np")},
    ],
    ids=["an exercise", "a test", "a canary", "one that excludes the reader", "one for somebody else alone"],
)
def test_a_change_that_is_not_the_readers_to_know_of_changes_nothing_it_sees(change):
    world = World()
    world.publish(entry())
    world.publish(other(**change), after=DAY)
    assert ages(world.meet(ANNA, after=5 * MINUTE)) == {25 * HOUR}


def test_canaries_see_canaries_changes_and_an_exercise_its_own():
    world = World()
    world.publish(entry(producer="xa"))
    world.publish(entry(exercise=Mode.EXERCISE), after=DAY)
    world.publish(other(), after=DAY)
    canary = world.meet(ANNA, after=MINUTE, producer="xb", entry_key="ACTUAL:xa:E1")
    assert ages(canary) == {2 * DAY + HOUR}
    drill = world.meet(ANNA, after=MINUTE, exercise=Mode.EXERCISE, entry_key="EXERCISE:fr:E1")
    assert ages(drill) == {25 * HOUR}


def test_an_entry_for_some_alone_is_as_fresh_as_itself():
    world = World()
    world.publish(entry(handling=except_("np")))
    assert ages(world.meet(ANNA, after=90_000)) == {2 * MINUTE}


def test_a_withdrawal_is_a_change():
    world = World()
    world.publish(entry())
    world.publish(other(), after=DAY)
    world.publish(other(version=2, status=EntryStatus.WITHDRAWN), after=DAY)
    assert ages(world.meet(ANNA, after=2 * HOUR)) == {2 * HOUR}


@given(st.integers(0, 400 * DAY))
def test_it_is_rounded_up_to_whole_minutes_and_beyond_an_hour_to_whole_hours(exact):
    said = coarse(exact)
    unit = MINUTE if exact <= HOUR else HOUR
    assert said % unit == 0
    assert exact <= said < exact + unit or (exact, said) == (0, MINUTE)
    assert said >= MINUTE
