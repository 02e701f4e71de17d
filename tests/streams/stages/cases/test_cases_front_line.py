"""What the officer at the post is told: rules 7, 8 and 9, and that nothing of the case goes with it."""

from __future__ import annotations

import re

import pytest
from cases_world import World, alerts_in, entry, except_, passport, person

from consumers.watch.wording import AT_THE_POST, TARGETS
from schemas.alerts import Evidence, Match
from schemas.codes import (
    Action,
    Band,
    FrontLineAction,
    FrontLineTarget,
    Instrument,
    Mode,
    NameType,
    ResponseKind,
    Role,
    Verdict,
    Warning,
)
from schemas.subjects import BirthDate, Name
from streams.matching import MISUSED_FEATURE, decide
from streams.stages import keys
from streams.stages.cases.front_line import ACTIONS

ANNA = person("ANNA ONE")
ANNA_BY_NUMBER = person("ANNA ONE", documents=["P1"])
ALERT = keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1")
STOPPING = re.compile(r"stop|hold|held|detain|arrest|seize|refuse|search|interview|interrogat|question", re.IGNORECASE)


def shown(world, said=None):
    """What the front line of the locator is shown last."""
    return [alert for alert in alerts_in(said or world.said) if alert.role is Role.LOCATOR][-1].front_line


def alerted(item=ANNA_BY_NUMBER, matcher=None, **more):
    world = World(matcher=matcher) if matcher else World()
    world.publish(entry(**more))
    world.meet(item)
    return world


@pytest.mark.parametrize("asked", list(Action))
def test_the_front_line_is_told_what_the_owner_asks_for(asked):
    assert shown(alerted(action=asked)).action is ACTIONS[asked]


@pytest.mark.parametrize("band", list(Band))
def test_rule_7_a_discreet_check_has_no_word_of_stopping_anybody(band):
    def matched(item, listed):
        evidence = (Evidence(feature=MISUSED_FEATURE, left="A", right="A", weight=0, verdict=Verdict.CLOSE),)
        return Match(band=band, score=20.0, evidence=evidence)

    view = shown(alerted(action=Action.DISCREET_CHECK, matcher=matched))
    assert view.action is FrontLineAction.OBSERVE
    words = [*AT_THE_POST[view.action].split(), *TARGETS[view.target].split(), *view.model_dump_json().split('"')]
    assert not [word for word in words if STOPPING.search(word)]


def test_rule_8_a_victims_data_lower_the_action_to_verifying_identity_until_a_person_has_confirmed():
    misused = person("ANNA ONE", documents=["K7704418"]).model_copy(
        update={"names": (Name(full="BERTA TWO"), Name(full="ANNA ONE", type=NameType.MISUSED))}
    )
    world = World(matcher=decide)
    world.publish(entry(subject=misused))
    said = world.meet(person("ANNA ONE", documents=["K7704418"]))
    assert {alert.match.band for alert in alerts_in(said)} == {Band.EXACT}
    assert shown(world).action is FrontLineAction.VERIFY_IDENTITY
    world.answer("bd", ResponseKind.REQUEST_CONFIRMATION, ALERT)
    assert shown(world).action is FrontLineAction.VERIFY_IDENTITY
    world.answer("fr", ResponseKind.CONFIRM, ALERT)
    assert shown(world).action is FrontLineAction.ARREST


def test_rule_8_a_misused_name_alone_is_never_found():
    misused = person().model_copy(update={"names": (Name(full="ANNA ONE", type=NameType.MISUSED),)})
    assert decide(ANNA, entry(subject=misused)) is None


def test_rule_9_a_document_reported_lost_is_about_the_document_and_not_its_holder():
    record = {"instrument": Instrument.DOC_RECORD, "subject": None, "object": passport("P1")}
    for asked, told in (
        (Action.SEIZE, FrontLineAction.SEIZE),
        (Action.INFORM, FrontLineAction.INFORM_BUREAU),
        (Action.ARREST, FrontLineAction.VERIFY_IDENTITY),
        (Action.REFUSE_ENTRY, FrontLineAction.VERIFY_IDENTITY),
        (Action.INQUIRY_CHECK, FrontLineAction.VERIFY_IDENTITY),
    ):
        view = shown(alerted(action=asked, **record))
        assert (view.target, view.action) == (FrontLineTarget.DOCUMENT, told)
    assert "nothing against its holder" in TARGETS[FrontLineTarget.DOCUMENT]


def test_a_name_alone_never_makes_an_officer_act_before_a_person_has_confirmed():
    world = alerted(ANNA)
    assert (shown(world).band, shown(world).action) == (Band.POSSIBLE, FrontLineAction.VERIFY_IDENTITY)
    world.answer("bd", ResponseKind.REQUEST_CONFIRMATION, ALERT)
    world.answer("fr", ResponseKind.CONFIRM, ALERT)
    assert shown(world).action is FrontLineAction.ARREST


def test_nor_does_a_name_so_rare_that_the_match_is_strong():
    rare = person("TEMURBEK YOQUBOVZODA NAZARALI")
    world = World(matcher=decide)
    world.publish(entry(subject=rare))
    world.meet(rare)
    assert (shown(world).band, shown(world).action) == (Band.STRONG, FrontLineAction.VERIFY_IDENTITY)
    born = (BirthDate(year=1980, month=5, day=17),)
    world.publish(entry(2, subject=rare.model_copy(update={"births": born})))
    world.meet(rare.model_copy(update={"births": born}), 2)
    assert (shown(world).band, shown(world).action) == (Band.STRONG, FrontLineAction.ARREST)


def test_dangers_are_always_shown():
    for asked in Action:
        assert shown(alerted(action=asked, warnings=(Warning.ARMED,))).warnings == (Warning.ARMED,)


def test_nothing_of_the_case_is_in_it():
    view = shown(alerted()).model_dump_json()
    assert not [word for word in ("ANNA", "E1", "P1", "fr", "may be armed") if word in view]


def test_only_the_locators_alert_has_one_and_rule_1_a_domestic_one_has():
    for alert in alerts_in(alerted().said):
        assert (alert.front_line is not None) == (alert.role is Role.LOCATOR)
    world = World()
    world.publish(entry())
    assert alerts_in(world.meet(ANNA, producer="fr"))[0].front_line is not None


def test_it_goes_when_the_right_or_the_match_goes():
    for change in (entry(2, handling=except_("bd")), entry(2, subject=person("SOMEBODY ELSE"))):
        world = alerted()
        assert {alert.front_line for alert in alerts_in(world.publish(change)) if alert.recipient == "bd"} == {None}


def test_the_mode_stands_beside_it():
    world = World()
    world.publish(entry(exercise=Mode.EXERCISE))
    world.meet(ANNA, exercise=Mode.EXERCISE, entry_key="EXERCISE:fr:E1")
    (alert,) = [alert for alert in alerts_in(world.said) if alert.role is Role.LOCATOR]
    assert (alert.exercise, alert.front_line is not None) == (Mode.EXERCISE, True)


def test_there_are_words_for_everything_that_the_front_line_is_told():
    assert set(AT_THE_POST) == set(FrontLineAction)
    assert set(TARGETS) == set(FrontLineTarget)
