"""An entry and a candidate become alerts, revisions and retractions."""

from cases_world import T0, World, alerts_in, audits_in, candidate, decide, entry, except_, held, passport, person, told

from schemas.codes import Action, AlertStatus, DetentionBasis, EntryStatus, Priority, Role, Scope
from schemas.internal import Continue
from schemas.model import timestamp
from schemas.subjects import Subject
from schemas.topics import DAY, alerts
from streams.stages import keys
from streams.stages.cases import CasesRules

ONE_BY_ONE = CasesRules(possible_per_hour=10_000)
ANNA = person("ANNA ONE")


def test_a_match_alerts_locator_owner_and_coordinator_each_in_its_own_topic():
    world = World()
    world.publish(entry())
    said = world.meet(ANNA)
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
    sends = [send for send in said if send.topic.startswith("alerts.")]
    assert [send.topic for send in sends] == [alerts("bd"), alerts("ccc"), alerts("fr")]
    assert {send.key for send in sends} == {"ACTUAL:bd:I1"}
    roles = {alert.recipient: alert.role for alert in alerts_in(said)}
    assert roles == {"bd": Role.LOCATOR, "fr": Role.OWNER, "ccc": Role.COORDINATOR}
    alert = alerts_in(said)[0]
    assert alert.alert_id == keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1")
    assert (alert.revision, alert.scope, alert.encounter) == (1, Scope.CROSS_BORDER, "ACTUAL:bd:I1:s1")
    assert alert.case_ref == f"0-{alert.alert_id}"  # the partition that keeps the case
    assert alert.watchlist_age == 60_000
    assert alert.raised_at == alert.revised_at == timestamp(world.now)


def test_an_object_matches_an_object_record():
    world = World()
    world.publish(entry(subject=None, object=passport("P9")))
    said = world.meet(passport("P9"), item_id="o1")
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
    assert alerts_in(said)[0].incident.object.document.number == "P9"


def test_a_pair_that_is_no_match_and_was_never_announced_is_forgotten():
    world = World()
    world.publish(entry())
    assert world.meet(person("SOMEBODY ELSE")) == []
    assert set(world.state.content()) == {"entry", "newest", "totals", "audit"}
    assert world.meet(None) == []


def test_the_same_candidate_again_says_nothing():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    before = world.state.content()
    assert world.meet(ANNA) == []
    assert world.state.content() == before


def test_a_pair_found_once_more_is_not_judged_again():
    asked = []

    def counting(item, listed_entry):
        asked.append(item)
        return decide(item, listed_entry)

    world = World(matcher=counting)
    world.publish(entry())
    world.meet(ANNA)
    world.meet(ANNA)
    assert len(asked) == 1


def test_a_corrected_incident_revises_the_alert_for_everybody():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    said = world.meet(person("ANNA ONE", documents=["P1"]), 2)
    assert {(alert.recipient, alert.revision, alert.match.band) for alert in alerts_in(said)} == {
        ("bd", 2, "EXACT"),
        ("ccc", 2, "EXACT"),
        ("fr", 2, "EXACT"),
    }
    assert alerts_in(said)[0].incident.incident_version == 2
    assert alerts_in(said)[0].raised_at == timestamp(T0 + 2_000)


def test_an_item_that_disappears_is_retracted_without_content_and_resumes_when_it_comes_back():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    said = world.meet(None, 2)
    assert told(said) == {"bd": "RETRACTED", "ccc": "RETRACTED", "fr": "RETRACTED"}
    for alert in alerts_in(said):
        assert alert.revision == 2
        assert (alert.incident, alert.entry, alert.match, alert.case_ref, alert.encounter) == (None,) * 5
        assert (alert.answers, alert.allowed_moves) == ((), ())
    assert world.meet(None, 3) == []
    again = world.meet(ANNA, 4)
    assert told(again) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
    assert {alert.revision for alert in alerts_in(again)} == {3}


def test_only_those_whose_view_changed_get_the_new_revision():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    said = world.publish(entry(2, remarks="not armed after all"))
    # the version is in every view; the coordinator does not see remarks
    assert set(told(said)) == {"bd", "ccc", "fr"}
    assert {alert.entry.entry_version for alert in alerts_in(said)} == {2}


def test_each_alert_sent_is_audited_without_personal_data():
    world = World()
    world.publish(entry())
    said = world.meet(ANNA)
    records = audits_in(said)
    assert [(record.participant, record.what, record.revision) for record in records] == [
        ("bd", "SENT", 1),
        ("ccc", "SENT", 1),
        ("fr", "SENT", 1),
    ]
    assert "ANNA" not in "".join(record.model_dump_json() for record in records)


def test_detention_sets_the_priority():
    world = World()
    world.publish(entry())
    cases = [
        ({"detained": True, "detention_basis": DetentionBasis.HIT_ONLY}, Priority.URGENT),
        ({"detained": True, "detention_basis": DetentionBasis.OTHER}, Priority.ROUTINE),
        ({"detained": True, "detention_basis": DetentionBasis.UNKNOWN}, Priority.ROUTINE),
        ({}, Priority.SUPPLEMENTARY),
    ]
    for version, (facts, priority) in enumerate(cases, 1):
        said = world.meet(ANNA, version, **facts)
        assert {alert.priority for alert in alerts_in(said)} == {priority}


