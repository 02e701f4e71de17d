"""What `tocsin conform` says of each message and of what was refused later, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import deploy
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import RejectReason
from schemas.participants import load_participants
from streams.conformance import Finding, Judge, Published, Verdict
from tests.conftest import a_reject
from tocsin.cli.conform import Refused, refused_lines, sayings, verdict_lines
from tocsin.runtime.consuming import AtEnd, Event, LineLost, Record

CODEC = Codec(LocalSchemaIds())
PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml")).without_signatures()
JUDGE = Judge(PARTICIPANTS, CODEC.decode, {})
JUNK = Record("incidents.bd", 0, 7, 0, "k", b"junk", b"k")


class Said:
    """A source that hands out these events, and then nothing."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = iter(events)

    def poll(self, timeout: float = 0.2) -> Event | None:
        return next(self._events, None)


def reject(stage: str, reason: RejectReason, offset: int = 7) -> Record:
    wrong = {"place": "incident_version", "detail": "a correction needs a higher one"}
    message = a_reject(b"junk", stage=stage, reason=reason, source_offset=offset, **wrong)
    return Record("rejects.bd", 0, offset, 0, "k", CODEC.encode(message), b"k")


def said(*events: Event) -> list[object]:
    return list(sayings(Said((*events, AtEnd())), JUDGE, CODEC, lambda _: 1))


def test_a_refusal_that_the_message_itself_tells_is_not_said_twice() -> None:
    verdict, end = said(JUNK, reject("gate", RejectReason.UNDECODABLE))

    assert isinstance(verdict, Verdict)
    assert [one.reason for one in verdict.findings] == ["UNDECODABLE"]
    assert end == AtEnd()


def test_what_a_later_stage_refuses_is_said_once() -> None:
    late = reject("sightings", RejectReason.NOT_HIGHER_VERSION)
    (refused, _) = said(late, late)

    assert isinstance(refused, Refused)
    assert refused_lines(refused.reject) == [
        "REFUSED incidents.bd[0]@7  by sightings",
        "       NOT_HIGHER_VERSION at incident_version: a correction needs a higher one",
    ]


def test_a_defect_of_the_pipeline_is_said() -> None:
    assert isinstance(said(reject("gate", RejectReason.NOT_PROCESSED))[0], Refused)


def test_a_reject_that_cannot_be_read_and_a_line_that_is_lost_end_nothing() -> None:
    lost = LineLost("the broker is away")

    assert said(Record("rejects.bd", 0, 1, 0, None, b"junk"), lost)[0] == lost


def test_lines_name_the_place_and_every_finding_and_obey_no_terminal_sequence() -> None:
    published = Published("incidents.bd", 0, 7, 0, b"k", b"junk", (("\x1b[31mx", b""),))
    finding = Finding("WRONG_KEY", "headers.\x1b]0;x\x07", "it has none")

    assert verdict_lines(Verdict(published, (finding,), ("say \x1b[2J",))) == [
        "WRONG  incidents.bd[0]@7  cannot be read",
        "       WRONG_KEY at headers.: it has none",
        "       note: say ",
    ]
    assert verdict_lines(Verdict(published))[0].startswith("ok     incidents.bd[0]@7")


def test_what_only_closes_a_segment_of_a_list_is_no_message_of_anybody() -> None:
    assert said(Record("watchlist.bd", 0, 8, 0, "-roll-0", None, b"-roll-0")) == [AtEnd()]
