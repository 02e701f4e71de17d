"""What every log must do for a task. Subclassed once for memory and once for Kafka; each test gets `fresh` places."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from streams.tasks.errors import OwnershipLost
from streams.tasks.log import Log, Outgoing, Place

Fresh = Callable[[], Place]
Unfinished = Callable[[str, list[Outgoing]], None]


def record(place: Place, number: int) -> Outgoing:
    return Outgoing(place, b"k%d" % number, b"v%d" % number, (("h", b"x"),))


def values(log: Log, place: Place, offset: int = 0) -> list[bytes | None]:
    return [one.value for one in log.read(place, offset)]


def settled(log: Log, *places: Place) -> None:
    """Wait until what was committed can be read: a broker answers the commit before it has written the markers."""
    until = time.monotonic() + 10
    while any(bounds.stable != bounds.end for bounds in log.bounds(places).values()):
        assert time.monotonic() < until
        time.sleep(0.01)


class LogContract:
    def test_a_transaction_is_read_whole_with_keys_values_and_headers(self, log: Log, fresh: Fresh) -> None:
        one, two = fresh(), fresh()
        last = log.writer(f"id-{one}").commit([record(one, 1), record(two, 2), record(one, 3)])
        settled(log, one, two)
        assert values(log, one) == [b"v1", b"v3"]
        assert values(log, two) == [b"v2"]
        got = list(log.read(one, 0))
        assert [(it.key, it.headers) for it in got] == [(b"k1", (("h", b"x"),)), (b"k3", (("h", b"x"),))]
        assert got[-1].offset == last
        assert all(it.timestamp > 0 for it in got)

    def test_a_tombstone_is_a_record_without_a_value(self, log: Log, fresh: Fresh) -> None:
        place = fresh()
        log.writer(f"id-{place}").commit([Outgoing(place, b"k", None)])
        settled(log, place)
        assert values(log, place) == [None]

    def test_reading_from_behind_the_last_record_gives_nothing(self, log: Log, fresh: Fresh) -> None:
        place = fresh()
        last = log.writer(f"id-{place}").commit([record(place, 1)])
        settled(log, place)
        assert values(log, place, last + 1) == []
        assert values(log, fresh()) == []

    def test_bounds_are_equal_at_rest_and_count_markers(self, log: Log, fresh: Fresh) -> None:
        place, empty = fresh(), fresh()
        last = log.writer(f"id-{place}").commit([record(place, 1)])
        settled(log, place)
        bounds = log.bounds([place, empty])
        assert bounds[place].low == 0
        assert bounds[place].stable == bounds[place].end == last + 2
        assert bounds[empty] == (0, 0, 0)

    def test_a_new_writer_fences_the_earlier_one(self, log: Log, fresh: Fresh) -> None:
        place = fresh()
        old = log.writer(f"id-{place}")
        old.commit([record(place, 1)])
        new = log.writer(f"id-{place}")
        with pytest.raises(OwnershipLost):
            old.commit([record(place, 2)])
        new.commit([record(place, 3)])
        settled(log, place)
        assert values(log, place) == [b"v1", b"v3"]

    def test_what_a_dead_writer_left_open_is_hidden_and_ended_by_the_next(
        self, log: Log, fresh: Fresh, unfinished: Unfinished
    ) -> None:
        place = fresh()
        unfinished(f"id-{place}", [record(place, 1), record(place, 2)])
        assert values(log, place) == []
        assert log.bounds([place])[place].stable == 0
        assert log.bounds([place])[place].end == 2
        log.writer(f"id-{place}").commit([record(place, 3)])
        settled(log, place)
        assert values(log, place) == [b"v3"]
