"""The differences between what shall be and what is: pure, so that a dry run and a real one cannot disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.provision.cluster import Acl, Cluster, TopicState
from schemas.normal_form import normal_form

SUPER_USERS = frozenset({"admin", "controller"})
_NAMED = 8
"""Users that one line names."""
_COUNTRY_TOPIC = re.compile(r"(incidents|watchlist|responses|rejects|alerts)\.[a-z]{2,3}")

Sign = Literal["+", "~", "-"]


@dataclass(frozen=True)
class Change:
    """One thing to do. `sign`: + adds, ~ alters, - takes away."""

    sign: Sign
    kind: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.kind} {self.name}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True)
class CreateTopic(Change):
    """A topic that is not there."""

    topic: TopicState | None = field(default=None, repr=False)


@dataclass(frozen=True)
class GrowTopic(Change):
    """A country topic with too few partitions."""

    partitions: int = 0


@dataclass(frozen=True)
class ConfigureTopic(Change):
    """A topic with other settings."""

    config: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SetUser(Change):
    """A user that is not there, or whose password is not in the state folder."""


@dataclass(frozen=True)
class RemoveUser(Change):
    """A user whose participant left."""


@dataclass(frozen=True)
class MakeKey(Change):
    """A pair of keys to sign with, for a user that none is declared for."""


@dataclass(frozen=True)
class SetQuota(Change):
    """Limits of a user that are missing or other ones; None takes one away."""

    values: Mapping[str, float | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Grant(Change):
    """A right that is missing."""

    acl: Acl | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Revoke(Change):
    """A right that one of our users holds and should not."""

    acl: Acl | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SetCompatibility(Change):
    """Compatibility of a subject, or of the registry (empty `name` in `subject`)."""

    subject: str = ""
    level: str = ""


@dataclass(frozen=True)
class RegisterSchema(Change):
    """A schema that the registry does not have."""

    schema: Any = field(default=None, repr=False, hash=False)


REGISTRY_CHANGES = (SetCompatibility, RegisterSchema)


@dataclass(frozen=True)
class Plan:
    """What has to be done, in the order in which it is done: rights are taken before others are given."""

    changes: tuple[Change, ...]
    refused: tuple[str, ...] = ()
    """What is declared but needs a migration or somebody's word. While there is any, nothing is changed."""
    notes: tuple[str, ...] = ()
    """What is there and was not declared, and is left alone."""

    @property
    def registry_changes(self) -> tuple[Change, ...]:
        """Those that need a registry that can be written to."""
        return tuple(change for change in self.changes if isinstance(change, REGISTRY_CHANGES))

    @property
    def broker_changes(self) -> tuple[Change, ...]:
        """Those that the broker makes."""
        return tuple(change for change in self.changes if not isinstance(change, (*REGISTRY_CHANGES, MakeKey)))

    @property
    def key_changes(self) -> tuple[Change, ...]:
        """Those that are made in the state folder."""
        return tuple(change for change in self.changes if isinstance(change, MakeKey))


def plan(desired: Cluster, actual: Cluster, *, rotate: bool = False) -> Plan:
    """How to get from `actual` to `desired`.

    `rotate`: users that were not made from this state folder and whose passwords are not in it get new ones.
    """
    return Plan(
        changes=(
            *_revoked(desired, actual),
            *_users(desired, actual, rotate),
            *_keys(desired, actual),
            *_quotas(desired, actual),
            *_topics(desired, actual),
            *_granted(desired, actual),
            *_registry(desired, actual),
        ),
        refused=(*_refused_users(desired, actual, rotate), *_refused_topics(desired, actual)),
        notes=tuple(_notes(desired, actual)),
    )


def _ours(name: str, desired: Cluster, actual: Cluster) -> bool:
    """Whether a user is declared, or was made from this state folder: rights of others are never touched.

    By the record, not by the kind of name: an operator's own `sre` or `ci-deploy` could as well be a participant's.
    """
    return name in desired.users or name in actual.made


