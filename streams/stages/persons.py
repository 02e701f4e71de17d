"""Persons and organisations by name, each mode for itself: what is an exercise never meets what is real."""

from __future__ import annotations

from schemas.codes import Mode
from schemas.subjects import Subject
from streams.matching import PersonIndex
from streams.stages.keys import mode_of


class PersonsByMode:
    """A :class:`PersonIndex` for each mode. Keys begin with their mode."""

    def __init__(self) -> None:
        self._indexes: dict[Mode, PersonIndex] = {}

    def put(self, key: str, subject: Subject) -> None:
        """Insert `subject` under `key`, or replace what was there."""
        mode = mode_of(key)
        if mode not in self._indexes:
            self._indexes[mode] = PersonIndex()
        self._indexes[mode].put(key, subject)

    def remove(self, key: str) -> None:
        """Forget `key`; nothing happens if it is not there."""
        if (index := self._indexes.get(mode_of(key))) is not None:
            index.remove(key)

    def search(self, mode: Mode, subject: Subject) -> list[str]:
        """Keys of `mode` whose subjects could match `subject` by name, ascending, without a limit."""
        index = self._indexes.get(mode)
        return index.search(subject) if index is not None else []

    def hot_keys(self) -> int:
        """Keys of names that very many share, in all modes (see IndexStats). Takes a pass over all keys."""
        return sum(index.stats().hot_keys for index in self._indexes.values())

    def __len__(self) -> int:
        return sum(len(index) for index in self._indexes.values())
