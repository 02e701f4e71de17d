"""Refused events on the real pipeline: exported, repaired, put back once, and a producer that stops itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from producers import CountryProducer
from schemas import topics
from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.events import Incident
from tests.broker.pipeline import Pipeline, border_check, fresh, traveller
from tocsin.cli import publish, publishing_account, watch

pytestmark = pytest.mark.broker

SENDER = "mm"
COUNT = 8


class Killed(BaseException):
    """The process ends here."""


class DyingProducer(CountryProducer):
    """Ends in the middle of publishing."""

    def publish_incident(self, incident: Incident) -> None:
        if self.delivered + self.outstanding >= COUNT // 2:
            self.flush()
            raise Killed
        super().publish_incident(incident)


def run(pipeline: Pipeline, *arguments: str | Path) -> Result:
    app = typer.Typer()
    publish.register(app)
    watch.register(app)
    return CliRunner().invoke(app, [*map(str, arguments), "--state", str(pipeline.stack.state)])


def bad_incidents() -> Iterator[Incident]:
    for _ in range(COUNT):
        yield border_check(SENDER, fresh("incident"), traveller("Aung Sample"), zone="Nowhere/Land")


def test_what_was_refused_is_repaired_and_put_back_once_also_by_a_run_that_is_killed(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = list(bad_incidents())
    ids = {event.event_id for event in bad}
    pipeline.publish(*bad)
    pipeline.eventually(lambda: pipeline.rejects(SENDER), lambda it: it.event_id in ids, count=COUNT)

    file = tmp_path / "refused.jsonl"
    assert run(pipeline, "rejects", SENDER, "--export", file).exit_code == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    ours = [line for line in lines if line["event_id"] in ids]
    assert [(line["reason"], line["place"]) for line in ours] == [("INVALID_FIELD", "zone")] * COUNT
    for line in ours:
        line["event"]["zone"] = "Asia/Yangon"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    with monkeypatch.context() as dying:
        dying.setattr(publishing_account, "CountryProducer", DyingProducer)
        with pytest.raises(Killed):
            run(pipeline, "replay", SENDER, file)
    rest = run(pipeline, "replay", SENDER, file, "--json")
    assert rest.exit_code == 0, rest.output
    assert said_of(rest) == {"published": COUNT - COUNT // 2, "replayed": COUNT // 2}
    again = run(pipeline, "replay", SENDER, file, "--json")
    assert said_of(again) == {"published": 0, "replayed": COUNT}

    published = pipeline.read(SENDER, topics.incidents(SENDER), Incident, 0.3)
    good = Counter(one.incident_id for one in published if one.zone == "Asia/Yangon")
    assert {one.incident_id: good[one.incident_id] for one in bad} == {one.incident_id: 1 for one in bad}
    fresh_export = tmp_path / "again.jsonl"
    run(pipeline, "rejects", SENDER, "--export", fresh_export)
    assert not [line for line in fresh_export.read_text().splitlines() if json.loads(line)["event_id"] in ids]


def said_of(result: Result) -> dict[str, Any]:
    said = json.loads(result.stdout)
    return {name: said[name] for name in ("published", "replayed")}


def test_a_producer_of_which_everything_is_refused_stops_itself_and_nobody_else(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    file = tmp_path / "columns-mixed-up.jsonl"
    many = 30_000
    subject = traveller("Aung Sample").model_dump(mode="json", exclude_defaults=True)
    line = json.dumps({"incident_type": "BORDER_CHECK", "zone": "Nowhere/Land", "subjects": [subject]})
    file.write_text(f"{line}\n" * many)

    stopped = run(pipeline, "publish", "incidents", "--as", SENDER, file, "--source", fresh("source"))

    assert stopped.exit_code == 1
    assert "most of them as INVALID_FIELD" in str(stopped.exception)
    sent = len(pipeline.read(SENDER, topics.incidents(SENDER), Incident, 0.3))
    assert COUNT < sent < many
    other = border_check("lk", fresh("incident"), traveller("Somebody Else"), zone="Nowhere/Land")
    pipeline.publish(other)
    (told,) = pipeline.eventually(
        lambda: pipeline.read("lk", topics.rejects("lk"), Reject, 0.3), lambda it: it.event_id == other.event_id
    )
    assert told.reason is RejectReason.INVALID_FIELD
