"""Who may learn of a match: domain rules 1 to 5 and 14, as the pure function and as what is really sent."""

from cases_world import PARTICIPANTS, World, alerts_in, context, entry, except_, held, only, person, rejects_in, told

from schemas.codes import EntryStatus, Mode, OwnerNotification, ReceiversMode, ResponseKind, Role, Scope
from schemas.envelope import Handling
from streams.stages import keys
from streams.stages.cases.dissemination import Side, audience
from streams.stages.cases.judgement import raises_alerts

ANNA = person("ANNA ONE")
OPEN = Handling()
SUPPRESSED = Handling(owner_notification=OwnerNotification.SUPPRESSED)


def who(incident="bd", owner="fr", met=OPEN, listed=OPEN, modes=(Mode.ACTUAL, Mode.ACTUAL)):
    return audience(Side(incident, modes[0], met), Side(owner, modes[1], listed), PARTICIPANTS)


def codes(*args, **more):
    return [code for code, _ in who(*args, **more).roles]


def test_rule_1_own_country_goes_to_that_bureau_alone_and_is_domestic():
    found = who("fr", "fr")
    assert found.scope is Scope.DOMESTIC
    assert found.roles == (("fr", Role.LOCATOR),)
    assert who("fr", "fr", met=SUPPRESSED, listed=only("np")).roles == (("fr", Role.LOCATOR),)
    world = World()
    world.publish(entry())
    said = world.meet(ANNA, producer="fr")
    assert told(said) == {"fr": "LIVE"}
    (alert,) = alerts_in(said)
    assert (alert.scope, alert.role) == (Scope.DOMESTIC, Role.LOCATOR)
    assert alert.entry.subject is not None
    assert alert.incident.subject is not None


def test_rule_2_a_locator_that_is_excluded_gets_nothing_while_owner_and_coordinator_do():
    assert codes(listed=except_("bd")) == ["ccc", "fr"]
    assert codes(listed=only("np")) == ["ccc", "fr"]
    assert codes(listed=only("bd")) == ["bd", "ccc", "fr"]
    world = World()
    world.publish(entry(handling=except_("bd")))
    said = world.meet(ANNA)
    assert told(said) == {"ccc": "LIVE", "fr": "LIVE"}
    assert "bd" not in {send.topic.rpartition(".")[2] for send in world.said}
    assert not [send for send in world.said if send.topic == "audit" and send.key == "bd"]


def test_rule_2_restrictions_of_incident_and_entry_intersect():
    assert codes(met=except_("fr")) == ["bd", "ccc"]
    assert codes(met=only("np")) == ["bd", "ccc"]
    assert codes(met=except_("fr"), listed=except_("bd")) == ["ccc"]
    assert codes(met=only("fr"), listed=only("bd")) == ["bd", "ccc", "fr"]
    assert codes(met=except_("fr", "ccc"), listed=except_("bd")) == []


def test_rule_2_the_coordinator_is_left_out_by_except_alone():
    assert "ccc" in codes(met=only("fr"), listed=only("bd"))
    assert "ccc" not in codes(met=except_("ccc"))
    assert "ccc" not in codes(listed=except_("ccc"))


def test_rule_2_a_restriction_does_not_bind_its_author():
    assert codes(listed=except_("fr")) == ["bd", "ccc", "fr"]
    assert codes(met=except_("bd")) == ["bd", "ccc", "fr"]


def test_rule_2_a_restriction_that_this_program_does_not_know_lets_nobody_else_through():
    assert codes(listed=Handling(receivers_mode=ReceiversMode.UNKNOWN)) == ["fr"]


def test_rule_2_who_loses_the_right_gets_one_withdrawal_without_content_and_nothing_else():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    said = world.publish(entry(2, handling=except_("bd")))
    assert told(said) == {"bd": "WITHDRAWN", "ccc": "LIVE", "fr": "LIVE"}
    (lost,) = [alert for alert in alerts_in(said) if alert.recipient == "bd"]
    assert (lost.incident, lost.entry, lost.match, lost.case_ref, lost.encounter) == (None,) * 5
    assert not lost.allowed_moves
    assert not lost.answers
    assert told(world.publish(entry(3, handling=except_("bd")))) == {"ccc": "LIVE", "fr": "LIVE"}
    assert told(world.meet(person("ANNA ONE", "A. ONE"), 2)) == {"ccc": "LIVE", "fr": "LIVE"}
    retracted = world.publish(entry(4, status=EntryStatus.WITHDRAWN, handling=except_("bd")))
    assert told(retracted) == {"ccc": "RETRACTED", "fr": "RETRACTED"}


def test_rule_2_losing_the_right_and_the_match_at_once_tells_only_of_the_right():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    said = world.publish(entry(2, status=EntryStatus.WITHDRAWN, handling=except_("bd")))
    assert told(said) == {"bd": "WITHDRAWN", "ccc": "RETRACTED", "fr": "RETRACTED"}


