"""The same work over many chunks, on several cores, with the results in order."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, TypeVar

from tocsin.runtime.errors import TocsinError

A = TypeVar("A")
B = TypeVar("B")
_AHEAD = 3
"""Chunks handed out for each process: enough that none waits, few enough that memory stays small."""

_work: Callable[[Any], Any]


class WorkerDied(TocsinError):
    """A process of ours was ended from outside."""


@contextmanager
def nothing_collected() -> Iterator[None]:
    """While much is built that will stay: the search for garbage would go through all of it again and again.

    Afterwards what was built is left out of such searches, so that forked processes go on sharing it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunks(items: Iterable[A], size: int) -> Iterator[list[A]]:
    """`items` in lists of `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def in_order(work: Callable[[A], B], items: Iterable[A], jobs: int) -> Iterator[B]:
    """`work` of each of `items`, in their order, by `jobs` processes; in this one where there is nothing to share.

    `work` goes to each process once (where processes can be forked, without a copy), items and results are pickled.
    Nothing may run beside it in this process when it begins: forked threads do not live on. Raises WorkerDied.
    """
    rest = iter(items)
    first = list(islice(rest, 2))
    if jobs <= 1 or len(first) < 2:
        yield from map(work, chain(first, rest))
        return
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context(method), _take, (work,))
    try:
        yield from _windowed(pool, chain(first, rest), jobs * _AHEAD)
    except BrokenProcessPool as error:
        raise WorkerDied("a process was ended from outside (out of memory?); try again with fewer --jobs") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _windowed(pool: ProcessPoolExecutor, items: Iterator[A], ahead: int) -> Iterator[Any]:
    running: deque[Future[Any]] = deque()
    for item in items:
        running.append(pool.submit(_do, item))
        if len(running) >= ahead:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def _take(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for us


def _do(item: Any) -> Any:
    return _work(item)
