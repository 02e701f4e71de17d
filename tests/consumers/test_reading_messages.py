"""Records become messages; the registry is waited for; reading ends only when silence means something."""

from __future__ import annotations

from collections.abc import Iterable

from consumers.reading import Got, Quiet, Unreadable, messages
from schemas.alerts import Alert, Reject
from schemas.codec import Codec, LocalSchemaIds
from schemas.errors import Undecodable
from tocsin.runtime.consuming import AtEnd, Event, LineBack, LineLost, Record
from tocsin.runtime.errors import Unavailable


class Listed:
    """A source that hands out a list; each poll takes half a second of its own clock."""

    def __init__(self, events: Iterable[Event | None]) -> None:
        self._events = iter(events)
        self.time = 0.0

    def poll(self, timeout: float = 0.2) -> Event | None:
        self.time += 0.5
        return next(self._events, None)

    def monotonic(self) -> float:
        return self.time


def record(value: bytes | None, offset: int = 0) -> Record:
    return Record("alerts.bd", 0, offset, 0, None, value)


def kinds(steps) -> list[str]:
    return [type(step).__name__ for step in steps]


def read(source, decode, **options):
    return messages(source, decode, Alert, monotonic=source.monotonic, sleep=lambda seconds: None, **options)


def test_a_record_that_holds_no_alert_is_reported_and_reading_goes_on(make_alert):
    codec = Codec(LocalSchemaIds())
    good = codec.encode(make_alert())
    source = Listed([record(b"junk"), record(None), record(good), AtEnd()])
    steps = list(read(source, codec.decode, until_idle=0))
    assert kinds(steps)[:4] == ["Unreadable", "Unreadable", "Got", "AtEnd"]
    assert isinstance(steps[2], Got)
    assert steps[2].message == make_alert()


def test_another_kind_of_message_is_no_alert(make_alert):
    codec = Codec(LocalSchemaIds())
    source = Listed([record(codec.encode(make_alert())), AtEnd()])
    steps = messages(source, codec.decode, Reject, until_idle=0, monotonic=source.monotonic)
    assert next(iter(steps)) == Unreadable(record(codec.encode(make_alert())), "it is a Alert")


def test_it_ends_only_when_nothing_came_for_so_long_after_the_end(make_alert):
    value = Codec(LocalSchemaIds()).encode(make_alert())
    source = Listed([None] * 20 + [record(value), AtEnd(), None, None, None, record(value)])
    steps = list(read(source, Codec(LocalSchemaIds()).decode, until_idle=2))
    assert kinds(steps).count("Got") == 2
    assert source.time == (20 + 6 + 4) * 0.5


def test_time_without_a_line_is_no_idle_time():
    source = Listed([AtEnd(), LineLost("away")] + [None] * 50 + [LineBack(), None])
    list(read(source, lambda data: None, until_idle=1))
    assert source.time > 26


def test_a_registry_that_is_away_is_waited_for_and_nothing_is_skipped(make_alert):
    answers = iter([Unavailable("the registry is away"), Unavailable("the registry is away"), make_alert()])

    def decode(data: bytes):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    source = Listed([record(b"x"), AtEnd()])
    steps = list(read(source, decode, until_idle=0))
    assert kinds(steps)[:5] == ["LineLost", "Quiet", "Quiet", "LineBack", "Got"]


def test_an_undecodable_record_does_not_end_the_wait_for_the_registry():
    answers = iter([Unavailable("away"), Undecodable("junk")])

    def decode(data: bytes):
        raise next(answers)

    steps = list(read(Listed([record(b"x"), AtEnd()]), decode, until_idle=0))
    assert kinds(steps)[:4] == ["LineLost", "Quiet", "LineBack", "Unreadable"]
    assert Quiet() in steps
