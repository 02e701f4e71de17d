"""A record with a header name that is no UTF-8 is read like any other: nobody ends the gate with one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.structs import TopicPartition

from streams.tasks.fetched_batches import TolerantRecords, read_any_batch

Headers = Sequence[tuple[str, bytes | None]]


class Odd(str):
    """A name that is written as two bytes that are no UTF-8."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


def batch(first: int, *headers: Headers, codec: int = 0, key: bytes | None = None) -> bytes:
    """A batch of records with these headers, as a client writes it that does not care what it writes."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, False, -1, -1, -1, 100_000)
    for number, of_record in enumerate(headers):
        builder.append(number, 1_000 + number, key or b"k%d" % number, b"v", list(of_record))
    raw = bytearray(builder.build())
    raw[:8] = first.to_bytes(8, "big")
    return bytes(raw)


def read(*batches: bytes) -> list[tuple[int, bytes, Headers]]:
    """What the consumer hands out of a fetch."""
    place = TopicPartition("incidents.bd", 0)
    records = TolerantRecords(b"".join(batches))
    assert records.size_in_bytes() == sum(map(len, batches))
    unpacked = PartitionRecords(place, records, [], 0, None, None, False, READ_COMMITTED)
    return [(one.offset, one.key, tuple(one.headers)) for one in unpacked]


@pytest.mark.parametrize("codec", [0, 1, 3, 4], ids=["plain", "gzip", "lz4", "zstd"])
def test_every_record_is_read_once_whatever_stands_around_it(codec: int) -> None:
    right, strange = [("a", b"1")], [(Odd(), b"1"), ("tocsin-key-id", None)]
    batches = [batch(0, right, right), batch(2, right, strange, right, strange, codec=codec), batch(6, right)]

    said = read(*batches)

    assert [offset for offset, _, _ in said] == list(range(7))
    assert [key for _, key, _ in said] == [b"k0", b"k1", b"k0", b"k1", b"k2", b"k3", b"k0"]
    assert said[3][2] == said[5][2] == (("\udcff\udcfe", b"1"), ("tocsin-key-id", None))
    assert said[2][2] == said[4][2] == (("a", b"1"),)


def test_without_it_the_record_ends_the_fetch() -> None:
    """If this fails, aiokafka has mended it: _AnyNames can go."""
    from aiokafka.record.memory_records import MemoryRecords

    unpacked = PartitionRecords(
        TopicPartition("incidents.bd", 0), MemoryRecords(batch(0, [(Odd(), b"1")])), [], 0, None, None, False, 0
    )
    with pytest.raises(UnicodeDecodeError):
        list(unpacked)


def test_the_fetcher_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", fetcher.MemoryRecords)
    read_any_batch()

    assert fetcher.MemoryRecords is TolerantRecords


def test_an_aborted_transaction_is_still_passed_over() -> None:
    aborted = bytearray(batch(0, [("a", b"1")], [(Odd(), b"1")]))
    marker = bytearray(batch(2, [], key=b"\0\0\0\0"))  # version 0, type 0: abort
    for raw, attributes in ((aborted, 0x10), (marker, 0x30)):
        raw[21:23] = attributes.to_bytes(2, "big")
        raw[43:51] = (77).to_bytes(8, "big")  # the producer's id

    records = TolerantRecords(bytes(aborted) + bytes(marker) + batch(3, [(Odd(), b"1")]))
    unpacked = PartitionRecords(
        TopicPartition("incidents.bd", 0), records, [(77, 0)], 0, None, None, False, READ_COMMITTED
    )
    assert [one.offset for one in unpacked] == [3]
