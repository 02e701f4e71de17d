"""Compile everything before the first record: a worker must not be ready while its matcher is still being made.

python -m streams.matching.warming      # after an installation; later starts find the code on disk
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from schemas.codes import Action, Instrument, Sex
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Name, Subject
from streams.matching import PersonIndex, decide

_NAMES = ("Karim Uddin Ahmed", "Kareem Udin", "করিম উদ্দিন", "كريم الدين احمد", "김영수", "O")
_BIRTHS = (BirthDate(year=1980, month=4, day=3), BirthDate(year=1980), BirthDate(year=1975, year_to=1985))


def warm() -> float:
    """Run every compiled loop once; returns the seconds that it took."""
    began = time.perf_counter()
    index = PersonIndex()
    people = [
        Subject(
            subject_id=str(number),
            names=tuple(Name(full=text) for text in names),
            births=births,
            sex=Sex.M,
            nationalities=("bd",),
        )
        for number, (names, births) in enumerate(
            [(_NAMES, _BIRTHS), *(((name,), (birth,)) for name in _NAMES for birth in _BIRTHS), (_NAMES[:2], ())]
        )
    ]
    for person in people:
        index.put(person.subject_id, person)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    entry = WatchlistEntry(
        event_id="warming",
        producer="xa",
        occurred_at=now,
        recorded_at=now,
        entry_id="warming",
        instrument=Instrument.NATIONAL,
        action=Action.INFORM,
        subject=people[0],
    )
    for person in people:
        index.search(person)
        decide(person, entry)
    for person in people:
        index.remove(person.subject_id)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.stderr.write(f"the matcher is compiled ({warm():.1f} s)\n")
