"""The watchlist's reader: what it takes in, and that it never dies in silence."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Mode
from schemas.internal import ListedPerson
from schemas.subjects import BirthDate, Name, Subject
from streams.stages.watchlist import Watchlist
from streams.tasks.errors import ListUnreadable, TaskError
from streams.tasks.persons_reader import PersonsReader

ANNA = Subject(subject_id="1", names=(Name(full="Anna Karvelbaba"),), births=(BirthDate(year=1980, month=2, day=3),))
CODEC = Codec(LocalSchemaIds())


class Arrived:
    """A record as the client hands it out."""

    def __init__(self, key: str, value: bytes | None, headers: Any = None) -> None:
        self._key, self._value, self._headers = key.encode(), value, headers

    def error(self) -> None:
        return None

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 1

    def key(self) -> bytes:
        return self._key

    def value(self) -> bytes | None:
        return self._value

    def headers(self) -> Any:
        return self._headers

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_000


def reader(watchlist: Watchlist, failures: list[TaskError], config: dict[str, Any] | None = None) -> PersonsReader:
    return PersonsReader(watchlist, "persons", 1, config or {}, CODEC.decode, failures.append)


def test_an_entry_is_listed_and_its_removal_keeps_the_version() -> None:
    known = Watchlist()
    it = reader(known, [])
    it._take(Arrived("ACTUAL:fr:1", CODEC.encode(ListedPerson(entry_version=3, subject=ANNA))))  # type: ignore[arg-type]
    assert known.search(Mode.ACTUAL, ANNA) == ["ACTUAL:fr:1"]
    it._take(Arrived("ACTUAL:fr:1", None, [("version", b"4")]))  # type: ignore[arg-type]
    assert known.search(Mode.ACTUAL, ANNA) == []
    assert known.version("ACTUAL:fr:1") == 4


def test_a_reader_that_cannot_go_on_ends_the_process() -> None:
    failures: list[TaskError] = []
    reader(Watchlist(), failures, {"no.such.setting": "1"})._run()
    (failure,) = failures
    assert isinstance(failure, ListUnreadable)


def test_a_record_that_cannot_be_read_is_no_reason_to_go_on_with_half_a_list() -> None:
    with pytest.raises(ValueError):
        reader(Watchlist(), [])._take(Arrived("ACTUAL:fr:1", None, [("version", b"x")]))  # type: ignore[arg-type]
