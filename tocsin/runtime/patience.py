"""Waiting for what is away: asked again with growing pauses, and its user told why once a wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    stop_never,
    wait_exponential_jitter,
)

from tocsin.runtime.errors import Unavailable

T = TypeVar("T")


def patiently(action: Callable[[], T], patience: float | None, on_waiting: Callable[[str], None] | None = None) -> T:
    """What `action` gives, again and again while it raises Unavailable, for `patience` seconds; then Unavailable.

    `patience` None waits for ever; `on_waiting` hears why, once a wait.
    """

    def tell(wait: RetryCallState) -> None:
        if on_waiting is not None and wait.attempt_number == 1 and wait.outcome is not None:
            on_waiting(str(wait.outcome.exception()))

    waiting = Retrying(
        retry=retry_if_exception_type(Unavailable),
        wait=wait_exponential_jitter(multiplier=0.2, max=5),
        stop=stop_never if patience is None else stop_after_delay(patience),
        before_sleep=tell,
        reraise=True,
    )
    return waiting(action)
