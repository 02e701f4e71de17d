"""What each role sees, and that nothing longer than its topic's limit is sent, nor cut in silence."""

import pytest
from cases_world import World, alerts_in, entry, person

from schemas.alerts import Evidence, Match
from schemas.codec import Codec, LocalSchemaIds, encode_state
from schemas.codes import Band, EntryStatus, HandlingCode, ResponseKind, Tlp, Verdict
from schemas.envelope import Handling
from schemas.subjects import Document, Name
from schemas.topics import KIB
from streams.stages.cases import CasesRules
from streams.stages.cases.records import PAIRS

ANNA = person("ANNA ONE")


def views(said):
    return {alert.recipient: alert for alert in alerts_in(said)}


def test_remarks_go_to_the_officer_who_meets_the_subject_and_stay_with_the_owner():
    world = World()
    world.publish(entry())
    seen = views(world.meet(ANNA))
    assert {code: view.entry.remarks for code, view in seen.items()} == {
        "bd": "may be armed",
        "fr": "may be armed",
        "ccc": None,
    }


def test_everybody_sees_both_sides_and_nobody_the_owners_bookkeeping():
    world = World()
    world.publish(entry(list_name="secret-list", linked_entry="secret-link"))
    seen = views(world.meet(ANNA))
    for view in seen.values():
        assert view.incident.subject.names[0].full == "ANNA ONE"
        assert view.entry.subject.documents[0].number == "P1"
        assert "secret" not in view.model_dump_json()


def test_the_stricter_handling_of_both_sides_is_shown():
    world = World()
    world.publish(entry(handling=Handling(code=HandlingCode.H2, tlp=Tlp.GREEN)))
    seen = views(world.meet(ANNA, handling=Handling(code=HandlingCode.H1, tlp=Tlp.RED)))
    assert {(view.handling_code, view.tlp) for view in seen.values()} == {(HandlingCode.H2, Tlp.RED)}


def _long(item, listed_entry):
    evidence = tuple(
        Evidence(feature="name", left="x" * 900, right="y" * 900, weight=1.0, verdict=Verdict.AGREES)
        for _ in range(400)
    )
    return Match(band=Band.STRONG, score=30.0, evidence=evidence)


def test_a_long_view_is_clipped_to_its_topics_limit_and_says_how_much():
    world = World(matcher=_long)
    names = tuple(Name(full=f"ANNA {number} " + "é" * 200) for number in range(140))
    documents = tuple(Document(number=f"{number}" * 50) for number in range(200))
    world.publish(entry(subject=person("ANNA ONE").model_copy(update={"names": names, "documents": documents})))
    met = person("ANNA ONE").model_copy(update={"names": names[:70]})
    seen = views(world.meet(met))
    codec = Codec(LocalSchemaIds())
    for view in seen.values():
        assert len(codec.encode(view)) < 256 * KIB
        left_out = view.clipped
        kept = len(view.match.evidence) + len(view.entry.subject.names) + len(view.entry.subject.documents)
        kept += len(view.incident.subject.names)
        assert left_out == 400 + 140 + 200 + 70 - kept > 0
        assert view.match.evidence


@pytest.mark.parametrize("size", [1, 2_000])
def test_clipping_ends_however_small_the_limit(size):
    world = World(CasesRules(view_size=size), matcher=_long)
    world.publish(entry())
    for view in views(world.meet(ANNA)).values():
        assert view.match.evidence == ()
        assert view.clipped >= 400


def test_of_many_answers_the_last_are_shown():
    world = World(CasesRules(view_size=6_000))
    world.publish(entry())
    alert = alerts_in(world.meet(ANNA))[0]
    for text in ("first", "second", "third"):
        said = world.answer("bd", ResponseKind.REQUEST_CONFIRMATION, alert.alert_id, text=text * 200)
        said += world.answer("fr", ResponseKind.CONFIRM_LATER, alert.alert_id, text=text * 200, eta=alert.raised_at)
    for view in alerts_in(said):
        assert view.clipped > 0
        assert view.answers[-1].text == "third" * 200


def test_a_clipped_view_that_says_the_same_is_not_sent_again():
    world = World(matcher=_long)
    world.publish(entry())
    world.meet(ANNA)
    assert alerts_in(world.meet(ANNA, 1, language=None)) == []


def test_every_value_of_the_state_can_be_written_and_read():
    from schemas.codec import decode_state

    world = World(CasesRules(prompt_probes=0))
    world.publish(entry())
    world.publish(entry(entry_id="E2", status=EntryStatus.DELETED, subject=None))
    alert = alerts_in(world.meet(ANNA))[0]
    world.answer("bd", ResponseKind.REQUEST_CONFIRMATION, alert.alert_id)
    content = world.state.content()
    assert set(content) == {"entry", "pair", "case", "due", "deadline", "flood", "probe", "newest", "totals", "audit"}
    for table in content.values():
        for value in table.values():
            assert decode_state(type(value), encode_state(value)) == value


def test_the_state_of_a_pair_stays_below_what_a_changelog_takes():
    world = World(CasesRules(answers_per_case=20))
    big = person("ANNA ONE").model_copy(update={"documents": tuple(Document(number="9" * 60) for _ in range(450))})
    world.publish(entry())
    alert = alerts_in(world.meet(big))[0]
    world.answer("bd", ResponseKind.REQUEST_CONFIRMATION, alert.alert_id)
    for _ in range(30):
        world.answer("fr", ResponseKind.CONFIRM_LATER, alert.alert_id, text="ö" * 9_000, eta=alert.raised_at)
    ((_, pair),) = world.state.scan(PAIRS)
    assert len(encode_state(pair)) < 512 * KIB
    assert len(pair.answers) == 20
    assert pair.answers_cut == 30 + 11
    last = alerts_in(world.said)[-1]
    assert len(Codec(LocalSchemaIds()).encode(last)) < 256 * KIB
    assert last.clipped >= pair.answers_cut
