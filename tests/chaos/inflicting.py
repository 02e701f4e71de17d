"""Doing a plan's faults to a running stack, each at its time, and measuring how long each recovery takes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from deploy.stack import rolling
from deploy.stack.errors import StackError
from deploy.stack.running import Stack
from tests.chaos.plan import BROKER, REGISTRY, SPARE, Fault, Kind
from tests.chaos.slow_network import BYTES_A_SECOND, DELAY, how_slow

READY_WITHIN = 180.0
"""Seconds in which everything must be ready again after the last fault."""
BY_HAND = (Kind.ROLLING, Kind.BUREAU, Kind.WIPE)
"""What an operator does, one after the other however long it takes."""
_EVERY = 0.25


class NotRunning(Exception):
    """Whoever was to be hit is down already."""


@dataclass(frozen=True, slots=True)
class Inflicted:
    """A fault that was made. Times by the clock of time.time."""

    fault: Fault
    began: float
    ended: float
    """When what was taken away was given back: started, or woken."""
    ready: float | None
    """When whoever was hit was ready again; None: not before it was hit again."""
    trouble: str = ""


class Inflicting:
    """Makes the faults of a plan, each in a thread of its own."""

    def __init__(self, stack: Stack, plan: Sequence[Fault]) -> None:
        self._stack, self._plan = stack, plan
        self.made: list[Inflicted] = []
        self.left_out: list[Fault] = []
        """Faults that were not made: whoever was to be hit was down."""
        self._hits: Counter[str] = Counter()
        self._threads: list[threading.Thread] = []
        self._cancelled = threading.Event()
        self._operator = threading.Lock()

    def begin(self) -> None:
        """Start counting: the plan's times are from now."""
        began = time.monotonic()
        for fault in self._plan:
            thread = threading.Thread(target=self._make, args=(fault, began + fault.at), name=str(fault.kind))
            thread.start()
            self._threads.append(thread)

    def is_alive(self) -> bool:
        """Is there more to come?"""
        return any(thread.is_alive() for thread in self._threads)

    def finish(self) -> list[Inflicted]:
        """Wait until everything was made and has recovered, or has not in time."""
        for thread in self._threads:
            thread.join()
        return sorted(self.made, key=lambda one: one.began)

    def cancel(self) -> None:
        """Make nothing more."""
        self._cancelled.set()
        self.finish()

    def _make(self, fault: Fault, at: float) -> None:
        if self._cancelled.wait(max(0.0, at - time.monotonic())):
            return
        began, trouble = time.time(), ""
        self._hits[fault.target] += 1
        hits = self._hits[fault.target]
        try:
            with self._operator if fault.kind in BY_HAND else nullcontext():
                _MAKE[fault.kind](self._stack, fault)
        except NotRunning:
            self.left_out.append(fault)
            return
        except Exception as error:  # noqa: BLE001 (it is told in the report, and makes the run red)
            trouble = f"{type(error).__name__}: {error}"
        ended = time.time()
        self.made.append(Inflicted(fault, began, ended, self._ready(fault, hits), trouble))

    def _ready(self, fault: Fault, hits: int) -> float | None:
        if fault.kind is Kind.ADD:  # it is gone again
            return None
        names = [fault.target] if fault.target in self._stack.ports else own(self._stack)
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and self._hits[fault.target] == hits:
            with suppress(StackError):
                if all(self._stack.is_ready(name) for name in names):
                    return time.time()
            time.sleep(_EVERY)
        return None


def own(stack: Stack) -> list[str]:
    """Every worker and consumer that shall run."""
    return [name for name in rolling.in_turn([one.name for one in stack.processes]) if name != SPARE]


def _kill(stack: Stack, fault: Fault) -> None:
    server = fault.target.startswith((BROKER, REGISTRY))
    _signal(stack, fault.target, signal.SIGKILL)
    if server:  # workers are started again by their supervisor at once
        stack.stop(fault.target)
        time.sleep(fault.lasts)
        stack.supervisor.start(fault.target)


def _signal(stack: Stack, name: str, number: signal.Signals) -> int:
    if stack.pid(name) is None:
        raise NotRunning(name)
    return stack.send_signal(name, number)


def _sleep(stack: Stack, fault: Fault) -> None:
    pid = _signal(stack, fault.target, signal.SIGSTOP)
    time.sleep(fault.lasts)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _away(stack: Stack, fault: Fault) -> None:
    stack.stop(fault.target)
    time.sleep(fault.lasts)
    stack.supervisor.start(fault.target)


def _add(stack: Stack, fault: Fault) -> None:
    stack.start(fault.target, READY_WITHIN)
    time.sleep(fault.lasts)
    stack.stop(fault.target)


def _rolling(stack: Stack, fault: Fault) -> None:
    rolling.restart(stack)


def _bureau(stack: Stack, fault: Fault) -> None:
    command = [sys.executable, "-m", "tocsin.cli", "add-bureau", fault.target, "--zone", "Africa/Nairobi", "--yes"]
    done = subprocess.run([*command, "--state", str(stack.state)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"add-bureau: {done.stderr.strip()}")


def _wipe(stack: Stack, fault: Fault) -> None:
    names = [name for name in own(stack) if name != "forwarder"]  # what it delivered is no derived state
    for name in names:
        stack.stop(name)
    shutil.rmtree(stack.state / "stores")
    time.sleep(fault.lasts)
    for name in names:
        stack.supervisor.start(name)


def _slow(stack: Stack, fault: Fault) -> None:
    how_slow(stack).write_text(f"{DELAY} {BYTES_A_SECOND}")
    time.sleep(fault.lasts)
    how_slow(stack).unlink()


_MAKE: dict[Kind, Callable[[Stack, Fault], None]] = {
    Kind.KILL: _kill,
    Kind.SLEEP: _sleep,
    Kind.RESTART: _away,
    Kind.AWAY: _away,
    Kind.ADD: _add,
    Kind.ROLLING: _rolling,
    Kind.BUREAU: _bureau,
    Kind.WIPE: _wipe,
    Kind.SLOW: _slow,
}
