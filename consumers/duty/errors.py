"""Why an officer's wish cannot be fulfilled."""

from __future__ import annotations

from tocsin.runtime.errors import TocsinError


class NoSuchAlert(TocsinError):
    """No alert begins with what was given, or several do: give more of it."""


class NotPossible(TocsinError):
    """The answer is not possible now, or lacks what it must say; the message names what is possible."""


class Refused(TocsinError):
    """The pipeline refused the answer; the message is its reason, with what was possible then."""
