"""`tocsin conform`: what a participant published to its topics, message by message: right, or what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from consumers.reading import Source
from consumers.rejects import RepeatedRejects
from schemas import topics
from schemas.alerts import Reject
from schemas.avro import full_name
from schemas.codec import Codec
from schemas.codes import Mode
from schemas.errors import SchemaError
from schemas.events import Incident, Response, WatchlistEntry
from schemas.model import millis
from streams.conformance import Judge, Published, Verdict
from streams.conformance.judging import named
from streams.stages.gate import NAME as GATE
from tocsin.cli.declaration import declared
from tocsin.cli.reading import Code, Json, State, member, point_in_time, quiet, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.terminal import visible
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost, Record, TopicReader
from tocsin.runtime.errors import TocsinError
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

_EXAMPLE = """Examples: everything in the topics; while a client is being tried; for a program.

    tocsin conform bd

    tocsin conform bd --since 30m --follow

    tocsin conform bd --json"""


class NothingPublished(TocsinError):
    """There was no message to judge: a check that saw nothing has shown nothing."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What the pipeline refused beyond the message itself: its version, its case, its moment."""

    reject: Reject


Said = Verdict | Refused | AtEnd | LineLost | LineBack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("conform", epilog=_EXAMPLE)(_conform)


def _conform(
    code: Code,
    since: Annotated[
        str | None,
        typer.Option(help="Only what was published since: 2026-11-24T06:00Z, or how long ago: 30m, 2h, 1d."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes; Ctrl-C ends it.")] = False,
    any_mode: Annotated[
        bool, typer.Option("--any-mode", help="Judge messages of every mode alike. Default: all must be TEST.")
    ] = False,
    as_json: Json = False,
    state: State = None,
) -> None:
    """Tell whether what a participant published is right, message by message, and name all that is wrong.

    Reads incidents.CC, watchlist.CC and responses.CC with CC's own secret, committed records only, and judges each by
    the gate's own checks, to their end: wire format and schema, key, every field. Beyond them: the partition (murmur2
    of the key), headers, and the mode, which is TEST in a trial. Then come the refusals in rejects.CC that no look at
    one message can foresee: versions, cases, answers out of turn. Exit code 1 if anything is wrong or nothing is there.
    """
    settings = settings_in(state)
    member(settings, code)
    connection = connect(code, settings)
    start = None if since is None else millis(point_in_time(since))
    ids = RegistrySchemaIds(
        connection.registry,
        None,
        ca_file=connection.ca_file,
        on_waiting=lambda why: typer.echo(f"waiting: {why}", err=True),
    )
    codec = Codec(ids)
    events = (Incident, WatchlistEntry, Response)
    known = {full_name(model): ids.id_of(full_name(model)) for model in events}
    judge = Judge(declared(settings), codec.decode, known, mode=None if any_mode else Mode.TEST)
    read = (topics.incidents(code), topics.watchlist(code), topics.responses(code), topics.rejects(code))
    tally: Counter[str] = Counter()
    alone: set[str] = set()
    with (
        quiet(settings),
        TopicReader(connection, read, purpose="conform", from_beginning=True, since=start) as source,
    ):
        for said in sayings(source, judge, codec, source.partition_count, follow=follow):
            match said:
                case Verdict():
                    tally["right" if said.is_right else "wrong"] += 1
                    if source.partition_count(said.published.topic) == 1:
                        alone.add(said.published.topic)
                    _show([verdict_json(said)] if as_json else verdict_lines(said))
                case Refused(reject=reject):
                    tally["refused"] += 1
                    _show(_refused_json(reject) if as_json else refused_lines(reject))
                case LineLost(why=why):
                    typer.echo(f"line lost: {why}; trying again", err=True)
                case LineBack():
                    typer.echo("line back", err=True)
                case AtEnd():
                    typer.echo(_summary(tally, alone), err=True)
    if not tally["right"] + tally["wrong"]:
        when = "" if since is None else f" since {since}"
        raise NothingPublished(f"nothing to judge: {code} published nothing{when} (what was published is kept 31 days)")
    if tally["wrong"] or tally["refused"]:
        raise typer.Exit(1)


def sayings(
    source: Source, judge: Judge, codec: Codec, partitions: Callable[[str], int], *, follow: bool = False
) -> Iterator[Said]:
    """A verdict on each message that `source` hands out, and each refusal that they do not tell, until all is read.

    `follow`: for ever. `partitions`: how many a topic has.
    """
    repeated = RepeatedRejects()
    while True:
        match source.poll():
            case Record(topic=topic) as record if topic.startswith("rejects."):
                reject = _reject(codec, record)
                if reject is not None and not _is_foretold(reject) and not repeated.is_repeat(reject):
                    yield Refused(reject)
            case Record() as record if topics.is_roll(record.key_bytes, record.value):
                continue  # the operator's, and no message
            case Record(topic=topic) as record:
                yield judge.judge(_published(record), partitions(topic))
            case AtEnd() as end:
                yield end
                if not follow:
                    return
            case LineLost() | LineBack() as line:
                yield line


def _published(record: Record) -> Published:
    place = (record.topic, record.partition, record.offset, record.timestamp)
    return Published(*place, record.key_bytes, record.value, record.headers)


def _reject(codec: Codec, record: Record) -> Reject | None:
    try:
        message = codec.decode(record.value or b"")
    except SchemaError:
        return None
    return message if isinstance(message, Reject) else None


def _is_foretold(reject: Reject) -> bool:
    """Whether the verdict on the message itself says it: the gate refuses by the checks that run here too."""
    return reject.stage == GATE and reject.reason != "NOT_PROCESSED"


def _show(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


def verdict_lines(verdict: Verdict) -> list[str]:
    """A message and what is to be said about it: one line, and one for each finding and note."""
    it = verdict.published
    word = "ok    " if verdict.is_right else "WRONG "
    lines = [f"{word} {it.topic}[{it.partition}]@{it.offset}  {visible(named(verdict.event))}"]
    lines += [
        f"       {one.reason}{f' at {visible(one.place)}' if one.place else ''}: {visible(one.detail)}"
        for one in verdict.findings
    ]
    lines += [f"       note: {visible(note)}" for note in verdict.notes]
    return lines


def refused_lines(reject: Reject) -> list[str]:
    """What the pipeline refused, where and why."""
    place = f" at {visible(reject.place)}" if reject.place else ""
    where = f"{reject.source_topic}[{reject.source_partition}]@{reject.source_offset}"
    return [
        f"REFUSED {visible(where)}  by {visible(reject.stage)}",
        f"       {reject.reason}{place}: {visible(reject.detail)}",
    ]


def verdict_json(verdict: Verdict) -> str:
    """A verdict as one line of JSON."""
    it, event = verdict.published, verdict.event
    plain = {
        "topic": it.topic,
        "partition": it.partition,
        "offset": it.offset,
        "appended_at": it.timestamp,
        "key": None if it.key is None else it.key.decode("utf-8", "replace"),
        "right": verdict.is_right,
        "event": None if event is None else type(event).__name__,
        "event_id": None if event is None else event.event_id,
        "schema_id": verdict.schema_id,
        "belongs_to_partition": verdict.belongs_to,
        "wrong": [one._asdict() for one in verdict.findings],
        "notes": list(verdict.notes),
    }
    return json_line(plain)


def _refused_json(reject: Reject) -> list[str]:
    plain = {
        "topic": reject.source_topic,
        "partition": reject.source_partition,
        "offset": reject.source_offset,
        "right": False,
        "refused_by": reject.stage,
        "wrong": [{"reason": reject.reason.value, "place": reject.place, "detail": reject.detail}],
    }
    return [json_line(plain)]


def _summary(tally: Counter[str], alone: set[str]) -> str:
    count = tally["right"] + tally["wrong"]
    text = f"{count} messages: {tally['right']} right, {tally['wrong']} wrong"
    if tally["refused"]:
        text += f"; {tally['refused']} refused by a later stage"
    if alone:
        text += (
            f". The partitioner cannot be seen where a topic has one partition ({', '.join(sorted(alone))}):"
            " hold yours against schemas/golden/partitions.json"
        )
    return text
