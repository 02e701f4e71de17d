"""The state that a stage sees: the store, under what this batch has changed, under what this step has changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

from pydantic import BaseModel

from streams.stages.contract import Table
from streams.tasks.codecs import DecodeState
from streams.tasks.store import Store

T = TypeVar("T", bound=BaseModel)

_PAST_ALL_TEXT = b"\xff"


def store_key(table: str, key: str) -> bytes:
    """The key on disk and in the changelog: byte order is code point order. Raises ValueError on NUL in `key`."""
    if "\0" in key:
        raise ValueError("a state key contains NUL")
    return f"{table}\0{key}".encode()


class Overlay:
    """State (see contract.py) over a store that is not written before the transaction is committed.

    Each step ends with :meth:`keep` or :meth:`drop`, each batch with :meth:`settle`. Values are encoded by `keep`, so
    that one that cannot be encoded is blamed on its own record. Up to `cached` decoded values are kept for reuse;
    they are frozen models, so sharing them is safe.
    """

    def __init__(
        self, store: Store, encode: Callable[[BaseModel], bytes], decode: DecodeState, cached: int = 10_000
    ) -> None:
        self._store, self._encode, self._decode = store, encode, decode
        self._cached = cached
        self._step: dict[bytes, BaseModel | None] = {}
        self._batch: dict[bytes, bytes | None] = {}
        self._order: list[bytes] = []  # keys of both layers, ascending
        self._cache: OrderedDict[bytes, BaseModel] = OrderedDict()

    def get(self, table: Table[T], key: str) -> T | None:
        where = store_key(table.name, key)
        if where in self._step:
            return cast("T | None", self._step[where])
        data = self._batch[where] if where in self._batch else self._store.get(where)
        return None if data is None else self._decoded(table, where, data)

    def put(self, table: Table[T], key: str, value: T) -> None:
        self._set(store_key(table.name, key), value)

    def delete(self, table: Table[T], key: str) -> None:
        self._set(store_key(table.name, key), None)

    def scan(self, table: Table[T], prefix: str = "", after: str = "") -> Iterator[tuple[str, T]]:
        start, cut = store_key(table.name, prefix), len(table.name) + 1
        beyond = store_key(table.name, after) if after else b""
        first = max(bisect_left(self._order, start), bisect_right(self._order, beyond))
        changed = iter(self._order[first : bisect_left(self._order, start + _PAST_ALL_TEXT)])
        stored = self._store.scan(start, beyond)
        from_store, from_change = next(stored, None), next(changed, None)
        while from_store or from_change:
            if from_change is None or (from_store and from_store[0] < from_change):
                assert from_store is not None
                where, data = from_store
                yield where[cut:].decode(), self._decoded(table, where, data)
                from_store = next(stored, None)
                continue
            if from_store and from_store[0] == from_change:
                from_store = next(stored, None)
            value = self.get(table, text := from_change[cut:].decode())
            if value is not None:
                yield text, value
            from_change = next(changed, None)

    def _set(self, where: bytes, value: BaseModel | None) -> None:
        if where not in self._step and where not in self._batch:
            insort(self._order, where)
        self._step[where] = value

    def _decoded(self, table: Table[T], where: bytes, data: bytes) -> T:
        if (known := self._cache.get(where)) is not None:
            self._cache.move_to_end(where)
            return cast(T, known)
        value = self._decode(table.model, data)
        self._remember(where, value)
        return value

    def _remember(self, where: bytes, value: BaseModel) -> None:
        self._cache[where] = value
        self._cache.move_to_end(where)
        if len(self._cache) > self._cached:
            self._cache.popitem(last=False)

    def keep(self, largest: int | None = None) -> None:
        """The step succeeded: its changes join the batch's.

        Raises ValueError when an encoded value is longer than `largest` bytes, and whatever encoding raises; the step
        is then still there to be dropped.
        """
        encoded = {where: None if value is None else self._encode(value) for where, value in self._step.items()}
        if largest is not None and any(data and len(data) > largest for data in encoded.values()):
            raise ValueError(f"a state value is longer than {largest} bytes")
        self._batch.update(encoded)
        for where, value in self._step.items():
            if value is None:
                self._cache.pop(where, None)
            else:
                self._remember(where, value)
        self._step = {}

    def drop(self) -> None:
        """The step failed: forget its changes."""
        for where in self._step:
            if where not in self._batch:
                del self._order[bisect_left(self._order, where)]
        self._step = {}

    @property
    def changes(self) -> Mapping[bytes, bytes | None]:
        """What the batch has changed so far, as it goes to the changelog and to the store; None deletes."""
        return self._batch

    def settle(self) -> None:
        """The store has the batch's changes now: forget them here."""
        self._batch, self._order = {}, []

    def clear(self) -> None:
        """The store was read anew: forget every change and every decoded value."""
        self._step = {}
        self._cache.clear()
        self.settle()
