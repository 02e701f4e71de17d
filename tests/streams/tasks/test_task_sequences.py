"""The two counters notice what was skipped, and nothing else."""

from __future__ import annotations

import pytest

from streams.tasks.errors import Hole
from streams.tasks.log import Place, Record
from streams.tasks.sequences import Arrival, Heard, Sent, check_chain, origin

PLACE = Place("cases", 3)


def record(number: int | None = None, source: bytes = b"sightings-1", chain: int | None = None) -> Record:
    headers = () if number is None else (("task", source), ("number", b"%d" % number))
    return Record(PLACE, 10, 1, b"k", b"v", headers, chain)


def test_markers_between_records_are_no_hole_but_skipped_records_are() -> None:
    check_chain(record(chain=7), position=7)
    check_chain(record(chain=7), position=9)
    check_chain(record(chain=None), position=0)
    with pytest.raises(Hole, match="from offset 7 to 8"):
        check_chain(record(chain=8), position=7)


def test_each_destination_is_numbered_from_one() -> None:
    sent = Sent("sightings-1", {"cases-3": 4})
    assert origin(sent.number(PLACE)) == ("sightings-1", 5)
    assert origin(sent.number(Place("cases", 4))) == ("sightings-1", 1)
    assert sent.take_changes() == {"cases-3": 5, "cases-4": 1}
    assert sent.take_changes() == {}


def test_numbers_in_order_are_heard_and_a_missing_one_is_a_hole() -> None:
    heard = Heard({"sightings-1": 4}, from_start=True)
    assert heard.hear(record(5)) is Arrival.NEXT
    assert heard.hear(record(5)) is Arrival.REPEAT
    assert heard.hear(record()) is Arrival.UNNUMBERED
    assert heard.take_changes() == {"sightings-1": 5}
    with pytest.raises(Hole, match="number 7 at offset 10 after 5"):
        heard.hear(record(7))


def test_a_source_never_heard_must_begin_at_one_unless_old_input_had_gone() -> None:
    with pytest.raises(Hole):
        Heard({}, from_start=True).hear(record(2))
    late = Heard({}, from_start=False)
    assert late.hear(record(2)) is Arrival.NEXT
    with pytest.raises(Hole):
        late.hear(record(4))


def test_headers_that_are_no_numbers_are_nobodys() -> None:
    assert origin((("task", b"x"), ("number", b"-1"))) == (None, 0)
    assert origin((("task", b"x"),)) == (None, 0)
    assert origin((("number", b"3"),)) == (None, 0)
    assert origin((("task", None), ("number", None))) == (None, 0)
