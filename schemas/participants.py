"""Who takes part, as deploy/bureaus.toml declares it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pycountry
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.errors import DeclarationError
from schemas.public_keys import PublicKey, PublicKeys, SignaturePolicy

COORDINATOR = "ccc"
"""Code of the Command and Coordination Centre."""
_NEVER = datetime.max.replace(tzinfo=UTC)


class Kind(StrEnum):
    """What a participant is."""

    BUREAU = "bureau"
    """A National Central Bureau, known by its country."""
    ORGANISATION = "organisation"
    """A participant without a country, such as the UN Security Council's list."""
    COORDINATOR = "coordinator"
    """The Command and Coordination Centre; there is one, `ccc`."""
    CANARY = "canary"
    """Reserved for end-to-end probes: no officers, no statistics."""


class Service(BaseModel):
    """A service that may publish on a bureau's behalf with its own key and Kafka user."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: tuple[Literal["incidents", "watchlist", "responses"], ...] = Field(min_length=1)
    """Event types that it may publish."""
    keys: PublicKeys = {}
    """Its own public keys: good for these events of this participant alone."""


class Participant(BaseModel):
    """One participant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z]{2,3}$")
    """Its code: ISO 3166-1 alpha-2 in lower case for bureaus."""
    name: str
    """Its name in English."""
    kind: Kind = Kind.BUREAU
    """What it is."""
    partitions: int = Field(1, ge=1, le=64)
    """Partitions of each of its topics."""
    zone: str = "UTC"
    """IANA time zone that its officers live in."""
    forwarded: bool = True
    """The shared forwarder may read its alerts. False where the participant runs a forwarder of its own, or none."""
    write_rate: float = Field(10.0, gt=0)
    """MiB a second that it may publish to each broker, and each of its services; Kafka slows down who is faster."""
    read_rate: float = Field(50.0, gt=0)
    """MiB a second that it may read from each broker."""
    services: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], Service] = {}
    """Services that may publish on its behalf, by name."""
    keys: PublicKeys = {}
    """Its public keys."""

    @property
    def signers(self) -> Iterator[tuple[str | None, Mapping[str, PublicKey]]]:
        """Who may sign its messages, with what: itself (None), then each service by name."""
        yield None, self.keys
        for name, service in self.services.items():
            yield name, service.keys

    @property
    def keys_known(self) -> int:
        """How many keys it is declared with, its services' among them."""
        return sum(len(keys) for _, keys in self.signers)

    @property
    def keys_end(self) -> datetime | None:
        """When the first of those who sign with keys of their own has none left that counts; None: never.

        Who follows a key in good time with another has the end of the newest.
        """
        newest = [max(key.valid_until or _NEVER for key in keys.values()) for _, keys in self.signers if keys]
        first = min(newest, default=_NEVER)
        return None if first == _NEVER else first


