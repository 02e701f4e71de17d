"""What the database holds is sealed: secrets of subscriptions and bodies that wait.

A database of several hosts, its backups and its dumps are seen by more people than the forwarder's own folder. So both
are encrypted (Fernet: AES-128-CBC with HMAC-SHA-256) under a key that is not in the database but in a file of mode
0600 beside the other secrets, or in TOCSIN_FORWARDER_KEY.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from consumers.forwarder.errors import WrongKey
from tocsin.runtime.errors import NotConfigured

KEY_FILE = "forwarder-key"


class Seal:
    """Seals with the first of `keys`, opens with any of them: a new key is put before the old one."""

    def __init__(self, keys: str) -> None:
        """`keys`: one or several Fernet keys, separated by white space. Raises NotConfigured."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys.split()])
        except ValueError as error:
            raise NotConfigured(f"a key of the forwarder is no Fernet key (32 bytes in base64): {error}") from error

    def close(self, content: bytes) -> bytes:
        """`content`, sealed."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises WrongKey."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise WrongKey(
                f"what the forwarder's database holds was sealed with another key than that of {KEY_FILE}"
                " (TOCSIN_FORWARDER_KEY); provide that one"
            ) from error


def obtain_seal(state: Path, key: SecretStr | None) -> Seal:
    """The seal with `key`, else with that of the state folder, which is made when it is not there.

    Raises NotConfigured.
    """
    if key is not None:
        return Seal(key.get_secret_value())
    path = state / "secrets" / KEY_FILE
    try:
        return Seal(_key_in(path))
    except OSError as error:
        raise NotConfigured(f"the forwarder's key {path} can neither be read nor made: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NotConfigured(f"the forwarder's key {path} is no Fernet key") from error


def _key_in(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        staging = path.with_name(f".{path.name}.{os.getpid()}")
        staging.unlink(missing_ok=True)
        with os.fdopen(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(Fernet.generate_key())
        try:
            os.link(staging, path)  # never over one that another process made just now
        except FileExistsError:
            pass
        finally:
            staging.unlink()
    return path.read_text()
