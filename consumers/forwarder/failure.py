"""What became of one attempt, in a closed list of kinds: ledger, metrics and state machines speak of these alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Fault(StrEnum):
    """Why an attempt failed."""

    NAME = "NAME"
    """The host's name could not be resolved."""
    ADDRESS = "ADDRESS"
    """The address is one that the forwarder does not connect to."""
    CONNECTION = "CONNECTION"
    """No connection, or it broke."""
    TLS = "TLS"
    """The server could not be authenticated."""
    TIMEOUT = "TIMEOUT"
    """No whole answer in time."""
    PROTOCOL = "PROTOCOL"
    """The answer was not what the protocol allows."""
    REDIRECT = "REDIRECT"
    """It answered 3xx; redirects are not followed."""
    REFUSED = "REFUSED"
    """It answered 4xx: judged to be about this message."""
    OVERLOADED = "OVERLOADED"
    """It answered 429 or 503."""
    SERVER = "SERVER"
    """It answered another 5xx, or 408 or 425."""
    GONE = "GONE"
    """It answered 410: it wants no more."""
    DEFECT = "DEFECT"
    """Our own code failed, not the endpoint."""


ABOUT_MESSAGE = frozenset((Fault.REFUSED, Fault.DEFECT))
"""Faults after which other messages are still sent at once: only this one waits."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt. `status`: the HTTP or SMTP status where there was one."""

    fault: Fault
    status: int | None = None
    retry_after: timedelta | None = None
    """How long the endpoint asked to be left alone, bounded."""


@dataclass(frozen=True, slots=True)
class Success:
    """A delivery that the endpoint took."""

    status: int


Outcome = Success | Failure


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing was sent: a newer revision was read while the attempt waited for its name, its connection or its turn."""


def of_status(status: int, asked: timedelta | None) -> Outcome:
    """What an HTTP status means. `asked`: Retry-After."""
    if 200 <= status < 300:
        return Success(status)
    if status == 410:
        return Failure(Fault.GONE, status)
    if status in (429, 503):
        return Failure(Fault.OVERLOADED, status, asked)
    if 300 <= status < 400:
        return Failure(Fault.REDIRECT, status)
    if 400 <= status < 500 and status not in (408, 425):
        return Failure(Fault.REFUSED, status, asked)
    return Failure(Fault.SERVER, status, asked)
