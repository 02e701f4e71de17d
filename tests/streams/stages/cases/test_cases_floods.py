"""Floods (domain rule 15): above so many POSSIBLE matches of an entry in an hour, the rest is one counted digest."""

from __future__ import annotations

import pytest
from cases_world import World, alerts_in, audits_in, entry, except_, held, person, rejects_in, told
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Codec, LocalSchemaIds, decode_state, encode_state
from schemas.codes import (
    AlertStatus,
    Band,
    DetentionBasis,
    EntryStatus,
    HandlingCode,
    Mode,
    OwnerNotification,
    RejectReason,
    ResponseKind,
    Role,
    Scope,
    Tlp,
)
from schemas.envelope import Handling
from schemas.topics import HOUR, KIB
from streams.stages import keys
from streams.stages.cases import CasesRules
from streams.stages.cases.records import DEADLINES, DIGESTS, FLOODS, MEMBERS, PAIRS

ANNA = person("ANNA ONE")
FEW = CasesRules(possible_per_hour=2)
K = ResponseKind
HELD = {"detained": True, "detention_basis": DetentionBasis.HIT_ONLY}


def alert_of(number, producer="bd"):
    return keys.alert_id(f"ACTUAL:{producer}:I{number}", "s1", "ACTUAL:fr:E1")


def flooded(count=5, rules=FEW, **more):
    world = World(rules)
    world.publish(entry())
    for number in range(count):
        world.meet(ANNA, incident_id=f"I{number}", **more)
    return world


def digests(world, recipient="bd"):
    return [alert for alert in held(world).get(recipient, {}).values() if alert.digest is not None]


def digest_of(world, recipient="bd"):
    (alert,) = digests(world, recipient)
    return alert


def singles(world, recipient="bd"):
    return {alert.alert_id for alert in held(world).get(recipient, {}).values() if alert.match is not None}


def test_rule_15_what_is_above_the_limit_goes_out_as_one_counted_digest_and_owner_and_coordinator_are_told():
    world = flooded(5)
    world.tick(after=60_000)
    assert singles(world) == {alert_of(0), alert_of(1)}
    for code, role in (("bd", Role.LOCATOR), ("ccc", Role.COORDINATOR), ("fr", Role.OWNER)):
        alert = digest_of(world, code)
        assert (alert.role, alert.status, alert.digest.count) == (role, AlertStatus.LIVE, 3)
        assert {member.alert_id for member in alert.digest.members} == {alert_of(number) for number in (2, 3, 4)}
        assert (alert.match, alert.incident, alert.front_line, alert.encounter) == (None,) * 4
        assert alert.entry.entry_id == "E1"
        assert alert.allowed_moves == (K.ACKNOWLEDGE, K.REQUEST_DETAILS)
    assert digest_of(world, "ccc").entry.remarks is None
    assert world.stage.stats().digested == 3


def test_rule_15_strong_and_exact_matches_are_never_counted_instead_of_sent():
    world = flooded(5)
    sure = person("ANNA ONE", documents=["P1"])
    for number in range(5, 9):
        said = world.meet(sure, incident_id=f"I{number}")
        assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
        assert {alert.match.band for alert in alerts_in(said)} == {Band.EXACT}


def test_rule_15_nor_is_anybody_who_is_held():
    world = flooded(5)
    assert told(world.meet(ANNA, incident_id="I9", **HELD)) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}
    said = world.meet(ANNA, 2, incident_id="I4", **HELD)
    assert [alert.alert_id for alert in alerts_in(said) if alert.recipient == "bd" and alert.match] == [alert_of(4)]


def test_a_digest_is_sent_at_once_and_then_once_a_minute():
    world = flooded(3)
    first = digest_of(world)
    assert (first.revision, first.digest.count) == (1, 1)
    for number in range(3, 50):
        assert alerts_in(world.meet(ANNA, incident_id=f"I{number}")) == []
    assert len(list(world.state.scan(DEADLINES))) == len(("bd", "ccc", "fr"))
    world.tick(after=60_000)
    assert (digest_of(world).revision, digest_of(world).digest.count) == (2, 48)
    assert world.tick(after=60_000) == []


def test_the_next_hour_has_its_own_limit_and_its_own_digest():
    world = flooded(4)
    world.tick(after=HOUR)
    for number in range(4, 8):
        world.meet(ANNA, incident_id=f"I{number}")
    world.tick(after=HOUR)
    assert [alert.digest.count for alert in digests(world)] == [2, 2]
    assert len({alert.alert_id for alert in digests(world)}) == 2
    assert len(singles(world)) == 4
    (first, second) = digests(world)
    assert first.digest.until <= second.digest.since


