"""One view to one participant: the alert, the auditor's record of it, and what the participant holds from then on."""

from __future__ import annotations

from typing import TypeVar

from schemas.codes import AlertStatus
from schemas.topics import alerts
from streams.stages.cases.audit import audited
from streams.stages.cases.records import Holder
from streams.stages.cases.running import Step
from streams.stages.cases.views import View
from streams.stages.contract import Send

H = TypeVar("H", bound=Holder)

_AUDITED = {
    AlertStatus.LIVE: ("SENT", "sent_live"),
    AlertStatus.RETRACTED: ("RETRACTED", "sent_retracted"),
    AlertStatus.WITHDRAWN: ("WITHDRAWN", "sent_withdrawn"),
}


def sent(step: Step, key: str, view: View, revision: int, age: int | None, holder: H) -> H:
    """Send `view` under the topic key `key`; returns what its recipient, `holder`, holds then."""
    alert = view.dated(revision, step.now, age)
    what, counted = _AUDITED[alert.status]
    step.say(Send(alerts(alert.recipient), key, alert))
    audited(step, alert.recipient, what, alert_id=alert.alert_id, revision=alert.revision)
    step.count(counted)
    now_held = {"role": alert.role, "status": alert.status, "view": view.digest, "sent_at": step.now}
    return holder.model_copy(update=now_held)