def _revoked(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    for acl in sorted(actual.acls - desired.acls):
        if acl.allow and _ours(acl.principal, desired, actual):
            yield Revoke("-", "acl", acl.principal, _right(acl), acl)


def _granted(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    for acl in sorted(desired.acls - actual.acls):
        yield Grant("+", "acl", acl.principal, _right(acl), acl)


def _right(acl: Acl) -> str:
    return str(acl).removeprefix(f"{acl.principal} ")


def _users(desired: Cluster, actual: Cluster, rotate: bool) -> Iterator[Change]:
    for name in sorted((actual.users - desired.users) & actual.made):
        yield RemoveUser("-", "user", name, "its participant is not declared any more")
    for name in sorted(desired.users):
        if name not in actual.users:
            yield SetUser("+", "user", name)
        elif name not in actual.secrets and (rotate or name in actual.made):
            yield SetUser("~", "user", name, "new password: its secret file is not there")


def _keys(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    for name in sorted(desired.keys - actual.keys):
        yield MakeKey("+", "key", name, "a pair to sign with: the private half in secrets/signing, the public declared")


def _quotas(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    """Limits of our users; those of others are not touched, and of who left none stay."""
    for name in sorted({*desired.quotas, *(actual.quotas.keys() & (desired.users | actual.made))}):
        wanted, there = desired.quotas.get(name, {}), actual.quotas.get(name, {})
        values: dict[str, float | None] = {what: value for what, value in wanted.items() if there.get(what) != value}
        values |= {what: None for what in there if what not in wanted}
        if values:
            text = ", ".join(
                f"{what} {_number(there.get(what))} → {_number(value)}" for what, value in sorted(values.items())
            )
            sign: Sign = "~" if wanted and there else "+" if wanted else "-"
            yield SetQuota(sign, "quota", name, text, values)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"


def _refused_users(desired: Cluster, actual: Cluster, rotate: bool) -> Iterator[str]:
    """Somebody signs in with a password that this state folder never had: a new one would lock them out."""
    strange = sorted((desired.users & actual.users) - actual.secrets - actual.made)
    if not strange or rotate:
        return
    more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    yield (
        f"{'user' if len(strange) == 1 else 'users'} {', '.join(strange[:_NAMED])}{more}: on the broker already, but"
        " neither made from this state folder nor with a secret file in it; put the password into its folder secrets,"
        " in a file of the user's name, or have new passwords set with --rotate"
    )


def _topics(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    for name, wanted in desired.topics.items():
        there = actual.topics.get(name)
        if there is None:
            yield CreateTopic("+", "topic", name, f"{wanted.partitions} partitions, {_settings(wanted.config)}", wanted)
            continue
        if wanted.may_grow and there.partitions < wanted.partitions:
            text = f"{there.partitions} → {wanted.partitions} partitions (keys move: see docs)"
            yield GrowTopic("~", "topic", name, text, wanted.partitions)
        different = {key: value for key, value in wanted.config.items() if there.config.get(key) != value}
        if different:
            text = ", ".join(f"{key} {there.config.get(key, 'unset')} → {value}" for key, value in different.items())
            yield ConfigureTopic("~", "config", name, text, different)


def _settings(config: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in config.items())


def _refused_topics(desired: Cluster, actual: Cluster) -> Iterator[str]:
    for name, wanted in desired.topics.items():
        there = actual.topics.get(name)
        if there is None or there.partitions == wanted.partitions:
            continue
        if not wanted.may_grow:
            yield (
                f"topic {name} has {there.partitions} partitions, {wanted.partitions} are declared: keys and state"
                " would part; declare the former number, or migrate"
            )
        elif there.partitions > wanted.partitions:
            yield (
                f"topic {name} has {there.partitions} partitions, {wanted.partitions} are declared: Kafka takes none"
                " away; declare the former number"
            )


def _notes(desired: Cluster, actual: Cluster) -> Iterator[str]:
    for name in sorted(actual.topics):
        if name not in desired.topics and _COUNTRY_TOPIC.fullmatch(name):
            yield f"topic {name}: its participant is not declared; its data is kept"
    for name, wanted in desired.topics.items():
        there = actual.topics.get(name)
        if there is not None and there.replicas != wanted.replicas:
            yield f"topic {name} has {there.replicas} replicas, {wanted.replicas} are wanted: reassign its partitions"
    for name in sorted((actual.users & actual.secrets) - desired.users - actual.made):
        if name not in SUPER_USERS:
            yield f"user {name}: not declared, has a secret file, but was not made from this state folder; left alone"
    for acl in sorted(actual.acls):
        if not acl.allow:
            yield f"somebody forbade this by hand, left alone: {acl}"
        elif not _ours(acl.principal, desired, actual):
            yield f"right of a user that is not ours, left alone: {acl}"


def _registry(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    """A registry of ours gets the level first. One of others keeps its own: a subject must be there to have another."""
    own = "" in desired.compatibility
    if own:
        yield from _levels(desired, actual)
    for subject, versions in desired.schemas.items():
        known = actual.schemas.get(subject, ())
        for number, schema in enumerate(versions, 1):
            if normal_form(schema) not in known:
                yield RegisterSchema("+", "schema", subject, f"version {number}", schema)
    if not own:
        yield from _levels(desired, actual)


def _levels(desired: Cluster, actual: Cluster) -> Iterator[Change]:
    for subject, level in desired.compatibility.items():
        there = actual.compatibility.get(subject)
        inherits = subject != "" and there is None and "" in desired.compatibility
        if there != level and not inherits:
            yield SetCompatibility(
                "~", "compatibility", subject or "registry", f"{there or 'unset'} → {level}", subject, level or ""
            )