def test_a_stronger_identification_leaves_the_digest_and_is_sent():
    world = flooded(4)
    said = world.meet(person("ANNA ONE", documents=["P1"]), 2, incident_id="I3")
    assert {alert.alert_id for alert in alerts_in(said) if alert.match} == {alert_of(3)}
    world.tick(after=60_000)
    assert (digest_of(world).digest.count, singles(world)) == (1, {alert_of(0), alert_of(1), alert_of(3)})


def test_a_match_that_was_sent_once_stays_an_alert_of_its_own():
    world = flooded(4)
    world.meet(None, 2, incident_id="I0")
    said = world.meet(ANNA, 3, incident_id="I0")
    assert told(said) == {"bd": "LIVE", "ccc": "LIVE", "fr": "LIVE"}


def test_whoever_asks_for_one_match_has_it_sent_to_everybody_concerned():
    for by in ("bd", "fr", "ccc"):
        world = flooded(4)
        said = world.answer(by, K.REQUEST_DETAILS, alert_of(3))
        sent = {alert.recipient: alert for alert in alerts_in(said) if alert.alert_id == alert_of(3)}
        assert {code: alert.status for code, alert in sent.items()} == dict.fromkeys(("bd", "ccc", "fr"), "LIVE")
        assert K.REQUEST_CONFIRMATION in sent["bd"].allowed_moves
        world.tick(after=60_000)
        assert digest_of(world).digest.count == 1
        assert world.answer("bd", K.REQUEST_CONFIRMATION, alert_of(3)) != []
        assert [record.detail for record in audits_in(said) if record.what == "ANSWERED"] == [K.REQUEST_DETAILS]


def test_whoever_asks_for_the_digest_has_all_of_it_sent_and_the_digest_ends():
    world = flooded(200, CasesRules(possible_per_hour=2, pairs_per_step=7, digest_listed=5))
    world.tick(after=60_000)
    digest = digest_of(world)
    assert (digest.digest.count, len(digest.digest.members)) == (198, 5)
    world.largest_step = 0
    said = world.answer("bd", K.REQUEST_DETAILS, digest.alert_id)
    assert singles(world) == {alert_of(number) for number in range(200)}
    assert world.largest_step <= 7 * 8
    ended = [alert for alert in alerts_in(said) if alert.alert_id == digest.alert_id]
    assert {alert.status for alert in ended} == {AlertStatus.RETRACTED}
    assert {(alert.digest.count, alert.digest.members) for alert in ended} == {(0, ())}, "still told as a digest"
    assert list(world.state.scan(MEMBERS)) == []
    assert world.stage.stats().digested == 0
    assert world.stage.stats().live == 200


def test_a_locator_asks_for_its_own_matches_alone():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry())
    for producer in ("bd", "np", "bd", "np", "np"):
        world.meet(ANNA, producer=producer, incident_id=f"I{world.offset}")
    world.tick(after=60_000)
    counts = {code: digest_of(world, code).digest.count for code in ("bd", "np", "fr", "ccc")}
    assert counts == {"bd": 2, "np": 3, "fr": 5, "ccc": 5}
    assert {member.producer for member in digest_of(world, "np").digest.members} == {"np"}
    assert len({digest_of(world, code).alert_id for code in counts}) == 1
    world.answer("bd", K.REQUEST_DETAILS, digest_of(world).alert_id)
    world.tick(after=60_000)
    assert (len(singles(world)), len(singles(world, "np")), len(singles(world, "fr"))) == (2, 0, 2)
    assert digest_of(world, "np").digest.count == digest_of(world, "fr").digest.count == 3


def test_rule_2_who_may_not_know_is_not_counted_for_and_learns_nothing():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry(handling=except_("np")))
    for number, producer in enumerate(("bd", "np", "np")):
        world.meet(ANNA, producer=producer, incident_id=f"I{number}")
    world.tick(after=60_000)
    assert {code: digest_of(world, code).digest.count for code in ("bd", "fr", "ccc")} == {"bd": 1, "fr": 3, "ccc": 3}
    assert "np" not in {send.topic.rpartition(".")[2] for send in world.said}
    assert "np" not in {record.participant for record in audits_in(world.said)}
    for alert_id in (alert_of(1, "np"), digest_of(world).alert_id):
        (reject,) = rejects_in(world.answer("np", K.REQUEST_DETAILS, alert_id))
        assert reject.reason is RejectReason.UNKNOWN_CASE


