"""A refused event is put back once: whatever is repaired, however often and wherever it is tried."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from producers.importers import RefusedRow
from producers.repairs import RefusedEvent, UnusableExport, read_refused, written
from producers.repairs.collecting import Collected
from producers.repairs.replaying import NotYours, OwnTopics, Replay, Standing
from schemas.alerts import Reject
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import IncidentType, RejectReason
from schemas.envelope import Delegation
from schemas.events import Incident, Location
from tests.conftest import a_reject
from tocsin.runtime.consuming import Record

CODEC = Codec(LocalSchemaIds())
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SENT = NOW - timedelta(hours=1)


def incident(number: int = 1, version: int = 1, zone: str = "Nowhere/Land") -> Incident:
    return Incident(
        event_id=f"018f0000-0000-7000-8000-{number:012d}",
        producer="bd",
        occurred_at=SENT,
        recorded_at=SENT,
        incident_id=f"I{number}",
        incident_version=version,
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country="bd"),
        zone=zone,
    )


def refused(event: Incident, offset: int = 1, **changes: Any) -> tuple[Reject, Record]:
    about: dict[str, Any] = {
        "reason": RejectReason.INVALID_FIELD,
        "place": "zone",
        "detail": "no IANA time zone has this name",
        "source_offset": offset,
        "source_timestamp": SENT,
        "event_id": event.event_id,
    }
    return a_reject(CODEC.encode(event), **about | changes), record(event, offset)


def record(event: Incident, offset: int) -> Record:
    return Record("incidents.bd", 0, offset, 0, event.incident_id, CODEC.encode(event))


def exported(*pairs: tuple[Reject, Record], later: tuple[Incident, ...] = ()) -> list[RefusedEvent]:
    found = Collected(reject for reject, _ in pairs)
    for _, one in pairs:
        found.take(one, CODEC.decode(one.value).event_id)  # type: ignore[arg-type, attr-defined]
    for offset, event in enumerate(later, 1_000):
        found.take(record(event, offset), event.event_id)
    return list(found.lines(CODEC.readable))


def repaired(line: RefusedEvent, **changes: Any) -> RefusedEvent:
    return line.model_copy(update={"event": (line.event or {}) | {"zone": "Asia/Dhaka"} | changes})


def replayed(
    lines: list[RefusedEvent], *topic: Incident, refused_too: tuple[int, ...] = (), code: str = "bd", **options: Any
) -> tuple[list[Incident], Replay]:
    """What is said when the own topic holds `topic`, from offset 0 on, of which some were refused."""
    own = OwnTopics(lines)
    for offset, event in enumerate(topic):
        own.take(("incidents.bd", 0, offset), event)
    for offset in refused_too:
        own.refused(("incidents.bd", 0, offset))
    replay = Replay(code, own, NOW, **options)
    return [one for one in replay.events(lines) if isinstance(one, Incident)], replay


def test_an_exported_line_holds_what_its_sender_needs_to_repair_it(tmp_path: Path) -> None:
    (line,) = exported(refused(incident()))
    assert (line.reason, line.place, line.key, line.whole) == (RejectReason.INVALID_FIELD, "zone", "I1", True)
    assert line.event is not None
    assert line.event["zone"] == "Nowhere/Land"
    assert hashlib.sha256(line.content).hexdigest() == line.sha256

    file = tmp_path / "refused.jsonl"
    assert written(file, [line]) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(read_refused(file)) == [line]
    assert list(json.loads(file.read_text()))[:4] == ["reason", "place", "detail", "event"]


def test_repairs_are_never_written_over_and_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "refused.jsonl"
    file.write_text('{"reason": "TOO_LARGE"}\n')
    with pytest.raises(UnusableExport, match="not written over"):
        written(file, [])
    with pytest.raises(UnusableExport, match="line 1 is no line of"):
        list(read_refused(file))


def test_an_event_that_cannot_be_read_keeps_its_bytes_and_one_that_left_its_topic_its_beginning() -> None:
    data = b"\x00\x00\x00\x00\x63 no Avro"
    unreadable = refused(incident())[0].model_copy(
        update={"head": data, "size": len(data), "sha256": hashlib.sha256(data).digest(), "event_id": None}
    )
    cut = refused(incident(2), 2)[0].model_copy(update={"head": b"\x00\x00"})
    first, second = Collected([unreadable, cut]).lines(CODEC.readable)
    assert (first.event, first.content, first.whole) == (None, data, True)
    assert (second.event, second.content, second.whole) == (None, b"\x00\x00", False)


def test_a_reject_that_the_gate_said_again_is_one_line() -> None:
    assert len(exported(refused(incident()), refused(incident()))) == 1


def test_a_repaired_event_is_said_once_under_an_id_that_follows_from_its_place() -> None:
    bad = incident()
    lines = [repaired(line) for line in exported(refused(bad, 0))]
    (said,), _ = replayed(lines, bad, refused_too=(0,))
    assert said.zone == "Asia/Dhaka"
    assert said.supersedes == bad.event_id
    assert said.event_id not in (bad.event_id, incident(2).event_id)
    assert CODEC.encode(replayed(lines, bad, refused_too=(0,))[0][0]) == CODEC.encode(said)

    again, replay = replayed(lines, bad, said, refused_too=(0,))
    assert (again, replay.counts) == ([], {Standing.REPLAYED: 1})
    otherwise, replay = replayed([repaired(lines[0], zone="Asia/Kolkata")], bad, said, refused_too=(0,))
    assert (otherwise, replay.counts) == ([], {Standing.REPLAYED: 1})
    assert exported(refused(bad, 0), later=(said,)) == []


def test_a_run_that_was_killed_in_the_middle_is_gone_on_with() -> None:
    events = [incident(number) for number in range(6)]
    lines = [repaired(line) for line in exported(*(refused(event, at) for at, event in enumerate(events)))]
    refusals = tuple(range(6))
    whole, _ = replayed(lines, *events, refused_too=refusals)
    rest, replay = replayed(lines, *events, *whole[:4], refused_too=refusals)
    assert rest == whole[4:]
    assert replay.counts == {Standing.REPLAYED: 4, Standing.PUBLISHED: 2}


def test_what_was_refused_again_is_said_and_not_tried_again() -> None:
    bad = incident()
    lines = [repaired(line, zone="Still/Nowhere") for line in exported(refused(bad, 0))]
    (said,), _ = replayed(lines, bad, refused_too=(0,))
    again, replay = replayed([repaired(lines[0])], bad, said, refused_too=(0, 1))
    assert (again, replay.counts) == ([], {Standing.REFUSED_AGAIN: 1})


def test_what_was_corrected_otherwise_meanwhile_is_left_alone() -> None:
    bad = incident()
    lines = [repaired(line) for line in exported(refused(bad, 0))]
    said, replay = replayed(lines, bad, incident(1, zone="Asia/Dhaka"), refused_too=(0,))
    assert (said, replay.counts) == ([], {Standing.OVERTAKEN: 1})
    higher = [repaired(lines[0], incident_version=2)]
    assert len(replayed(higher, bad, incident(1, zone="Asia/Dhaka"), refused_too=(0,))[0]) == 1


def test_lines_that_nobody_repaired_are_left_alone_unless_others_mended_the_cause() -> None:
    lines = exported(refused(incident(), 0))
    assert replayed(lines)[1].counts == {Standing.UNREPAIRED: 1}
    assert len(replayed(lines, unrepaired_too=True)[0]) == 1
    ours = exported(refused(incident(), 0, reason=RejectReason.NOT_PROCESSED))
    assert len(replayed(ours)[0]) == 1


def test_what_somebody_may_have_forged_or_kept_and_sent_again_is_not_put_back_as_it_is() -> None:
    def put_back(reason: RejectReason) -> int:
        return len(replayed(exported(refused(incident(), 0, reason=reason)))[0])

    forged = (RejectReason.SIGNATURE_MISSING, RejectReason.BAD_SIGNATURE, RejectReason.UNKNOWN_KEY)
    others = (RejectReason.STALE, RejectReason.KEY_NOT_VALID, RejectReason.NOT_DELEGATED)
    assert [put_back(reason) for reason in (*forged, *others)] == [0] * 6


@pytest.mark.parametrize("event_id", ["as it was", None])
def test_a_copy_of_what_was_taken_in_is_not_put_back_even_when_asked_for(event_id: str | None) -> None:
    named = {} if event_id else {"event_id": None}  # what could not be processed is refused without its event_id
    lines = exported(refused(incident(), 1, reason=RejectReason.STALE, **named))
    said, replay = replayed(lines, incident(), incident(), refused_too=(1,), unrepaired_too=True)
    assert (said, replay.counts) == ([], {Standing.TAKEN_IN: 1})
    said, _ = replayed(lines, incident(), incident(), refused_too=(0, 1), unrepaired_too=True)
    assert len(said) == 1  # the first one was refused as well


def test_another_event_under_the_same_event_id_is_put_back_under_its_own() -> None:
    other = incident(1).model_copy(update={"incident_id": "I9"})
    lines = exported(refused(other, 1, reason=RejectReason.EVENT_ID_REUSED))
    said, _ = replayed(lines, incident(), other, refused_too=(1,), unrepaired_too=True)
    assert [event.incident_id for event in said] == ["I9"]


def test_what_a_service_said_for_the_bureau_is_never_put_back_as_the_bureaus_own() -> None:
    answered = incident().model_copy(update={"delegation": Delegation(service="console", officer="o7")})
    for line in exported(refused(answered, 0, reason=RejectReason.NOT_PROCESSED)):
        assert replayed([line])[1].counts == {Standing.OF_A_SERVICE: 1}
        assert replayed([repaired(line)])[1].counts == {Standing.OF_A_SERVICE: 1}


def test_a_repair_that_is_no_event_is_named_and_the_others_go_on() -> None:
    lines = exported(refused(incident(), 0), refused(incident(2), 1))
    own = OwnTopics(lines)
    results = list(Replay("bd", own, NOW).events([repaired(lines[0], incident_type="PARTY"), repaired(lines[1])]))
    assert isinstance(results[0], RefusedRow)
    assert (results[0].row, results[0].field) == ("line 1", "incident_type")
    assert isinstance(results[1], Incident)


def test_what_nobody_can_know_any_more_is_not_put_back() -> None:
    old = [repaired(line) for line in exported(refused(incident(), 0, source_timestamp=NOW - timedelta(days=31)))]
    assert replayed(old)[1].counts == {Standing.TOO_OLD: 1}


def test_another_participants_file_is_refused() -> None:
    with pytest.raises(NotYours):
        replayed([repaired(line) for line in exported(refused(incident()))], code="fr")