def test_rule_2_an_excluded_bureau_that_regains_the_right_gets_the_alert():
    world = World()
    world.publish(entry(handling=except_("bd")))
    world.meet(ANNA)
    said = world.publish(entry(2))
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}


def test_rule_2_a_right_lost_after_the_retraction_needs_no_further_word():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    world.meet(None, 2)
    assert alerts_in(world.publish(entry(2, handling=except_("bd")))) == []
    assert told(world.meet(ANNA, 3)) == {"ccc": "LIVE", "fr": "LIVE"}


def test_rule_3_a_suppressed_owner_is_not_told_whichever_side_says_so():
    assert codes(met=SUPPRESSED) == ["bd", "ccc"]
    assert codes(listed=SUPPRESSED) == ["bd", "ccc"]
    assert who(met=SUPPRESSED).answering == "ccc"
    assert who().answering == "fr"
    assert codes(owner="ccc", met=SUPPRESSED) == ["bd"]
    world = World()
    world.publish(entry())
    said = world.meet(ANNA, handling=SUPPRESSED)
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE"}
    assert not [send for send in said if "fr" in (send.topic.rpartition(".")[2], send.key)]


def test_rule_3_suppressing_later_withdraws_the_owners_alert():
    world = World()
    world.publish(entry())
    world.meet(ANNA)
    assert told(world.meet(ANNA, 2, handling=SUPPRESSED)) == {"bd": "LIVE", "ccc": "LIVE", "fr": "WITHDRAWN"}


def test_rule_4_an_owner_never_sees_another_owners_entry():
    world = World()
    world.publish(entry())
    world.publish(entry(producer="np", entry_id="N1"))
    world.meet(ANNA)
    world.meet(ANNA, entry_key="ACTUAL:np:N1")
    by_recipient = {
        recipient: {alert.entry.owner for alert in seen.values()} for recipient, seen in held(world).items()
    }
    assert by_recipient == {"bd": {"fr", "np"}, "ccc": {"fr", "np"}, "fr": {"fr"}, "np": {"np"}}
    assert len({alert.encounter for alert in held(world)["bd"].values()}) == 1


def test_rule_5_a_retraction_goes_to_each_earlier_recipient_alone():
    world = World()
    world.publish(entry(handling=except_("bd")))
    world.meet(ANNA)
    said = world.publish(entry(2, status=EntryStatus.CANCELLED))
    assert told(said) == {"ccc": "RETRACTED", "fr": "RETRACTED"}


def test_rule_14_only_equal_modes_match_and_an_exercise_stays_one():
    assert codes(modes=(Mode.ACTUAL, Mode.EXERCISE)) == []
    assert codes(modes=(Mode.UNKNOWN, Mode.UNKNOWN)) == []
    assert not raises_alerts(entry(), context(exercise=Mode.EXERCISE))
    assert raises_alerts(entry(exercise=Mode.EXERCISE), context(exercise=Mode.EXERCISE))
    world = World()
    world.publish(entry(exercise=Mode.EXERCISE))
    world.publish(entry())
    assert world.meet(ANNA, exercise=Mode.EXERCISE) == []  # announced for the real entry
    said = world.meet(ANNA, exercise=Mode.EXERCISE, entry_key="EXERCISE:fr:E1")
    assert {alert.exercise for alert in alerts_in(said)} == {Mode.EXERCISE}
    assert {send.key for send in said if send.topic.startswith("alerts.")} == {"EXERCISE:bd:I1"}


def test_rule_14_the_same_entry_id_in_another_mode_is_another_entry():
    world = World()
    world.publish(entry(5))
    assert rejects_in(world.publish(entry(1, exercise=Mode.TEST))) == []
    assert world.stage.stats().entries == 2


def test_rule_14_canaries_meet_only_canaries_and_nobody_else_is_told():
    assert codes("xa", "xb") == ["xa", "xb"]
    assert codes("xa", "xa") == ["xa"]
    assert codes("xa", "fr") == []
    assert codes("bd", "xb") == []


def test_a_participant_that_is_declared_no_more_is_sent_nothing():
    assert codes("zz", "fr") == ["ccc", "fr"]


def test_an_excluded_bureau_that_guesses_the_case_is_told_nothing():
    world = World()
    world.publish(entry(handling=except_("bd")))
    world.meet(ANNA)
    alert_id = keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1")
    known = rejects_in(world.answer("bd", ResponseKind.ACKNOWLEDGE, alert_id))[0]
    unknown = rejects_in(world.answer("bd", ResponseKind.ACKNOWLEDGE, alert_id[::-1]))[0]
    varying = {"source_offset", "source_timestamp", "event_id", "sha256", "size", "head"}
    assert known.model_dump(exclude=varying) == unknown.model_dump(exclude=varying)
