"""Identifiers: whichever side refers to a number later finds the earlier."""

from __future__ import annotations

import pytest

from schemas.codec import decode_state, encode_state
from schemas.internal import Continue, Found, Probe, Reference, Side, Tick
from schemas.model import timestamp
from streams.stages.contract import Received, Send
from streams.stages.errors import UnexpectedMessage
from streams.stages.identifiers import Identifiers
from streams.stages.memory import MemoryState

NUMBER = "ACTUAL|document|12A834567"
T0 = 1_780_000_000_000


class Numbers:
    def __init__(self, fan_out: int = 500) -> None:
        self.stage, self.state = Identifiers(fan_out), MemoryState()

    def say(self, message: object) -> list[Send]:
        return list(self.stage.step(self.state, Received("identifiers", 0, 0, T0, NUMBER, message), T0))  # type: ignore[arg-type]

    def incident(self, number: int, item: str = "s1", present: bool = True) -> list[Send]:
        key = f"ACTUAL:bd:I{number}"
        return self.say(Reference(side=Side.INCIDENT, key=key, item_id=item, number=NUMBER, present=present))

    def entry(self, number: int, present: bool = True) -> list[Send]:
        return self.say(Reference(side=Side.ENTRY, key=f"ACTUAL:fr:E{number}", number=NUMBER, present=present))


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


def found(incident: int, entry: int, item: str = "s1") -> Send:
    key = f"ACTUAL:bd:I{incident}"
    return Send("sightings", key, Found(incident_key=key, item_id=item, number=NUMBER, entry_key=f"ACTUAL:fr:E{entry}"))


def test_an_incident_finds_the_entries_that_came_before(numbers: Numbers) -> None:
    assert numbers.entry(1) == []
    assert numbers.entry(2) == []
    assert numbers.incident(1) == [found(1, 1), found(1, 2)]


def test_an_entry_finds_the_items_that_came_before(numbers: Numbers) -> None:
    numbers.incident(1, "s1")
    numbers.incident(1, "s2")
    assert numbers.entry(1) == [found(1, 1, "s1"), found(1, 1, "s2")]


def test_a_reference_that_was_there_is_answered_again(numbers: Numbers) -> None:
    numbers.incident(1)
    assert numbers.entry(1) == numbers.entry(1) == [found(1, 1)]


def test_a_reference_taken_back_is_not_found(numbers: Numbers) -> None:
    numbers.incident(1)
    assert numbers.incident(1, present=False) == []
    assert numbers.entry(1) == []
    numbers.entry(1, present=False)
    assert numbers.state.content() == {}


def test_taking_back_what_was_never_said_does_nothing(numbers: Numbers) -> None:
    assert numbers.entry(1, present=False) == []


def test_other_numbers_are_not_found(numbers: Numbers) -> None:
    for number in (NUMBER + "8", NUMBER[:-1], NUMBER.replace("ACTUAL", "EXERCISE")):
        numbers.say(Reference(side=Side.ENTRY, key="ACTUAL:fr:E1", number=number))
    assert numbers.incident(1) == []


def test_an_answer_to_many_goes_on_by_continue_and_misses_none() -> None:
    numbers = Numbers(fan_out=10)
    for number in range(37):
        numbers.entry(number)
    said, answers = numbers.incident(1), []
    while said:
        assert len(said) <= 11
        answers += [send for send in said if isinstance(send.message, Found)]
        rest = [send for send in said if isinstance(send.message, Continue)]
        assert all((send.topic, send.key) == ("identifiers", NUMBER) for send in rest)
        said = [more for send in rest for more in numbers.say(send.message)]
    assert len({send.message.entry_key for send in answers}) == len(answers) == 37  # type: ignore[union-attr]


def test_an_answer_does_not_go_on_for_a_reference_taken_back() -> None:
    numbers = Numbers(fan_out=1)
    numbers.entry(1)
    numbers.entry(2)
    (_, rest) = numbers.incident(1)
    numbers.incident(1, present=False)
    assert numbers.say(rest.message) == []


def test_time_means_nothing_here_and_other_messages_are_a_defect(numbers: Numbers) -> None:
    assert numbers.say(Tick(at=timestamp(T0))) == []
    with pytest.raises(UnexpectedMessage):
        numbers.say(Probe(entries=()))


def test_every_state_value_can_be_written_and_read(numbers: Numbers) -> None:
    numbers.incident(1)
    for value in numbers.state.content()["referrer"].values():
        assert decode_state(type(value), encode_state(value)) == value
