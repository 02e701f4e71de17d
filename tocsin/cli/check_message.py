"""`tocsin check-message`: what the gate would say to a message in a file, without a broker."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import BaseModel

from schemas.avro import full_name, schema_of
from schemas.codec import Codec, LocalSchemaIds
from schemas.events import Incident, Response, WatchlistEntry
from schemas.model import millis, timestamp
from schemas.participants import Participants
from schemas.public_keys import PublicKey
from schemas.signing import key_id_of
from schemas.topics import country_of
from streams.conformance import Judge, Published, Verdict
from streams.conformance.hints import schema_id_of
from streams.conformance.message_file import UnreadableMessage, messages_in
from tocsin.cli.conform import verdict_json, verdict_lines
from tocsin.cli.declaration import declared
from tocsin.cli.reading import Json, State, now, point_in_time, settings_in
from tocsin.cli.terminal import visible
from tocsin.runtime.errors import NotConfigured, TocsinError
from tocsin.runtime.key_files import public_key

_EXAMPLE = """Examples: what your client would send; what kcat read back; a key that is not declared yet.

    tocsin check-message message.json

    kcat -F bd.conf -b "$BOOTSTRAP" -C -t incidents.bd -o -1 -e -J | tocsin check-message -

    tocsin check-message schemas/golden/incident.json --at 2026-11-24T12:00Z --public-key bd.pem.pub"""
_LARGEST = 64 * 1024 * 1024
_MODELS: dict[str, type[BaseModel]] = {"incidents": Incident, "watchlist": WatchlistEntry, "responses": Response}


class NoMessage(TocsinError):
    """The file holds no message that can be judged."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check-message", epilog=_EXAMPLE)(_check_message)


def _check_message(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON; - reads standard input.", show_default=False)],
    at: Annotated[
        str | None,
        typer.Option(help="When the broker would append what does not say when it was. Default: now."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--public-key", help="Believe this public key (PEM) too, as one of the topic's participant."),
    ] = None,
    as_json: Json = False,
    state: State = None,
) -> None:
    """Judge messages in a file as the gate would, signature included, and name all that is wrong. Asks no server.

    A file holds one JSON object, a list of them, or one a line: topic, key (or key_hex, key_base64), value_hex or
    value_base64, headers, and if it was published timestamp (milliseconds); golden messages and what kcat -J prints are
    read as well. The first reason is the gate's. The schema that a message names is taken to be this version's for its
    topic: only your registry knows its ids. Exit code 1 if any is wrong.
    """
    settings = settings_in(state)
    participants = declared(settings)
    more = None if key is None else public_key(key).public_bytes(Encoding.Raw, PublicFormat.Raw)
    when = millis(now() if at is None else point_in_time(at))

    def partitions(code: str) -> int:
        return participants.members[code].partitions

    wrong = 0
    try:
        for message in messages_in(_read(file), when, partitions):
            known = participants if more is None else _with_key(participants, country_of(message.topic), more)
            verdict = _judged(known, message)
            wrong += not verdict.is_right
            for line in [verdict_json(verdict)] if as_json else verdict_lines(verdict):
                typer.echo(line)
    except UnreadableMessage as error:
        raise NoMessage(f"{file}: {visible(str(error))}; the form is told by: tocsin check-message --help") from error
    if wrong:
        raise typer.Exit(1)


class _OneSchema(LocalSchemaIds):
    """A registry in which every id is that of one schema."""

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__()
        self._schema = schema_of(model)

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        return self._schema


def _judged(participants: Participants, message: Published) -> Verdict:
    model = _MODELS[message.topic.partition(".")[0]]
    ids = {} if (named := schema_id_of(message.value)) is None else {full_name(model): named}
    return Judge(participants, Codec(_OneSchema(model)).decode, ids, mode=None).judge(
        message, participants.members[country_of(message.topic)].partitions
    )


def _with_key(participants: Participants, code: str, public: bytes) -> Participants:
    """The participants, with one more key of `code`, good at all times."""
    member = participants.members[code]
    if any(key_id_of(public) in keys for _, keys in member.signers):
        return participants
    keys = {**member.keys, key_id_of(public): PublicKey(public=public, valid_from=timestamp(0))}
    members = {**participants.members, code: member.model_copy(update={"keys": keys})}
    return participants.model_copy(update={"members": members})


def _read(file: Path) -> bytes:
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        with stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise NotConfigured(f"{file} cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST:
        raise NoMessage(f"{file}: larger than {_LARGEST // 1024 // 1024} MiB; check some messages of it")
    return data
