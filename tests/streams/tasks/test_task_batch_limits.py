"""A batch that unpacks to more than a batch may hold is refused as a whole, and the partition goes on behind it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import cramjam
import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import encode_varint
from aiokafka.structs import TopicPartition

from schemas.topics import LARGEST_BATCH, MOST_HEADERS, MOST_RECORDS
from streams.stages.contract import UnreadBatch
from streams.tasks.consumer import POLL_BYTES, watch_chain
from streams.tasks.fetched_batches import TolerantRecords

PLACE = TopicPartition("incidents.bd", 0)
STRUCT = _DefaultRecordBatchBuilderPy.HEADER_STRUCT
HEADER = STRUCT.size
OVERHEAD = 17
"""Bytes of a record of one value of megabytes without headers, with a key of one byte, at offset 0."""


def xerial(data: bytes) -> bytes:
    """Snappy as Java frames it."""
    blocks = (bytes(cramjam.snappy.compress_raw(data[at : at + 32_768])) for at in range(0, len(data), 32_768))
    return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + b"".join(struct.pack(">i", len(one)) + one for one in blocks)


CODECS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "gzip": (1, lambda data: bytes(cramjam.gzip.compress(data))),
    "snappy": (2, lambda data: bytes(cramjam.snappy.compress_raw(data))),
    "snappy of Java": (2, xerial),
    "lz4": (3, lambda data: bytes(cramjam.lz4.compress(data))),
    "zstd": (4, lambda data: bytes(cramjam.zstd.compress(data))),
}
codecs = pytest.mark.parametrize("codec", CODECS)


def of_records(first: int, codec: str, *values: bytes) -> bytes:
    """A batch whose records have these values, compressed."""
    builder = _DefaultRecordBatchBuilderPy(2, 0, False, -1, -1, -1, 1 << 40)
    for number, value in enumerate(values):
        assert builder.append(number, 1_000, b"k", value, [])
    plain = bytes(builder.build())
    (number, compress) = CODECS.get(codec, (0, bytes))
    return with_body(first, plain[:HEADER], compress(plain[HEADER:]), number)


def with_body(first: int, header: bytes, body: bytes, codec: int) -> bytes:
    """The batch of this header whose records are `body`, whatever that is."""
    fields = list(STRUCT.unpack(header))
    fields[0], fields[1], fields[5] = first, HEADER - 12 + len(body), codec
    return STRUCT.pack(*fields) + body


def read(*batches: bytes, position: int = 0) -> list[Any]:
    """What the consumer hands out of a fetch."""
    return list(PartitionRecords(PLACE, TolerantRecords(b"".join(batches)), [], position, None, None, False, 1))


@codecs
def test_what_a_batch_may_hold_is_read(codec: str) -> None:
    largest = bytes(LARGEST_BATCH - OVERHEAD)
    said = read(of_records(0, codec, largest), of_records(1, codec, b"a", b"b"))

    assert [(one.offset, one.value) for one in said] == [(0, largest), (1, b"a"), (2, b"b")]


@codecs
def test_what_is_larger_is_one_record_at_its_last_offset_and_the_rest_is_read(codec: str) -> None:
    half = bytes(LARGEST_BATCH // 2)
    said = read(of_records(0, codec, b"a"), of_records(1, codec, half, half), of_records(3, codec, b"b"))

    assert [(one.offset, one.value) for one in said] == [(0, b"a"), (2, b""), (3, b"b")]
    assert isinstance(said[1].value, UnreadBatch)
    assert (said[1].value.first, said[1].value.last) == (1, 2)


def test_a_length_that_is_only_claimed_is_not_taken() -> None:
    header = of_records(0, "snappy", b"a")[:HEADER]
    (said,) = read(with_body(0, header, b"\xff\xff\xff\xff\x0f" + b"\0", 2))  # 4 GiB
    assert isinstance(said.value, UnreadBatch)


@codecs
@pytest.mark.parametrize(
    "wrong", [b"", b"\xff" * 99, b"\x82SNAPPY\0" + b"\0" * 20], ids=["nothing", "noise", "no block"]
)
def test_what_cannot_be_unpacked_ends_nobody(codec: str, wrong: bytes) -> None:
    header = of_records(0, codec, b"a", b"b")[:HEADER]
    said = read(with_body(0, header, wrong, CODECS[codec][0]), of_records(2, codec, b"c"))

    assert [(one.offset, type(one.value)) for one in said] == [(1, UnreadBatch), (2, bytes)]


def test_a_kind_of_compression_that_nobody_knows_ends_nobody() -> None:
    (said,) = read(with_body(0, of_records(0, "plain", b"a")[:HEADER], b"x", 7))
    assert isinstance(said.value, UnreadBatch)


@pytest.mark.parametrize("codec", ["plain", "zstd"])
def test_a_batch_of_too_many_records_is_refused_once(codec: str) -> None:
    most = of_records(0, codec, *(b"" for _ in range(MOST_RECORDS)))
    more = of_records(MOST_RECORDS, codec, *(b"" for _ in range(MOST_RECORDS + 1)))
    said = read(most, more)

    assert len(said) == MOST_RECORDS + 1
    assert [type(one.value) for one in said[-2:]] == [bytes, UnreadBatch]
    assert said[-1].offset == 2 * MOST_RECORDS


def test_who_goes_on_from_within_such_a_batch_is_told_too() -> None:
    (said,) = read(of_records(0, "zstd", *(bytes(LARGEST_BATCH // 4) for _ in range(5))), position=3)
    assert (said.offset, type(said.value)) == (4, UnreadBatch)


def test_records_behind_one_that_cannot_be_read_are_refused_together() -> None:
    plain = of_records(0, "plain", b"a", b"b", b"c")
    at = plain.index(b"b")
    said = read(plain[: at - 2] + b"\xff" * 4 + plain[at + 2 :], of_records(3, "plain", b"d"))

    assert [(one.offset, bytes(one.value)) for one in said] == [(0, b"a"), (2, b""), (3, b"d")]
    assert said[1].value.first == 1


def varint(number: int) -> bytes:
    """As the records of a batch hold numbers."""
    out = bytearray()
    encode_varint(number, out.append)
    return bytes(out)


def numbered(first: int, codec: int, *deltas: int) -> bytes:
    """A batch of records that say that they stand so many places behind its first."""
    values = [b"v%d" % place for place in range(len(deltas))]
    bodies = (
        b"\0\0" + varint(delta) + b"\x02k" + varint(len(value)) + value + b"\0"
        for delta, value in zip(deltas, values, strict=True)
    )
    body = b"".join(varint(len(one)) + one for one in bodies)
    compress = dict(CODECS.values()).get(codec, bytes)
    return with_body(first, of_records(first, "plain", *values)[:HEADER], compress(body), codec)


@pytest.mark.parametrize("codec", [0, 4], ids=["plain", "zstd"])
@pytest.mark.parametrize(
    ("deltas", "wanted"),
    [
        ((0, 1, 2), [(10, b"v0"), (11, b"v1"), (12, b"v2")]),
        ((0, 2, 2), [(10, b"v0"), (12, b"")]),
        ((0, 0, 0), [(10, b"v0"), (12, b"")]),
        ((0, -5, 2), [(10, b"v0"), (12, b"")]),
        ((0, 1_000, 2), [(10, b"v0"), (12, b"")]),
        ((-1, 0, 1), [(12, b"")]),
        ((2**31 - 1, 1, 2), [(12, b"")]),
    ],
)
def test_no_record_is_passed_over_or_leads_astray_by_the_place_that_it_says(
    codec: int, deltas: tuple[int, ...], wanted: list[tuple[int, bytes]]
) -> None:
    said = read(numbered(10, codec, *deltas), of_records(13, "plain", b"a"), position=10)

    assert [(one.offset, one.value) for one in said] == [*wanted, (13, b"a")]
    if wanted[-1][1] == b"":
        assert isinstance(said[-2].value, UnreadBatch)
        assert said[-2].value.first == (11 if len(wanted) == 2 else 10)


def of_one(record: bytes, codec: int = 0) -> bytes:
    """A batch at offset 0 of one record that has these bytes."""
    body = varint(len(record)) + record
    compress = dict(CODECS.values()).get(codec, bytes)
    return with_body(0, of_records(0, "plain", b"a")[:HEADER], compress(body), codec)


BEGIN = b"\0\0\0\x02k\x02v"
"""Of a record, what stands before the number of its headers."""


@pytest.mark.parametrize("codec", [0, 4], ids=["plain", "zstd"])
def test_headers_are_counted_before_they_are_made(codec: int) -> None:
    def batch(headers: int) -> bytes:
        return of_one(BEGIN + varint(headers) + b"\0\x01" * headers, codec)

    (most,), (more,) = read(batch(MOST_HEADERS)), read(batch(MOST_HEADERS + 1))

    assert len(most.headers) == MOST_HEADERS
    assert isinstance(more.value, UnreadBatch)
    assert more.headers == ()


def test_headers_of_many_records_are_counted_together() -> None:
    record = BEGIN + varint(200) + b"\0\x01" * 200
    body = (varint(len(record)) + record) * 501
    header = of_records(0, "plain", *[b"a"] * 501)[:HEADER]
    said = read(with_body(0, header, body, 0))

    assert [type(one.value) for one in said] == [UnreadBatch]


@pytest.mark.parametrize(
    "record",
    [
        b"\0\0\0" + varint(2**63 - 1) + b"k\x02v\0",
        b"\0\0\0" + varint(2**63 - 50) + b"k" * 60 + b"\x02v\0",
        BEGIN + b"\x06\x02\xff\x01\x02a" + varint(2**40),
        BEGIN + b"\x06\x02\xff\x01\x02a" + varint(2**63 - 1),
        BEGIN + varint(2**62),
    ],
    ids=["no such length", "no such memory", "a header far away", "a header beyond", "headers"],
)
def test_a_length_that_leads_out_of_the_batch_ends_nobody(record: bytes) -> None:
    (said,) = read(of_one(record))

    assert isinstance(said.value, UnreadBatch)


def test_what_compacting_left_of_a_batch_is_read() -> None:
    left = bytearray(numbered(10, 0, 0, 3))
    left[23:27] = (5).to_bytes(4, "big")  # its last record was at 15
    said = read(bytes(left), of_records(16, "plain", b"a"), position=10)

    assert [(one.offset, one.value) for one in said] == [(10, b"v0"), (13, b"v1"), (16, b"a")]


def test_the_format_before_kafka_0_11_is_refused() -> None:
    builder = LegacyRecordBatchBuilder(magic=1, compression_type=1, batch_size=1 << 30)
    builder.append(0, timestamp=1_000, key=b"k", value=bytes(64 << 20))
    old = bytes(builder.build())
    assert [type(one.value) for one in read(old)] == [UnreadBatch]


def test_of_the_format_before_kafka_0_11_nothing_is_looked_at() -> None:
    old = struct.pack(">qiibb", 1, 49, 0, 1, 1) + b"\x7f" * 43
    said = read(of_records(0, "plain", b"a"), old, of_records(2, "zstd", b"b", b"c"), of_records(4, "plain", b"d")[:66])

    assert [(one.offset, bytes(one.value)) for one in said] == [(0, b"a"), (1, b""), (2, b"b"), (3, b"c")]
    assert [(one.offset, bytes(one.value)) for one in read(old, of_records(2, "plain", b"b"))] == [(1, b""), (2, b"b")]


class _Assigned:
    """An assignment of one partition, as the fetcher sees it."""

    active, paused, has_valid_position, position = True, False, True, 0

    def state_value(self, _: TopicPartition) -> _Assigned:
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def test_a_poll_hands_out_megabytes_and_not_all_that_a_fetch_becomes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these batches is lawful; two thousand records of them would be gibibytes."""
    monkeypatch.setattr(FetchResult, "getall", FetchResult.getall)
    watch_chain()
    value = bytes(LARGEST_BATCH // 2)
    fetched = TolerantRecords(b"".join(of_records(offset, "zstd", value) for offset in range(30)))
    records = PartitionRecords(PLACE, fetched, [], 0, None, None, False, READ_COMMITTED)
    result = FetchResult(PLACE, assignment=_Assigned(), partition_records=records, backoff=0)

    polls = []
    while result.has_more():
        polls.append(result.getall(2_000))

    assert [one.offset for poll in polls for one in poll] == list(range(30))
    assert [one.checksum for poll in polls for one in poll] == list(range(30))
    assert max(len(poll) for poll in polls) * len(value) <= 2 * POLL_BYTES
