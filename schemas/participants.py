"""Who takes part, as deploy/bureaus.toml declares it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pycountry
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import DeclarationError

COORDINATOR = "ccc"
"""Code of the Command and Coordination Centre."""


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
    services: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], Service] = {}
    """Services that may publish on its behalf, by name."""


class Participants(BaseModel):
    """All participants, by code, and how many partitions the stages share."""

    model_config = ConfigDict(frozen=True)

    members: dict[str, Participant]
    """By code, in the order of the declaration."""
    partitions: int = Field(8, ge=1)
    """P: partitions of every internal topic. Changing it is a migration."""
    operations: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field((), max_length=50)
    """Joint operations that statistics name; entries may name any other, which is counted as `other`."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the declaration."""
        return tuple(self.members)

    def __contains__(self, code: object) -> bool:
        return code in self.members


def load_participants(path: Path) -> Participants:
    """Read a declaration. Raises DeclarationError with the place of what is wrong."""
    try:
        raw = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DeclarationError(f"{path}: {error}") from error
    declared = raw.get("participants")
    if not isinstance(declared, Mapping) or not declared:
        raise DeclarationError(f"{path}: no [participants.<code>] table")
    members = {}
    for code, table in declared.items():
        try:
            member = Participant.model_validate({"code": code} | dict(table))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise DeclarationError(f"{path}: participants.{code}.{place}: {first['msg']}") from error
        if member.kind is Kind.BUREAU and pycountry.countries.get(alpha_2=code.upper()) is None:
            raise DeclarationError(f"{path}: participants.{code}: a bureau's code is an ISO 3166-1 alpha-2 country")
        members[code] = member
    coordinators = [code for code, member in members.items() if member.kind is Kind.COORDINATOR]
    if coordinators != [COORDINATOR]:
        raise DeclarationError(f"{path}: exactly one coordinator, `ccc`, is needed; found {coordinators}")
    partitions = raw.get("partitions", 8)
    if not isinstance(partitions, int) or partitions < 1:
        raise DeclarationError(f"{path}: partitions: a whole number of at least 1, not {partitions!r}")
    try:
        return Participants(members=members, partitions=partitions, operations=raw.get("operations", ()))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DeclarationError(f"{path}: {place}: {first['msg']}") from error
