"""What can be wrong with an auditor's head."""

from __future__ import annotations

from pathlib import Path

from tocsin.runtime.errors import TocsinError


class BadHead(TocsinError):
    """A signed head that cannot be believed or read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
