"""An owner's deletion counts whatever stands in its topic, and is called done when the stage holds it, never before."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import pytest
from cases_world import World, entry, person, rejects_in, told

from producers.erasing import Erasing, NotErased, deletions, is_erased
from producers.list_steps import PublishedEntry, steps
from producers.published_entries import remember
from producers.repairs.collecting import Position, position_of
from schemas.alerts import Reject
from schemas.codes import Mode, RejectReason
from schemas.events import LAST_VERSION, WatchlistEntry
from schemas.model import timestamp
from schemas.topics import DAY


def topic(*taken_in: WatchlistEntry, refused: Iterable[WatchlistEntry] = ()) -> PublishedEntry | None:
    """What the owner's topic says of the entry: first what was taken in, then what was refused."""
    found: dict[str, PublishedEntry] = {}
    for one in taken_in:
        remember(found, one)
    for one in refused:
        remember(found, one, believed=False)
    return found.get("E1")


NAMES = map("erasing-{}".format, count())


def erase(world: World, published: PublishedEntry | None) -> tuple[Erasing, dict[Position, Reject]]:
    """Publish the deletions to the stage; what was refused of them."""
    places: dict[Position, WatchlistEntry] = {}
    refused: dict[Position, Reject] = {}
    for event in deletions("fr", "E1", published, timestamp(world.now), lambda: next(NAMES)):
        said = world.publish(event)
        places["watchlist.fr", 0, world.topics["watchlist.fr"]] = event
        for reject in rejects_in(said):
            refused[position_of(reject)] = reject
    return Erasing("E1", places), refused


@pytest.fixture
def world() -> World:
    return World()


def keeps_anna(world: World) -> bool:
    for _ in range(3):
        world.tick(after=3 * DAY)
    return "ANNA" in repr(world.state.content())


LATER = entry(2, exercise=Mode.EXERCISE)
FORGED = entry(900, exercise=Mode.TEST, event_id="forged")
BEYOND = entry(2**63 - 1, event_id="forged")
CASES = {
    "its only version": ([entry(1)], topic(entry(1))),
    "the same id in another mode": ([entry(1), LATER], topic(entry(1), LATER)),
    "the same id in another mode, after compaction": ([entry(1), LATER], topic(LATER)),
    "a forged version in another mode": ([entry(1)], topic(entry(1), refused=[FORGED])),
    "a forged version that compaction left alone": ([entry(1)], topic(refused=[FORGED])),
    "a refused version below one that is compacted away": ([entry(5)], topic(refused=[entry(1)])),
    "a forged version that nothing can follow": ([entry(1)], topic(entry(1), refused=[BEYOND])),
    "the highest version that can be taken in": ([entry(LAST_VERSION - 1)], topic(entry(LAST_VERSION - 1))),
    "nothing, for its record was removed": ([entry(5)], None),
}


@pytest.mark.parametrize(("taken_in", "published"), CASES.values(), ids=CASES)
def test_it_is_gone_in_every_mode_whatever_the_topic_says(
    world: World, taken_in: list[WatchlistEntry], published: PublishedEntry | None
) -> None:
    for one in taken_in:
        world.publish(one)
    world.meet(person("ANNA ONE"))
    judged, refused = erase(world, published)
    assert judged.is_told(refused)
    assert told(world.meet(person("ANNA ONE"), incident_id="I2")) == {}
    assert not keeps_anna(world)


def test_alerts_are_taken_back(world: World) -> None:
    world.publish(entry(1))
    assert set(told(world.meet(person("ANNA ONE"))).values()) == {"LIVE"}
    world.said.clear()
    erase(world, topic(entry(1)))
    assert set(told(world.said).values()) == {"RETRACTED"}


def test_erasing_again_is_confirmed_as_well_also_after_the_stage_has_forgotten_it(world: World) -> None:
    world.publish(entry(1))
    for _ in range(3):
        judged, refused = erase(world, topic(entry(1)))
        assert judged.is_told(refused)
        world.tick(after=3 * DAY)


def test_what_compaction_keeps_of_it_was_taken_in(world: World) -> None:
    world.publish(entry(1))
    judged, refused = erase(world, topic(entry(1)))
    last = deletions("fr", "E1", topic(entry(1)), timestamp(world.now), lambda: "e")[-1]
    assert judged.is_told(refused)
    assert ("watchlist.fr", 0, world.topics["watchlist.fr"]) not in refused
    assert (last.exercise, is_erased(topic(last))) == (Mode.ACTUAL, True)


def test_it_is_not_done_before_the_stage_has_judged_every_mode(world: World) -> None:
    judged, refused = erase(world, None)
    by_place = sorted(refused.items())
    for number in range(len(by_place)):
        assert not judged.is_told(dict(by_place[:number]))
    assert judged.is_told(refused)


def test_a_deletion_that_the_gate_refuses_is_an_error_and_said_with_its_reason(world: World) -> None:
    judged, refused = erase(world, None)
    (sample, *_) = refused.values()
    wrong = sample.model_copy(
        update={"stage": "gate", "reason": RejectReason.KEY_NOT_VALID, "place": "headers.tocsin-key-id"}
    )
    every = {("watchlist.fr", 0, offset): wrong for offset in range(9)}
    with pytest.raises(NotErased, match="NOT erased: the stage gate refused its deletion as KEY_NOT_VALID"):
        judged.is_told(every)


def test_a_list_in_step_says_nothing_more_of_what_was_erased_and_is_not_led_beyond_the_last_version() -> None:
    def of_list(published: PublishedEntry | None) -> tuple[list[int], int]:
        known = {"E1": published} if published else {}
        made = steps(known, [entry(1)], list_name="l", exercise=Mode.ACTUAL, at=timestamp(0), event_id=lambda: "e")
        return [one.entry_version for one in made.events], len(made.refused)

    last = deletions("fr", "E1", topic(entry(1)), timestamp(0), lambda: "e")[-1]
    assert of_list(topic(last)) == ([], 1)
    for far in (LAST_VERSION - 1, LAST_VERSION, 2**63 - 1):
        assert of_list(topic(entry(3), refused=[entry(far)])) == ([4], 0)
        assert of_list(topic(refused=[entry(far)])) == ([1], 0)
