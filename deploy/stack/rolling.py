"""Restarting what a declaration is read by, one process after the other, so that nothing is lost or told too little."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.stack.processes import REGISTRY, is_broker
from deploy.stack.running import Stack

_ORDER = ("cases", "joins", "metrics", "forwarder", "gate")
"""By role. `gate` comes last: it lets in the events of a participant, and what it has let in is judged by `cases`,
which must know by then who takes part. Until then its events wait in its topics."""


def in_turn(names: list[str]) -> list[str]:
    """The processes of a stack that read the declaration, in the order in which they are to be restarted."""
    own = [name for name in names if name != REGISTRY and not is_broker(name)]
    return sorted(own, key=lambda name: _ORDER.index(role) if (role := name.split("-")[0]) in _ORDER else -1)


def told_declaration(stack: Stack) -> Path | None:
    """The declaration that the processes were told to read when the stack was started (TOCSIN_BUREAUS), if any."""
    for name in in_turn([one.name for one in stack.processes]):
        if (pid := stack.pid(name)) is not None:
            told = psutil.Process(pid).environ().get("TOCSIN_BUREAUS")
            return Path(told) if told else None
    return None


def restart(stack: Stack, on_step: Callable[[str], None] = lambda step: None, within: float = 120) -> None:
    """Restart them; each is ready again before the next one ends. Raises ProcessFailed.

    A process that does not run stays as it is.
    """
    for name in in_turn([one.name for one in stack.processes]):
        if stack.pid(name) is not None:
            on_step(name)
            stack.restart(name, within)
