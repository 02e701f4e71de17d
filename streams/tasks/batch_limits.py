"""Unpacks a batch of records up to a bound: how large it becomes is for its sender to say, and nobody has checked that.

The broker limits a batch as it lies on disk, compressed: 2 KiB of zstd are 64 MiB of zeros. aiokafka unpacks whatever
comes, into memory, before anybody sees a record, and who dies of that meets the same batch again. Headers are such a
bomb within a batch that is lawful otherwise: two millions of them, 400 bytes as zstd, were 150 MiB in memory.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Iterator

import cramjam
from aiokafka.record.default_records import DefaultRecordBase
from aiokafka.record.util import decode_varint

from schemas.topics import LARGEST_BATCH, MOST_HEADERS, MOST_RECORDS
from streams.stages.contract import UnreadBatch

_HEADER = DefaultRecordBase.HEADER_STRUCT
MAGIC_AT = 16
"""Place of the number of a batch's format, whatever that is."""
OLDEST = 2
"""The first format that is read, that of Kafka 0.11."""
_LAST_OFFSET = struct.Struct(">q")
"""Where a batch older than Kafka 0.11 begins."""
_ATTRIBUTES = struct.Struct(">h")
_CODEC = DefaultRecordBase.CODEC_MASK
_XERIAL = b"\x82SNAPPY\0"
_XERIAL_HEADER = 16
"""Bytes of that magic, a version, and the oldest version that can read it; then come blocks."""
_LEAST_HEADER = 2
"""Bytes of one without name and value."""
_BEFORE_KEY = 3
"""Numbers of a record before the length of its key: attributes, time and place in the batch."""
_KEY_AND_VALUE = 2
_BLOCK = struct.Struct(">i")
_INTO: dict[int, Callable[[memoryview, mmap.mmap], int]] = {
    DefaultRecordBase.CODEC_GZIP: cramjam.gzip.decompress_into,
    DefaultRecordBase.CODEC_LZ4: cramjam.lz4.decompress_into,
    DefaultRecordBase.CODEC_ZSTD: cramjam.zstd.decompress_into,
}
_TOO_MANY = f"it has more than {MOST_RECORDS} records"
_TOO_MANY_HEADERS = f"its records have more than {MOST_HEADERS} headers"
_TOO_MUCH = f"its records cannot be unpacked into {LARGEST_BATCH >> 20} MiB"
_TOO_OLD = "its format is older than that of Kafka 0.11"


def plain(raw: memoryview) -> memoryview | UnreadBatch:
    """The batch in `raw` with its records uncompressed, or what stands for one that is larger than a batch may be."""
    if raw[MAGIC_AT] < OLDEST:
        (last,) = _LAST_OFFSET.unpack_from(raw)
        return UnreadBatch(last, last, _TOO_OLD)
    header = _HEADER.unpack_from(raw)
    base, attributes, last, count = header[0], header[5], header[0] + header[6], header[12]
    if count > MOST_RECORDS:
        return UnreadBatch(base, last, _TOO_MANY)
    if codec := attributes & _CODEC:
        try:
            made = bytearray(raw[: _HEADER.size]) + _unpacked(codec, raw[_HEADER.size :])
        except (cramjam.DecompressionError, struct.error, _TooMuch):
            return UnreadBatch(base, last, _TOO_MUCH)
        _ATTRIBUTES.pack_into(made, DefaultRecordBase.ATTRIBUTES_OFFSET, attributes & ~_CODEC)
        raw = memoryview(made)
    if len(raw) > MOST_HEADERS * _LEAST_HEADER and _headers(raw, count) > MOST_HEADERS:
        return UnreadBatch(base, last, _TOO_MANY_HEADERS)
    return raw


class _TooMuch(Exception):
    """The records, or what they claim to be, pass the bound."""


def _headers(raw: memoryview, count: int) -> int:
    """How many headers the records of a plain batch say that they have, up to the first that cannot be read."""
    found, begin, end = 0, _HEADER.size, len(raw)
    try:
        for _ in range(count):
            length, at = _number(raw, begin, end)
            begin = at + length
            for _ in range(_BEFORE_KEY):
                _, at = _number(raw, at, end)
            for _ in range(_KEY_AND_VALUE):
                size, at = _number(raw, at, end)
                at += max(0, size)
            headers, _ = _number(raw, at, end)
            found += max(0, headers)
    except ValueError:
        pass
    return found


def _number(raw: memoryview, at: int, end: int) -> tuple[int, int]:
    """The number at a place, and the place behind it. Raises ValueError when there is none: aiokafka does not look."""
    if not 0 <= at < end:
        raise ValueError(at)
    value, behind = decode_varint(raw, at)
    return value, behind


def _unpacked(codec: int, data: memoryview) -> bytes:
    if codec == DefaultRecordBase.CODEC_SNAPPY:
        return b"".join(_snappy(data))
    if (into := _INTO.get(codec)) is None:
        raise _TooMuch
    with mmap.mmap(-1, LARGEST_BATCH) as room:  # pages that nothing is written to cost nothing
        return room[: into(data, room)]


def _snappy(data: memoryview) -> Iterator[bytes]:
    """What one block holds, or the blocks of Java's framing: each says first how long it is."""
    left = LARGEST_BATCH
    for block in _blocks(data) if data[: len(_XERIAL)] == _XERIAL else (data,):
        left -= cramjam.snappy.decompress_raw_len(block)
        if left < 0:
            raise _TooMuch
        yield bytes(cramjam.snappy.decompress_raw(block))


def _blocks(data: memoryview) -> Iterator[memoryview]:
    at = _XERIAL_HEADER
    while at < len(data):
        (length,) = _BLOCK.unpack_from(data, at)
        at += _BLOCK.size
        if not 0 < length <= len(data) - at:
            raise _TooMuch
        yield data[at : at + length]
        at += length
