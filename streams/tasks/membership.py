"""Taking part in a consumer group: not before a broker is known, and no standing still when it has come to an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from streams.tasks.errors import GroupLost

_log = logging.getLogger(__name__)
_PAUSE = 0.2


async def know_brokers(client: Any, pause: float = _PAUSE) -> None:
    """Wait until `client` (of aiokafka) knows a broker.

    One that is just starting can answer that there is none. aiokafka takes that for an answer, and what it then does
    in the group ends at once with "Did we not perform bootstrap?".
    """
    waiting = False
    while not client.cluster.brokers():
        if not waiting:
            _log.warning("the broker knows no broker yet: asking again")
            waiting = True
        await asyncio.sleep(pause)
        await client.force_metadata_update()


def watch(coordination: asyncio.Task[None], lost: Callable[[GroupLost], object]) -> None:
    """Tell `lost` when the task in which aiokafka takes part in the group ends by an error.

    It is not begun again by itself, and nobody hears of it who holds no partition: the worker would stand still.
    """

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            lost(GroupLost(f"taking part in the group has ended: {error}"))

    coordination.add_done_callback(ended)
