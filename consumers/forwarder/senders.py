"""The way out for each channel."""

from __future__ import annotations

import ssl

from consumers.forwarder.access import Access
from consumers.forwarder.dispatcher import MakeSender
from consumers.forwarder.failure import Fault
from consumers.forwarder.mail import MailSender, MailServer
from consumers.forwarder.posting import Limits, WebhookSender
from consumers.forwarder.runner import NoWay, Sender
from consumers.forwarder.settings import ForwarderSettings
from consumers.forwarder.subscription import Channel, Subscription
from tocsin.runtime.errors import NotConfigured


def make_senders(settings: ForwarderSettings) -> MakeSender:
    """What makes the sender of a subscription. Raises NotConfigured when certificates cannot be read."""
    try:
        tls = ssl.create_default_context()
        if settings.ca_file:
            tls.load_verify_locations(settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise NotConfigured(f"TOCSIN_FORWARDER_CA_FILE {settings.ca_file} cannot be used: {error}") from error
    limits = Limits(settings.connect_timeout, settings.timeout, settings.connections)

    server = _mail_server(settings)

    def make(subscription: Subscription, access: Access) -> Sender:
        if subscription.channel is Channel.EMAIL:
            return MailSender(access.url, server, settings.timeout, tls) if server else NoWay(Fault.CONNECTION)
        return WebhookSender(access.url, access.signers, settings.allowed_networks, limits, tls)

    return make


def _mail_server(settings: ForwarderSettings) -> MailServer | None:
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_user,
        password,
        settings.smtp_from,
        settings.smtp_start_tls,
    )
