"""How a process ends: 0 after SIGTERM and the batch in hand, 1 after a crash, 70 when what it holds is not its own."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

import faust

from streams.tasks.errors import TaskError

_log = logging.getLogger(__name__)

LOST = 70
"""Exit code for lost ownership, a lost group, a hole, or a state that could not be restored: start again, nothing was
committed."""


def leave_at_once(error: TaskError) -> NoReturn:
    """End the process without any of the endings that commit: the supervisor starts it again."""
    _log.critical("this worker ends with code %d: %s: %s", LOST, type(error).__name__, error)
    _end(LOST)


def run_until_told(app: faust.App) -> NoReturn:
    """Run the app in this thread until SIGTERM (exit 0) or a crash (exit 1)."""
    worker = faust.Worker(app, loglevel=None, quiet=True, override_logging=False)
    worker.spinner = None  # it writes escape sequences even where there is no terminal
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        # Told to stop while it starts, Faust can leave a thread behind that would keep the process for ever.
        _end(1 if end.code else 0)
    _end(0)


def _end(code: int) -> NoReturn:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
