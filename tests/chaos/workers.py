"""The workers and consumers of a run: the product's own, or ones in which something is broken on purpose."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from deploy.stack.processes import Process, Worker
from tests.chaos.delivering import ALLOWED
from tests.chaos.plan import SESSION


@dataclass(frozen=True, slots=True)
class ChaosWorker:
    """A worker with a short session. `broken` names what is broken in it (tests.chaos.broken)."""

    name: str
    broken: str | None = None

    def process(self, port: int, environment: Mapping[str, str]) -> Process:
        """What the supervisor runs."""
        own = Worker(self.name, "worker", self.name.split("-")[0], retries=30).process(port, environment)
        command = [*own.command, "--session-timeout", str(SESSION)]
        if self.broken:
            module = command.index("tocsin.cli")
            command[module : module + 1] = ["tests.chaos.broken", self.broken]
        assert command[0] == sys.executable
        return replace(own, command=tuple(command))


@dataclass(frozen=True, slots=True)
class ChaosConsumer:
    """One of the product's consumers; it may post to this machine."""

    consumer: Worker

    @property
    def name(self) -> str:
        """Its name among the processes of the stack."""
        return self.consumer.name

    def process(self, port: int, environment: Mapping[str, str]) -> Process:
        """What the supervisor runs."""
        return self.consumer.process(port, {**environment, **ALLOWED})
