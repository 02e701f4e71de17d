"""State over releases: each reads what it and the one before it wrote, and names what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from schemas.codec import STATE_FORMAT, encode_state
from schemas.compatibility import conflicts
from streams.stages.sightings_state import WindowTotals
from streams.tasks import state_formats
from streams.tasks.codecs import Codecs, T
from streams.tasks.errors import RestoreFailed, StateUnreadable
from streams.tasks.state_formats import StateFormats
from tests.streams.tasks.counting_stage import decode, encode
from tests.streams.tasks.memory_world import CHANGELOG, World


def test_the_file_of_the_format_in_use_holds_the_models_as_they_are() -> None:
    """If not: has a release written this format? Then raise STATE_FORMAT first. In any case: make schemas."""
    assert state_formats.kept()[STATE_FORMAT] == state_formats.in_use(state_formats.state_models())


def test_every_format_there_was_is_read_by_that_of_today() -> None:
    known = state_formats.kept()
    assert sorted(known) == list(range(1, STATE_FORMAT + 1))
    for name in known[STATE_FORMAT]:
        assert conflicts([known[number][name] for number in sorted(known) if name in known[number]]) == []


def test_a_value_of_an_earlier_format_is_read_with_the_schema_of_its_writer() -> None:
    ((name, schema),) = state_formats.in_use([WindowTotals]).items()
    narrow: dict[str, Any] = {**schema, "fields": schema["fields"][:1]}
    formats = StateFormats(2, {1: {name: narrow}})

    assert formats.decode(WindowTotals, b"\x01\x0e") == WindowTotals(rows=7)


@pytest.mark.parametrize("number", [0, 3, 255])
def test_a_value_of_a_format_that_is_not_known_is_named_and_nobodys_fault(number: int) -> None:
    data = bytes((number,)) + encode_state(WindowTotals(rows=7))[1:]

    with pytest.raises(StateUnreadable, match=f"WindowTotals is in state format {number}; this program reads up to 2"):
        StateFormats(2, {1: {}}).decode(WindowTotals, data)


def release(number: int) -> Codecs:
    """What release `number` encodes: its format, then the value; it reads its own and earlier ones."""

    def encode_value(value: BaseModel) -> bytes:
        return bytes((number,)) + value.model_dump_json().encode()

    def decode_value(model: type[T], data: bytes) -> T:
        if data[0] > number:
            raise StateUnreadable(f"format {data[0]}")
        return model.model_validate_json(data[1:])

    return Codecs(encode, decode, encode_value, decode_value, number)


def upgraded(world: World, number: int) -> World:
    world.codecs = release(number)
    return world


def test_a_partition_goes_on_from_one_release_to_the_next_and_keeps_what_it_knew() -> None:
    world = World(release(1))
    world.say("a", 5)
    world.say("b", 1)
    first = world.start()
    first.process(world.fetch(first))
    first.close()

    second = upgraded(world, 2).start()
    world.say("a", 2)
    second.process(world.fetch(second))
    second.close()

    third = upgraded(world, 3).start()  # "b" is still as the first release wrote it
    world.say("b", 4)
    third.process(world.fetch(third))

    assert [total.total for total in world.totals()["a"]] == [5, 7]
    assert [total.total for total in world.totals()["b"]] == [1, 5]


@pytest.mark.parametrize(("before", "after"), [(1, 3), (2, 1), (3, 2)])
def test_another_distance_is_refused_by_name_and_nothing_is_changed(before: int, after: int) -> None:
    world = World(release(before))
    world.say("a", 5)
    first = world.start()
    first.process(world.fetch(first))
    first.close()
    known = list(world.log.read(CHANGELOG, 0))

    with pytest.raises(RestoreFailed, match=f"state of format {before}, this release reads .* to {after}: upgrade one"):
        upgraded(world, after).start()

    assert list(world.log.read(CHANGELOG, 0)) == known
