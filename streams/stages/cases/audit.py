"""What `cases` tells the auditor and the sender of a refused event: ids and codes, never personal data."""

from __future__ import annotations

from dataclasses import replace

from schemas import audit_chain
from schemas.alerts import AuditRecord
from schemas.codec import body_of
from schemas.codes import RejectReason
from schemas.events import Response
from schemas.internal import Source
from schemas.model import Model, timestamp
from schemas.topics import AUDIT, CASES, country_of
from streams.stages.cases.running import Step
from streams.stages.contract import Send, Table
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


class AuditHead(Model):
    """Where this partition's chain of audit records stands."""

    number: int
    """Records so far."""
    link: bytes
    """Link of the last one: see schemas.audit_chain."""


HEADS = Table("audit", AuditHead)
_HEAD = "head"


def chained(step: Step) -> list[Send]:
    """What the step says, its audit records linked to those before; called once, when all is said."""
    if all(send.topic != AUDIT for send in step.outputs):
        return step.outputs
    head = step.state.get(HEADS, _HEAD) or AuditHead(number=0, link=audit_chain.START)
    number, link, said = head.number, head.link, list[Send]()
    chain = audit_chain.chain_of(CASES, step.setting.partition)
    for send in step.outputs:
        if send.topic == AUDIT and send.message is not None:
            number += 1
            link = audit_chain.link(link, number, send.key, body_of(send.message))
            place = ((audit_chain.CHAIN, chain), (audit_chain.NUMBER, str(number)), (audit_chain.LINK, link.hex()))
            send = replace(send, headers=send.headers + place)
        said.append(send)
    step.state.put(HEADS, _HEAD, AuditHead(number=number, link=link))
    return said
