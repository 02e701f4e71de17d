"""The processes of the local stack, as data: what runs, in which order it starts, when it counts as ready."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

BROKER = "broker"
REGISTRY = "registry"
REGISTRY_WRITABLE = "registry-writable"


def broker(number: int) -> str:
    """The name of the n-th broker, from 1."""
    return BROKER if number == 1 else f"{BROKER}-{number}"


def is_broker(name: str) -> bool:
    """Whether a process is one of the brokers."""
    return name == BROKER or name.startswith(f"{BROKER}-")


@dataclass(frozen=True, slots=True)
class Process:
    """One supervised process.

    `name` is its name in `tocsin status`, of its log file and (for workers) its stable worker id. `health` is the
    address that answers 200 when it is really ready; None for the broker, which is asked as a Kafka client.
    """

    name: str
    command: tuple[str, ...]
    port: int
    health: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_within: float = 30
    """Seconds between SIGTERM and SIGKILL."""
    retries: int = 8
    """How many failed starts in a row are followed by another one; a start fails that does not last 5 seconds, and
    the n-th failure is followed by n seconds of waiting."""
    role: str | None = None
    """What a process of the product does (gate, joins, metrics, ...): it serves /metrics at its port. None: a server
    of others."""


class Runnable(Protocol):
    """What a stack runs beside its servers."""

    @property
    def name(self) -> str:
        """Its name among the processes of the stack."""
        ...

    def process(self, port: int, environment: Mapping[str, str]) -> Process:
        """The process, once its port is known."""
        ...


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of the product itself: ``tocsin <kind> <role> --port P``, with its own name where there are several."""

    name: str
    kind: str
    role: str
    retries: int = 8

    def process(self, port: int, environment: Mapping[str, str]) -> Process:
        """What the supervisor runs. Workers get a stable id, so that a restart is no new group member."""
        command = [sys.executable, "-m", "tocsin.cli", self.kind, self.role, "--port", str(port)]
        if self.kind == "worker":
            command += ["--worker-id", self.name]
        return Process(
            name=self.name,
            command=tuple(command),
            port=port,
            health=f"http://127.0.0.1:{port}/healthz",
            environment=environment,
            retries=self.retries,
            role=self.role,
        )


def workers(joins: int = 2) -> tuple[Worker, ...]:
    """The stages, `joins` of them sharing the joins."""
    return (
        Worker("gate", "worker", "gate"),
        *(Worker(f"joins-{number}", "worker", "joins") for number in range(1, joins + 1)),
        Worker("cases", "worker", "cases"),
    )


def consumers() -> tuple[Worker, ...]:
    """The consumers that belong to every stack."""
    return (Worker("metrics", "consumer", "metrics"), Worker("forwarder", "consumer", "forwarder"))
