"""What can be wrong with a file of refused events."""

from __future__ import annotations

from pathlib import Path

from producers.errors import ProducerError


class UnusableExport(ProducerError):
    """A file of refused events that cannot be read, or written. Nothing of it was published."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
