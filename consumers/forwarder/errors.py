"""Errors of the forwarder."""

from __future__ import annotations

from tocsin.runtime.errors import TocsinError, Unavailable


class ForwarderError(TocsinError):
    """Root of the forwarder's own errors."""


class BadSubscription(ForwarderError):
    """A subscription cannot be made as asked: its address, its filters or its participant. The message says what."""


class NoSuchSubscription(ForwarderError):
    """The participant has no subscription of this id."""


class DatabaseUnavailable(Unavailable):
    """The forwarder's database cannot be reached or is locked. Wait and try again."""


class UnreadableDatabase(ForwarderError):
    """The forwarder's database is damaged, or is no database. Stop: the operator must put it right."""


class WrongKey(ForwarderError):
    """What the database holds was sealed with another key. Stop: the operator must provide the right one."""


class NotSettled(ForwarderError):
    """What came of an attempt could not be written down, for a defect of our own. Its message is sent again later."""


class TwoForwarders(ForwarderError):
    """Another forwarder works on the same database. Stop: alerts would go out twice."""
