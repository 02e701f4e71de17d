"""`tocsin screening-report` finds rows that were published under a name of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from schemas.alerts import Alert
from schemas.identity import incident_id
from tocsin.cli import screening

POSITIVE, NEGATIVE = incident_id("bd", "monday", "1"), incident_id("bd", "crew", "1")


@pytest.fixture
def report(tmp_path: Path, make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command on one positive and one negative; each has an alert under the source it was published with."""
    (tmp_path / "p.csv").write_text("full_name,entry_id\nAli Ahmed,E1\n")
    (tmp_path / "n.csv").write_text("full_name\nOmar Khan\n")
    found = make_alert()
    standing = [_about(found, POSITIVE), _about(found, NEGATIVE)]
    monkeypatch.setattr(screening, "_alerts_of", lambda *_: standing)
    app = typer.Typer()
    screening.register(app)

    def run(*more: str) -> Result:
        files = ("--truth", str(tmp_path / "p.csv"), "--negatives", str(tmp_path / "n.csv"))
        return CliRunner().invoke(app, [*files, "--owner", "fr", "--json", "--state", str(tmp_path), *more])

    return run


def _about(alert: Alert, incident: str) -> Alert:
    assert alert.incident is not None
    assert alert.entry is not None
    return alert.model_copy(
        update={
            "incident": alert.incident.model_copy(update={"incident_id": incident}),
            "entry": alert.entry.model_copy(update={"entry_id": "E1", "owner": "fr"}),
        }
    )


def test_rows_are_found_under_the_source_that_they_were_published_with(report: Callable[..., Result]) -> None:
    said = json.loads(report("--source", "monday", "--negatives-source", "crew").stdout)
    assert (said["recall"]["part"], said["false_alerts"], said["unknown_alerts"]) == (1, 1, 0)

    said = json.loads(report().stdout)  # the files' names: nobody published under these
    assert (said["recall"]["part"], said["false_alerts"], said["unknown_alerts"]) == (0, 0, 2)


def test_a_name_for_each_file_of_negatives_or_none(report: Callable[..., Result]) -> None:
    done = report("--negatives-source", "a", "--negatives-source", "b")
    assert done.exit_code == 2
    assert "2 names for 1 files" in " ".join(done.stderr.replace("│", " ").split())
