"""The body of a message in the form that a subscription asked for."""

from __future__ import annotations

from consumers.forwarder.ledger import Notice
from consumers.forwarder.message import Message, alert_json, disabled_json
from consumers.forwarder.subscription import Subscription
from schemas.alerts import Alert


def render(subscription: Subscription, alert: Alert, id_: str, reference: str | None) -> Message:
    """The message that tells a subscription of an alert.

    `reference`: id and time (milliseconds) of what it was told of this alert before, for formats that name it.
    """
    return Message(id_, alert_json(alert))


def render_notice(subscription: Subscription, notice: Notice, id_: str) -> Message:
    """The message that tells a subscription that another one of its bureau was disabled."""
    return Message(id_, disabled_json(notice.subscription_id, notice.why.value, notice.at))
