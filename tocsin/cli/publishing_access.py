"""Who publishes, with which secret and which key: one answer for every command that publishes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from schemas.participants import Participants
from schemas.signing import SigningKey
from schemas.topics import service_user
from streams.stages.rules import GateRules
from streams.stages.signatures import Signatures
from tocsin.cli.declaration import declared
from tocsin.runtime.consuming import Record
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.key_files import private_key
from tocsin.runtime.settings import Connection, Settings, connect, private_key_of


def publishing_as(code: str, settings: Settings, service: str | None = None) -> Connection:
    """The connection of a participant, or of a service of it, that publishes.

    Raises NotConfigured, also when it must sign and has no key to sign with: nothing that it said would pass.
    """
    user = code if service is None else service_user(code, service)
    connection = connect(user, settings)
    participants = declared(settings)
    if connection.signing_key is not None and (owner := _owner(participants, connection.signing_key)) not in (
        None,
        user,
    ):
        raise NotConfigured(f"{connection.signing_key} is the key of {owner}: {user} signs with its own")
    if connection.signing_key is None and code in participants and participants.must_sign(code):
        raise NotConfigured(
            f"{connection.user} must sign what it publishes, and there is no key to sign with at"
            f" {private_key_of(connection.user, settings.state)} (TOCSIN_SIGNING_KEY names another file; a pair is made"
            " by: tocsin key new)"
        )
    return connection


def _owner(participants: Participants, file: Path) -> str | None:
    """The Kafka user that a key is declared for; None: nobody is known to hold it."""
    name = SigningKey(private_key(file)).key_id
    for code, member in participants.members.items():
        for service, keys in member.signers:
            if name in keys:
                return code if service is None else service_user(code, service)
    return None


def believed(participants: Participants, code: str, connection: Connection) -> Callable[[Record], bool]:
    """Whether the gate believed the signature of a record of one's own.

    Judged only by whoever knows enough keys to do so: where that with which it signs itself is not among those declared
    here, others may be missing too, and everything would be said again.
    """
    member = participants.members.get(code)
    known = {name for _, keys in member.signers for name in keys} if member else set()
    own = connection.signing_key and SigningKey(private_key(connection.signing_key)).key_id
    if own not in known:
        return lambda record: True
    signatures = Signatures(participants, GateRules())

    def counts(record: Record) -> bool:
        value = record.value or b""
        return not signatures.judge(record.topic, record.timestamp, record.key_bytes, value, record.headers).problems

    return counts
