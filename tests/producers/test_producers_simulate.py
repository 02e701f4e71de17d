"""Simulated traffic: the truth comes from how it was made, strangers are on no list, equal seeds are equal."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.importers import EnvelopeDefaults, read_entries_jsonl, read_incidents_jsonl, read_un_list
from producers.simulate import Bureau, Difficulty, ImpossiblePlan, Plan, Traffic, Truth, simulate, write_traffic
from producers.simulate.numbers import MISREAD, confusable_free, draw_imo, draw_vin, misread, spaced, vin_check_digit
from producers.simulate.publication import Pace
from producers.simulate.travellers import words_of
from producers.simulate.variations import can_be_misspelt, misspelt, reordered
from schemas.codes import CrossingMode
from schemas.events import Incident, WatchlistEntry
from schemas.subjects import Object, Subject

UN_LIST = Path(__file__).parents[2] / "examples/un/consolidated-2026-02-27.xml"
UN = [entry for entry in read_un_list(UN_LIST) if isinstance(entry, WatchlistEntry)]
BUREAUS = tuple(Bureau(code) for code in ("bd", "in", "np", "lk", "pk", "th", "fr"))
AT = datetime(2026, 3, 1, tzinfo=UTC)


def plan(difficulty: Difficulty = Difficulty.MIXED, incidents: int = 400, share: float = 0.25, **more: int) -> Plan:
    return Plan(BUREAUS, "s", AT, difficulty=difficulty, incidents=incidents, share=share, **more)


TRAFFIC = simulate(Random(1), UN, plan())
ENTRIES = {(entry.producer, entry.entry_id): entry for entry in (*UN, *TRAFFIC.entries)}
INCIDENTS = {incident.incident_id: incident for incident in TRAFFIC.incidents}


def pairs(traffic: Traffic) -> list[tuple[Truth, Subject | Object, WatchlistEntry]]:
    entries = {(e.producer, e.entry_id): e for e in (*UN, *traffic.entries)}
    incidents = {i.incident_id: i for i in traffic.incidents}
    return [
        (known, item, entries[known.owner, known.entry_id])
        for known in traffic.truth
        for item in (*incidents[known.incident_id].subjects, *incidents[known.incident_id].objects)
    ]


def strangers(traffic: Traffic) -> list[Incident]:
    true = {known.incident_id for known in traffic.truth}
    return [incident for incident in traffic.incidents if incident.incident_id not in true]


def test_equal_seeds_give_equal_traffic_and_other_seeds_other_traffic() -> None:
    assert simulate(Random(1), UN, plan()) == TRAFFIC

    other = simulate(Random(2), UN, plan())
    assert {i.event_id for i in other.incidents}.isdisjoint(i.event_id for i in TRAFFIC.incidents)
    assert other.truth != TRAFFIC.truth


def test_the_share_of_true_matches_is_as_asked() -> None:
    assert len(TRAFFIC.incidents) == 400
    assert len(TRAFFIC.truth) == 100
    assert len({known.incident_id for known in TRAFFIC.truth}) == 100


def test_the_truth_names_an_item_of_the_incident_and_an_entry_of_the_owner() -> None:
    for known in TRAFFIC.truth:
        incident = INCIDENTS[known.incident_id]
        items = {s.subject_id for s in incident.subjects} | {o.object_id for o in incident.objects}
        assert known.item_id in items
        assert known.country == incident.producer != known.owner
        assert (known.owner, known.entry_id) in ENTRIES


def test_given_lists_and_every_bureaus_entries_are_met() -> None:
    owners = Counter(known.owner for known in TRAFFIC.truth)

    assert 30 < owners["un"] < 70
    assert set(owners) == {"un"} | {bureau.code for bureau in BUREAUS}


def test_no_stranger_bears_a_listed_name_or_number() -> None:
    names = {words_of(name.full) for e in ENTRIES.values() if e.subject for name in e.subject.names}
    numbers = {
        confusable_free(document.number)
        for e in ENTRIES.values()
        for document in (*(e.subject.documents if e.subject else ()), *([e.object.document] if e.object else ()))
        if document
    }
    met = [subject for incident in strangers(TRAFFIC) for subject in incident.subjects]

    assert len(met) > 200
    assert not [s for s in met if words_of(s.names[0].full) in names]
    assert not [d for s in met for d in s.documents if confusable_free(d.number) in numbers]
    assert len({words_of(s.names[0].full) for s in met}) == len(met), "no two strangers share a name"


def test_exact_is_letter_by_letter() -> None:
    for _, item, entry in pairs(simulate(Random(3), UN, plan(Difficulty.EXACT))):
        if isinstance(item, Subject):
            assert entry.subject
            assert item.names[0].full == entry.subject.names[0].full
        else:
            assert entry.object
            assert item.model_copy(update={"loss_status": entry.object.loss_status}) == entry.object


def test_reordered_keeps_the_words_and_the_signs() -> None:
    for _, item, entry in pairs(simulate(Random(3), UN, plan(Difficulty.REORDERED))):
        if isinstance(item, Subject):
            assert entry.subject
            listed, met = entry.subject.names[0].full, item.names[0].full
            assert met != listed
            assert sorted(met.replace(",", "").split()) == sorted(listed.replace(",", "").split())
        elif item.document and entry.object and entry.object.document:
            assert confusable_free(item.document.number) == confusable_free(entry.object.document.number)


def test_misspelt_differs_by_a_slip_or_two_and_keeps_the_date() -> None:
    for _, item, entry in pairs(simulate(Random(3), UN, plan(Difficulty.MISSPELT))):
        if isinstance(item, Subject):
            assert entry.subject
            listed, met = entry.subject.names[0].full, item.names[0].full
            changed = [a for a, b in zip(listed.split(), met.split(), strict=True) if a != b]
            assert 1 <= len(changed) <= 2
            assert any(
                b.year and b.year <= (item.births[0].year or 0) <= (b.year_to or b.year) for b in entry.subject.births
            )


def test_other_script_comes_from_the_list_itself_and_is_of_persons_alone() -> None:
    for _, item, entry in pairs(simulate(Random(3), UN, plan(Difficulty.OTHER_SCRIPT))):
        assert isinstance(item, Subject)
        assert entry.subject
        assert item.names[0].script != entry.subject.names[0].script
        assert item.names[0].full in [name.full for name in entry.subject.names]


def test_every_kind_of_thing_is_listed() -> None:
    things = [entry.object for entry in TRAFFIC.entries if entry.object]

    for kind in ("document", "vehicle", "firearm", "vessel", "artwork"):
        assert any(getattr(thing, kind) for thing in things), kind
    assert all(entry.subject is None or entry.subject.documents for entry in TRAFFIC.entries)


def test_entries_do_not_move_with_the_time_of_the_simulation() -> None:
    later = simulate(Random(1), UN, Plan(BUREAUS, "s", AT + timedelta(days=3), incidents=400, share=0.25))

    assert later.entries == TRAFFIC.entries
    assert {i.incident_id for i in later.incidents}.isdisjoint(INCIDENTS)


def test_incidents_lie_in_the_time_asked_for_in_order() -> None:
    times = [incident.occurred_at for incident in TRAFFIC.incidents]

    assert times == sorted(times)
    assert AT - timedelta(hours=24) <= times[0] <= times[-1] <= AT
    assert {incident.location.mode for incident in TRAFFIC.incidents} <= set(CrossingMode)


def test_plans_that_cannot_be_made_say_why() -> None:
    with pytest.raises(ImpossiblePlan, match="no bureau"):
        simulate(Random(1), UN, Plan((), "s", AT))
    with pytest.raises(ImpossiblePlan, match="other-script"):
        simulate(Random(1), [], plan(Difficulty.OTHER_SCRIPT, entries=0))
    with pytest.raises(ImpossiblePlan, match="between 0 and 1"):
        simulate(Random(1), UN, plan(share=1.5))


def test_the_files_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    written = write_traffic(TRAFFIC, UN, tmp_path)
    defaults = EnvelopeDefaults("x", AT)

    entries = [e for file in written if "watchlist" in file.name for e in read_entries_jsonl(file, defaults)]
    incidents = [i for file in written if "incidents" in file.name for i in read_incidents_jsonl(file, defaults)]
    truth = [Truth.model_validate_json(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert {e.event_id for e in entries if isinstance(e, WatchlistEntry)} == {e.event_id for e in ENTRIES.values()}
    assert sorted(i.model_dump_json() for i in incidents if isinstance(i, Incident)) == sorted(
        i.model_dump_json() for i in TRAFFIC.incidents
    )
    assert truth == list(TRAFFIC.truth)


@given(st.integers(), st.text(min_size=1, max_size=40))
@settings(max_examples=200)
def test_no_name_breaks_a_variation(seed: int, name: str) -> None:
    assert isinstance(misspelt(Random(seed), name), str)
    assert isinstance(reordered(Random(seed), name), str)


@given(st.integers(), st.lists(st.sampled_from(["Ali", "ABDUL", "Rahman", "Moaa", "Sharma"]), min_size=1, max_size=5))
@settings(max_examples=200)
def test_a_name_called_misspelt_is_misspelt(seed: int, words: list[str]) -> None:
    name = " ".join(words)
    assert (misspelt(Random(seed), name) != name) is can_be_misspelt(name)


@given(st.integers())
def test_numbers_carry_the_check_digits_of_their_standards(seed: int) -> None:
    imo = draw_imo(Random(seed))
    vin = draw_vin(Random(seed), "MA3")

    assert sum(int(d) * w for d, w in zip(imo[:6], range(7, 1, -1), strict=True)) % 10 == int(imo[6])
    assert len(vin) == 17
    assert set(vin).isdisjoint("IOQ")
    assert vin_check_digit(vin) == vin[8]


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "11111111111111111"])
def test_the_check_digit_of_a_vin_is_that_of_the_standards_examples(vin: str) -> None:
    assert vin_check_digit(vin) == vin[8]


def test_misreading_swaps_one_sign_for_its_like_and_spacing_keeps_all() -> None:
    changed = misread(Random(1), "AC1234567")

    assert sum(a != b for a, b in zip("AC1234567", changed, strict=True)) == 1
    assert confusable_free(changed) == confusable_free("AC1234567")
    assert misread(Random(1), "ACE") == "ACE"
    assert confusable_free(spaced(Random(1), "AC1234567")) == confusable_free("AC1234567")
    assert set(MISREAD.values()) == set("OISBZ")


def test_a_pace_waits_for_what_is_due_and_never_falls_behind_for_good() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(10, lambda: now[0], sleep)
    for _ in range(3):
        pace.wait()
    now[0] += 1
    pace.wait()

    assert slept == pytest.approx([0.1, 0.1])
