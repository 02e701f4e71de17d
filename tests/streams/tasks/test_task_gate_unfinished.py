"""What the gate may commit: everything below the first record that is not wholly acknowledged."""

from __future__ import annotations

import pytest

from streams.tasks.errors import Hole
from streams.tasks.log import Place, Record
from streams.tasks.unfinished import Unfinished


def record(offset: int, chain: int | None = None) -> Record:
    return Record(Place("incidents.bd", 0), offset, 1, b"k", b"v", (), chain)


def test_nothing_is_committable_before_the_first_record() -> None:
    assert Unfinished().committable() is None


def test_a_record_in_hand_holds_back_everything_after_it() -> None:
    unfinished = Unfinished()
    for offset in (5, 6, 9):
        unfinished.took(record(offset))
    unfinished.done(6)
    unfinished.done(9)
    assert unfinished.committable() == 5
    unfinished.done(5)
    assert unfinished.committable() == 10


def test_a_record_is_finished_with_its_last_report() -> None:
    unfinished = Unfinished()
    unfinished.took(record(5))
    unfinished.sending(5)
    unfinished.sending(5)
    unfinished.done(5)
    unfinished.done(5)
    assert unfinished.committable() == 5
    unfinished.done(5)
    assert (unfinished.committable(), len(unfinished)) == (6, 0)


def test_a_record_after_a_skipped_one_is_a_hole_and_compaction_is_not() -> None:
    unfinished = Unfinished()
    unfinished.took(record(5, chain=5))
    unfinished.took(record(9, chain=6))
    with pytest.raises(Hole):
        unfinished.took(record(12, chain=11))