def test_rule_2_who_loses_the_right_gets_one_withdrawal_and_the_others_lower_counts():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry())
    for number, producer in enumerate(("bd", "np")):
        world.meet(ANNA, producer=producer, incident_id=f"I{number}")
    world.tick(after=60_000)
    said = world.publish(entry(2, handling=except_("np")))
    lost = [alert for alert in alerts_in(said) if alert.recipient == "np"]
    assert [(alert.status, alert.entry, alert.digest) for alert in lost] == [(AlertStatus.WITHDRAWN, None, None)]
    world.tick(after=60_000)
    assert digest_of(world, "fr").digest.count == 2  # np's match is still theirs to know
    assert "np" not in told(world.publish(entry(3, handling=except_("np"))))
    (reject,) = rejects_in(world.answer("np", K.REQUEST_DETAILS, lost[0].alert_id))
    assert reject.reason is RejectReason.UNKNOWN_CASE
    assert rejects_in(world.answer("np", K.RECEIPT, lost[0].alert_id)) == []


def test_rule_2_no_number_time_or_handling_code_of_a_digest_tells_of_matches_that_its_reader_may_not_know():
    """What bd is sent is the same, byte by byte and in time, whether or not np's secret matches are counted too."""

    def told_bd(*, others):
        world = World(CasesRules(possible_per_hour=0))
        world.publish(entry())
        for number in range(40):
            if others:
                secret = Handling(code=HandlingCode.H3, tlp=Tlp.RED)
                world.meet(ANNA, producer="np", incident_id=f"N{number}", handling=secret, after=500)
                world.meet(ANNA if number % 3 else None, number + 2, producer="np", incident_id="N1", after=500)
            else:
                world.tick(after=500)
                world.tick(after=500)
            if number % 4 == 1:
                world.meet(ANNA, incident_id=f"I{number}", after=9_000)
            else:
                world.tick(after=9_000)
        world.tick(after=60_000)
        return [alert for alert in alerts_in(world.said) if alert.recipient == "bd"]

    alone = told_bd(others=False)
    assert told_bd(others=True) == alone
    assert [alert.revision for alert in alone] == list(range(1, len(alone) + 1))
    assert alone[-1].tlp is not Tlp.RED


def test_rule_2_who_loses_the_right_to_one_of_several_matches_is_told_at_once_and_keeps_nothing_of_its_handling():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry())
    world.meet(ANNA, incident_id="I1")
    world.meet(ANNA, incident_id="I2", handling=Handling(code=HandlingCode.H3, tlp=Tlp.RED))
    world.tick(after=60_000)
    assert (digest_of(world, "ccc").digest.count, digest_of(world, "ccc").tlp) == (2, Tlp.RED)
    secret = except_("ccc", code=HandlingCode.H3, tlp=Tlp.RED)
    told_ccc = [it for it in alerts_in(world.meet(ANNA, 2, incident_id="I2", handling=secret)) if it.recipient == "ccc"]
    (seen,) = told_ccc
    assert (seen.digest.count, seen.tlp, seen.handling_code) == (1, Tlp.AMBER, HandlingCode.H0)
    assert digest_of(world).tlp is Tlp.RED


def test_rule_2_a_match_that_one_may_know_of_for_a_moment_only_leaves_nothing_behind():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry())
    world.meet(ANNA, incident_id="I1")
    world.meet(ANNA, incident_id="I2", handling=Handling(tlp=Tlp.RED))
    world.meet(ANNA, 2, incident_id="I2", handling=except_("ccc", tlp=Tlp.RED))
    world.tick(after=60_000)
    of_ccc = [it for it in alerts_in(world.said) if it.recipient == "ccc"]
    assert {it.tlp for it in of_ccc} == {Tlp.AMBER}


def test_the_strictest_handling_of_a_digest_ends_with_its_last_match():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry())
    world.meet(ANNA, incident_id="I1", handling=Handling(tlp=Tlp.RED))
    world.meet(None, 2, incident_id="I1")
    world.meet(ANNA, incident_id="I2")
    world.tick(after=60_000)
    assert (digest_of(world).digest.count, digest_of(world).tlp) == (1, entry().handling.tlp)


