"""Making a call again while its error is one that passes: with growing pauses, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaException

R = TypeVar("R")

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 1.0


class OutOfPatience(Exception):
    """The call failed for as long as it was to be made again; its last error is the cause."""


def patiently(
    call: Callable[[], R],
    judge: Callable[[Exception], None],
    patience: float,
    *,
    wait: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> R:
    """Make `call` until it succeeds, for `patience` seconds at most; raises OutOfPatience then.

    `judge` is given each error of the client (BufferError: its queue is full) and raises unless the same call may be
    made again. `wait` passes the seconds until then: they double from 20 ms to one second.
    """
    until, pause = clock() + patience, FIRST_PAUSE
    while True:
        try:
            return call()
        except (BufferError, KafkaException) as error:
            judge(error)
            if (left := until - clock()) <= 0:
                raise OutOfPatience(f"failed for {patience:.0f} s: {error}") from error
            wait(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE)
