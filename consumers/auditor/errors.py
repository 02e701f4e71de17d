"""What can be wrong with an auditor's key or head."""

from __future__ import annotations

from pathlib import Path

from tocsin.runtime.errors import TocsinError


class BadKey(TocsinError):
    """A file that should hold an Ed25519 key in PEM, and does not."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}. Make a pair of keys with: tocsin audit key")


class BadHead(TocsinError):
    """A signed head that cannot be believed or read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
