"""Publication that came twice in part is told from publication that is missing or foreign."""

from __future__ import annotations

from streams.tasks.log import Place, Record
from tests.chaos.arriving import aligned
from tests.schedules.histories import Published


def standing(words: str) -> list[Record]:
    return [
        Record(Place("incidents.fr", 0), 10 + at, 1, b"k", b"ours-" + word.encode()) for at, word in enumerate(words)
    ]


def wanted(words: str) -> list[Published]:
    return [Published(b"k", b"them-" + word.encode()) for word in words]


def test_what_a_client_sent_again_moves_what_follows() -> None:
    places, again, said = aligned(standing("abccbcd"), wanted("abcd"))
    assert (list(places.items()), again, said) == ([(10, 0), (11, 1), (12, 2), (16, 3)], [13, 14, 15], [])


def test_what_was_said_twice_on_purpose_is_no_sending_again() -> None:
    assert aligned(standing("aab"), wanted("aab")) == ({10: 0, 11: 1, 12: 2}, [], [])


def test_what_is_missing_or_foreign_is_told() -> None:
    assert aligned(standing("ab"), wanted("abcd"))[2] == ["2 of 4 records are not there"]
    assert aligned(standing("acd"), wanted("abcd"))[2] == ["at offset 11 stands what was not published there"]
