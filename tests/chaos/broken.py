"""A worker in which one promise is broken, as `--break` of a campaign asks: the run must notice.

python -m tests.chaos.broken position-outside-transaction worker joins --port 0
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from streams.tasks.log import Outgoing
from streams.tasks.task import Task
from tocsin.cli import main

_OWN = b"\0"
"""Keys of the task's own records begin with it."""


def _position_outside() -> None:
    """The position and the counters are committed after the outputs and the state, in a transaction of their own."""
    whole = Task._write

    def write(task: Task, batch: Sequence[Outgoing]) -> int:
        changelog = task.assignment.changelog_place
        own = [it for it in batch if it.place == changelog and (it.key or b"").startswith(_OWN)]
        if rest := [it for it in batch if it not in own]:
            whole(task, rest)
        return whole(task, own)

    Task._write = write  # type: ignore[method-assign]


BREAKS: dict[str, Callable[[], None]] = {"position-outside-transaction": _position_outside}
"""By the name that `--break` takes."""


if __name__ == "__main__":
    BREAKS[sys.argv.pop(1)]()
    main()
