"""How fresh the watchlist was that an alert was decided by: said coarsely, and of entries that concern nobody else.

The age of the newest change tells its reader that somebody changed something. So it comes from entries of the alert's
own mode alone, canaries apart (domain rule 14); entries whose owner does not let all receive them do not count, save
the alert's own (rule 2: whoever is excluded gets no hint of their timing); and it is rounded up, so that it never
makes the list look fresher than it was.
"""

from __future__ import annotations

from schemas.codes import ReceiversMode
from schemas.events import WatchlistEntry
from schemas.model import Model
from schemas.topics import HOUR, MINUTE
from streams.stages import keys
from streams.stages.cases.dissemination import is_canary
from streams.stages.cases.records import EntryState
from streams.stages.cases.running import Step
from streams.stages.contract import Millis, Table


class NewestChange(Model):
    """The newest version of an entry that counts. Key: mode, and whether canaries own it."""

    passed_at: int
    """When it passed the gate: milliseconds since 1970."""


NEWEST = Table("newest", NewestChange)


def changed(step: Step, entry: WatchlistEntry) -> None:
    """A version of `entry` has just been taken in."""
    if entry.handling.receivers_mode is ReceiversMode.ALL:
        place = _place(step, entry)
        newest = step.state.get(NEWEST, place)
        if newest is None or newest.passed_at < step.appended_at:
            step.state.put(NEWEST, place, NewestChange(passed_at=step.appended_at))


def age(step: Step, entry: EntryState) -> Millis:
    """Age of the newest change, as an alert about `entry` says it: whole minutes below an hour, whole hours above."""
    newest = step.state.get(NEWEST, _place(step, entry.entry))
    return coarse(step.now - max(entry.passed_at, newest.passed_at if newest else 0))


def coarse(exact: Millis) -> Millis:
    """`exact` rounded up: to whole minutes up to an hour, one at least; to whole hours beyond."""
    unit = MINUTE if exact <= HOUR else HOUR
    return max(1, -(-exact // unit)) * unit


def _place(step: Step, entry: WatchlistEntry) -> str:
    owners = "canaries" if is_canary(entry.producer, step.setting.participants) else "owners"
    return keys.joined(entry.exercise, owners)
