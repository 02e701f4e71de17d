"""Nothing is kept for ever: every age is measured by append timestamps, handed in as `now`."""

from cases_world import World, alerts_in, audits_in, entry, held, person, rejects_in, told

from schemas.codes import EntryStatus, RejectReason, ResponseKind
from schemas.topics import DAY, HOUR
from streams.stages import keys
from streams.stages.cases import CasesRules

ANNA = person("ANNA ONE")
PAIR_AGE = CasesRules().pair_age
ALERT = keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1")


def test_a_pair_is_forgotten_when_no_correction_of_its_incident_can_come_any_more():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    world.tick(after=60 * DAY)
    world.meet(person("ANNA ONE", "A. ONE"), 2)
    changed = world.now
    assert world.tick(after=PAIR_AGE - 1) == []
    assert world.stage.stats().pairs == 1
    said = world.tick(after=1)
    assert world.now == changed + PAIR_AGE
    assert alerts_in(said) == []  # forgetting says nothing to anybody but the auditor
    assert [(record.what, record.alert_id) for record in audits_in(said)] == [("FORGOTTEN", ALERT)]
    assert set(world.state.content()) == {"entry", "flood", "newest", "totals", "audit"}
    assert (world.stage.stats().pairs, world.stage.stats().live) == (0, 0)
    (reject,) = rejects_in(world.answer("bd", ResponseKind.ACKNOWLEDGE, ALERT))
    assert reject.reason is RejectReason.UNKNOWN_CASE


def test_an_answer_is_a_change():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    world.tick(after=PAIR_AGE - DAY)
    world.answer("bd", ResponseKind.RECEIPT, ALERT)
    world.tick(after=2 * DAY)
    assert world.stage.stats().pairs == 1


def test_a_deleted_entry_is_forgotten_a_day_later():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    said = world.publish(entry(2, status=EntryStatus.DELETED, subject=None))
    assert told(said) == {"bd": "RETRACTED", "ccc": "RETRACTED", "fr": "RETRACTED"}
    assert [send.message for send in said if send.topic == "persons"] == [None]
    assert world.tick(after=24 * HOUR - 1) == []
    assert "entry" in world.state.content()
    said = world.tick(after=1)
    assert "entry" not in world.state.content()
    assert [record.what for record in audits_in(said)] == ["FORGOTTEN"]
    assert alerts_in(said) == []
    assert world.stage.stats().entries == 0


def test_whom_a_deleted_entry_was_about_leaves_its_pairs_with_it():
    world = World(CasesRules(pairs_per_step=2, possible_per_hour=100))
    world.publish(entry())
    for number in range(5):
        world.meet(ANNA, incident_id=f"I{number}")
    world.answer(
        "bd", ResponseKind.REQUEST_CONFIRMATION, keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1"), text="ANNA?"
    )
    world.publish(entry(2, status=EntryStatus.DELETED, subject=None))
    assert "ANNA" in repr(world.state.content()["pair"])
    said = world.tick(after=24 * HOUR)
    assert "ANNA" not in repr(world.state.content())
    assert [record.what for record in audits_in(said)] == ["FORGOTTEN"]
    assert world.stage.stats().pairs == 5
    said = world.meet(person("ANNA TWO"), 2, incident_id="I1")  # a correction still finds its pair, and says nothing
    assert alerts_in(said) == []
    world.publish(entry(3))
    assert told(world.meet(ANNA, 3, incident_id="I1"))["bd"] == "LIVE"


def test_a_forgotten_entry_comes_back_with_a_higher_version_only():
    world = World()
    world.publish(entry(8))
    world.publish(entry(9, status=EntryStatus.DELETED, subject=None))
    world.tick(after=25 * HOUR)
    (reject,) = rejects_in(world.publish(entry(1)))
    assert reject.reason is RejectReason.NOT_HIGHER_VERSION
    assert not [send for send in world.publish(entry(10)) if send.topic == "rejects.fr"]
    assert world.stage.stats().entries == 1
    world.publish(entry(11, status=EntryStatus.DELETED, subject=None))
    world.tick(after=25 * HOUR)
    world.tick(after=CasesRules().footprint_age)
    assert set(world.state.content()) == {"newest", "totals", "audit"}


def test_numbers_of_versions_in_a_burst_do_not_pile_up():
    world = World(CasesRules(open_numbers=10, references_per_step=2))
    taken_back = set()
    for version in range(1, 30):
        numbers = [f"N{version}-{n}" for n in range(5)]
        for send in world.one(world.gated(entry(version, subject=person("ANNA ONE", documents=numbers)))):
            if send.topic == "identifiers" and not send.message.present:
                taken_back.add(send.message.number)
    (state,) = world.state.content()["entry"].values()
    assert len(state.numbers) <= 10
    assert len(taken_back.union(state.numbers)) == 29 * 5


def test_an_entry_published_anew_after_it_was_deleted_stays():
    world = World()
    world.publish(entry())
    world.publish(entry(2, status=EntryStatus.DELETED, subject=None))
    world.publish(entry(3), after=12 * HOUR)
    world.tick(after=30 * HOUR)
    assert world.stage.stats().entries == 1
    world.publish(entry(4, status=EntryStatus.DELETED, subject=None))
    world.tick(after=24 * HOUR)
    assert world.stage.stats().entries == 0


def test_a_deleted_entry_that_was_deleted_again_stays_until_the_later_time():
    world = World()
    world.publish(entry())
    world.publish(entry(2, status=EntryStatus.DELETED, subject=None))
    world.publish(entry(3, status=EntryStatus.DELETED, subject=None), after=12 * HOUR)
    world.tick(after=12 * HOUR)
    assert world.stage.stats().entries == 1
    world.tick(after=12 * HOUR)
    assert world.stage.stats().entries == 0


def test_what_is_due_is_done_in_bounded_steps():
    world = World(CasesRules(due_per_tick=10, possible_per_hour=100))
    world.publish(entry())
    for number in range(25):
        world.meet(ANNA, incident_id=f"I{number}", after=0)
    kept = []
    for after in (PAIR_AGE, 1_000, 1_000):
        world.tick(after=after)
        kept.append(world.stage.stats().pairs)
    assert kept == [15, 5, 0]
    assert len(held(world)["bd"]) == 25
