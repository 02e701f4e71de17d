"""Batches of records as a fetch delivers them, unpacked and broken, each record then judged by the gate.

Of a batch the broker vouches for the header: how long it is, how many records it says it has, at which offsets.
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Iterator, Sequence

import cramjam
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBase
from aiokafka.record.util import encode_varint
from aiokafka.structs import TopicPartition

from schemas.topics import LARGEST_BATCH, MOST_RECORDS
from streams.stages.contract import UnreadBatch
from streams.tasks.fetched_batches import TolerantRecords
from tests.fuzz.gate_target import GateTarget
from tests.fuzz.hostile import BYTES, T0, event_values, golden_values, mutated
from tests.fuzz.records import Record

_PLACE = TopicPartition("incidents.bd", 0)
_HEADER = DefaultRecordBase.HEADER_STRUCT
_BEFORE_LENGTH = 12
_FIRST = 100
_OF = struct.Struct(">BHI")
"""Of each batch in the bytes of an input: kind of compression and format, records, bytes of them."""
_OLD, _APPEND_TIME = 0x80, 0x08
_COMPRESS = {
    1: lambda data: bytes(cramjam.gzip.compress(data)),
    2: lambda data: bytes(cramjam.snappy.compress_raw(data)),
    3: lambda data: bytes(cramjam.lz4.compress(data)),
    4: lambda data: bytes(cramjam.zstd.compress(data)),
}


class BatchTarget:
    """Bytes that say some batches; every offset of them is heard of once."""

    def __init__(self) -> None:
        self._gate = GateTarget()
        self._records: Counter[str] = Counter()
        self.shares: dict[str, object] = {"records": self._records}
        """What became of the records in them."""

    def __call__(self, data: bytes) -> str | None:
        """Why the first batch that is not read was not."""
        (fetched, end) = fetch(data)
        said = _FIRST
        why = None
        records = PartitionRecords(_PLACE, TolerantRecords(fetched), [], _FIRST, None, None, False, READ_COMMITTED)
        for one in records:
            first = one.value.first if isinstance(one.value, UnreadBatch) else one.offset
            assert first <= said <= one.offset, f"offsets {said} to {one.offset} were not heard of"
            said = one.offset + 1
            if isinstance(one.value, UnreadBatch):
                why = why or one.value.why
            record = Record(_PLACE.topic, T0, one.key, one.value, one.headers, "no")
            self._records["let through" if self._gate.answered(record) is None else "refused"] += 1
        assert said == end, f"offsets {said} to {end} were not heard of"
        return why


def fetch(data: bytes) -> tuple[bytes, int]:
    """What a broker would deliver of the batches that bytes say, and the offset behind them; any bytes say some."""
    out, at, offset = bytearray(), 0, _FIRST
    while at < len(data):
        (kind, count, size) = _OF.unpack(data[at : at + _OF.size].ljust(_OF.size, b"\0"))
        body = data[at + _OF.size : at + _OF.size + size]
        at += _OF.size + size
        count = max(1, count)
        out += _batch(kind, count, offset, body)
        offset += 1 if kind & _OLD else count
    return bytes(out), offset


def _batch(kind: int, count: int, offset: int, body: bytes) -> bytes:
    length = _HEADER.size - _BEFORE_LENGTH + len(body)
    if kind & _OLD:
        return struct.pack(">qiibb", offset, length, 0, 1, kind & 7).ljust(_HEADER.size, b"\0") + body
    attributes = kind & 7 | _APPEND_TIME
    return _HEADER.pack(offset, length, 0, 2, 0, attributes, count - 1, T0, T0, -1, -1, -1, count) + body


def packed(kind: int, count: int, body: bytes) -> bytes:
    """The bytes that say such a batch."""
    return _OF.pack(kind, count, len(body)) + body


def varint(number: int) -> bytes:
    """As the records of a batch hold numbers."""
    out = bytearray()
    encode_varint(number, out.append)
    return bytes(out)


_LENGTHS = (-1, -2, 0, 1, 2**15, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63))
_NAMES = (b"tocsin-key-id", b"tocsin-signature", b"trace", b"", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80")


def _record(rng: random.Random, place: int, key: bytes, value: bytes) -> bytes:
    def length(right: int) -> bytes:
        return varint(right if rng.random() < 0.995 else rng.choice(_LENGTHS))

    headers = [(rng.choice(_NAMES), rng.choice((None, *BYTES))) for _ in range(rng.choice((0, 0, 1, 3)))]
    if rng.random() < 0.01:
        headers = [(b"", None)] * rng.choice((100, 2_000))
    whole = (
        b"\0" + length(0) + length(place) + length(len(key)) + key + length(len(value)) + value + length(len(headers))
    )
    for name, text in headers:
        whole += length(len(name)) + name + (varint(-1) if text is None else length(len(text)) + text)
    return length(len(whole)) + whole


def _bomb(rng: random.Random) -> bytes:
    """A record of very many headers that are nothing, the last with a name that may be no UTF-8."""
    count = rng.choice((100_000, 100_001, 2_000_000))
    headers = b"\0\x01" * (count - 1) + b"\x02" + rng.choice((b"a", b"\xff")) + b"\x01"
    whole = b"\0\0\0\x04I1\x02v" + varint(count) + headers
    return varint(len(whole)) + whole


def batches(rng: random.Random) -> Iterator[bytes]:
    """Bytes that say some batches of hostile records with something wrong in how they are packed, for ever."""
    made, good = event_values(rng), golden_values()
    while True:
        hostile = [_hostile(rng, made, good) for _ in range(rng.randint(1, 3))]
        # A broker stores no longer one, so no fetch brings it.
        if some := [batch for batch in hostile if len(batch) <= LARGEST_BATCH]:
            yield b"".join(some)


def _hostile(rng: random.Random, made: Iterator[tuple[str, str, bytes]], good: Sequence[bytes]) -> bytes:
    values = [next(made)[2] if rng.random() < 0.5 else rng.choice(good) for _ in range(rng.choice((1, 1, 2, 5, 30)))]
    body = b"".join(_record(rng, place, b"I1", value) for place, value in enumerate(values))
    count = len(values) if rng.random() < 0.95 else rng.choice((1, 2, 1_000, MOST_RECORDS, MOST_RECORDS + 1, 65_535))
    kind = rng.choice((0, 0, 0, 1, 2, 3, 4, rng.randrange(8)))
    wrong = rng.random()
    if wrong < 0.005:
        body, count = _bomb(rng), 1
    elif wrong < 0.25:
        body = mutated(rng, [body])
    elif wrong < 0.26:
        body += bytes(rng.choice((1, 4 << 20)))
    body = _COMPRESS.get(kind, bytes)(body)
    if 0.3 < wrong < 0.45:
        body = mutated(rng, [body])
    elif 0.45 < wrong < 0.5:
        body = rng.choice(BYTES)
    elif 0.5 < wrong < 0.52:
        kind |= _OLD
    return packed(kind, count, body)
