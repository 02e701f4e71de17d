"""Logging of every process: JSON lines for machines, readable ones for people, and no floods of one error.

A broker that is away makes clients log the same sentence thousands of times. Each sentence is let through a few
times, then once a minute with the number of those left out.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TextIO

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


class RepeatLimit(logging.Filter):
    """Lets equal sentences of one logger through `allowance` times a window; numbers in them count as equal.

    When a window is over, the next one says how many were left out (`left_out` on the record).
    """

    def __init__(
        self,
        allowance: int = ALLOWANCE,
        window: float = WINDOW,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._allowance = allowance
        self._window = window
        self._monotonic = monotonic
        self._seen: OrderedDict[tuple[str, int, str], list[float]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record."""
        sentence = record.msg.get("event", "") if isinstance(record.msg, dict) else record.getMessage()
        key = (record.name, record.levelno, _VARYING.sub("#", str(sentence)))
        now = self._monotonic()
        start, count = self._seen.pop(key, (now, 0))
        if now - start >= self._window:
            left_out = int(count) - self._allowance
            if left_out > 0:
                record.left_out = left_out
            start, count = now, 0
        self._seen[key] = [start, count + 1]
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return count < self._allowance


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
        _say_left_out,
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
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(RepeatLimit())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))


def _say_left_out(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    record = event.get("_record")
    left_out = getattr(record, "left_out", None)
    if left_out is not None:
        event["left_out"] = left_out
    return event
