"""Errors of the stages. All are defects of a program or of stored bytes; bad input of a bureau becomes a Reject."""

from __future__ import annotations


class StageError(Exception):
    """Root."""


class MalformedKey(StageError, ValueError):
    """Text that is no key of ours; holds the kind of key, never the text."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"not a {kind}")
        self.kind = kind


class UnexpectedMessage(StageError):
    """A stage was handed a message that nobody may send it."""

    def __init__(self, stage: str, message: object) -> None:
        super().__init__(f"{stage} does not take {type(message).__name__}")


class BrokenState(StageError):
    """State that no sequence of steps can have made: the store is damaged, or another program wrote it."""
