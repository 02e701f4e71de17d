"""Records whose headers have names that are no UTF-8, which aiokafka raises on: one of them would end every gate.

The broker takes any bytes for a name, and a bureau may write any record to its own topics. aiokafka decodes names while
it unpacks a batch; the error leaves the fetcher, and the worker that starts again meets the same record. Here such a
batch is unpacked once more, by aiokafka's own Python code, with names that keep the odd bytes as lone surrogates:
nobody looks for a header of such a name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = struct.Struct(">i")
_LENGTH_AT = 8
_BEFORE = 12
"""Bytes of a batch that its length does not count: base offset and the length itself."""


class _Text(bytearray):
    """Decodes whatever it holds."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return super().decode(encoding, "surrogateescape")


class _Buffer(bytearray):
    """Its slices decode whatever they hold."""

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        found = super().__getitem__(index)
        return _Text(found) if isinstance(found, bytearray) else found


class _AnyNames(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch that is read whatever the names of headers are."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Buffer(self._buffer)


class _Batch:
    """A batch of the fast kind, and its bytes in case that one gives up on a name."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        count = 0
        try:
            for record in self._batch:
                yield record
                count += 1
        except UnicodeDecodeError:
            yield from islice(_AnyNames(bytearray(self._raw)), count, None)


class TolerantRecords:
    """What aiokafka makes of the bytes of a fetch, in the place of its MemoryRecords."""

    def __init__(self, data: bytes) -> None:
        self._records, self._data, self._at = MemoryRecords(data), memoryview(data), 0

    def has_next(self) -> bool:
        """Whether there is another batch."""
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        """Bytes of everything."""
        return int(self._records.size_in_bytes())

    def next_batch(self) -> _Batch:
        """The next batch."""
        batch, begin = self._records.next_batch(), self._at
        (length,) = _LENGTH.unpack_from(self._data, begin + _LENGTH_AT)
        self._at = begin + _BEFORE + length
        return _Batch(batch, self._data[begin : self._at])


def take_any_names() -> None:
    """Have every aiokafka consumer of this process read such records."""
    fetcher.MemoryRecords = TolerantRecords
