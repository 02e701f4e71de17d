"""A new password for one user, while everything runs.

Kafka asks for the password when a connection is made, and again within the time that the broker's configuration sets
(REAUTHENTICATED_MS of deploy.stack.kafka): until then who is connected stays so, and whoever connects after the change
needs the new one. So nothing stops; a client that loses its connection before it was told the new password waits until
it is.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from deploy.provision.broker import Broker
from deploy.provision.errors import ProvisioningRefused
from deploy.provision.plan import SUPER_USERS, SetUser
from deploy.provision.users import UsersHere
from deploy.stack import secret_files
from tocsin.runtime.settings import Connection


def rotate(connection_admin: Connection, state: Path, user: str) -> Path:
    """Give `user` a new password; returns the file in `state` that holds it.

    Should it end in the middle, the broker may have the new password and the file the old one: rotate again. Raises
    ProvisioningRefused for the super users (their password stands in the broker's own configuration) and for a user
    that is not there, besides what Broker raises.
    """
    if user in SUPER_USERS:
        raise ProvisioningRefused(f"the password of {user!r} stands in the broker's configuration: change it there")
    broker = Broker(connection_admin)
    broker.check_rights()
    if user not in broker.users():
        raise ProvisioningRefused(f"there is no user {user!r} on the broker; tocsin provision makes those declared")
    UsersHere(state, broker.cluster_id()).record([user])
    password = secrets.token_urlsafe(32)
    path = secret_files.folder(state) / user
    broker.apply([SetUser("~", "user", user)], lambda _: password, lambda _: secret_files.write_private(path, password))
    return path
