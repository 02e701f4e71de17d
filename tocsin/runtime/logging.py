"""Logging of every process: JSON lines for machines, readable ones for people, and no floods of one error.

A broker that is away makes clients log the same sentence thousands of times. Each sentence is let through a few
times a minute; at the end of the minute one line says how often it was said beside, so that nobody takes silence for a
standstill.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, TextIO

import structlog

ALLOWANCE = 3
"""How often one sentence is let through within a window."""
WINDOW = 60.0
"""Length of a window in seconds."""
REMEMBERED = 1000
"""How many different sentences are told apart; the longest unheard one is forgotten first."""
_CHATTY = ("httpx", "httpcore")
"""Loggers that tell of each request that went well."""
_VARYING = re.compile(r"0x[0-9a-f]+|\d+")


class _Sentence(NamedTuple):
    logger: str
    level: int
    text: str
    """Its numbers are left out."""


class RepeatLimit:
    """Lets equal sentences of one logger through `allowance` times a window; numbers in them count as equal.

    A window begins with its first sentence. When it is over, `ended` says how often more it was said. Threads may share
    it.
    """

    def __init__(
        self,
        allowance: int = ALLOWANCE,
        window: float = WINDOW,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowance = allowance
        self._window = window
        self._monotonic = monotonic
        self._seen: OrderedDict[_Sentence, tuple[float, int]] = OrderedDict()
        """When the window of a sentence began, and how often it was said in it; the longest unheard one first."""
        self._over: list[logging.LogRecord] = []
        self._next_end: float | None = None
        """When the first window ends in which something was left out."""
        self._lock = threading.RLock()

    def lets_through(self, record: logging.LogRecord) -> bool:
        """Whether to write the record."""
        text = record.msg.get("event", "") if isinstance(record.msg, dict) else record.getMessage()
        sentence = _Sentence(record.name, record.levelno, _VARYING.sub("#", str(text)))
        now = self._monotonic()
        with self._lock:
            start, count = self._seen.pop(sentence, (now, 0))
            if now - start >= self._window:
                self._end(sentence, count)
                start, count = now, 0
            self._seen[sentence] = (start, count + 1)
            if len(self._seen) > REMEMBERED:
                forgotten, (_, said) = self._seen.popitem(last=False)
                self._end(forgotten, said)
            if count < self._allowance:
                return True
            end = start + self._window
            self._next_end = end if self._next_end is None else min(self._next_end, end)
            return False

    def ended(self, *, at_once: bool = False) -> list[logging.LogRecord]:
        """A record for each window that is over (`at_once`: or is not) and in which something was left out; each once.

        It has the logger and level of what was left out, and the number as `left_out`.
        """
        now = self._monotonic()
        with self._lock:
            if at_once or (self._next_end is not None and now >= self._next_end):
                for sentence, (start, count) in list(self._seen.items()):
                    if at_once or now - start >= self._window:
                        del self._seen[sentence]
                        self._end(sentence, count)
                left_out = [start for start, count in self._seen.values() if count > self._allowance]
                self._next_end = min(left_out) + self._window if left_out else None
            over, self._over = self._over, []
            return over

    def next_end(self) -> float | None:
        """Seconds until `ended` has something to say; None: nothing was left out."""
        with self._lock:
            if self._over:
                return 0.0
            return None if self._next_end is None else max(0.0, self._next_end - self._monotonic())

    def _end(self, sentence: _Sentence, said: int) -> None:
        left_out = said - self._allowance
        if left_out <= 0:
            return
        text = f"said {left_out} more times: {sentence.text}"
        record = logging.LogRecord(sentence.logger, sentence.level, "", 0, text, None, None)
        record.left_out = left_out
        self._over.append(record)


class _Lines(logging.StreamHandler[TextIO]):
    """Writes what a RepeatLimit lets through, and at the end of a window, or of the process, how much it did not."""

    def __init__(self, stream: TextIO, limit: RepeatLimit) -> None:
        super().__init__(stream)
        self._limit = limit
        self._timer: threading.Timer | None = None

    def handle(self, record: logging.LogRecord) -> bool:
        self.say_left_out()
        if self._limit.lets_through(record):
            return bool(super().handle(record))
        self._wake_at_the_end()
        return False

    def _wake_at_the_end(self) -> None:
        """See that the end of a window is heard of, though nothing more is written."""
        assert self.lock is not None
        with self.lock:
            seconds = self._limit.next_end()
            if self._timer is None and seconds is not None:
                timer = threading.Timer(seconds, self._woken)
                timer.daemon = True
                with suppress(RuntimeError):  # the interpreter ends: `close` says it
                    timer.start()
                    self._timer = timer

    def _woken(self) -> None:
        self._timer = None
        self.say_left_out()
        self._wake_at_the_end()

    def say_left_out(self, *, at_once: bool = False) -> None:
        """Write what `RepeatLimit.ended` has to say."""
        for record in self._limit.ended(at_once=at_once):
            super().handle(record)

    def close(self) -> None:
        """Say the rest."""
        self.say_left_out(at_once=True)
        super().close()


def configure(*, json_lines: bool | None = None, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set up logging of this process; both structlog's and the standard library's loggers write to `stream`.

    `stream` is standard error unless given. `json_lines` None: JSON unless `stream` is a terminal. Never log personal
    data: names, numbers and free text of events stay out, ids and counts are what a line may hold.
    """
    stream = stream or sys.stderr
    if json_lines is None:
        json_lines = not stream.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Any]
    if json_lines:
        last = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Lines(stream, RepeatLimit())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
