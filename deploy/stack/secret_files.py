"""Secrets of the local stack: one file a principal, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def folder(state: Path) -> Path:
    """The folder of secrets, made with mode 0700 when it is not there."""
    path = state / "secrets"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def ensure(state: Path, principal: str) -> str:
    """The password of `principal`: the one that is there, else a new one of 256 random bits."""
    path = folder(state) / principal
    if path.exists():
        return path.read_text().strip()
    password = secrets.token_urlsafe(32)
    write_private(path, password)
    return password


def write_private(path: Path, text: str) -> None:
    """Write `text` with mode 0600, whole or not at all."""
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    staging.unlink(missing_ok=True)
    with os.fdopen(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    staging.replace(path)