def test_rule_6_an_entry_that_passed_the_gate_after_the_incident_is_retrospective():
    world = World()
    world.publish(entry())
    late = timestamp(world.now + 1)
    assert not alerts_in(world.meet(ANNA, passed_at=late))[0].retrospective
    early = timestamp(T0)
    assert alerts_in(world.meet(ANNA, passed_at=early, incident_id="I2"))[0].retrospective


def test_rule_6_an_edit_that_changes_nobody_sought_makes_no_alert_retrospective():
    world = World()
    world.publish(entry())
    world.meet(ANNA, passed_at=timestamp(world.now + 1))
    for change in ({"remarks": "unarmed"}, {"action": Action.INFORM}, {"handling": except_("np")}):
        (seen, *_) = alerts_in(world.publish(entry(number := world.offset + 2, **change)))
        assert (seen.entry.entry_version, seen.retrospective) == (number, False)
    renewed = timestamp(world.now + DAY)
    (seen, *_) = alerts_in(world.publish(entry(world.offset + 2, expires_at=renewed)))
    assert not seen.retrospective
    (seen, *_) = alerts_in(world.publish(entry(world.offset + 2, expires_at=timestamp(world.now + 2 * DAY))))
    assert not seen.retrospective
    named = person("ANNA ONE", "ANNA TWO", documents=["P1"])
    (seen, *_) = alerts_in(world.publish(entry(world.offset + 2, subject=named)))
    assert seen.retrospective


def test_rule_5_withdrawing_the_entry_retracts_at_every_earlier_recipient():
    for status in EntryStatus:
        if status is EntryStatus.ACTIVE:
            continue
        world = World()
        world.publish(entry())
        world.meet(ANNA)
        said = world.publish(entry(2, status=status))
        assert told(said) == {"bd": "RETRACTED", "ccc": "RETRACTED", "fr": "RETRACTED"}, status
        assert world.stage.stats().live == 0


def test_rule_5_suspended_and_draft_entries_raise_nothing():
    for status in (EntryStatus.SUSPENDED, EntryStatus.DRAFT_IN_REVIEW):
        world = World()
        world.publish(entry(status=status))
        assert world.meet(ANNA) == []


def test_rule_5_validity_is_judged_when_the_incident_happened():
    world = World()
    world.publish(entry(valid_from=timestamp(T0), expires_at=timestamp(T0 + 10)))
    assert world.meet(ANNA, incident_id="before", occurred_at=timestamp(T0 - 1)) == []
    assert set(told(world.meet(ANNA, incident_id="first", occurred_at=timestamp(T0)))) == {"bd", "ccc", "fr"}
    assert set(told(world.meet(ANNA, incident_id="last", occurred_at=timestamp(T0 + 9)))) == {"bd", "ccc", "fr"}
    assert world.meet(ANNA, incident_id="after", occurred_at=timestamp(T0 + 10)) == []


def test_an_entry_that_becomes_active_again_resumes_its_alerts():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    world.publish(entry(2, status=EntryStatus.SUSPENDED))
    said = world.publish(entry(3))
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
    assert {alert.revision for alert in alerts_in(said)} == {3}


def test_the_same_history_gives_the_same_state_and_outputs():
    def history(world):
        world.publish(entry())
        world.meet(ANNA)
        world.publish(entry(2))
        world.meet(None, 2)
        return world.said, world.state.content()

    assert history(World()) == history(World())


def test_live_alerts_are_counted():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    world.meet(ANNA, incident_id="I2")
    world.meet(None, 2)
    totals = world.stage.stats()
    assert (totals.entries, totals.pairs, totals.live) == (1, 2, 1)
    assert (totals.sent_live, totals.sent_retracted) == (6, 3)
    assert held(world)["bd"][keys.alert_id("ACTUAL:bd:I2", "s1", "ACTUAL:fr:E1")].status is AlertStatus.LIVE


def test_1200_pairs_of_an_entry_are_judged_again_in_bounded_steps():
    world = World(ONE_BY_ONE)
    world.publish(entry())
    for number in range(1_200):
        world.say(candidate(ANNA, incident_id=f"I{number}"))
    world.largest_step = 0
    said = world.publish(entry(2, status=EntryStatus.WITHDRAWN))
    assert len(alerts_in(said)) == 3 * 1_200
    assert world.largest_step <= 400
    assert world.stage.stats().live == 0


def test_a_newer_version_overtakes_the_rest_of_the_work():
    asked = []

    def counting(item, listed_entry):
        asked.append(item)
        return decide(item, listed_entry)

    world = World(ONE_BY_ONE, matcher=counting)
    world.publish(entry())
    for number in range(100):
        world.say(candidate(ANNA, incident_id=f"I{number}"))
    first = world.one(world.gated(entry(2)))
    (rest,) = [send.message for send in first if isinstance(send.message, Continue)]
    world.publish(entry(3))
    asked.clear()
    assert world.one(rest) == []
    assert asked == []
    assert world.stage.stats().live == 100


def test_a_step_that_compares_many_names_judges_fewer_pairs():
    asked = []

    def counting(item, listed_entry):
        asked.append(item)
        return decide(item, listed_entry)

    def many(one: str) -> Subject:
        return person(one, *(f"{one} {number}" for number in range(59)))

    world = World(matcher=counting)
    world.publish(entry(subject=many("ANNA ONE")))
    for number in range(20):
        world.say(candidate(many("ANNA ONE"), incident_id=f"I{number}"))
    asked.clear()
    world.one(world.gated(entry(2, subject=many("ANNA ONE"))))
    assert len(asked) == 2
