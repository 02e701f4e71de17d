"""The database as the event loop sees it: one thread of its own, troubles waited out, outcomes written in groups."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from consumers.forwarder.containment import Containment
from consumers.forwarder.database import empty_journal, transaction
from consumers.forwarder.errors import DatabaseUnavailable, NotSettled
from consumers.forwarder.figures import Figures
from consumers.forwarder.schedule import Rng
from consumers.forwarder.sealing import Seal
from consumers.forwarder.settling import Attempt, settle
from consumers.forwarder.subscription import Subscription

T = TypeVar("T")
_log = logging.getLogger(__name__)
_WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Ended:
    attempt: Attempt
    changed: Subscription | None
    done: asyncio.Future[None]


class Storage:
    """Runs work on the database; `trouble` says why it does not answer at present."""

    def __init__(
        self,
        engine: Engine,
        seal: Seal,
        figures: Figures,
        containment: Containment,
        clock: Callable[[], datetime],
        rng: Rng,
        on_notice: Callable[[set[str]], None],
    ) -> None:
        self.trouble: str | None = None
        self.seal = seal
        self._engine = engine
        self._figures = figures
        self._containment = containment
        self._clock = clock
        self._rng = rng
        self._on_notice = on_notice
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._ended: list[_Ended] = []
        self._arrived = asyncio.Event()

    def close(self) -> None:
        """End its thread, after what it is doing."""
        self._thread.shutdown()

    async def run(self, work: Callable[[Connection], T], *, write: bool = False) -> T:
        """The result of `work` in a transaction of its own; tried again for as long as the database is away."""

        def attempt() -> T:
            with transaction(self._engine, write=write) as connection:
                return work(connection)

        failures = 0
        while True:
            try:
                result = await asyncio.get_running_loop().run_in_executor(self._thread, attempt)
            except DatabaseUnavailable as error:
                self.trouble = str(error)
                self._figures.database_trouble.inc()
                _log.warning("%s; trying again", error)
                await asyncio.sleep(_WAITS[min(failures, len(_WAITS) - 1)])
                failures += 1
            else:
                self.trouble = None
                return result

    async def empty_journal(self) -> None:
        """Leave nothing in the database's files of what was dropped from it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, empty_journal, self._engine)

    def settle(self, attempt: Attempt, changed: Subscription | None) -> asyncio.Future[None]:
        """Write down what an attempt came to, soon; the future is done when it is durable, or fails with NotSettled."""
        done = asyncio.get_running_loop().create_future()
        self._ended.append(_Ended(attempt, changed, done))
        self._arrived.set()
        return done

    async def write_outcomes(self) -> None:
        """Write down what attempts came to, many in one transaction, until cancelled."""
        while True:
            await self._arrived.wait()
            group, self._ended = self._ended[:_MOST_AT_ONCE], self._ended[_MOST_AT_ONCE:]
            if not self._ended:
                self._arrived.clear()
            if not await self._write(group) and len(group) > 1:
                for one in group:
                    await self._write([one])

    async def _write(self, group: list[_Ended]) -> bool:
        """Write a group down in one transaction; False when that met a defect, of one of them perhaps."""
        attempts = [one.attempt for one in group]
        changed = list({one.changed.id: one.changed for one in group if one.changed is not None}.values())
        work = partial(
            settle,
            seal=self.seal,
            attempts=attempts,
            changed=changed,
            now=self._clock(),
            rng=self._rng,
            containment=self._containment,
        )
        told: set[str] = set()
        given_up: list[str] = []
        with self._containment.around(attempts[0].participant, attempts[0].due.key[0]) as caught:
            told, given_up = await self.run(work, write=True)
        for participant in given_up:
            self._figures.given_up.labels(participant).inc()
        for one in group if caught.failure is None or len(group) == 1 else ():
            if not one.done.done():
                if caught.failure is None:
                    one.done.set_result(None)
                else:
                    one.done.set_exception(NotSettled("what came of an attempt could not be written down"))
        if told:
            self._on_notice(told)
        return caught.failure is None
