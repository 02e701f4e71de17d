"""Defects of our own, kept to the endpoint that met them: counted, told with their place, and never a reason to end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

from consumers.forwarder.failure import Failure, Fault
from consumers.forwarder.figures import Figures

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Caught:
    """What became of a block."""

    failure: Failure | None = None
    """A defect ended it; None when it came to its end."""


class Containment:
    """Lets what one endpoint provokes in our own code end nothing but the work for that endpoint."""

    def __init__(self, figures: Figures | None = None) -> None:
        """`figures`: where to count; None for commands, which log alone."""
        self._figures = figures

    @contextmanager
    def around(self, participant: str, subscription_id: str) -> Iterator[Caught]:
        """Whatever the block raises is counted, logged, and in `failure` of what it yields."""
        caught = Caught()
        try:
            yield caught
        except Exception as error:  # noqa: BLE001 (one endpoint must not end the forwarder for the others: here alone)
            caught.failure = Failure(Fault.DEFECT)
            if self._figures is not None:
                self._figures.defects.labels(participant).inc()
            # Never its text: that may hold an address with a token, or what an alert says of a person.
            _log.error("a defect met %s of %s: %s", subscription_id[:8], participant, place_of(error))


def place_of(error: BaseException) -> str:
    """Kind and place of an error, of the first in a group, without what it says."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "consumers" in Path(frame.filename).parts] or list(frames)
    at = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{at}"
