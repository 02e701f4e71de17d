"""Which processes a stack has, with their folders, ports and environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import tocsin
from deploy.stack import kafka, registry
from deploy.stack.artifacts import Artifacts
from deploy.stack.certificates import Certificates
from deploy.stack.processes import BROKER, REGISTRY, REGISTRY_WRITABLE, Process, Runnable, broker

CONTROLLER = "controller"
REGISTRY_HEALTH = "registry-health"


def servers(brokers: int = 1) -> tuple[str, ...]:
    """What needs a port in every stack, in the order of --port-base."""
    more = [name for number in range(2, brokers + 1) for name in (broker(number), _controller(number))]
    return (BROKER, CONTROLLER, REGISTRY, REGISTRY_HEALTH, *more)


def _controller(number: int) -> str:
    return CONTROLLER if number == 1 else f"{CONTROLLER}-{number}"


def processes(
    state: Path,
    checked: Artifacts,
    ports: Mapping[str, int],
    workers: Sequence[Runnable],
    read_only_registry: bool,
    certificates: Certificates | None = None,
    brokers: int = 1,
) -> tuple[Process, ...]:
    """Brokers, both ways to run the registry, then `workers` in their order; writes the servers' configuration.

    With `certificates` broker and registry speak TLS. What serves health and metrics stays plain, on loopback.
    """
    health = f"http://127.0.0.1:{ports[REGISTRY_HEALTH]}{registry.READY}"
    database = state / "registry"

    def registry_process(name: str, writable: bool) -> Process:
        return Process(
            name=name,
            command=registry.prepare(
                database,
                checked,
                ports[REGISTRY],
                ports[REGISTRY_HEALTH],
                writable=writable,
                certificates=certificates,
            ),
            port=ports[REGISTRY],
            health=health,
        )

    nodes = [kafka.Node(it, ports[broker(it)], ports[_controller(it)]) for it in range(1, brokers + 1)]
    commands = kafka.prepare(state, checked, nodes, certificates)
    return (
        *(Process(broker(node.number), command, node.port) for node, command in zip(nodes, commands, strict=True)),
        registry_process(REGISTRY_WRITABLE, writable=True),
        registry_process(REGISTRY, writable=not read_only_registry),
        *(one.process(ports[one.name], worker_environment(state)) for one in workers),
    )


def worker_environment(state: Path) -> dict[str, str]:
    """What a worker of this stack needs beyond the settings it inherits."""
    source = str(Path(tocsin.__file__).parents[1])
    inherited = os.environ.get("PYTHONPATH")
    files = {name: os.environ.get(name) for name in ("TOCSIN_BUREAUS", "TOCSIN_KEYS")}
    return {
        "TOCSIN_STATE": str(state),
        # The supervisor starts it in the state folder, where a source tree that is not installed is not found.
        "PYTHONPATH": source + (os.pathsep + inherited if inherited else ""),
        **{name: str(Path(file).absolute()) for name, file in files.items() if file},
    }
