"""An object's entry that is linked to a person's ends with it, whichever of the two comes first."""

import itertools
from datetime import timedelta

import pytest
from cases_world import T0, World, entry, held, passport, person, told

from schemas.codec import decode_state, encode_state
from schemas.codes import EntryStatus
from schemas.internal import Ending, Link, Reference
from schemas.model import timestamp
from schemas.topics import CASES
from streams.stages.cases import CasesRules
from streams.stages.cases.records import ENTRIES, LINKS

PASSPORT = passport("P9")


def wanted(version=1, **more):
    return entry(version, **{"subject": person("ANNA ONE")} | more)


def thing(version=1, **more):
    return entry(version, **{"entry_id": "O1", "subject": None, "object": PASSPORT, "linked_entry": "E1"} | more)


class Linked(World):
    """A world in which entries of a partition hear each other."""

    def one(self, message, **more):
        said = super().one(message, **more)
        for send in list(said):
            if isinstance(send.message, Link | Ending):
                assert (send.topic, send.key) == (CASES, getattr(send.message, _ADDRESSEE[type(send.message)]))
                said += self.say(send.message, after=0)
        return said

    def meet_thing(self, version=1, **more):
        return self.meet(PASSPORT, version, item_id="o1", entry_key="ACTUAL:fr:O1", **more)

    def standing(self):
        """Who holds the last alert about the object as what."""
        alerts = {recipient: list(mine.values()) for recipient, mine in held(self).items()}
        return {str(mine[-1].status) for mine in alerts.values()}


_ADDRESSEE = {Link: "linked_key", Ending: "entry_key"}


@pytest.mark.parametrize(
    "status",
    [
        EntryStatus.WITHDRAWN,
        EntryStatus.CANCELLED,
        EntryStatus.EXPIRED,
        EntryStatus.EXECUTED,
        EntryStatus.DELETED,
    ],
)
def test_an_alert_about_the_object_is_taken_back_when_the_person_is_sought_no_more(status):
    world = Linked()
    world.publish(wanted())
    world.publish(thing())
    assert told(world.meet_thing()) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
    assert told(world.publish(wanted(2, status=status))) == {"bd": "RETRACTED", "ccc": "RETRACTED", "fr": "RETRACTED"}
    assert told(world.publish(wanted(3))) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}


@pytest.mark.parametrize("status", [EntryStatus.SUSPENDED, EntryStatus.DRAFT_IN_REVIEW])
def test_what_may_go_on_is_no_end(status):
    world = Linked()
    world.publish(wanted())
    world.publish(thing())
    world.meet_thing()
    assert told(world.publish(wanted(2, status=status))) == {}


@pytest.mark.parametrize("order", [it for it in itertools.permutations(range(4)) if it.index(0) < it.index(1)])
def test_whatever_comes_first_nothing_stands_when_the_person_is_sought_no_more(order):
    world = Linked()
    steps = (
        lambda: world.publish(wanted()),
        lambda: world.publish(wanted(2, status=EntryStatus.WITHDRAWN)),
        lambda: world.publish(thing()),
        lambda: world.meet_thing(),
    )
    for step in order:
        steps[step]()
    world.meet_thing(2)
    assert world.standing() <= {"RETRACTED"}


def test_a_link_to_an_entry_that_nobody_published_ends_nothing():
    world = Linked()
    world.publish(thing())
    assert set(told(world.meet_thing()).values()) == {"LIVE"}


def test_a_link_to_an_entry_that_was_deleted_long_ago_ends_at_once():
    world = Linked()
    world.publish(wanted())
    world.publish(wanted(2, status=EntryStatus.DELETED, subject=None))
    world.tick(after=25 * 3_600_000)
    world.publish(thing())
    assert told(world.meet_thing()) == {}


def test_the_persons_expiry_is_the_objects_judged_at_the_time_of_the_incident():
    world = Linked()
    world.publish(wanted(expires_at=timestamp(T0) + timedelta(hours=1)))
    world.publish(thing())
    assert set(told(world.meet_thing()).values()) == {"LIVE"}
    assert told(world.meet_thing(incident_id="I2", occurred_at=timestamp(T0) + timedelta(hours=1))) == {}
    later = world.publish(wanted(2, expires_at=timestamp(T0) + timedelta(hours=9)))
    assert [it.message.present for it in later if isinstance(it.message, Reference) and "P9" in it.key] == [True]


def test_an_object_that_is_linked_no_more_or_to_another_goes_on():
    world = Linked()
    world.publish(wanted())
    world.publish(thing())
    world.meet_thing()
    world.publish(wanted(2, status=EntryStatus.EXECUTED))
    assert world.standing() == {"RETRACTED"}
    world.publish(thing(2, linked_entry=None))
    assert world.standing() == {"LIVE"}
    assert not list(world.state.scan(LINKS))
    world.publish(thing(3, linked_entry="E1"))
    assert world.standing() == {"RETRACTED"}
    world.publish(wanted(entry_id="E3"))
    world.publish(thing(4, linked_entry="E3"))
    assert world.standing() == {"LIVE"}
    assert len(list(world.state.scan(LINKS))) == 1


def test_a_suspended_object_is_linked_to_nothing_until_it_goes_on():
    world = Linked()
    world.publish(wanted())
    world.publish(thing())
    world.publish(thing(2, status=EntryStatus.SUSPENDED))
    assert not list(world.state.scan(LINKS))
    world.publish(wanted(2, status=EntryStatus.CANCELLED))
    world.publish(thing(3))
    world.meet_thing()
    assert world.standing() <= {"RETRACTED"}


def test_only_the_owners_own_entry_of_the_same_mode_ends_it_and_only_an_objects():
    world = Linked()
    world.publish(thing())
    world.publish(wanted(producer="np", status=EntryStatus.WITHDRAWN))
    assert set(told(world.meet_thing()).values()) == {"LIVE"}
    said = world.publish(wanted(entry_id="E7", linked_entry="E1"))
    assert not [send for send in said if isinstance(send.message, Link)]


def test_what_is_kept_of_links_can_be_written_and_read():
    world = Linked()
    world.publish(wanted(expires_at=timestamp(T0)))
    world.publish(thing())
    ended = [state for _, state in world.state.scan(ENTRIES) if state.linked is not None]
    assert [state.linked.expires_at for state in ended] == [timestamp(T0)]
    for table in (LINKS, ENTRIES):
        for _, value in world.state.scan(table):
            assert decode_state(type(value), encode_state(value)) == value


def test_an_entry_with_many_linked_to_it_tells_them_step_by_step():
    world = World(CasesRules(links_per_step=10))
    for number in range(35):
        world.one(Link(entry_key=f"ACTUAL:fr:O{number}", linked_key="ACTUAL:fr:E1"))
    world.largest_step = 0
    said = world.publish(wanted(subject=person("A", documents=[])))
    told_to = [send.key for send in said if isinstance(send.message, Ending)]
    assert sorted(told_to) == sorted(f"ACTUAL:fr:O{number}" for number in range(35))
    assert world.largest_step < 20
