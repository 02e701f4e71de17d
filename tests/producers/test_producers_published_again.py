"""A file that does not say when its incidents happened says the same when it is published again."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from producers.errors import UnwritableState
from producers.first_published import FOLDER, KEPT_DAYS, FirstPublished
from producers.importers import EnvelopeDefaults, IncidentDefaults, read_incidents_csv, read_incidents_jsonl
from schemas.codes import Mode
from schemas.events import Incident
from streams.stages.gate import content_of

MONDAY = datetime(2026, 3, 2, 9, 30, 0, 123000, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def published(state: Path, file: Path, now: datetime, *, version: int = 1, source: str | None = None) -> list[Incident]:
    """What `tocsin publish incidents` makes of a file at `now`."""
    with FirstPublished(state, "bd", Mode.ACTUAL, source or file.name, now) as first:
        if file.suffix == ".jsonl":
            results = list(read_incidents_jsonl(file, EnvelopeDefaults("bd", now), source=source, happened=first.at))
        else:
            defaults = IncidentDefaults("bd", now, incident_version=version)
            results = list(read_incidents_csv(file, defaults, source=source, happened=first.at))
    return [result for result in results if isinstance(result, Incident)]


@pytest.fixture
def travellers(tmp_path: Path) -> Path:
    file = tmp_path / "travellers.csv"
    file.write_text("full_name\nRahim Khan\nAnna One\n")
    return file


def test_a_file_published_again_says_the_same_as_before(tmp_path: Path, travellers: Path) -> None:
    first, again = (published(tmp_path, travellers, now) for now in (MONDAY, TUESDAY))

    assert [content_of(one) for one in again] == [content_of(one) for one in first]
    assert [one.incident_id for one in again] == [one.incident_id for one in first]
    assert {one.occurred_at for one in again} == {MONDAY}


def test_rows_that_came_later_happened_later_and_all_keep_their_time(tmp_path: Path, travellers: Path) -> None:
    published(tmp_path, travellers, MONDAY)
    travellers.write_text(travellers.read_text() + "Third One\n")
    published(tmp_path, travellers, TUESDAY)
    times = [one.occurred_at for one in published(tmp_path, travellers, TUESDAY + timedelta(days=1))]

    assert times == [MONDAY, MONDAY, TUESDAY]


def test_a_correction_keeps_the_time(tmp_path: Path, travellers: Path) -> None:
    published(tmp_path, travellers, MONDAY)
    travellers.write_text("full_name\nRahim Khan\nAnna Two\n")
    corrected = published(tmp_path, travellers, TUESDAY, version=2)

    assert [(one.incident_version, one.occurred_at) for one in corrected] == [(2, MONDAY)] * 2


def test_another_source_producer_or_mode_is_another_publication(tmp_path: Path, travellers: Path) -> None:
    published(tmp_path, travellers, MONDAY)
    assert {one.occurred_at for one in published(tmp_path, travellers, TUESDAY, source="other")} == {TUESDAY}
    for producer, mode in (("np", Mode.ACTUAL), ("bd", Mode.EXERCISE)):
        with FirstPublished(tmp_path, producer, mode, travellers.name, TUESDAY) as first:
            assert first.at(1) == TUESDAY


def test_a_publication_that_was_killed_is_remembered_too(tmp_path: Path) -> None:
    killed = FirstPublished(tmp_path, "bd", Mode.ACTUAL, "s", MONDAY)
    assert (killed.at(1), killed.at(2)) == (MONDAY, MONDAY)

    with FirstPublished(tmp_path, "bd", Mode.ACTUAL, "s", TUESDAY) as again:
        assert {again.at(row) for row in range(1, 6)} == {MONDAY}
    with FirstPublished(tmp_path, "bd", Mode.ACTUAL, "s", TUESDAY) as later:
        assert (later.at(5), later.at(6)) == (MONDAY, TUESDAY)


def test_an_incident_that_says_when_it_happened_is_not_remembered(tmp_path: Path) -> None:
    file = tmp_path / "incidents.jsonl"
    said = {"incident_type": "SIGHTING", "subjects": [{"subject_id": "1", "names": [{"full": "A B"}]}]}
    file.write_text(json.dumps(said | {"occurred_at": MONDAY.isoformat()}) + "\n")
    published(tmp_path, file, TUESDAY)
    assert not (tmp_path / FOLDER).exists()

    file.write_text(file.read_text() + json.dumps(said) + "\n")
    published(tmp_path, file, TUESDAY)
    later = published(tmp_path, file, TUESDAY + timedelta(days=1))
    assert [one.occurred_at for one in later] == [MONDAY, TUESDAY]


def test_a_source_is_forgotten_when_its_incidents_are(tmp_path: Path, travellers: Path) -> None:
    now = datetime.now(UTC)
    published(tmp_path, travellers, now)
    published(tmp_path, travellers, now + timedelta(days=KEPT_DAYS - 1), source="second")
    assert len(list((tmp_path / FOLDER).iterdir())) == 2
    published(tmp_path, travellers, now + timedelta(days=KEPT_DAYS + 1), source="third")
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_the_record_is_its_owners_alone_and_one_that_cannot_be_read_is_said(tmp_path: Path, travellers: Path) -> None:
    published(tmp_path, travellers, MONDAY)
    (record,) = (tmp_path / FOLDER).iterdir()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert "Rahim" not in record.read_text()

    record.write_text("{}")
    with pytest.raises(UnwritableState, match="--at"):
        published(tmp_path, travellers, TUESDAY)
