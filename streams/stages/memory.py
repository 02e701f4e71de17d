"""State in memory: what tests, schedules and benchmarks run the stages on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from streams.stages.contract import State, Table

T = TypeVar("T", bound=BaseModel)


class MemoryState(State):
    """A State over dictionaries, with keys kept in order for scans."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, list[str]] = {}

    def get(self, table: Table[T], key: str) -> T | None:
        return self._values.get(table.name, {}).get(key)

    def put(self, table: Table[T], key: str, value: T) -> None:
        if not isinstance(value, table.model):
            raise TypeError(f"{table.name} holds {table.model.__name__}, not {type(value).__name__}")
        values = self._values.setdefault(table.name, {})
        if key not in values:
            insort(self._keys.setdefault(table.name, []), key)
        values[key] = value

    def delete(self, table: Table[T], key: str) -> None:
        if self._values.get(table.name, {}).pop(key, None) is not None:
            keys = self._keys[table.name]
            del keys[bisect_left(keys, key)]

    def scan(self, table: Table[T], prefix: str = "", after: str = "") -> Iterator[tuple[str, T]]:
        keys = self._keys.get(table.name, [])
        start = max(bisect_left(keys, prefix), bisect_right(keys, after) if after else 0)
        for key in keys[start:]:
            if not key.startswith(prefix):
                return
            yield key, self._values[table.name][key]

    def content(self) -> dict[str, dict[str, BaseModel]]:
        """Everything, by table and key: for comparing whole states."""
        return {name: dict(values) for name, values in self._values.items() if values}
