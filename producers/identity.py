"""event_id names one message (domain.md, Identity): a UUIDv7, fresh or drawn from a seed."""

from __future__ import annotations

import uuid
from datetime import datetime
from random import Random

import uuid_utils

from schemas.model import millis


def new_event_id() -> str:
    """A fresh UUIDv7."""
    return str(uuid_utils.uuid7())


def drawn_event_id(random: Random, at: datetime) -> str:
    """The UUIDv7 (RFC 9562) that `random` gives at the time `at`: equal for equal seeds."""
    value = millis(at) << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0b10 << 62 | random.getrandbits(62)
    return str(uuid.UUID(int=value))
