"""Stable offsets that stand still are noticed; the chain is marked on what aiokafka hands out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiokafka.consumer.fetcher import FetchResult
from aiokafka.structs import TopicPartition

from streams.tasks.consumer import watch_chain
from streams.tasks.log import Bounds, Place
from streams.tasks.stability import Stability

PLACE = Place("sightings", 1)


def test_a_partition_stands_still_only_while_something_is_hidden_behind_the_same_offset() -> None:
    stability = Stability()
    seen = [
        stability.note({PLACE: Bounds(0, stable, end)}, now)[PLACE]
        for now, stable, end in [(0, 5, 5), (10, 5, 5), (20, 5, 9), (30, 5, 9), (40, 7, 9), (50, 7, 12), (60, 12, 12)]
    ]
    assert seen == [0, 0, 10, 20, 0, 10, 0]


@dataclass
class FetchedRecord:
    offset: int
    checksum: int | None = None
    headers: tuple[()] = ()
    serialized_key_size: int = 1
    serialized_value_size: int = 1


@dataclass
class Position:
    position: int
    paused: bool = False
    has_valid_position: bool = True

    def consumed_to(self, offset: int) -> None:
        self.position = offset


@dataclass
class Assigned:
    state: Position
    active: bool = True

    def state_value(self, tp: Any) -> Position:
        return self.state


@dataclass
class Fetched:
    """What a fetch brought: records by offset, and where the next fetch begins (behind trailing markers)."""

    offsets: list[int]
    following: int
    next_fetch_offset: int = field(init=False)

    def __post_init__(self) -> None:
        self.next_fetch_offset = self.offsets[0] if self.offsets else self.following

    def __iter__(self) -> Fetched:
        return self

    def __next__(self) -> FetchedRecord:
        if not self.offsets:
            self.next_fetch_offset = self.following
            raise StopIteration
        offset = self.offsets.pop(0)
        self.next_fetch_offset = offset + 1
        return FetchedRecord(offset)


def hand_out(state: Position, offsets: list[int], following: int, at_most: int | None = None) -> list[int | None]:
    fetched = Fetched(offsets, following)
    state.position = fetched.next_fetch_offset = state.position
    result = FetchResult(TopicPartition("t", 0), assignment=Assigned(state), partition_records=fetched, backoff=0)
    chains = []
    while result.has_more():
        chains += [record.checksum for record in result.getall(at_most)]
    return chains


def test_the_chain_ignores_markers_and_begins_anew_after_a_seek() -> None:
    watch_chain()
    watch_chain()
    state = Position(10)
    # 12 is a marker, 14 too: they are behind the records, and no chain is broken by them.
    assert hand_out(state, [10, 11, 13], 15) == [10, 11, 12]
    assert hand_out(state, [15, 16], 18, at_most=1) == [14, 16]
    # Nothing but markers.
    assert hand_out(state, [], 20) == []
    assert hand_out(state, [20], 21) == [17]
    state.position = 30
    assert hand_out(state, [31], 32) == [30]
