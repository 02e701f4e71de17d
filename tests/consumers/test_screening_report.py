"""Recall and false alerts come from the truth files and from alerts that stand."""

from __future__ import annotations

import json

import pytest

from consumers.screening import Expected, Share, UnreadableTruth, judge, read_incident_ids, read_truth
from schemas.codes import AlertStatus, Band
from schemas.identity import incident_id


def expected(incident="i-1", entry="FR-77", difficulty="exact", item="s-1"):
    return Expected(incident, entry, "fr", item, difficulty)


def test_found_missed_and_false_are_told_apart(make_alert, make_incident, make_entry, make_match, taken_back):
    def alert(number, incident, entry="FR-77", **changes):
        view = make_incident(incident_id=incident)
        return make_alert(alert_id=f"a-{number}", incident=view, entry=make_entry(entry_id=entry), **changes)

    truth = [expected("i-1"), expected("i-2", difficulty="misspelt"), expected("i-3", difficulty="misspelt")]
    report = judge(
        truth,
        ["n-1", "n-2", "n-3", "n-4", "i-1"],
        [
            alert(1, "i-1"),
            alert(2, "i-2", match=make_match(band=Band.POSSIBLE)),
            alert(3, "i-2", "another"),
            alert(4, "n-1", match=make_match(band=Band.POSSIBLE)),
            alert(5, "n-1", "another"),
            alert(6, "elsewhere"),
            taken_back(AlertStatus.RETRACTED, 2, alert_id="a-7"),
        ],
    )
    assert report.recall == Share(2, 3)
    assert report.recall_by_difficulty == {"exact": Share(1, 1), "misspelt": Share(1, 2)}
    assert report.found_by_band == {"EXACT": 1, "POSSIBLE": 1}
    assert [match.incident_id for match in report.missed] == ["i-3"]
    assert (report.negatives, report.false_alerts, report.false_incidents) == (4, 2, Share(1, 4))
    assert report.false_by_band == {"EXACT": 1, "POSSIBLE": 1}
    assert (report.other_alerts, report.unknown_alerts) == (1, 1)


def test_an_alert_about_another_person_of_the_incident_is_not_what_was_sought(make_alert):
    assert judge([expected(item="s-2")], [], [make_alert()]).recall == Share(0, 1)
    assert judge([expected(item=None)], [], [make_alert()]).recall == Share(1, 1)


def test_nothing_expected_gives_no_share():
    assert judge([], [], []).recall.value is None


def test_a_published_csv_is_its_own_truth(tmp_path):
    file = tmp_path / "positives.csv"
    file.write_text("un_dataid,full_name\n111,Ali\n,Nobody\n113,Omar\n")
    found = read_truth(file, publisher="bd", owner="un")
    assert [(match.incident_id, match.entry_id, match.owner) for match in found] == [
        (incident_id("bd", "positives.csv", "1"), "111", "un"),
        (incident_id("bd", "positives.csv", "3"), "113", "un"),
    ]
    ids = read_incident_ids(file, publisher="bd")
    assert ids == [incident_id("bd", "positives.csv", str(row)) for row in (1, 2, 3)]


def test_the_truth_of_a_simulation_says_everything_itself(tmp_path):
    file = tmp_path / "truth.jsonl"
    line = {"incident_id": "i-1", "item_id": "s-1", "owner": "fr", "entry_id": "FR-77", "difficulty": "exact"}
    file.write_text(json.dumps(line | {"country": "bd"}) + "\n\n")
    assert read_truth(file, publisher="bd", owner="un") == [
        Expected("i-1", "FR-77", "fr", "s-1", "exact", "line 1"),
    ]
    assert read_incident_ids(file, publisher="bd") == ["i-1"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("full_name\nAli\n", "which entry was meant"),
        ('{"incident_id": "i-1"}\n', "line 1: entry_id is missing"),
        ('{"incident_id": \n', "line 1: no JSON"),
    ],
)
def test_a_truth_file_that_says_too_little_is_refused_with_its_place(tmp_path, content, why):
    file = tmp_path / "truth"
    file.write_text(content)
    with pytest.raises(UnreadableTruth, match=why):
        read_truth(file, publisher="bd", owner="un")


def test_ids_are_those_that_the_importer_publishes(tmp_path, make_alert):
    importers = pytest.importorskip("producers.importers")
    file = tmp_path / "travellers.csv"
    file.write_text("full_name\nAli Ahmed\n\nOmar Khan\n")
    defaults = importers.IncidentDefaults("bd", make_alert().raised_at)
    published = [
        item.incident_id for item in importers.read_incidents_csv(file, defaults) if hasattr(item, "incident_id")
    ]
    assert published == read_incident_ids(file, publisher="bd")
    assert len(published) == 2
