"""Batches that aiokafka raises on, or dies of: one of them would end every gate.

Some unpack to more than memory holds: see `batch_limits`. Others have headers with names that are no UTF-8: the broker
takes any bytes for a name, and a bureau may write any record to its own topics. aiokafka decodes names while
it unpacks a batch; the error leaves the fetcher, and the worker that starts again meets the same record. Here such a
batch is unpacked once more, by aiokafka's own Python code, with names that keep the odd bytes as lone surrogates:
nobody looks for a header of such a name.

And a record says itself which place in its batch it has. The broker looks at that only where it unpacks a batch;
aiokafka passes over a record that seems to come again, and goes on behind one that seems to lie far ahead.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import (
    DefaultRecordBase,
    DefaultRecordBatch,
    _DefaultRecordBatchPy,
    _DefaultRecordPy,
)
from aiokafka.record.util import decode_varint

from streams.stages.contract import UnreadBatch
from streams.tasks.batch_limits import MAGIC_AT, OLDEST, plain

_OFFSET = struct.Struct(">q")
_LENGTH = struct.Struct(">i")
_LENGTH_AT = 8
_BEFORE = 12
"""Bytes of a batch that its length does not count: base offset and the length itself."""
_COUNT = 12
"""Place of the number of records among the fields of a batch's header."""
_NO_RECORD = "a record of it cannot be read"
_NO_ORDER = "its records are not numbered in their order"


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

    def _read_msg(self) -> Any:
        return super()._read_msg(_number)


def _number(buffer: bytearray, at: int) -> tuple[int, int]:
    """The number at a place, and the place behind it. aiokafka's own reads memory that is not the buffer's."""
    if at >= len(buffer):
        raise IndexError(at)
    value, behind = decode_varint(buffer, at)
    return value, behind


class _Batch:
    """A batch that is unpacked up to a bound. What is more, or cannot be read, is one record that says so.

    That record has the last offset of the batch: whoever went on from within it is told too, and nothing is skipped.
    """

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        found = plain(self._raw)
        if isinstance(found, UnreadBatch):
            yield self._instead(found)
            return
        base, last = self._batch.base_offset, self._batch.next_offset - 1
        whole = DefaultRecordBase.HEADER_STRUCT.unpack_from(found)[_COUNT] > last - base
        count, said = 0, base - 1
        try:
            try:
                for record in DefaultRecordBatch(found):
                    said = _next(record.offset, said, last, whole)
                    yield record
                    count += 1
            except UnicodeDecodeError:
                for record in islice(_AnyNames(found), count, None):
                    said = _next(record.offset, said, last, whole)
                    yield record
        except (CorruptRecordException, OverflowError, MemoryError):  # the last two: of a length near 2**63
            yield self._instead(UnreadBatch(said + 1, last, _NO_RECORD))
        except _Disordered:
            yield self._instead(UnreadBatch(said + 1, last, _NO_ORDER))

    def _instead(self, value: UnreadBatch) -> Any:
        batch = self._batch
        return _DefaultRecordPy(value.last, batch.max_timestamp, batch.timestamp_type, None, value, [])


class _Disordered(Exception):
    """A record says that it stands where it cannot."""


def _next(offset: int, said: int, last: int, whole: bool) -> int:
    """`offset`, if a record can have it behind the one at `said` in a batch up to `last`; compacting leaves gaps."""
    if not said < offset <= (said + 1 if whole else last):
        raise _Disordered
    return offset


class _Old:
    """A batch of the format before Kafka 0.11, of which nothing but its offset is read."""

    producer_id, is_control_batch, max_timestamp, timestamp_type = None, False, 0, 0

    def __init__(self, raw: memoryview) -> None:
        (self.base_offset,) = _OFFSET.unpack_from(raw)
        self.next_offset = self.base_offset + 1

    def validate_crc(self) -> bool:
        """Whether it is as it was sent; that is not asked."""
        return True


class TolerantRecords:
    """The batches in the bytes of a fetch, in the place of aiokafka's MemoryRecords. They are bounded.

    The broker may cut the last one off; it is fetched again.
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._at = memoryview(data), 0

    def has_next(self) -> bool:
        """Whether there is another batch."""
        return self._at < self._end() <= len(self._data)

    def size_in_bytes(self) -> int:
        """Bytes of everything."""
        return len(self._data)

    def next_batch(self) -> _Batch:
        """The next batch."""
        raw = self._data[self._at : self._end()]
        self._at += len(raw)
        return _Batch(_Old(raw) if raw[MAGIC_AT] < OLDEST else DefaultRecordBatch(raw), raw)

    def _end(self) -> int:
        """Where the next batch would end; where it would begin when nothing says it."""
        if len(self._data) - self._at < _BEFORE:
            return self._at
        (length,) = _LENGTH.unpack_from(self._data, self._at + _LENGTH_AT)
        return self._at + _BEFORE + int(length)


def read_any_batch() -> None:
    """Have every aiokafka consumer of this process read such batches."""
    fetcher.MemoryRecords = TolerantRecords
