"""Processes that a scheduler moves on one step at a time: an event loop each, threads that are greenlets, one clock.

Everything that a process does runs in the one thread of the test. A step is one callback of its event loop, or one of
its threads up to the next pause. Whoever asks for the same steps in the same order gets the same run.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from greenlet import getcurrent, greenlet


class Died(BaseException):
    """The process ends here."""


class Clock:
    """Milliseconds since 1970-01-01 UTC; moves when it is told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Thread:
    """A function that runs until it pauses, and goes on when it is told to."""

    def __init__(self, process: Process, call: Callable[[], Any], told: asyncio.Future[Any] | None) -> None:
        self._process, self._call, self._told = process, call, told
        self._green = greenlet(self._run)
        self.until: Callable[[], bool] | None = None
        """What it waits for."""
        self.wake_at: int | None = None
        """When it goes on although that has not come, or goes on at all."""
        self.idle = False
        """Its wait is nobody's business: nothing is left to do for it."""

    @property
    def runnable(self) -> bool:
        """Can it go on now?"""
        if self.until is None and self.wake_at is None:
            return True
        return (self.until is not None and self.until()) or self.due

    @property
    def due(self) -> bool:
        """Has the time come at which it goes on?"""
        return self.wake_at is not None and self._process.clock.now >= self.wake_at

    def step(self) -> None:
        """Go on until the next pause or the end."""
        self.until, self.wake_at, self.idle = None, None, False
        self._green.switch()
        if self._green.dead and not self._process.dead:
            self._process.threads.remove(self)

    def kill(self) -> None:
        """End it where it stands."""
        if self._green:
            self._green.throw(Died)

    def _run(self) -> None:
        result, error = None, None
        try:
            result = self._call()
        except Died:
            return
        except Exception as raised:  # noqa: BLE001 (handed to whoever waits for the result)
            error = raised
        if self._told is None:
            assert error is None, f"a thread ended with {error!r}"
        elif not self._told.done():
            if error is not None:
                self._told.set_exception(error)
            else:
                self._told.set_result(result)


class Loop(asyncio.AbstractEventLoop):
    """As much of an event loop as asyncio's tasks, events, sleeps and waits need."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = itertools.count()

    @property
    def runnable(self) -> bool:
        """Is a callback ready, or a timer due?"""
        return bool(self._ready) or bool(self._timers and self._timers[0][0] <= self.time())

    @property
    def next_timer(self) -> int | None:
        """When the next timer is due, milliseconds."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return None if not self._timers else -int(-self._timers[0][0] * 1000 // 1)

    def step(self) -> None:
        """Run one callback."""
        while self._timers and self._timers[0][0] <= self.time():
            self._ready.append(heapq.heappop(self._timers)[2])
        handle = self._ready.popleft()
        if not handle.cancelled():
            events._set_running_loop(self)
            try:
                handle._run()
            finally:
                events._set_running_loop(None)

    def time(self) -> float:
        return self._process.clock.now / 1000

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        # A clock of whole milliseconds: never due in the same one.
        return self.call_at(self.time() + max(delay, 0.001), callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, Any], *, name: Any = None, context: Any = None) -> Any:
        return asyncio.Task(coro, loop=self, name=name)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        told = self.create_future()
        self._process.spawn(lambda: func(*args), told)
        return told

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._process.dead and (error := context.get("exception")) is not None:
            self._process.failure = error

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        return


class Process:
    """One process: it lives, stands still (SIGSTOP), or is dead."""

    def __init__(self, name: str, clock: Clock, switches: Callable[[], bool]) -> None:
        """`switches` says at each pause that need not be one whether it is."""
        self.name, self.clock, self._switches = name, clock, switches
        self.loop = Loop(self)
        self.threads: list[Thread] = []
        self.dead = self.stopped = False
        self.failure: BaseException | None = None
        """What ended it by itself."""
        self.at = "-"
        """The last pause of a thread."""
        self.crash_at: str | None = None
        """The pause at which it dies next time it comes there."""

        self.stop_at: str | None = None
        """The pause at which it stands still next time it comes there."""

    def spawn(self, call: Callable[[], Any], told: asyncio.Future[Any] | None = None) -> None:
        """Have a thread run `call`; `told` gets its result."""
        self.threads.append(Thread(self, call, told))

    def steps(self) -> list[Callable[[], None]]:
        """What it can do next."""
        if self.dead or self.stopped:
            return []
        steps = [thread.step for thread in self.threads if thread.runnable]
        if self.loop.runnable:
            steps.append(self.loop.step)
        return steps

    def next_wake(self) -> int | None:
        """When time alone lets it go on, milliseconds; None: it does not, or nothing would come of it."""
        if self.dead or self.stopped:
            return None
        waits = [thread.wake_at for thread in self.threads if thread.wake_at is not None and not thread.idle]
        if (timer := self.loop.next_timer) is not None:
            waits.append(timer)
        return min(waits, default=None)

    def pause(self, where: str) -> None:
        """A thread of this process may be interrupted here, for a moment or for ever."""
        self._alive()
        self.at = where
        if self.crash_at is not None and self.crash_at == where:
            self.die()
        if self.stop_at is not None and self.stop_at == where:
            self.stopped, self.stop_at = True, None
            self._switch()
        elif self._switches():
            self._switch()

    def wait(self, until: Callable[[], bool] | None, seconds: float | None, idle: bool = False) -> None:
        """A thread of this process waits here for something, or so many seconds, whichever comes first."""
        thread = next(thread for thread in self.threads if thread._green is getcurrent())
        thread.until, thread.idle = until, idle
        thread.wake_at = None if seconds is None else self.clock.now + max(1, round(seconds * 1000))
        self._switch()

    def sleep(self, seconds: float) -> None:
        """A thread of this process sleeps."""
        self._alive()
        self.wait(None, seconds)

    def _switch(self) -> None:
        parent = getcurrent().parent
        assert parent is not None
        parent.switch()
        self._alive()

    def _alive(self) -> None:
        if self.dead:
            raise Died

    def die(self) -> None:
        """kill -9: nothing that it had begun goes on. Called from outside, or by a thread of it, which ends here."""
        self.dead = True
        own = [thread for thread in self.threads if thread._green is getcurrent()]
        for thread in self.threads:
            if thread not in own:
                thread.kill()
        if own:
            raise Died
