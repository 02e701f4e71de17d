"""`tocsin find-subject`: what is held about somebody, for whoever has the right to ask (data-subject access)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import typer
from pydantic import BaseModel

from producers.hearing import Hearing
from producers.identity import new_event_id
from producers.importers.dates import read_date
from producers.importers.scripts import script_of
from producers.searching import Recording, said_of_search
from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.codec import Codec
from schemas.codes import DocumentType
from schemas.events import Incident, Response, WatchlistEntry
from schemas.model import timestamp
from schemas.participants import Participant
from schemas.subjects import Document, Name, Subject
from streams.screening.subject_search import Hit, SubjectSearch
from streams.stages import keys
from tocsin.cli.declaration import declared
from tocsin.cli.publishing_access import publishing_as
from tocsin.cli.reading import Code, Json, State, codec, member, now, quiet, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.terminal import plain, visible
from tocsin.runtime.consuming import Record, TopicReader
from tocsin.runtime.settings import Settings, connect
from tocsin.runtime.to_end import records_to_end

_EXAMPLE = """Example: all that France holds or was sent about somebody.

    tocsin find-subject fr "Karim Uddin Ahmed" --dob 1980-04-03 --number 18AA12345"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("find-subject", epilog=_EXAMPLE)(_find_subject)


def _find_subject(
    code: Code,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The name, in any script.")] = None,
    dob: Annotated[str | None, typer.Option(help="Date of birth: 1980-04-03, 1980-04 or 1980.")] = None,
    number: Annotated[
        list[str] | None, typer.Option(help="A number of a document, vehicle or anything; may be repeated.")
    ] = None,
    as_json: Json = False,
    patience: Annotated[
        float | None, typer.Option(help="Give up after so many seconds without an answer. Default: never.")
    ] = None,
    state: State = None,
) -> None:
    """Find everything that a participant holds about somebody, in all that it may read: its own five topics.

    Shows where it stands, which record it is, why it may be the person, and until when it is kept; whether it is
    the person, a person decides. That there was a search is audited, first of all and without for whom: what is not
    recorded is not searched. It leaves a refusal in rejects.CC, as UNKNOWN_CASE: by this it is known to be recorded.
    What others hold about them, they are to be asked for.
    """
    if not name and not number:
        raise typer.BadParameter("give a name, or a --number")
    settings = settings_in(state)
    participant = member(settings, code)
    search = SubjectSearch(_wanted(name, dob, number or []), tuple(number or []))
    with quiet(settings):
        recorded = _recorded(code, settings, patience)
        found = 0
        for record, what, hits in _found(participant, settings, search, patience):
            found += 1
            typer.echo(_line(participant, record, what, hits, as_json=as_json))
    typer.echo(f"{found} records; the search is recorded as {recorded}", err=True)


def _wanted(name: str | None, dob: str | None, numbers: list[str]) -> Subject:
    born = None
    if dob is not None and (born := read_date(dob)) is None:
        raise typer.BadParameter(f"{visible(dob)!r} is no date: 1980-04-03, 1980-04 or 1980", param_hint="--dob")
    return Subject(
        subject_id="wanted",
        names=(Name(full=name, script=script_of(name)),) if name else (),
        births=(born,) if born else (),
        documents=tuple(Document(type=DocumentType.OTHER, number=one) for one in numbers),
    )


def _recorded(code: str, settings: Settings, patience: float | None) -> str:
    """Have it audited that CC searches, and wait until it is; returns the id by which the auditor finds it."""
    event_id = new_event_id()
    case_ref = keys.search_ref(event_id, declared(settings).partitions)
    said = said_of_search(code, case_ref, (event_id, new_event_id()), now())
    connection = publishing_as(code, settings)

    def waiting(why: str) -> None:
        typer.echo(f"waiting: {plain(why)}", err=True)

    reads = codec(settings, code)
    with Hearing(code, connection, reads, patience=patience, on_waiting=waiting) as hearing:
        places = hearing.say(said, "nothing was searched: it cannot be recorded ({})")
        hearing.until(Recording(*places).is_told)
    return event_id


def _found(
    participant: Participant, settings: Settings, search: SubjectSearch, patience: float | None
) -> Iterator[tuple[Record, str, list[Hit]]]:
    code, reads = participant.code, codec(settings, participant.code)
    names = [topic.name for topic in topics.country_topics(participant)]
    with TopicReader(connect(code, settings), names, purpose="find", from_beginning=True) as reader:
        for record in records_to_end(reader, patience=patience):
            what, hits = _in_record(reads, search, record)
            if hits:
                yield record, what, hits


def _in_record(reads: Codec, search: SubjectSearch, record: Record) -> tuple[str, list[Hit]]:
    data = record.value or b""
    message = reads.readable(data)
    if isinstance(message, Reject):
        data, message = message.head, reads.readable(message.head)
        what = "a refused event"
    else:
        what = _what(message)
    if message is not None:
        return what, search.hits(message)
    hit = search.in_bytes(data)
    return what, [hit] if hit else []


def _what(message: BaseModel | None) -> str:
    match message:
        case Incident():
            return f"incident {message.incident_id}, version {message.incident_version}"
        case WatchlistEntry():
            return f"entry {message.entry_id}, version {message.entry_version}"
        case Alert():
            return f"alert {message.alert_id}, revision {message.revision}"
        case Response():
            return f"answer {message.event_id}"
        case _:
            return "a record that cannot be read"


def _line(participant: Participant, record: Record, what: str, hits: list[Hit], *, as_json: bool) -> str:
    kept = next(t.config.get("retention.ms") for t in topics.country_topics(participant) if t.name == record.topic)
    at = timestamp(record.timestamp)
    until = None if kept is None else at + timedelta(milliseconds=int(kept) + topics.DAY)
    place = f"{record.topic}[{record.partition}]@{record.offset}"
    if as_json:
        return json_line(
            {
                "record": place,
                "appended_at": at.isoformat(),
                "kept_until": until.isoformat() if until else None,
                "what": what,
                "hits": [{"place": hit.place, "why": hit.why} for hit in hits],
            }
        )
    where = ", ".join(f"{hit.place or 'somewhere'} ({hit.why})" for hit in hits)
    ends = f"kept until {until:%Y-%m-%d}" if until else "kept until it is overtaken or erased"
    return visible(f"{place}  {at:%Y-%m-%d %H:%M} UTC  {what}: {where}; {ends}")
