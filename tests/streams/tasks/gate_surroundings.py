"""What a gate has around it: messages as Faust hands them on, and who is asked for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from streams.tasks.log import Place

BD, FR = Place("incidents.bd", 0), Place("incidents.fr", 0)


class Fetching:
    """What the gate asks of whoever fetches."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Place]] = []
        self.crashed: list[BaseException] = []

    def hold(self, place: Place) -> None:
        self.asked.append(("hold", place))

    def release(self, place: Place) -> None:
        self.asked.append(("release", place))

    async def crash(self, error: BaseException) -> None:
        self.crashed.append(error)


def message(place: Place, offset: int, value: str, generation: int = 1, at: float = 1.0) -> Any:
    return SimpleNamespace(
        topic=place.topic,
        partition=place.partition,
        offset=offset,
        timestamp=at,
        key=b"k",
        value=value.encode(),
        headers=(),
        checksum=offset,
        generation_id=generation,
    )


async def until(what: Callable[[], bool]) -> None:
    while not what():
        await asyncio.sleep(0.001)
