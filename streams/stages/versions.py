"""Is an event that passed the gate new? Judged by the stage that owns the incident or entry, from its history alone.

Identity rules of the domain: a version only rises; the same version and content again is a duplicate, with other
content a conflict; an event_id names one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from schemas.codes import RejectReason
from schemas.internal import Source
from schemas.model import Model, millis

EVENTS_REMEMBERED = 16
"""How many events of one incident or entry are remembered, newest last, to notice an event_id used twice."""


class SourcePosition(Model):
    """How far a partition of the country topic has been seen for one key."""

    partition: int
    """Partition of the country topic."""
    offset: int
    """Offset of the last event of this key in it."""
    appended: int = 0
    """The latest time at which one of them was appended: milliseconds since 1970; 0: not known."""


class History(Model):
    """What is known of the versions of one incident or entry. Without personal data."""

    version: int = 0
    """The highest version accepted; 0: none yet."""
    content: bytes = b""
    """SHA-256 of what that version says."""
    sources: tuple[SourcePosition, ...] = ()
    """Last position for each source partition that this key came from (one, unless partitions were added)."""
    events: tuple[bytes, ...] = ()
    """The last events: eight bytes that stand for the event_id, eight for its bytes."""


class Standing(StrEnum):
    """What an event is to the history of its incident or entry."""

    REPEAT = "REPEAT"
    """The gate said it before: ignored, its sender did nothing."""
    DUPLICATE = "DUPLICATE"
    """Its sender said the same before: counted and ignored."""
    REFUSED = "REFUSED"
    """Rejected; `Judgement.reason` says why."""
    NEWER = "NEWER"
    """A higher version than all before."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an event stands, and the history with it."""

    standing: Standing
    history: History
    """Put this even when the event is refused: its position has been seen."""
    reason: RejectReason | None = None
    """Set when REFUSED."""
    place: str = ""
    """The field that is wrong, when REFUSED; `version` stands for incident_version or entry_version."""
    detail: str = ""
    """In words, when REFUSED."""


def said_again(source: Source, offset: int, appended: int) -> bool:
    """Is the event at `source` one that the gate says again, after `offset` was seen, appended at `appended` or before?

    What the gate says again has the append time that it had. An event that is not above `offset` and yet was appended
    later stands in a topic that was deleted and made anew, where offsets begin anew: it has not been here.
    """
    return source.offset <= offset and not 0 < appended < millis(source.timestamp)


def judge(history: History, source: Source, event_id: str, version: int, content: bytes) -> Judgement:
    """How an event with this source, id, version and content digest stands to `history`."""
    last = next((seen for seen in history.sources if seen.partition == source.partition), None)
    if last is not None and said_again(source, last.offset, last.appended):
        return Judgement(Standing.REPEAT, history)
    name = blake2b(event_id.encode(), digest_size=8).digest()
    event = name + source.sha256[:8]
    events = history.events
    known = [seen for seen in events if seen[:8] == name]
    if event not in known:
        events = (*events, event)[-EVENTS_REMEMBERED:]
    appended = max(last.appended if last is not None else 0, millis(source.timestamp))
    here = SourcePosition(partition=source.partition, offset=source.offset, appended=appended)
    others = tuple(seen for seen in history.sources if seen.partition != source.partition)
    seen = history.model_copy(update={"sources": (*others, here), "events": events})
    if event in known:
        return Judgement(Standing.DUPLICATE, seen)
    if known:
        return Judgement(
            Standing.REFUSED,
            seen,
            RejectReason.EVENT_ID_REUSED,
            "event_id",
            "another message already had this event_id; give every message its own",
        )
    if version > history.version:
        return Judgement(Standing.NEWER, seen.model_copy(update={"version": version, "content": content}))
    if version < history.version:
        return Judgement(
            Standing.REFUSED,
            seen,
            RejectReason.NOT_HIGHER_VERSION,
            "version",
            "a higher version was published before; a correction needs a higher one",
        )
    if content == history.content:
        return Judgement(Standing.DUPLICATE, seen)
    return Judgement(
        Standing.REFUSED,
        seen,
        RejectReason.VERSION_CONFLICT,
        "version",
        "this version was published before with other content; a correction needs a higher one",
    )
