"""Checks of the gate that hold for every event. Each is pure and yields what is wrong, never a value of the event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from schemas.codes import ReceiversMode, RejectReason
from schemas.envelope import Envelope, Handling
from schemas.events import LAST_VERSION
from schemas.model import millis
from schemas.participants import Participants
from schemas.topics import MINUTE
from streams.stages import keys
from streams.stages.contract import Millis

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_EARLIEST: Millis = -2_208_988_800_000
"""1900-01-01: nothing that a bureau reports is older."""
_LATEST: Millis = 7_258_118_400_000
"""2200-01-01: nothing is planned for later, and every program that shows a time in some zone can show these."""
_PLANNED = ("valid_from", "expires_at", "review_by", "eta")


class Problem(NamedTuple):
    """One thing that is wrong with an event."""

    reason: RejectReason
    place: str
    """Path of the field; empty for the whole event."""
    detail: str
    """One sentence for its sender: what is wrong and what to do. Holds no value of the event."""


Problems = Iterator[Problem]


def envelope(event: Envelope, appended_at: Millis, ahead: Millis, participants: Participants) -> Problems:
    """Identity, times and handling of an event that the broker appended at `appended_at`."""
    if _UUID7.fullmatch(event.event_id) is None:
        yield Problem(RejectReason.INVALID_FIELD, "event_id", "an event_id is a UUID version 7 in lower case")
    for place, time in (("occurred_at", event.occurred_at), ("recorded_at", event.recorded_at)):
        if millis(time) > appended_at + ahead:
            yield Problem(
                RejectReason.FROM_THE_FUTURE,
                place,
                f"more than {ahead // MINUTE} minutes after the event was received; check the clock and its time zone",
            )
        if millis(time) < _EARLIEST:
            yield Problem(RejectReason.IMPOSSIBLE_DATE, place, "before the year 1900")
    for place in _PLANNED:
        planned: datetime | None = getattr(event, place, None)
        if planned is not None and not _EARLIEST <= millis(planned) < _LATEST:
            yield Problem(RejectReason.IMPOSSIBLE_DATE, place, "not between the years 1900 and 2200")
    if event.delegation is not None and event.delegation.officer is not None:
        yield from _officer(event.delegation.officer)
    yield from _handling(event.handling, participants)


def _officer(pseudonym: str) -> Problems:
    if not any(map(str.isalnum, pseudonym)):
        detail = "a pseudonym has a letter or a digit; where no officer did it, leave the field out"
        yield Problem(RejectReason.INVALID_FIELD, "delegation.officer", detail)


def _handling(handling: Handling, participants: Participants) -> Problems:
    for number, code in enumerate(handling.receivers):
        if code not in participants:
            place = f"handling.receivers.{number}"
            yield Problem(RejectReason.UNKNOWN_PARTICIPANT, place, "no participant has this code")
    names_some = handling.receivers_mode in (ReceiversMode.ONLY, ReceiversMode.EXCEPT)
    if names_some and not handling.receivers:
        detail = "ONLY and EXCEPT name at least one participant; use ALL to restrict nobody"
        yield Problem(RejectReason.INVALID_FIELD, "handling.receivers", detail)
    if not names_some and handling.receivers:
        detail = "receivers are named, but the mode is ALL; say ONLY or EXCEPT"
        yield Problem(RejectReason.INVALID_FIELD, "handling.receivers_mode", detail)


def usable_id(text: str, place: str) -> Problems:
    """An identifier that becomes part of keys."""
    if not keys.usable_id(text):
        detail = (
            f"1 to {keys.LONGEST_ID} ASCII letters, digits and ._/+@=~#- are allowed, the first a letter or a digit"
        )
        yield Problem(RejectReason.INVALID_FIELD, place, detail)


def version(number: int, place: str) -> Problems:
    """A version counts from 1 and fits 48 bits."""
    if not 1 <= number <= LAST_VERSION:
        yield Problem(RejectReason.INVALID_FIELD, place, "versions count from 1")
