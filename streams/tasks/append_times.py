"""Append times beside this worker's own clock: a record that seems to come from the future waits.

Time in a partition is the largest append time and never goes back (docs/architecture.md). One record that a broker
appended while its clock was days ahead would therefore end what depends on time, silently and for as long: windows
close, deadlines fire, pairs are forgotten. Two clocks that disagree cannot say which of them is wrong, so the
partition waits and somebody is told, as for other trouble around us.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from streams.tasks.log import Place, Record
from tocsin.runtime.errors import Unavailable

_log = logging.getLogger(__name__)

TOLERATED_MS = 5 * 60_000
"""How far an append time may be ahead. Machines that keep time differ by less than a second; this is half of the
shortest time for an answer (10 minutes, URGENT), so that no deadline fires on a clock that is only believed."""


def own_clock() -> int:
    """The time by this machine, milliseconds since 1970."""
    return round(time.time() * 1000)


class ClockAhead(Unavailable):
    """A record was appended later than it is here. Wait; see the runbook ClockAhead."""


class AppendTimes:
    """Judges append times by `clock`, this worker's own (milliseconds since 1970).

    `capped` takes a record that is too far ahead for appended now instead of waiting. It is for an operator who knows
    that the broker's clock was wrong and is right again: the records appended meanwhile keep their times.
    """

    def __init__(self, clock: Callable[[], int], capped: bool = False) -> None:
        self._clock, self._capped = clock, capped
        self._ahead: dict[Place, int] = {}

    def judged(self, record: Record) -> Record:
        """`record`, with the append time to go by. Raises ClockAhead when its partition must wait."""
        now, place = self._clock(), record.place
        ahead = record.timestamp - now
        if ahead <= TOLERATED_MS:
            if self._ahead.pop(place, None) is not None:
                _log.info("%s goes on: its append times agree with this worker's clock", place)
            return record
        if self._capped:
            return replace(record, timestamp=now)
        error = ClockAhead(
            f"{place} offset {record.offset} was appended {ahead // 1000} s ahead of this worker's clock: the broker's"
            " clock or this one is wrong (docs/runbooks/ClockAhead.md)"
        )
        if place not in self._ahead:
            _log.error("%s", error)
        self._ahead[place] = ahead
        raise error

    def ahead(self, place: Place) -> float:
        """By how many seconds the record is ahead for which `place` waits; 0: it does not wait."""
        return self._ahead.get(place, 0) / 1000

    def forget(self, place: Place) -> None:
        """`place` is somebody else's now."""
        self._ahead.pop(place, None)


def not_ready_for(ahead: float) -> str:
    """Why a worker of which a partition waits for `ahead` seconds is not ready."""
    return f"records come from {ahead:.0f} s in the future: the broker's clock or this one is wrong"
