"""Subjects by name: insert, replace, remove and search, without a rebuild and without a limit on hits."""

from __future__ import annotations

from collections import defaultdict

from schemas.subjects import Subject
from streams.matching.blocking import Keys, keys


class PersonIndex:
    """Persons and organisations by the names that they bear.

    `search` returns every key whose subject `decide` could match by name. It is symmetric: a is found by b if b is
    found by a. Not safe to be changed while another thread searches.
    """

    def __init__(self) -> None:
        self._keys: dict[str, Keys] = {}
        self._strict: defaultdict[str, set[str]] = defaultdict(set)
        self._dated: defaultdict[str, set[str]] = defaultdict(set)
        self._loose: defaultdict[str, set[str]] = defaultdict(set)
        self._loose_undated: defaultdict[str, set[str]] = defaultdict(set)

    def put(self, key: str, subject: Subject) -> None:
        """Insert the subject under `key`, or replace what was there."""
        self.remove(key)
        made = keys(subject)
        self._keys[key] = made
        for table, names in self._tables(made):
            for name in names:
                table[name].add(key)

    def _tables(self, made: Keys) -> list[tuple[defaultdict[str, set[str]], frozenset[str]]]:
        tables = [(self._strict, made.strict), (self._dated, made.dated), (self._loose, made.loose)]
        return tables if made.has_year else [*tables, (self._loose_undated, made.loose)]

    def remove(self, key: str) -> None:
        """Forget `key`; nothing happens if it is not there."""
        made = self._keys.pop(key, None)
        if made is None:
            return
        for table, names in self._tables(made):
            for name in names:
                table[name].discard(key)
                if not table[name]:
                    del table[name]

    def search(self, subject: Subject) -> list[str]:
        """Keys whose subjects could match by name, ascending. No limit."""
        made = keys(subject)
        found: set[str] = set()
        loose = self._loose_undated if made.has_year else self._loose
        for table, names in ((self._strict, made.strict), (self._dated, made.dated_near), (loose, made.loose)):
            for name in names:
                if (held := table.get(name)) is not None:
                    found |= held
        return sorted(found)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys
