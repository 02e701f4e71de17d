"""Rejects: what a stage says to the sender of an event that it refuses."""

from __future__ import annotations

import re

from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.internal import Source
from schemas.topics import country_of, rejects
from streams.stages.contract import Send

HEAD = 64 * 1024
"""Bytes of a refused event that its reject repeats."""
LONGEST_DETAIL = 500
"""Characters of the sentence that explains a reject."""
LONGEST_PLACE = 200
"""Characters of the path of a field."""
_EVENT_ID = re.compile(r"[0-9A-Za-z._:-]{1,64}")


def reject(
    stage: str, source: Source, reason: RejectReason, place: str, detail: str, event_id: str | None = None
) -> Send:
    """The reject of the event at `source`, to the participant whose topic it came from.

    `place` is the path of the field that was wrong, `detail` one sentence without any value of the event. Whatever
    the event holds, its reject fits its topic: an event_id that is none is left out.
    """
    message = Reject(
        reason=reason,
        place=place[:LONGEST_PLACE],
        detail=detail[:LONGEST_DETAIL],
        stage=stage,
        source_topic=source.topic,
        source_partition=source.partition,
        source_offset=source.offset,
        source_timestamp=source.timestamp,
        event_id=event_id if event_id is not None and _EVENT_ID.fullmatch(event_id) else None,
        sha256=source.sha256,
        size=source.size,
        head=source.head,
    )
    key = f"{source.topic}:{source.partition}:{source.offset}"
    return Send(rejects(country_of(source.topic)), key, message)
