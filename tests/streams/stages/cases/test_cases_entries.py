"""What an entry's version tells the joins, and which versions are taken in."""

from cases_world import PARTITIONS, World, alerts_in, entry, passport, person, rejects_in

from schemas.codes import AlertStatus, EntryStatus, NameType, RejectReason
from schemas.internal import Continue, ListedPerson, Probe, Reference, Side
from schemas.subjects import Name
from streams.stages.cases import CasesRules

KEY = "ACTUAL:fr:E1"


def references(said):
    return {(send.message.number, send.message.present) for send in said if isinstance(send.message, Reference)}


def continued(said):
    return [send.message for send in said if isinstance(send.message, Continue)]


def probes(said):
    return [send for send in said if isinstance(send.message, Probe)]


def listed(said):
    return [send for send in said if send.topic == "persons"]


def test_an_active_person_is_referred_to_listed_and_probed_for_in_this_order():
    world = World()
    said = world.publish(entry(subject=person("ANNA ONE", documents=["P1", "P2"])))
    assert [send.topic for send in said] == ["audit", "identifiers", "identifiers", "persons", "sightings", "sightings"]
    assert references(said) == {("ACTUAL|document|P1", True), ("ACTUAL|document|P2", True)}
    reference = said[1]
    assert (reference.key, reference.message.side, reference.message.key) == (
        "ACTUAL|document|P1",
        Side.ENTRY,
        KEY,
    )
    assert [send.partition for send in probes(said)] == list(range(PARTITIONS))
    assert probes(said)[0].message.entries[0].model_dump() == {"entry_key": KEY, "entry_version": 1}


def test_every_version_refers_to_all_its_numbers_again_and_takes_back_the_others():
    world = World()
    world.publish(entry(subject=person("ANNA ONE", documents=["P1", "P2"])))
    said = world.publish(entry(2, subject=person("ANNA ONE", documents=["P2", "P3"])))
    assert references(said) == {
        ("ACTUAL|document|P1", False),
        ("ACTUAL|document|P2", True),
        ("ACTUAL|document|P3", True),
    }
    assert references(world.publish(entry(3, subject=person("ANNA ONE", documents=["P2", "P3"])))) == {
        ("ACTUAL|document|P2", True),
        ("ACTUAL|document|P3", True),
    }
    assert references(world.publish(entry(4, status=EntryStatus.SUSPENDED))) == {
        ("ACTUAL|document|P2", False),
        ("ACTUAL|document|P3", False),
    }


def test_many_numbers_go_out_in_bounded_steps_and_none_is_left_behind_when_overtaken():
    world = World()
    many = [f"P{number:04}" for number in range(1_000)]
    said = world.publish(entry(subject=person("ANNA ONE", documents=many)))
    assert len(references(said)) == 1_000
    assert world.largest_step <= 300


def test_no_number_is_left_behind_when_a_version_overtakes_the_one_before():
    first, second = [f"P{number:04}" for number in range(1_000)], [f"Q{number:04}" for number in range(1_000)]
    world = World()
    (rest_of_first,) = continued(world.one(world.gated(entry(subject=person("ANNA ONE", documents=first)))))
    said = world.one(world.gated(entry(2, subject=person("ANNA ONE", documents=second))))
    (rest,) = continued(said)
    assert world.one(rest_of_first) == []
    said += world.say(rest)
    present = {number for number, is_present in references(said) if is_present}
    gone = {number for number, is_present in references(said) if not is_present}
    assert present == {f"ACTUAL|document|{number}" for number in second}
    assert gone == {f"ACTUAL|document|{number}" for number in first}
    said = world.publish(entry(3, subject=person("ANNA ONE", documents=["Z"])))
    assert {number for number, is_present in references(said) if not is_present} == present


def test_the_list_holds_neither_documents_nor_a_victims_names():
    world = World()
    victim = Name(full="VICTIM TWO", type=NameType.MISUSED)
    subject = person("ANNA ONE", documents=["P1"])
    said = world.publish(entry(subject=subject.model_copy(update={"names": (*subject.names, victim)})))
    (record,) = listed(said)
    assert record.key == KEY
    assert isinstance(record.message, ListedPerson)
    assert [name.full for name in record.message.subject.names] == ["ANNA ONE"]
    assert record.message.subject.documents == ()
    only_victim = person().model_copy(update={"names": (victim,)})
    (gone,) = listed(world.publish(entry(2, subject=only_victim)))
    assert gone.message is None


