"""Looking up a host's addresses: by the system's resolver, which can hang for minutes and cannot be broken off."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Any

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host; raises OSError."""


class LookUp:
    """Looks up for one endpoint, in one thread at most, so that a name that hangs takes nothing from the others.

    Whoever asks while a question is still on its way waits for its answer.
    """

    def __init__(self, ask: Callable[..., Sequence[Any]] = socket.getaddrinfo) -> None:
        self._ask = ask
        self._answer: Future[Sequence[str]] | None = None

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Addresses of `host`, in the order of the system's policy. Raises OSError, UnicodeError."""
        if self._answer is None or self._answer.done():
            self._answer = Future()
            self._answer.set_running_or_notify_cancel()  # who gives up waiting does not cancel it for the next one
            # A daemon: the forwarder's end does not wait for a name server.
            arguments = (host, port, self._answer)
            threading.Thread(target=self._look_up, args=arguments, name="look-up", daemon=True).start()
        return await asyncio.wrap_future(self._answer)

    def _look_up(self, host: str, port: int, answer: Future[Sequence[str]]) -> None:
        try:
            found = self._ask(host, port, type=socket.SOCK_STREAM)
            answer.set_result([str(one[4][0]) for one in found])
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)
        finally:
            if not answer.done():  # a defect: nobody waits for ever
                answer.set_exception(OSError("the look-up failed"))
