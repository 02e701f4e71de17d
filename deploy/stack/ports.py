"""Ports of the local stack: chosen once, kept over restarts."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Mapping

from deploy.stack.errors import StackError

LOWEST, HIGHEST = 20_000, 32_000
"""Where free ports are looked for: below the range from which systems take the near end of outgoing connections, so
that none of those sits on a port of ours while its process restarts."""


def assign(names: Iterable[str], known: Mapping[str, int], base: int | None = None) -> dict[str, int]:
    """A port for each name: the known one while it is free, else `base`, base+1, ... or random free ones.

    Raises StackError when a port counted from `base` is taken.
    """
    chosen: dict[str, int] = {}
    for number, name in enumerate(names):
        if base is not None:
            port = base + number
            if not is_free(port):
                raise StackError(f"port {port} (for {name}) is in use; choose another --port-base")
        else:
            port = known.get(name, 0)
            while not port or port in chosen.values() or not is_free(port):
                port = random.randrange(LOWEST, HIGHEST)
        chosen[name] = port
    return chosen


def is_free(port: int) -> bool:
    """Whether a server could listen there now, on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
