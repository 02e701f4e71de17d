"""The forwarder's life: read to the end, then deliver and go on reading, and say truly whether it does."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from prometheus_client import REGISTRY, CollectorRegistry
from pydantic import BaseModel
from sqlalchemy import Engine

from consumers.forwarder.alone import alone
from consumers.forwarder.dispatcher import Dispatcher, MakeSender
from consumers.forwarder.figures import Figures
from consumers.forwarder.intake import Intake
from consumers.forwarder.positions import Positions
from consumers.forwarder.sealing import Seal
from consumers.reading import messages
from schemas.alerts import Alert
from tocsin.runtime.consuming import Event, TopicReader
from tocsin.runtime.errors import TocsinError

OpenReader = Callable[[Positions], TopicReader]
"""Opens the topics where reading goes on."""


class ForwarderService:
    """Reads alerts in one thread, delivers in an event loop; the database is between them."""

    def __init__(
        self,
        engine: Engine,
        seal: Seal,
        make_sender: MakeSender,
        clock: Callable[[], datetime],
        *,
        participants: Collection[str],
        connections: int = 4,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        figures = Figures(registry)
        figures.begin(participants)
        self._engine = engine
        self._participants = participants
        self._dispatcher = Dispatcher(
            engine, seal, make_sender, figures, clock, participants=participants, connections=connections
        )
        self._intake = Intake(engine, seal, self._dispatcher.overtaken, figures, clock, self._dispatcher.queued)
        self._reader: TopicReader | None = None
        self._caught_up = asyncio.Event()

    def ready(self) -> str | None:
        """Why alerts are not read and delivered now; None when they are."""
        line = self._intake.trouble or (self._reader.trouble if self._reader else "starting")
        database = self._intake.database_trouble or self._dispatcher.trouble
        behind = None if self._intake.caught_up else "reading what was in the topics"
        return line or database or behind

    def run(self, open_reader: OpenReader, decode: Callable[[bytes], BaseModel]) -> None:
        """Run until SIGTERM or Ctrl-C. Raises TocsinError: what cannot be waited out, TwoForwarders among it."""
        try:
            with alone(self._engine, self._participants):
                asyncio.run(self._run(open_reader, decode))
        except BaseExceptionGroup as group:
            raise _first(group) from None

    async def _run(self, open_reader: OpenReader, decode: Callable[[bytes], BaseModel]) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)

        def caught_up() -> None:
            loop.call_soon_threadsafe(self._caught_up.set)

        self._intake.on_caught_up = caught_up
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(asyncio.to_thread(self._read, open_reader, decode))
                delivering = tasks.create_task(self._deliver())
                await stopping.wait()
                self._intake.stop()
                delivering.cancel()
                await reading
        finally:
            self._intake.stop()  # the loop's end waits for its threads

    async def _deliver(self) -> None:
        # Not before the end of what is there was read: something may have been withdrawn while we were away.
        await self._caught_up.wait()
        await self._dispatcher.run()

    def _read(self, open_reader: OpenReader, decode: Callable[[bytes], BaseModel]) -> None:
        with open_reader(self._intake.start_positions()) as reader:
            self._reader = reader
            self._intake.run(messages(_Prompt(reader, self._intake), decode, Alert))


class _Prompt:
    """A source that is not waited for while something that it brought is to be queued."""

    def __init__(self, reader: TopicReader, intake: Intake) -> None:
        self._reader = reader
        self._intake = intake

    def poll(self, timeout: float = 0.2) -> Event | None:
        return self._reader.poll(min(timeout, self._intake.poll_time()))


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended it: one that we raise on purpose if there is any."""
    leaves = list(_leaves(group))
    return next((leaf for leaf in leaves if isinstance(leaf, TocsinError)), leaves[0])


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