@pytest.mark.parametrize(
    ("change", "whose", "last"),
    [
        ({"handling": except_("bd")}, "bd", AlertStatus.WITHDRAWN),
        ({"handling": Handling(owner_notification=OwnerNotification.SUPPRESSED)}, "fr", AlertStatus.WITHDRAWN),
        ({"status": EntryStatus.DELETED}, "bd", AlertStatus.RETRACTED),
    ],
)
def test_rule_2_nothing_of_the_version_that_takes_the_right_is_told_to_who_loses_it(change, whose, last):
    world = World(CasesRules(possible_per_hour=2, pairs_per_step=2))
    world.publish(entry())
    for number in range(7):
        world.meet(ANNA, incident_id=f"I{number}")
    world.tick(after=120_000)
    world.tick(after=120_000)
    said = world.publish(entry(2, remarks="new and secret", **change))
    said += world.tick(after=120_000)
    told_them = [alert for alert in alerts_in(said) if alert.recipient == whose]
    assert {alert.status for alert in told_them} == {last}
    assert all(alert.entry is None for alert in told_them)


def test_rule_3_a_suppressed_owner_is_not_told_of_the_digest():
    suppressed = Handling(owner_notification=OwnerNotification.SUPPRESSED)
    world = flooded(4, CasesRules(possible_per_hour=0), handling=suppressed)
    assert set(held(world)) == {"bd", "ccc"}


def test_rule_5_a_withdrawn_entry_takes_its_digests_back():
    world = flooded(5)
    said = world.publish(entry(2, status=EntryStatus.WITHDRAWN))
    taken_back = {(alert.recipient, alert.status) for alert in alerts_in(said)}
    assert taken_back == {(code, AlertStatus.RETRACTED) for code in ("bd", "ccc", "fr")}
    assert len(alerts_in(said)) == 3 * (2 + 1)
    assert list(world.state.scan(MEMBERS)) == []
    assert world.stage.stats().live == world.stage.stats().digested == 0
    world.publish(entry(3))
    for number in range(2, 5):
        world.meet(ANNA, incident_id=f"I{number}")
    world.tick(after=60_000)
    assert (digest_of(world).digest.count, digest_of(world).status) == (3, AlertStatus.LIVE)


def test_rule_1_a_flood_at_home_is_told_at_home():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry())
    for number, producer in enumerate(("fr", "bd")):
        world.meet(ANNA, producer=producer, incident_id=f"I{number}")
    world.tick(after=60_000)
    by_scope = {alert.scope: alert.digest.count for alert in digests(world, "fr")}
    assert by_scope == {Scope.DOMESTIC: 1, Scope.CROSS_BORDER: 1}
    assert [alert.scope for alert in digests(world, "ccc")] == [Scope.CROSS_BORDER]


def test_rule_14_a_digest_has_the_mode_of_its_entry():
    world = World(CasesRules(possible_per_hour=0))
    world.publish(entry(exercise=Mode.EXERCISE))
    world.meet(ANNA, exercise=Mode.EXERCISE, entry_key="EXERCISE:fr:E1")
    assert digest_of(world).exercise is Mode.EXERCISE
    (reject,) = rejects_in(world.answer("bd", K.REQUEST_DETAILS, digest_of(world).alert_id))
    assert reject.reason is RejectReason.MODE_CHANGED


def test_a_counted_match_is_asked_for_before_it_is_answered():
    world = flooded(4)
    (reject,) = rejects_in(world.answer("bd", K.REQUEST_CONFIRMATION, alert_of(3)))
    assert reject.reason is RejectReason.ILLEGAL_MOVE
    assert "REQUEST_DETAILS" in reject.detail
    (reject,) = rejects_in(world.answer("bd", K.CONFIRM, digest_of(world).alert_id))
    assert reject.reason is RejectReason.ILLEGAL_MOVE


def test_a_digest_is_acknowledged_by_each_for_itself():
    world = flooded(4)
    world.tick(after=60_000)
    (seen,) = alerts_in(world.answer("bd", K.ACKNOWLEDGE, digest_of(world).alert_id))
    assert (seen.recipient, seen.acknowledged_at is not None) == ("bd", True)
    assert alerts_in(world.answer("bd", K.RECEIPT, digest_of(world).alert_id)) == []


def test_what_the_gate_repeats_asks_once():
    world = flooded(5)
    world.answer("bd", K.REQUEST_DETAILS, alert_of(3), offset=7, event_id="x")
    assert world.answer("bd", K.REQUEST_DETAILS, alert_of(3), offset=7, event_id="x") == []
    digest = digest_of(world).alert_id
    world.answer("bd", K.REQUEST_DETAILS, digest, offset=8, event_id="y")
    assert world.answer("bd", K.REQUEST_DETAILS, digest, offset=8, event_id="y") == []
    assert rejects_in(world.said) == []


