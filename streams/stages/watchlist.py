"""A worker's copy of the persons topic: the list that its incidents are sought in."""

from __future__ import annotations

from collections import deque
from threading import Lock

from schemas.codes import Mode
from schemas.internal import ListedPerson
from schemas.subjects import Subject
from schemas.topics import DAY
from streams.stages.contract import Millis
from streams.stages.persons import PersonsByMode

TOMBSTONES: Millis = 14 * DAY
"""How long a removal is remembered: as long as the persons topic keeps its tombstones."""


class Watchlist:
    """Persons and organisations that are looked for, as far as the worker has read them; one index for each mode.

    Its reader (one thread) applies records in the order of the log; the tasks of the worker (other threads) search.
    An end can be asked for by a task that waits for a version that the log may no longer hold: the reader sees
    `ends_asked` rise, looks up where the log ends, reads up to there and calls :meth:`reach_end`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._persons = PersonsByMode()
        self._subjects: dict[str, Subject] = {}
        self._versions: dict[str, int] = {}
        self._removed: deque[tuple[Millis, str]] = deque()
        self.newest: Millis = 0
        """Append timestamp of the newest record applied."""
        self.ends_asked = 0
        """How often an end was asked for."""
        self.ends_reached = 0
        """Of these, how many have been reached."""

    def apply(self, entry_key: str, listed: ListedPerson | None, version: int, appended_at: Millis) -> None:
        """Take in one record of the persons topic; `listed` None takes the entry off the list.

        A version lower than the one held is ignored, so that a log read again changes nothing.
        """
        with self._lock:
            self.newest = max(self.newest, appended_at)
            if version < self._versions.get(entry_key, 0):
                return
            if listed is None:
                self._persons.remove(entry_key)
                self._subjects.pop(entry_key, None)
                self._removed.append((appended_at, entry_key))
            else:
                self._persons.put(entry_key, listed.subject)
                self._subjects[entry_key] = listed.subject
            # Last, for it is read without the lock: a Probe that finds the version here searches at once.
            self._versions[entry_key] = version
            self._forget_removals()

    def version(self, entry_key: str) -> int:
        """The version of the entry that was read last, a removal included; 0 for one never seen."""
        return self._versions.get(entry_key, 0)

    def subject(self, entry_key: str) -> Subject | None:
        """Whom the entry looks for; None when it is not on the list."""
        return self._subjects.get(entry_key)

    def search(self, mode: Mode, subject: Subject) -> list[str]:
        """Keys of all entries of `mode` that could be about `subject` by name, sorted."""
        with self._lock:
            return self._persons.search(mode, subject)

    def hot_keys(self) -> int:
        """Keys of names that very many on the list share (see IndexStats). Takes a pass over all keys."""
        with self._lock:
            return self._persons.hot_keys()

    def ask_for_end(self) -> int:
        """Ask the reader to reach the end that the log has from now on; the answer is for :meth:`end_reached`."""
        with self._lock:
            self.ends_asked += 1
            return self.ends_asked

    def end_reached(self, asked: int) -> bool:
        """Has the list been read to the end that was asked for?"""
        return self.ends_reached >= asked

    def reach_end(self, asked: int) -> None:
        """The reader's word that it is at an end looked up after `ends_asked` had the value `asked`."""
        with self._lock:
            self.ends_reached = max(self.ends_reached, asked)

    def __len__(self) -> int:
        return len(self._subjects)

    def _forget_removals(self) -> None:
        while self._removed and self._removed[0][0] < self.newest - TOMBSTONES:
            (_, entry_key) = self._removed.popleft()
            if entry_key not in self._subjects:
                self._versions.pop(entry_key, None)
