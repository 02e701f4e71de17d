"""The body of a message in the form that a subscription asked for."""

from __future__ import annotations

from consumers.forwarder.cap import CAP_TYPE, alert_cap, notice_cap
from consumers.forwarder.ledger import Notice
from consumers.forwarder.mail import MAIL_TYPE, alert_mail, notice_mail
from consumers.forwarder.message import Message, alert_json, disabled_json
from consumers.forwarder.subscription import Channel, Format, Subscription
from schemas.alerts import Alert


def render(subscription: Subscription, alert: Alert, id_: str, reference: str | None) -> Message:
    """The message that tells a subscription of an alert.

    `reference`: id and time (milliseconds) of what it was told of this alert before, for formats that name it.
    """
    if subscription.channel is Channel.EMAIL:
        return Message(id_, alert_mail(alert), MAIL_TYPE)
    if subscription.format is Format.CAP:
        return Message(id_, alert_cap(alert, id_, reference), CAP_TYPE)
    return Message(id_, alert_json(alert))


def render_notice(subscription: Subscription, notice: Notice, id_: str) -> Message:
    """The message that tells a subscription that another one of its bureau was disabled."""
    if subscription.channel is Channel.EMAIL:
        return Message(id_, notice_mail(notice), MAIL_TYPE)
    if subscription.format is Format.CAP:
        return Message(id_, notice_cap(notice, id_), CAP_TYPE)
    return Message(id_, disabled_json(notice.subscription_id, notice.why.value, notice.at))