def test_the_strictest_handling_of_what_was_counted_is_shown():
    world = flooded(2, CasesRules(possible_per_hour=0))
    world.meet(ANNA, incident_id="I7", handling=Handling(tlp=Tlp.RED))
    world.tick(after=60_000)
    assert digest_of(world).tlp is Tlp.RED


def test_rule_16_a_digest_is_forgotten_with_its_matches():
    world = flooded(4)
    world.tick(after=FEW.pair_age)
    world.tick(after=FEW.pair_age)
    world.tick(after=FEW.pair_age)
    assert set(world.state.content()) == {"entry", "flood", "newest", "totals", "audit"}
    assert world.stage.stats().digested == 0
    world.publish(entry(2, status=EntryStatus.DELETED, subject=None))
    world.tick(after=25 * HOUR)
    assert list(world.state.scan(FLOODS)) == []


def test_three_thousand_matches_in_an_hour_are_few_bounded_messages():
    world = flooded(3_000, CasesRules(), after=100)
    world.tick(after=60_000)
    assert digest_of(world).digest.count == 3_000 - 20
    assert len(Codec(LocalSchemaIds()).encode(digest_of(world))) < 256 * KIB
    assert len(alerts_in(world.said)) < 3 * (20 + 300 // 60 + 3)
    for table in (PAIRS, DIGESTS, MEMBERS, FLOODS):
        _, value = next(iter(world.state.scan(table)))
        assert decode_state(type(value), encode_state(value)) == value


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("meet"), st.integers(0, 6), st.sampled_from(["ANNA", "NUMBER", "OTHER", "HELD", "GONE"])),
        st.tuples(st.just("entry"), st.sampled_from(["", "np", "bd"]), st.booleans()),
        st.tuples(st.just("ask"), st.integers(0, 6), st.sampled_from(["bd", "np", "fr", "ccc"])),
        st.tuples(st.just("time"), st.sampled_from([1_000, 70_000, HOUR]), st.none()),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(events=EVENTS, most=st.sampled_from([0, 1, 3]))
def test_nothing_is_dropped_nothing_is_told_twice_and_counts_are_right(events, most):
    """After any history: sent alone and counted are, together, what a world without any limit has sent alone."""
    worlds = [World(CasesRules(possible_per_hour=limit)) for limit in (most, 10_000)]
    items = {
        "ANNA": ANNA,
        "OTHER": person("SOMEBODY ELSE"),
        "NUMBER": person("ANNA ONE", documents=["P1"]),
        "HELD": ANNA,
        "GONE": None,
    }
    for world in worlds:
        world.publish(entry())
        version, last = 1, {}
        for number, (what, one, two) in enumerate(events, 2):
            if what == "meet":
                last[one] = {"producer": "bd" if one % 2 else "np", "version": number} | (HELD if two == "HELD" else {})
                last[one] |= {"item": items[two], "incident_id": f"I{one}"}
                world.meet(**last[one])
            elif what == "entry":
                version += 1
                status = EntryStatus.ACTIVE if two else EntryStatus.SUSPENDED
                world.publish(entry(version, handling=except_(one) if one else Handling(), status=status))
            elif what == "ask":
                world.answer(two, K.REQUEST_DETAILS, alert_of(one, "bd" if one % 2 else "np"))
            else:
                world.tick(after=one)
        for snapshot in last.values():  # the joins announce again what was forgotten when its entry changed
            world.meet(**snapshot)
        world.tick(after=61_000)
    limited, free = worlds
    for code in ("bd", "np", "fr", "ccc"):
        seen = held(limited).get(code, {})
        alone = [it.alert_id for it in seen.values() if it.status is AlertStatus.LIVE and it.match is not None]
        counted = [member.alert_id for it in seen.values() if it.digest is not None for member in it.digest.members]
        for it in seen.values():
            if it.digest is not None:
                assert it.digest.count == len(it.digest.members)
                assert (it.digest.count > 0) == (it.status is AlertStatus.LIVE)
        live = {it.alert_id for it in held(free).get(code, {}).values() if it.status is AlertStatus.LIVE}
        assert sorted(alone + counted) == sorted(live)
    assert limited.stage.stats().digested == len({key for key, pair in limited.state.scan(PAIRS) if pair.digest})
