"""What a state folder knows of the users of a cluster: their passwords, and which of them were made from here."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from deploy.provision.errors import ProvisioningError
from deploy.stack import secret_files

RECORD = "provisioned-users.json"
"""File in the state folder: user names by the id of their cluster."""


class UsersHere:
    """One state folder's users of the cluster with the id `cluster`.

    A user is recorded before it is made and its password is kept after the broker took it: wherever a run breaks
    off, the next one finds a recorded user without a secret, and sets its password anew.
    """

    def __init__(self, state: Path, cluster: str) -> None:
        self._state, self._cluster = state, cluster
        self._passwords: dict[str, str] = {}

    def made(self) -> frozenset[str]:
        """Users that were made from this folder. Raises ProvisioningError when the record cannot be read."""
        return frozenset(self._read().get(self._cluster, ()))

    def secrets(self) -> frozenset[str]:
        """Users whose password lies in this folder."""
        folder = self._state / "secrets"
        return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()

    def record(self, names: Iterable[str]) -> None:
        """Take `names` into the record: they are about to be made."""
        self._write(self.made().union(names))

    def forget(self, names: Iterable[str]) -> None:
        """Take `names` out of the record: who bears them from now on is somebody else's user."""
        self._write(self.made().difference(names))

    def password(self, name: str) -> str:
        """The password that lies here, else a new one, which :meth:`keep` writes down."""
        path = self._state / "secrets" / name
        if path.exists():
            return path.read_text().strip()
        return self._passwords.setdefault(name, secrets.token_urlsafe(32))

    def keep(self, name: str) -> None:
        """Write down the password that the broker took."""
        if (password := self._passwords.pop(name, None)) is not None:
            secret_files.write_private(secret_files.folder(self._state) / name, password)

    def _read(self) -> dict[str, list[str]]:
        path = self._state / RECORD
        if not path.exists():
            return {}
        try:
            known = json.loads(path.read_text())
            return {str(cluster): [str(name) for name in names] for cluster, names in known.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise ProvisioningError(
                f"{path} cannot be read as the record of the users made from here: mend it, or move it away"
                " (then nobody counts as made from here)"
            ) from error

    def _write(self, names: frozenset[str]) -> None:
        if names == self.made():
            return
        path = self._state / RECORD
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = path.with_name(f".{path.name}.{os.getpid()}")
        staging.write_text(json.dumps(self._read() | {self._cluster: sorted(names)}, indent=1) + "\n")
        staging.replace(path)
