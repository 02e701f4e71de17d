"""What `cases` tells the auditor and the sender of a refused event: ids and codes, never personal data."""

from __future__ import annotations

from schemas.alerts import AuditRecord
from schemas.codes import RejectReason
from schemas.events import Response
from schemas.internal import Source
from schemas.model import timestamp
from schemas.topics import AUDIT, CASES, country_of
from streams.stages.cases.running import Step
from streams.stages.contract import Send
from streams.stages.rejects import reject


def audited(
    step: Step,
    participant: str,
    what: str,
    *,
    alert_id: str | None = None,
    revision: int | None = None,
    detail: str | None = None,
) -> None:
    """Record that `what` happened to `participant`."""
    record = AuditRecord(
        at=timestamp(step.now),
        stage=CASES,
        participant=participant,
        what=what,
        alert_id=alert_id,
        revision=revision,
        detail=detail,
    )
    step.say(Send(AUDIT, participant, record))


def answered(step: Step, alert_id: str, response: Response) -> None:
    """Record and count an answer, an acknowledgement or a receipt that was taken in."""
    audited(
        step,
        response.producer,
        "ANSWERED",
        alert_id=alert_id,
        revision=response.revision,
        detail=response.kind,
    )
    step.count("answers")


def refused(step: Step, source: Source, event_id: str, reason: RejectReason, detail: str, *, place: str = "") -> None:
    """Refuse an event: its sender alone learns why. `detail` holds no value of the event."""
    sender = country_of(source.topic)
    step.say(reject(CASES, source, reason, place, detail, event_id))
    audited(step, sender, "REFUSED", detail=reason)
    step.count("rejected")
