"""How a process ends: 0 after SIGTERM and the batch in hand, 1 after a crash, 70 when what it holds is not its own."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

from streams.tasks.errors import TaskError

_log = logging.getLogger(__name__)

LOST = 70
"""Exit code for lost ownership, a hole, or a state that could not be restored: start again, nothing was committed."""


def leave_at_once(error: TaskError) -> NoReturn:
    """End the process without any of the endings that commit: the supervisor starts it again."""
    _log.critical("this worker ends with code %d: %s: %s", LOST, type(error).__name__, error)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(LOST)
