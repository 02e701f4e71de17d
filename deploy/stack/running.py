"""A stack that runs, and what can be done with its processes."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.stack import readiness, scraping
from deploy.stack.errors import ProcessFailed, StackError
from deploy.stack.processes import REGISTRY, REGISTRY_WRITABLE, Process, is_broker
from deploy.stack.supervision import Seen, State, Supervisor
from tocsin.runtime.settings import Settings


@dataclass(frozen=True)
class Stack:
    """A stack that was started, and its processes."""

    state: Path
    bootstrap: str
    registry: str
    """Base address of the registry's Confluent API."""
    security_protocol: str
    """How clients speak to the broker."""
    ca_file: Path | None
    """Certificates that clients trust; None where nothing speaks TLS."""
    processes: tuple[Process, ...]
    ports: Mapping[str, int] = field(repr=False)
    supervisor: Supervisor = field(repr=False)

    @property
    def settings(self) -> Settings:
        """Settings that lead to this stack, for `tocsin.runtime.settings.connect`."""
        return Settings(state=self.state, bootstrap=self.bootstrap, registry=self.registry)

    @property
    def brokers(self) -> tuple[str, ...]:
        """The names of its brokers: one, or three that replicate."""
        return tuple(one.name for one in self.processes if is_broker(one.name))

    def process(self, name: str) -> Process:
        """The process called `name`. Raises StackError when there is none."""
        for one in self.processes:
            if one.name == name:
                return one
        raise StackError(f"no process is called {name!r}; there are: {', '.join(p.name for p in self.processes)}")

    def seen(self) -> dict[str, Seen]:
        """What the supervisor says of each process."""
        return self.supervisor.seen()

    def pid(self, name: str) -> int | None:
        """Process id of `name`, None when it does not run."""
        return self.seen()[self.process(name).name].pid

    def is_ready(self, name: str) -> bool:
        """Whether `name` runs and says that it is ready."""
        one = self.process(name)
        return self.pid(name) is not None and readiness.is_ready(one, self.state)

    def listening(self, name: str) -> set[tuple[str, int]]:
        """Addresses and ports that `name` listens on."""
        pid = self.pid(name)
        found = psutil.Process(pid).net_connections(kind="tcp") if pid else []
        return {(one.laddr.ip, one.laddr.port) for one in found if one.status == psutil.CONN_LISTEN}

    def start(self, name: str, within: float = 60) -> None:
        """Start `name` and wait until it is ready."""
        self.supervisor.start(self.process(name).name)
        self.wait_ready(name, within=within)

    def stop(self, name: str) -> None:
        """End `name` in its own order (SIGTERM); it is not restarted."""
        self.supervisor.stop(self.process(name).name)

    def restart(self, name: str, within: float = 60) -> None:
        """End and start `name`, and wait until it is ready."""
        self.stop(name)
        self.start(name, within)

    def kill(self, name: str, stay_down: bool = False) -> None:
        """kill -9, returning when it is dead. It is restarted unless it shall `stay_down` (until `start`)."""
        pid = self.send_signal(name, signal.SIGKILL)
        while self.pid(name) == pid:
            time.sleep(0.02)
        if stay_down:
            self.stop(name)

    def send_signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to `name` alone; returns the process id. Raises StackError when it does not run."""
        pid = self.pid(name)
        if pid is None:
            raise StackError(f"{name} does not run")
        os.kill(pid, number)
        return pid

    def wait_ready(self, *names: str, within: float = 60) -> None:
        """Wait until all of `names` (all processes, when none is named) are ready.

        Raises ProcessFailed when one cannot be kept up or is not ready in time (seconds).
        """
        deadline = time.monotonic() + within
        for name in names or tuple(one.name for one in self.processes):
            log = self.log(name)
            while not self.is_ready(name):
                seen = self.seen()[name]
                if seen.state is State.FAILED:
                    raise ProcessFailed(name, log, f"could not be kept up ({seen.said})")
                if time.monotonic() > deadline:
                    raise ProcessFailed(name, log, f"was not ready within {within:.0f} s")
                time.sleep(0.1)

    def log(self, name: str) -> Path:
        """Where `name` logs."""
        return self.state / "logs" / f"{name}.log"

    @contextlib.contextmanager
    def writable_registry(self, within: float = 60) -> Iterator[None]:
        """The registry takes changes inside of the block and is read-only again after it."""
        was_up = self.pid(REGISTRY) is not None
        self.stop(REGISTRY)
        self.supervisor.start(REGISTRY_WRITABLE)
        try:
            self._wait_writable(within)
            yield
        finally:
            self.supervisor.stop(REGISTRY_WRITABLE)
            if was_up:
                self.start(REGISTRY, within)

    def _wait_writable(self, within: float) -> None:
        deadline = time.monotonic() + within
        health = self.process(REGISTRY).health
        while not (health and readiness.answers(health)):
            if self.seen()[REGISTRY_WRITABLE].state is State.FAILED or time.monotonic() > deadline:
                raise ProcessFailed(REGISTRY_WRITABLE, self.log(REGISTRY_WRITABLE), "did not come up")
            time.sleep(0.1)

    def stop_all(self) -> None:
        """End everything; returns when no process is left."""
        servers = (*self.brokers, REGISTRY, REGISTRY_WRITABLE)
        scraping.forget(self.state)  # first: nobody shall be alarmed by processes that end on purpose
        self.supervisor.shut_down(first=[one.name for one in self.processes if one.name not in servers])
