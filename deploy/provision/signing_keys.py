"""The keys that a state folder knows: public halves in keys.toml, private ones of those that were made here.

A private key in use is secrets/signing/<user>.pem. One that is to follow it waits as <user>.next.pem until the gate
knows its public half: whoever signs with it before is refused.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import tomlkit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from deploy.provision.errors import ProvisioningError
from deploy.stack import secret_files
from schemas.participants import Participants
from schemas.signing import SigningKey, key_id_of
from schemas.topics import service_user
from tocsin.runtime.key_files import private_key, private_pem
from tocsin.runtime.settings import private_key_of

KEYS = "keys.toml"
"""File in the state folder: the tables of a declaration, with keys alone in them."""
_HEAD = """# Public keys of participants and their services, beside those of the declaration. Nothing here is secret.
# Written by tocsin up, tocsin provision and tocsin key; a gate that starts reads it.
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a key: a participant (`service` is None), or a service of it."""

    code: str
    service: str | None = None

    @property
    def user(self) -> str:
        """Its Kafka user."""
        return self.code if self.service is None else service_user(self.code, self.service)

    def __str__(self) -> str:
        return self.code if self.service is None else f"{self.code}, service {self.service}"


def holders(participants: Participants) -> Iterator[Holder]:
    """Everybody who may hold keys."""
    for code, member in participants.members.items():
        yield Holder(code)
        yield from (Holder(code, name) for name in member.services)


def keyless(participants: Participants) -> tuple[Holder, ...]:
    """Those that no key is declared for."""
    return tuple(
        Holder(code, service)
        for code, member in participants.members.items()
        for service, keys in member.signers
        if not keys
    )


class KeysFile:
    """Public keys in a file of their own. Each change writes it whole, or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def holders(self) -> frozenset[str]:
        """Kafka users of those who have a key here."""
        participants = self._read().get("participants", {})
        own = (code for code, member in participants.items() if member.get("keys"))
        services = (
            service_user(code, name)
            for code, member in participants.items()
            for name, service in member.get("services", {}).items()
            if service.get("keys")
        )
        return frozenset((*own, *services))

    def add(self, holder: Holder, public: bytes, since: datetime, until: datetime | None = None) -> str:
        """Take in a public key, if it is not there; returns its id."""
        document, name = self._read(), key_id_of(public)
        table = _keys_of(document, holder)
        if name not in table:
            made = tomlkit.table()
            made.update(key_table(public, since, until))
            table.append(name, made)
            self._write(document)
        return name

    def end(self, holder: Holder, until: datetime, *names: str) -> tuple[str, ...]:
        """Have these keys of a holder (no names: all of them) end then, unless they end before; returns which did."""
        document = self._read()
        table = _keys_of(document, holder)
        ended = []
        for name in names or tuple(table):
            key = table.get(name)
            if key is not None and ((there := key.get("valid_until")) is None or there > until):
                key["valid_until"] = max(_whole(until), key["valid_from"])  # it may have been stolen before it began
                ended.append(name)
        if ended:
            self._write(document)
        return tuple(ended)

    def _read(self) -> TOMLDocument:
        if not self.path.exists():
            return tomlkit.parse(_HEAD)
        try:
            return tomlkit.parse(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise ProvisioningError(f"{self.path} cannot be read as public keys: {error}") from error

    def _write(self, document: TOMLDocument) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        staging = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        staging.write_text(tomlkit.dumps(document), encoding="utf-8")
        staging.replace(self.path)


def key_table(public: bytes, since: datetime, until: datetime | None = None) -> dict[str, str | datetime]:
    """What a declaration says of a key."""
    table: dict[str, str | datetime] = {"public": base64.b64encode(public).decode(), "valid_from": _whole(since)}
    return table if until is None else table | {"valid_until": _whole(until)}


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _keys_of(document: TOMLDocument, holder: Holder) -> Table:
    """The table of a holder's keys, made if it is not there."""
    within = () if holder.service is None else ("services", holder.service)
    table: Any = document
    for name in ("participants", holder.code, *within, "keys"):
        if name not in table:
            table.append(name, tomlkit.table(is_super_table=True))
        table = table[name]
    return cast("Table", table)


def make_first(state: Path, participants: Participants, now: datetime, file: KeysFile) -> None:
    """Make a pair of keys for everybody who has none, ready to be used, the public half declared in `file`.

    Broken off, the next call goes on.
    """
    there = file.holders()
    for holder in keyless(participants):
        if holder.user not in there:
            private = private_key_of(holder.user, state)
            if not private.exists():
                _write_new(state, private)
            file.add(holder, SigningKey(private_key(private)).public, now)


def prepare(state: Path, holder: Holder, now: datetime, file: Path) -> str:
    """Make the next key of a holder and declare its public half in `file`; the private one waits. Returns its id.

    One that waits already, because an earlier call was broken off, is gone on with.
    """
    waiting = _next(state, holder)
    if not waiting.exists():
        _write_new(state, waiting)
    return KeysFile(file).add(holder, SigningKey(private_key(waiting)).public, now)


def use(state: Path, holder: Holder) -> bool:
    """From now on a holder signs with the key that waited; False when none did."""
    waiting = _next(state, holder)
    if waiting.exists():
        waiting.replace(private_key_of(holder.user, state))
        return True
    return False


def _next(state: Path, holder: Holder) -> Path:
    used = private_key_of(holder.user, state)
    return used.with_name(f"{used.stem}.next.pem")


def _write_new(state: Path, path: Path) -> None:
    secret_files.folder(state)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret_files.write_private(path, private_pem(Ed25519PrivateKey.generate()).decode())
