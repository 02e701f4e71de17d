"""Is the line to the broker alive? Judged from librdkafka's own statistics, not from the absence of records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

QUIET_LIMIT = 10.0
"""Seconds without one byte from a broker that is being asked for records twice a second: the line is dead."""
_MICROSECONDS = 1_000_000


def line_trouble(statistics: Mapping[str, Any], partitions: Collection[tuple[str, int]]) -> str | None:
    """Why the records of `partitions` (topic, number) cannot arrive now; None while every line to them is alive.

    A broker answers each fetch within half a second even when there is nothing new, so silence of the line itself is
    told from silence of the topic. A partition whose local queue holds records may not be fetched and proves nothing;
    its bytes tell so, since the count has errors in it too.
    """
    brokers = {broker.get("nodeid"): broker for broker in statistics.get("brokers", {}).values()}
    for topic, number in sorted(partitions):
        state = statistics.get("topics", {}).get(topic, {}).get("partitions", {}).get(str(number))
        if state is None:
            return "the broker has not said yet where the topic is"
        broker = brokers.get(state.get("leader", -1))
        if broker is None or state.get("leader", -1) < 0:
            return "no broker leads the topic at present"
        if broker.get("state") != "UP":
            return f"no connection to the broker ({str(broker.get('state', 'unknown')).lower().replace('_', ' ')})"
        quiet = broker.get("rxidle", -1) / _MICROSECONDS
        if quiet > QUIET_LIMIT and not state.get("fetchq_size", 0):
            return f"the broker has not answered for {quiet:.0f} seconds"
    return None
