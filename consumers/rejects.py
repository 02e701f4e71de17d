"""What was refused of a participant's own events, for the people who send them."""

from __future__ import annotations

import base64
from collections import OrderedDict
from typing import Any

from consumers.watch.card import Line, Tone
from consumers.watch.times import both
from consumers.watch.wording import words
from schemas.alerts import Reject

REMEMBERED = 100_000
"""How many rejects are remembered to tell repeats: the gate may say one again after a restart."""

_Identity = tuple[str, int, int, str, str]


class RepeatedRejects:
    """Tells a reject that was said before: same event, same reason, same place."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._seen: OrderedDict[_Identity, None] = OrderedDict()

    def is_repeat(self, reject: Reject) -> bool:
        """Whether this is not the first of its kind; remembers it."""
        where = (reject.source_topic, reject.source_partition, reject.source_offset)
        identity = (*where, reject.reason.value, reject.place)
        known = identity in self._seen
        self._seen[identity] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return known


def reject_lines(reject: Reject, zone: str) -> list[Line]:
    """What was refused, where in the event, why, and which event it was."""
    place = f" at {reject.place}" if reject.place else ""
    source = f"{reject.source_topic}[{reject.source_partition}]@{reject.source_offset}"
    event = f"event {reject.event_id}" if reject.event_id else "event_id not readable"
    return [
        Line(f"REFUSED {words(reject.reason)} ({reject.reason}){place}", Tone.TITLE),
        Line(f"  why       {reject.detail}"),
        Line(f"  event     {source}, sent {both(reject.source_timestamp, zone)}"),
        Line(f"  {event}; {reject.size} bytes, sha256 {reject.sha256.hex()}; refused by {reject.stage}", Tone.MUTED),
    ]


def reject_json(reject: Reject, *, with_head: bool) -> dict[str, Any]:
    """The reject as plain JSON types: `sha256` in hexadecimal, `head` in base64 and only if asked for."""
    plain: dict[str, Any] = reject.model_dump(mode="json", exclude={"sha256", "head"})
    plain["sha256"] = reject.sha256.hex()
    if with_head:
        plain["head"] = base64.b64encode(reject.head).decode("ascii")
    return plain