def test_an_entry_that_leaves_the_list_leaves_a_tombstone_with_its_version():
    world = World()
    world.publish(entry())
    said = world.publish(entry(2, status=EntryStatus.SUSPENDED))
    (gone,) = listed(said)
    assert (gone.key, gone.message, gone.headers) == (KEY, None, (("version", "2"),))
    assert probes(said) == []
    assert listed(world.publish(entry(3, status=EntryStatus.WITHDRAWN))) == []


def test_an_object_is_neither_listed_nor_probed_for():
    world = World()
    said = world.publish(entry(subject=None, object=passport("P9")))
    assert [send.topic for send in said] == ["audit", "identifiers"]
    said = world.publish(entry(2, subject=None, object=passport("P9"), status=EntryStatus.WITHDRAWN))
    assert [send.topic for send in said] == ["audit", "identifiers"]


def test_a_list_being_loaded_shares_probes():
    world = World(CasesRules(prompt_probes=2, entries_per_probe=3))
    said = []
    for number in range(7):
        said += world.publish(entry(entry_id=f"E{number}"))
    sizes = [len(send.message.entries) for send in probes(said) if send.partition == 0]
    assert sizes == [1, 1, 3]
    flushed = [send.message for send in probes(world.tick()) if send.partition == 0]
    assert [[entry.entry_key for entry in probe.entries] for probe in flushed] == [["ACTUAL:fr:E5", "ACTUAL:fr:E6"]]
    assert [len(send.message.entries) for send in probes(world.publish(entry(entry_id="E9")))] == [1, 1]
    assert probes(world.tick()) == []


def test_an_entry_that_leaves_the_list_is_not_probed_for_any_more():
    world = World(CasesRules(prompt_probes=0))
    world.publish(entry())
    world.publish(entry(2, status=EntryStatus.SUSPENDED))
    assert probes(world.tick()) == []
    assert world.stage.stats().pending_probes == 0


def test_a_repeat_of_the_gate_is_ignored_and_not_rejected():
    world = World()
    world.publish(entry(), offset=4)
    world.publish(entry(2), offset=7)
    before = world.state.content()["entry"]
    assert world.publish(entry(), offset=4) == []
    assert world.publish(entry(2), offset=7) == []
    assert world.state.content()["entry"] == before
    assert world.stage.stats().repeats == 2


def test_a_withdrawal_in_a_topic_that_was_made_anew_is_heard():
    world = World()
    world.publish(entry(), offset=5_000)
    world.meet(person("ANNA ONE"))
    world.make_anew("watchlist.fr")
    said = world.publish(entry(2, status=EntryStatus.WITHDRAWN))
    assert {alert.status for alert in alerts_in(said)} == {AlertStatus.RETRACTED}
    assert world.publish(entry(2, status=EntryStatus.WITHDRAWN), offset=0) == [], "the gate says it again"
    assert world.stage.stats().repeats == 1


def test_a_repeat_of_the_gate_stays_one_when_the_brokers_clock_was_set_back_between_two_events():
    world = World()
    world.publish(entry(), offset=4)
    world.appended["watchlist.fr", 7] = world.now - 500_000
    world.publish(entry(2), offset=7)
    assert world.publish(entry(), offset=4) == []
    assert world.publish(entry(2), offset=7) == []
    assert world.stage.stats().repeats == 2


def test_the_same_version_and_content_is_a_counted_duplicate():
    world = World()
    world.publish(entry())
    assert world.publish(entry(event_id="another")) == []
    assert world.publish(entry()) == []
    assert world.stage.stats().duplicates == 2


def test_wrong_versions_are_refused_to_their_sender_alone():
    world = World()
    world.publish(entry(2))
    cases = [
        (entry(2, event_id="a", remarks="other"), RejectReason.VERSION_CONFLICT, "entry_version"),
        (entry(1, event_id="b"), RejectReason.NOT_HIGHER_VERSION, "entry_version"),
        (entry(3, event_id=entry(2).event_id), RejectReason.EVENT_ID_REUSED, "event_id"),
    ]
    for event, reason, place in cases:
        said = world.publish(event)
        (reject,) = rejects_in(said)
        assert (reject.reason, reject.place, reject.stage) == (reason, place, "cases")
        assert (reject.event_id, reject.source_topic) == (event.event_id, "watchlist.fr")
        assert reject.head
        assert {send.topic for send in said} == {"rejects.fr", "audit"}
    assert world.state.content()["entry"][KEY].entry.entry_version == 2
    assert world.stage.stats().rejected == 3


def test_only_an_active_entry_keeps_whom_it_is_about():
    world = World()
    world.publish(entry())
    for version, status in enumerate((EntryStatus.SUSPENDED, EntryStatus.DELETED), 2):
        world.publish(entry(version, status=status))
        assert "ANNA" not in str(world.state.content())
        assert "P1" not in str(world.state.content())
