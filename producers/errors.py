"""Errors of the producers, by what the caller must do."""

from __future__ import annotations

from tocsin.runtime.errors import TocsinError


class ProducerError(TocsinError):
    """Root: the producers refuse to do it."""


class WrongProducer(ProducerError):
    """The event names another participant as its producer. Publish it as that participant."""

    def __init__(self, ours: str, theirs: str) -> None:
        super().__init__(f"an event of {theirs!r} cannot be published as {ours!r}")
        self.ours = ours
        self.theirs = theirs


class Unencodable(ProducerError):
    """A value does not fit the schema (a number out of range, a broken character). Correct the event."""


class UnknownFormat(ProducerError):
    """The file is of no format that an importer reads. Name the format, or convert the file."""


class UnreadableFile(ProducerError):
    """The file as a whole cannot be read (absent, no permission, no header)."""


class UnwritableState(ProducerError):
    """The state folder cannot remember when rows were first published. Mend it, or say when they happened."""


class UnknownColumn(ProducerError):
    """A column was named that the file does not have, or that is not read here. Name another."""
