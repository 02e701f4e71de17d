"""Errors of the local stack, each one readable line for whoever typed the command."""

from __future__ import annotations

from pathlib import Path

from tocsin.runtime.errors import TocsinError


class StackError(TocsinError):
    """The local stack cannot be started, kept up or ended; the message says why and what to do."""


class ArtifactRefused(StackError):
    """A file that Java would run is not the one that was pinned. Nothing was started."""

    def __init__(self, file: Path, expected: str, actual: str) -> None:
        super().__init__(
            f"refused to start: {file} has sha256 {actual}, pinned is {expected} (remove the file to fetch it anew)"
        )
        self.file = file
        self.expected = expected
        self.actual = actual


class ArtifactUnavailable(StackError):
    """A pinned file is neither in the cache nor could it be fetched."""


class ProcessFailed(StackError):
    """A process of the stack ended and could not be kept up; the message names its log."""

    def __init__(self, name: str, log: Path, why: str) -> None:
        super().__init__(f"{name} {why}; see {log}")
        self.name = name
        self.log = log
