"""The alert reaches the right people and gets an answer: on a real broker, by the commands that officers use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas import topics
from schemas.alerts import Alert, AuditRecord
from schemas.codes import (
    AlertStatus,
    DetentionBasis,
    Outcome,
    Priority,
    ReceiversMode,
    ResponseKind,
    Role,
    WorkflowState,
)
from schemas.envelope import Handling
from tests.broker.pipeline import Pipeline, border_check, fresh, person_notice, traveller
from tocsin.runtime.key_files import new_pair

pytestmark = pytest.mark.broker
K, W = ResponseKind, WorkflowState


_TOCSIN = """
import sys
import typer
from tocsin.cli import audit, cases
from tocsin.runtime.errors import TocsinError
app = typer.Typer()
cases.register(app)
audit.register(app)
try:
    app()
except TocsinError as error:
    sys.exit(f"tocsin: {error}")
"""
"""The officers' commands without what all the others import."""


def tocsin(pipeline: Pipeline, *arguments: str, code: int = 0) -> str:
    """What a command prints; fails unless it ends with `code`."""
    done = subprocess.run(
        [sys.executable, "-c", _TOCSIN, *arguments, "--state", str(pipeline.stack.state)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == code, done.stderr or done.stdout
    return done.stdout if code == 0 else done.stderr


def of(incident_id: str) -> Callable[[Alert], bool]:
    return lambda alert: alert.incident is not None and alert.incident.incident_id == incident_id


def newest(pipeline: Pipeline, code: str, alert_id: str) -> Alert:
    return max(
        (alert for alert in pipeline.alerts(code) if alert.alert_id == alert_id), key=lambda alert: alert.revision
    )


def test_rule_2_an_excluded_bureau_gets_nothing_of_any_kind_and_the_others_answer_each_other(
    pipeline: Pipeline,
) -> None:
    name, operation = f"Ubaydullo {fresh('Q').replace('-', '')} Nazarzoda", fresh("Round-up")
    except_np = Handling(receivers_mode=ReceiversMode.EXCEPT, receivers=("np",))
    pipeline.publish(person_notice("fr", fresh("entry"), name, 1969, handling=except_np, operation=operation))
    hidden: set[str] = set()
    in_bd, in_np = fresh("incident"), fresh("incident")
    pipeline.publish(border_check("bd", in_bd, traveller(name, year=1969)))
    pipeline.publish(border_check("np", in_np, traveller(name, year=1969)))

    for code, met in (("fr", (in_bd, in_np)), ("ccc", (in_bd, in_np)), ("bd", (in_bd,))):
        wanted = {incident_id: of(incident_id) for incident_id in met}
        found = pipeline.eventually(
            lambda code=code: pipeline.alerts(code),
            lambda it, wanted=wanted: any(is_of(it) for is_of in wanted.values()),
            count=len(met),
        )
        assert {alert.incident.incident_id for alert in found if alert.incident} == set(met)
        hidden = {alert.alert_id for alert in found if of(in_np)(alert)} if code == "fr" else hidden
    assert not [reject for reject in pipeline.rejects("np") if in_np.encode() in reject.head]
    told = pipeline.read(topics.AUDITOR_USER, topics.AUDIT, AuditRecord, 0.3)
    assert {record.participant for record in told if record.alert_id in hidden} == {"fr", "ccc"}

    (alert_id,) = {alert.alert_id for alert in found}
    short = alert_id[:13]
    refused = tocsin(pipeline, "answer", "fr", short, "confirm", code=1)
    assert refused == "tocsin: confirm is not possible now; possible for you: ack\n"
    assert "taken in" in tocsin(pipeline, "answer", "bd", short, "request", "--text", "Is it him?")
    assert "confirmed by the owner" in tocsin(pipeline, "answer", "fr", short, "confirm")
    tocsin(pipeline, "answer", "bd", short, "act", "--outcome", "ARRESTED")
    for code in ("bd", "fr", "ccc"):
        seen = newest(pipeline, code, alert_id)
        assert [(answer.by, answer.kind) for answer in seen.answers] == [
            ("bd", K.REQUEST_CONFIRMATION),
            ("fr", K.CONFIRM),
            ("bd", K.ACTION_TAKEN),
        ]
        assert (seen.workflow, seen.answers[-1].outcome) == (W.ACTIONED, Outcome.ARRESTED)
    (counted,) = (json.loads(line) for line in tocsin(pipeline, "operation", operation, "--json").splitlines()[:1])
    assert (counted["country"], counted["met"], counted["arrested"]) == ("bd", 1, 1)
    np_holds = pipeline.alerts("np")
    assert not [it for it in np_holds if it.alert_id in hidden | {alert_id} or of(in_np)(it)]


def test_an_unanswered_request_is_made_again_and_escalated_and_then_the_coordinator_answers(
    pipeline: Pipeline,
) -> None:
    name, incident_id = f"Temurbek {fresh('Q').replace('-', '')} Yoqubov", fresh("incident")
    pipeline.publish(person_notice("fr", fresh("entry"), name, 1970))
    held = {"detained": True, "detention_basis": DetentionBasis.HIT_ONLY}
    pipeline.publish(border_check("bd", incident_id, traveller(name, year=1970), **held))
    (alert,) = pipeline.eventually(lambda: pipeline.alerts("bd"), of(incident_id))
    assert alert.priority is Priority.URGENT
    tocsin(pipeline, "answer", "bd", alert.alert_id, "request")

    revisions = pipeline.eventually(lambda: pipeline.alerts("bd"), of(incident_id), count=5)
    assert [(it.requests, it.escalated) for it in revisions] == [
        (0, False),
        (1, False),
        (2, False),
        (3, False),
        (3, True),
    ]
    assert {(it.role, it.status) for it in revisions} == {(Role.LOCATOR, AlertStatus.LIVE)}
    for code, may in (("fr", True), ("ccc", True)):
        seen = newest(pipeline, code, alert.alert_id)
        assert (seen.escalated, seen.requests, seen.answer_due_at) == (True, 3, None)
        assert (K.CONFIRM in seen.allowed_moves) is may
    tocsin(pipeline, "answer", "ccc", alert.alert_id, "confirm")
    assert newest(pipeline, "bd", alert.alert_id).answers[-1].by == "ccc"


def test_the_chain_of_what_was_audited_holds_and_is_signed(pipeline: Pipeline, tmp_path: Path) -> None:
    key, heads = str(tmp_path / "auditor.pem"), tmp_path / "heads"
    name, incident_id = f"Jahongir {fresh('Q').replace('-', '')} Saidov", fresh("incident")
    pipeline.publish(person_notice("fr", fresh("entry"), name, 1971))
    pipeline.publish(border_check("bd", incident_id, traveller(name, year=1971)))
    pipeline.eventually(lambda: pipeline.alerts("bd"), of(incident_id))
    new_pair(Path(key))
    tocsin(pipeline, "audit", "sign", "--key", key, "--out", str(heads))
    (head,) = heads.iterdir()
    assert "every link holds" in tocsin(pipeline, "audit", "verify", "--head", str(head), "--key", f"{key}.pub")
