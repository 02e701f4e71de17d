"""The audit of a run's messages sees what is missing at the end, not only in between."""

from __future__ import annotations

from streams.tasks.log import Headers, Place, Record
from tests.chaos.auditing import gaps

CASES = Place("cases", 1)


def numbered(number: int, source: str = "joins-2") -> Record:
    headers: Headers = (("task", source.encode()), ("number", b"%d" % number))
    return Record(CASES, 10 + number, 1, b"k", b"v", headers)


def test_numbers_without_a_gap_that_end_where_their_sender_ended_are_well() -> None:
    assert gaps([numbered(1), numbered(2)], {(CASES, "joins-2"): 2}) == ([], [])


def test_a_gap_and_a_repeat_are_told() -> None:
    holes, repeats = gaps([numbered(1), numbered(3), numbered(3)], {})
    assert (len(holes), len(repeats)) == (1, 1)


def test_the_loss_of_a_senders_last_message_or_of_all_is_told() -> None:
    holes, _ = gaps([numbered(1)], {(CASES, "joins-2"): 2, (CASES, "joins-5"): 1})
    assert holes == [
        "cases-1: joins-2 has said 2, the last that is there is 1",
        "cases-1: joins-5 has said 1, the last that is there is 0",
    ]
