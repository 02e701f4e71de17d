"""Makes what the declaration of the participants asks for: topics, users, rights, schemas. Again and again.

``provision`` looks at what is there, computes the differences, shows them (`on_plan`), makes them, and looks again
until nothing differs. What it never does: delete a topic, take partitions away, touch users and rights of others. Its
own are those that are declared, and those that the state folder's record says were made from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from deploy.provision.broker import Broker
from deploy.provision.cluster import Cluster
from deploy.provision.declaration import LOCAL, PRODUCTION, Durability, desired, durability_on, fingerprint
from deploy.provision.errors import ProvisioningError, ProvisioningRefused, RegistryReadOnly
from deploy.provision.plan import Change, Plan, SetUser, plan
from deploy.provision.registry import Registry
from deploy.provision.signing_keys import KEYS, KeysFile, holders, keyless, make_first
from deploy.provision.users import UsersHere
from schemas.participants import Participants
from tocsin.runtime.patience import patiently
from tocsin.runtime.settings import Connection

__all__ = [
    "LOCAL",
    "PRODUCTION",
    "Change",
    "Durability",
    "Plan",
    "ProvisioningError",
    "ProvisioningRefused",
    "RegistryReadOnly",
    "Report",
    "durability_on",
    "fingerprint",
    "provision",
]

T = TypeVar("T")
SETTLED_S = 30.0
"""How long the broker may take until everybody sees a change that it took."""


@dataclass(frozen=True)
class Report:
    """What was planned, and whether it was done."""

    plan: Plan
    applied: bool


def provision(
    participants: Participants,
    connection_admin: Connection,
    registry_base: str,
    state_dir: Path,
    *,
    dry_run: bool = False,
    rotate: bool = False,
    durability: Durability = LOCAL,
    shared_registry: bool = False,
    signing_keys: bool = True,
    keys_file: Path | None = None,
    on_plan: Callable[[Plan], None] = lambda plan: None,
    agree: Callable[[Plan], bool] = lambda plan: True,
    writable_registry: Callable[[], AbstractContextManager[None]] = nullcontext,
    patience: float = 60.0,
    on_waiting: Callable[[str], None] = lambda why: None,
) -> Report:
    """Provision broker and registry for `participants`; passwords go to `state_dir`/secrets.

    A user that is there already, without a secret in `state_dir` and not made from it, is refused; with `rotate` it
    gets a new password and counts as made from here from then on.
    With `signing_keys` whoever may publish and has no key declared gets a pair: the private half goes to `state_dir`,
    the public one to `keys_file` (default: keys.toml there). Where participants make their own, leave it off. With
    `shared_registry` the registry's own compatibility level is left alone, and each of our subjects has one.
    `on_plan` sees the plan before anything is changed, and nothing is changed unless `agree` then says so (it is asked
    only when something differs and nothing is refused); `writable_registry` is entered only when the registry has to be
    changed. Broker or registry away: waited out for `patience` seconds (`on_waiting` hears why, once a wait), then
    Unavailable. Raises ProvisioningRefused (before changing anything), RegistryReadOnly, ProvisioningError,
    NotConfigured (the secret of `connection_admin` is wrong).
    """
    wanted = desired(participants, durability, shared_registry=shared_registry, signing_keys=signing_keys)
    keyed = frozenset(it.user for it in holders(participants)) - {it.user for it in keyless(participants)}
    keys = KeysFile(keys_file or state_dir / KEYS)
    broker = Broker(connection_admin)
    with Registry(registry_base, connection_admin.ca_file) as registry:

        def waited(action: Callable[[], T]) -> T:
            return patiently(action, patience, on_waiting)

        def look() -> Plan:
            return plan(wanted, _actual(broker, registry, wanted, users, keyed | keys.holders()), rotate=rotate)

        def change_broker() -> None:
            # Planned anew each time: a broker that went away in the middle has made a part of it.
            changes = look().broker_changes
            users.record(change.name for change in changes if isinstance(change, SetUser))
            broker.apply(changes, users.password, users.keep)

        waited(broker.check_rights)
        users = UsersHere(state_dir, waited(broker.cluster_id))
        first = waited(look)
        on_plan(first)
        if dry_run:
            return Report(first, applied=False)
        if first.refused:
            more = f" (and {len(first.refused) - 1} more)" if len(first.refused) > 1 else ""
            raise ProvisioningRefused(f"nothing was changed: {first.refused[0]}{more}")
        if first.changes and not agree(first):
            return Report(first, applied=False)
        if first.key_changes:
            make_first(state_dir, participants, datetime.now(UTC), keys)
        if first.broker_changes:
            waited(change_broker)
        if first.registry_changes:
            with writable_registry():
                waited(lambda: registry.apply(first.registry_changes))
                _settle(lambda: waited(look))
        elif first.changes:
            _settle(lambda: waited(look))
        users.forget(users.made() - wanted.users - waited(broker.users))
    return Report(first, applied=True)


def _actual(broker: Broker, registry: Registry, wanted: Cluster, users: UsersHere, keys: frozenset[str]) -> Cluster:
    return Cluster(
        topics=broker.topics(),
        users=broker.users(),
        secrets=users.secrets(),
        made=users.made(),
        keys=keys,
        acls=broker.acls(),
        quotas=broker.quotas(),
        compatibility=registry.compatibility(wanted.schemas),
        schemas=registry.schemas(wanted.schemas),
    )


def _settle(look: Callable[[], Plan]) -> None:
    """Wait until everything that was taken is also seen: what runs next relies on it."""
    deadline = time.monotonic() + SETTLED_S
    while (left := look()).changes:
        if time.monotonic() > deadline:
            shown = "; ".join(map(str, left.changes[:5]))
            raise ProvisioningError(f"{len(left.changes)} changes were taken but are not to be seen: {shown}")
        time.sleep(0.1)
