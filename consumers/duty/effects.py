"""What became of an answer: heard in a later revision of its alert, or refused."""

from __future__ import annotations

from consumers.duty.errors import Refused
from schemas.alerts import Alert, Reject
from schemas.codes import ResponseKind
from schemas.events import Response


def effect(heard: Alert | Reject, response: Response, alert_id: str) -> Alert | None:
    """The revision that shows `response` taken in; None if `heard` says nothing of it. Raises Refused.

    An acknowledgement is shown as such in the sender's own view, a request for details by the alert that was asked for
    or by a digest that ended, any other answer among the answers.
    """
    if isinstance(heard, Reject):
        if heard.event_id == response.event_id:
            raise Refused(f"refused, {heard.reason}: {heard.detail}")
        return None
    if heard.alert_id != alert_id or heard.digest is not None or heard.revision <= (response.revision or 0):
        return None
    if response.kind is ResponseKind.REQUEST_DETAILS:
        return heard
    if response.kind is ResponseKind.ACKNOWLEDGE:
        return heard if heard.acknowledged_at is not None else None
    return heard if any(answer.event_id == response.event_id for answer in heard.answers) else None
