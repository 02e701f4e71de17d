"""The way out for each channel."""

from __future__ import annotations

import ssl

from consumers.forwarder.dispatcher import MakeSender
from consumers.forwarder.posting import Limits, Resolve, WebhookSender, resolve
from consumers.forwarder.runner import Sender
from consumers.forwarder.settings import ForwarderSettings
from consumers.forwarder.subscription import Subscription
from consumers.forwarder.subscriptions import Signer
from tocsin.runtime.errors import NotConfigured


def make_senders(settings: ForwarderSettings, resolver: Resolve = resolve) -> MakeSender:
    """What makes the sender of a subscription. Raises NotConfigured when certificates cannot be read."""
    try:
        tls = ssl.create_default_context()
        if settings.ca_file:
            tls.load_verify_locations(settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise NotConfigured(f"TOCSIN_FORWARDER_CA_FILE {settings.ca_file} cannot be used: {error}") from error
    limits = Limits(settings.connect_timeout, settings.timeout, settings.connections)

    def make(subscription: Subscription, signers: tuple[Signer, ...]) -> Sender:
        return WebhookSender(subscription.url, signers, settings.allowed_networks, limits, tls, resolver)

    return make
