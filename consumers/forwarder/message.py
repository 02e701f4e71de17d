"""What is sent: a stable id and a body. docs/forwarder.md describes them to bureaus."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from schemas.alerts import Alert
from schemas.codes import AlertStatus, Band

VERSION = 1
"""Of the JSON payload. Fields are only ever added within one version."""
JSON_TYPE = "application/json"
_NAMESPACE = uuid.UUID("a3c1b0f6-6a0e-5d5e-9a3c-5b8f0c2f7d11")

_TYPES = {
    AlertStatus.LIVE: "alert.live",
    AlertStatus.RETRACTED: "alert.retracted",
    AlertStatus.WITHDRAWN: "alert.withdrawn",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one subscription. `body` is personal data and is in no log line."""

    id: str
    """The webhook-id: the same however often and by whichever process it is sent."""
    body: bytes = field(repr=False)
    content_type: str = JSON_TYPE


def message_id(subscription: str, about: str, revision: int) -> str:
    """The id of what tells `subscription` of this revision of this alert."""
    return f"msg_{uuid.uuid5(_NAMESPACE, f'{subscription}:{about}:{revision}').hex}"


def band_of(alert: Alert) -> Band:
    """How sure an alert is. A digest counts POSSIBLE matches alone (domain rule 15)."""
    if alert.digest is not None:
        return Band.POSSIBLE
    return alert.match.band if alert.match is not None else Band.UNKNOWN


def alert_json(alert: Alert) -> bytes:
    """`{"type", "version", "timestamp", "data"}`: data is the alert as its recipient may see it, without nulls."""
    head = {
        "type": _TYPES.get(alert.status, "alert.unknown"),
        "version": VERSION,
        "timestamp": _iso(alert.revised_at),
    }
    return json.dumps(head, separators=(",", ":"))[:-1].encode() + b',"data":' + _data(alert) + b"}"


def _data(alert: Alert) -> bytes:
    return alert.model_dump_json(exclude_none=True).encode()


def disabled_json(subscription: str, why: str, at: datetime) -> bytes:
    """The notice that another endpoint of the same bureau was disabled."""
    data = {"subscription": subscription, "why": why}
    notice = {"type": "endpoint.disabled", "version": VERSION, "timestamp": _iso(at), "data": data}
    return json.dumps(notice, separators=(",", ":")).encode()


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
