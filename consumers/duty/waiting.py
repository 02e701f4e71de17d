"""An answer given and its effect heard: published once, then looked for among new alerts and rejects, for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from consumers.duty.effects import effect
from consumers.reading import Got, Step
from consumers.watch.book import AlertBook
from schemas.alerts import Alert, Reject
from schemas.events import Response
from tocsin.runtime.consuming import AtEnd


def fold(steps: Iterator[Step[Alert]], recipient: str) -> AlertBook:
    """The newest revision of every alert for `recipient` in a topic, read to the end of what was there."""
    book = AlertBook()
    for step in steps:
        if isinstance(step, Got):
            if step.message.recipient == recipient:
                book.take(step.message)
        elif isinstance(step, AtEnd):
            break
    return book


def to_end(steps: Iterator[Step[Reject]]) -> None:
    """Read on until the end of what was there: whatever comes after it will be heard."""
    for step in steps:
        if isinstance(step, AtEnd):
            return


def heard(
    alerts: Iterator[Step[Alert]],
    rejects: Iterator[Step[Reject]],
    response: Response,
    alert_id: str,
    *,
    within: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Alert | None:
    """The revision that shows `response` taken in, or None when nothing was heard of it `within` so many seconds.

    Raises Refused.
    """
    until = monotonic() + within
    sources: tuple[Iterator[Step[Alert] | Step[Reject]], ...] = (alerts, rejects)
    while monotonic() < until:
        for source in sources:
            step = next(source, None)
            if isinstance(step, Got) and (shown := effect(step.message, response, alert_id)) is not None:
                return shown
    return None
