"""Counting what a stage refuses, by the participant that sent it and by reason, once it is said for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.topics import country_of, rejects
from streams.stages.contract import Send
from streams.tasks import metrics

_REJECTS = rejects("")


class Refused:
    """The rejects of one stage. `topics`: every topic that it writes, by which the participants are known.

    Series that have not counted yet are there with 0: an alerting rule sees no step in one that begins with 1.
    """

    def __init__(self, stage: str, topics: Iterable[str]) -> None:
        self._stage = stage
        self._noted: Counter[tuple[str, RejectReason]] = Counter()
        for topic in topics:
            if topic.startswith(_REJECTS):
                metrics.REJECTS.labels(stage, country_of(topic))
        for reason in RejectReason:
            metrics.REJECT_REASONS.labels(stage, reason.value)

    def note(self, sends: Iterable[Send]) -> int:
        """Remember the rejects among `sends`; returns how many there are."""
        said = [(country_of(send.topic), send.message.reason) for send in sends if isinstance(send.message, Reject)]
        self._noted.update(said)
        return len(said)

    def count(self) -> None:
        """What was noted has been said: count it."""
        for (participant, reason), count in self._noted.items():
            metrics.REJECTS.labels(self._stage, participant).inc(count)
            metrics.REJECT_REASONS.labels(self._stage, reason.value).inc(count)
        self._noted.clear()
