"""Ctrl-C while a Kafka client waits.

confluent-kafka 2.16 loses the KeyboardInterrupt where one of its callbacks is due as well, as it mostly is while the
broker is away, and raises SystemError ("returned NULL without setting an exception") in its place. What callbacks of
ours raise is not lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


def interruptible(call: Callable[[float], R], seconds: float) -> R:
    """What `call`, a client's wait of so many seconds, returns. Raises KeyboardInterrupt on Ctrl-C."""
    try:
        return call(seconds)
    except SystemError as error:
        raise KeyboardInterrupt from error