class Participants(BaseModel):
    """All participants, by code, and how many partitions the stages share."""

    model_config = ConfigDict(frozen=True)

    members: dict[str, Participant]
    """By code, in the order of the declaration."""
    partitions: int = Field(8, ge=1)
    """P: partitions of every internal topic. Changing it is a migration."""
    operations: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field((), max_length=50)
    """Joint operations that statistics name; entries may name any other, which is counted as `other`."""

    signatures: SignaturePolicy = SignaturePolicy.REQUIRED
    """Who must sign what it publishes."""

    @model_validator(mode="after")
    def _one_holder_a_key(self) -> Self:
        """A key tells who signed, so nobody shares one."""
        holders: dict[str, str] = {}
        for code, member in self.members.items():
            for service, keys in member.signers:
                holder = code if service is None else f"{code}.services.{service}"
                for name in keys:
                    if name in holders:
                        raise ValueError(f"the key {name} is declared twice, for {holders[name]} and for {holder}")
                    holders[name] = holder
        return self

    def must_sign(self, code: str) -> bool:
        """Whether unsigned messages in this participant's topics are refused.

        A key of one of its services counts: else whoever may write there would only have to leave the signature out.
        """
        return self.signatures is SignaturePolicy.REQUIRED or self.members[code].keys_known > 0

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Codes of those whose messages are taken without a signature: whoever may write there can be anybody."""
        return tuple(code for code in self.members if not self.must_sign(code))

    @property
    def mute(self) -> tuple[str, ...]:
        """Codes of those that must sign and have no key, own or a service's: all that they publish is refused."""
        return tuple(code for code, member in self.members.items() if self.must_sign(code) and not member.keys_known)

    def without_signatures(self) -> Self:
        """The same, with no keys and nobody asked to sign: to judge events that nobody published."""
        members = {
            code: member.model_copy(
                update={
                    "keys": {},
                    "services": {
                        name: service.model_copy(update={"keys": {}}) for name, service in member.services.items()
                    },
                }
            )
            for code, member in self.members.items()
        }
        return self.model_copy(update={"members": members, "signatures": SignaturePolicy.WHERE_DECLARED})

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the declaration."""
        return tuple(self.members)

    def __contains__(self, code: object) -> bool:
        return code in self.members


def load_participants(path: Path, keys: Path | None = None) -> Participants:
    """Read a declaration, and public keys that are kept beside it, if that file is there.

    Raises DeclarationError with the place of what is wrong.
    """
    raw = _tables(path)
    declared = raw.get("participants")
    if not isinstance(declared, Mapping) or not declared:
        raise DeclarationError(f"{path}: no [participants.<code>] table")
    if keys is not None and keys.exists():
        declared = _with_keys(declared, _tables(keys), keys)
    members = {}
    for code, table in declared.items():
        try:
            member = Participant.model_validate({"code": code} | dict(table))
        except ValidationError as error:
            raise _wrong(path, ("participants", code), error) from error
        if member.kind is Kind.BUREAU and pycountry.countries.get(alpha_2=code.upper()) is None:
            raise DeclarationError(f"{path}: participants.{code}: a bureau's code is an ISO 3166-1 alpha-2 country")
        members[code] = member
    coordinators = [code for code, member in members.items() if member.kind is Kind.COORDINATOR]
    if coordinators != [COORDINATOR]:
        raise DeclarationError(f"{path}: exactly one coordinator, `ccc`, is needed; found {coordinators}")
    rest = {name: value for name, value in raw.items() if name in ("partitions", "operations", "signatures")}
    try:
        return Participants(members=members, **rest)
    except ValidationError as error:
        raise _wrong(path, (), error) from error


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeclarationError(f"{path}: {error}") from error


def _wrong(path: Path, within: tuple[str, ...], error: ValidationError) -> DeclarationError:
    first = error.errors()[0]
    place = ".".join(map(str, (*within, *first["loc"])))
    return DeclarationError(f"{path}: {f'{place}: ' if place else ''}{first['msg']}")


def _with_keys(declared: Mapping[str, Any], kept: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The declared participants with the keys of a file that has the same tables and nothing but keys in them.

    Keys of participants and services that are not declared (any more) are left out: nobody can sign with them.
    """
    made = dict(declared)
    for code, more in _table(kept, "participants", path, "").items():
        place = f"participants.{code}"
        if not isinstance(declared.get(code), Mapping):
            continue
        member = _joined(declared[code], more, path, place, ("keys", "services"))
        services = {
            name: _joined(
                service, _table(more, "services", path, place).get(name, {}), path, f"{place}.services.{name}"
            )
            for name, service in member.get("services", {}).items()
        }
        made[code] = member | ({"services": services} if services else {})
    return made


def _joined(
    holder: Mapping[str, Any], more: Any, path: Path, place: str, known: tuple[str, ...] = ("keys",)
) -> dict[str, Any]:
    """A participant or service with more keys."""
    if not isinstance(more, Mapping):
        raise DeclarationError(f"{path}: {place}: not a table")
    if other := sorted(more.keys() - {*known}):
        raise DeclarationError(f"{path}: {place}.{other[0]}: only keys stand here, the rest in the declaration")
    own, added = holder.get("keys", {}), _table(more, "keys", path, place)
    if both := sorted(own.keys() & added.keys()):
        raise DeclarationError(f"{path}: {place}.keys.{both[0]}: it is in the declaration as well; keep it in one")
    return dict(holder) | {"keys": {**own, **added}}


def _table(within: Mapping[str, Any], name: str, path: Path, place: str) -> Mapping[str, Any]:
    table = within.get(name, {})
    if not isinstance(table, Mapping):
        raise DeclarationError(f"{path}: {place}{'.' if place else ''}{name}: not a table")
    return table
