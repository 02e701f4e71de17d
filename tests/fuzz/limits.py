"""What one input may cost: processor time and memory. What costs more is reported as what raises is."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

MIB = 96
"""By how much one input may raise the most memory that this process ever had."""
_STUCK = 30
"""Seconds of processor time after which the kernel ends a process that does not come back from C code."""


class Exceeded(BaseException):
    """An input took too much. No `except Exception` may take it for its own."""


class Limits:
    """Runs inputs within the limits, while it is entered, in the main thread."""

    def __init__(self, seconds: float) -> None:
        """`seconds` of processor time an input; what else the machine does changes nothing."""
        self._seconds = seconds

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGVTALRM, self._stop)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, self._before)

    def run(self, target: Callable[[bytes], str | None], data: bytes) -> tuple[str | None, float]:
        """The target's answer and the seconds that it took. Raises what the target raises, or Exceeded."""
        memory, began = most_mib(), time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds)
        try:
            answer = target(data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took = time.process_time() - began
        if took > self._seconds:
            raise Exceeded(f"{self._seconds} s")  # in C code, where no signal stops it
        if most_mib() - memory > MIB:
            raise Exceeded(f"{MIB} MiB")
        return answer, took

    def _stop(self, number: int, frame: FrameType | None) -> None:
        raise Exceeded(f"{self._seconds} s")


def most_mib() -> float:
    """The most memory that this process ever had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def end_when_stuck() -> None:
    """Have the kernel end this process when it takes far more time from now on than inputs may. Call it again."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    (_, hard) = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + _STUCK, hard))
