"""Headers of a message read with confluent-kafka, whatever bytes their names are.

The broker takes any bytes for a header's name. confluent-kafka (2.16) puts nothing in the place of a name that is no
UTF-8, not even None: to look at such a pair ends the process. Whoever may write to a topic could so end everybody who
reads its headers. `streams.tasks.fetched_batches` is the same guard for what Faust reads.
"""

from __future__ import annotations

import gc
from operator import methodcaller

from confluent_kafka import Message

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Stands for a name that is no UTF-8: nobody looks for a header of this name."""

_headers = methodcaller("headers")
"""Asks in a way in which the interpreter always looks whether an error was left: a plain call may skip that."""


def headers_of(message: Message) -> tuple[tuple[str, bytes | None], ...]:
    """Names and values, in their order; a name that is no UTF-8 is `UNREADABLE`."""
    try:
        return tuple(_headers(message) or ())
    except SystemError:  # some name was no UTF-8; the second time the pairs come as they are
        return tuple(_pair(one) for one in _headers(message))


def _pair(one: tuple[str, bytes | None]) -> tuple[str, bytes | None]:
    there = gc.get_referents(one)  # what the pair holds; an empty place is left out
    return one if len(there) == 2 else (UNREADABLE, there[0])
