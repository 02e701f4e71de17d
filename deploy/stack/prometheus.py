"""Prometheus beside a stack, where its program is installed (Debian's package `prometheus` has it)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.stack import scraping
from deploy.stack.errors import StackError
from deploy.stack.processes import Process


@dataclass(frozen=True, slots=True)
class Prometheus:
    """It as a process of a stack: on loopback, its data in the state folder, asking whoever the stack says is there."""

    program: str
    state: Path
    name: str = "prometheus"

    def process(self, port: int, environment: Mapping[str, str]) -> Process:
        """What the supervisor runs."""
        command = (
            self.program,
            f"--config.file={scraping.configuration(self.state)}",
            f"--storage.tsdb.path={scraping.folder(self.state) / 'data'}",
            "--storage.tsdb.retention.time=2d",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.format=json",
        )
        return Process(
            name=self.name, command=command, port=port, health=f"{address(port)}/-/ready", environment=environment
        )


def installed(state: Path) -> Prometheus | None:
    """Prometheus for the stack in `state`; None when there is no such program."""
    program = shutil.which("prometheus")
    return None if program is None else Prometheus(program, state.resolve())


def required(state: Path) -> Prometheus:
    """Prometheus for the stack in `state`. Raises StackError when there is no such program."""
    found = installed(state)
    if found is None:
        raise StackError("there is no program prometheus on the PATH; Debian's package prometheus has it")
    return found


def address(port: int) -> str:
    """Its pages."""
    return f"http://127.0.0.1:{port}"
