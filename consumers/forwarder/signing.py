"""Standard Webhooks 1.0.0: the headers by which a receiver knows who sent a message and that it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

from consumers.forwarder.access import Signer
from consumers.forwarder.message import Message


def signed_headers(message: Message, signers: Sequence[Signer], now: datetime) -> dict[str, str]:
    """Headers of one attempt at `now`: one signature for each secret that signs now, newest first.

    While a secret is being rotated there are two, and the receiver takes the message if either is by a secret it has.
    """
    signatures = [
        Webhook(signer.text).sign(message.id, now, message.body.decode())
        for signer in signers
        if signer.ends_at is None or now < signer.ends_at
    ]
    return {
        "content-type": message.content_type,
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
