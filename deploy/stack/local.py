"""The local stack: start it, look at it, end it.

``running_stack`` is what tests and the demo use, ``start`` and ``stop`` what the command line uses. Both leave
``stack.json`` in the state folder, by which every other process finds broker and registry.

The order of a start, each step only after the one before is ready: 1. artifacts checked 2. broker 3. if something is
to be provisioned: registry writable, provision, registry ended 4. registry read-only 5. workers 6. consumers.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.stack import artifacts, layout, ports, readiness, registry
from deploy.stack.errors import ProcessFailed, StackError
from deploy.stack.processes import BROKER, REGISTRY, REGISTRY_WRITABLE, Process, Worker
from deploy.stack.secret_files import write_private
from deploy.stack.supervision import Seen, State, Supervisor, end_everything, members
from tocsin.runtime.settings import Settings

Provision = Callable[["Stack"], None]
"""Makes topics, users, ACLs and subjects; called with broker up and registry writable."""


@dataclass(frozen=True)
class Stack:
    """A stack that was started, and its processes."""

    state: Path
    bootstrap: str
    registry: str
    """Base address of the registry's Confluent API."""
    processes: tuple[Process, ...]
    supervisor: Supervisor = field(repr=False)

    @property
    def settings(self) -> Settings:
        """Settings that lead to this stack, for `tocsin.runtime.settings.connect`."""
        return Settings(state=self.state, bootstrap=self.bootstrap, registry=self.registry)

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
        """kill -9. The supervisor restarts it unless it shall `stay_down` (until `start`)."""
        pid = self.pid(name)
        if pid is None:
            raise StackError(f"{name} does not run")
        os.kill(pid, 9)
        if stay_down:
            self.stop(name)

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
        self.supervisor.shut_down()


def start(
    state: Path,
    *,
    workers: Sequence[Worker] = (),
    consumers: Sequence[Worker] = (),
    provision: Provision | None = None,
    provisioned_as: str = "",
    read_only_registry: bool = True,
    port_base: int | None = None,
    cache: Path | None = None,
    progress: artifacts.Progress | None = None,
    on_step: Callable[[str], None] = lambda step: None,
    within: float = 120,
) -> Stack:
    """Start a stack in `state` and wait until everything is ready; ends everything again when that fails.

    `provision` is called unless the last successful call was made with the same `provisioned_as` (any text that
    changes when there is something new to provision). Without `read_only_registry` the registry stays writable, for
    tests of what registers. `within`: seconds for each step. Raises StackError and its kin.
    """
    state = state.resolve()
    if find(state):
        raise StackError(f"a stack is running in {state} already; end it with: tocsin down")
    end_everything(state)  # what a killed supervisor left behind would hold ports and storage
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    on_step("checking what Java runs")
    checked = artifacts.obtain(cache, progress)
    chosen = ports.assign(
        (*layout.SERVERS, *(one.name for one in (*workers, *consumers))),
        read_description(state).get("ports", {}),
        port_base,
    )
    processes = layout.processes(state, checked, chosen, (*workers, *consumers), read_only_registry)
    supervisor = Supervisor.launch(state, processes)
    stack = Stack(
        state=state,
        bootstrap=f"127.0.0.1:{chosen[BROKER]}",
        registry=f"http://127.0.0.1:{chosen[REGISTRY]}{registry.CCOMPAT}",
        processes=tuple(one for one in processes if one.name != REGISTRY_WRITABLE),
        supervisor=supervisor,
    )
    try:
        _describe(stack, chosen)
        on_step("starting the broker")
        stack.start(BROKER, within)
        marker = state / "provisioned"
        if provision and (not marker.exists() or marker.read_text() != provisioned_as):
            on_step("provisioning topics, users, rights and schemas")
            marker.unlink(missing_ok=True)
            with stack.writable_registry(within):
                provision(stack)
            marker.write_text(provisioned_as)
        on_step("starting the registry")
        stack.start(REGISTRY, within)
        started = (*workers, *consumers)
        if started:
            on_step("starting " + ", ".join(one.name for one in started))
        for one in started:
            supervisor.start(one.name)
        stack.wait_ready(within=within)
        _describe(stack, chosen)
    except BaseException:
        stack.stop_all()
        raise
    return stack


@contextlib.contextmanager
def running_stack(state: Path, **options: Any) -> Iterator[Stack]:
    """A stack for the length of the block; the same options as `start`. Nothing of it is left running afterwards."""
    stack = start(state, **options)
    try:
        yield stack
    finally:
        stack.stop_all()


def stop(state: Path) -> int:
    """End the stack of `state`, also one whose supervisor was killed; returns how many processes were ended."""
    state = state.resolve()
    count = len(members(state))
    if known := find(state):
        known.stop_all()
    end_everything(state)
    return count


def find(state: Path) -> Stack | None:
    """The running stack of `state`, or None when there is none or its supervisor does not answer."""
    state = state.resolve()
    description = read_description(state)
    if not description or "supervisor" not in description:
        return None
    supervisor = Supervisor(state, Path(description["supervisor"]))
    if not supervisor.answers():
        return None
    processes = tuple(
        Process(name=one["name"], command=(), port=one["port"], health=one["health"])
        for one in description["processes"]
    )
    return Stack(state, description["bootstrap"], description["registry"], processes, supervisor)


def read_description(state: Path) -> dict[str, Any]:
    """What stack.json says, empty when there is none."""
    path = state / "stack.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _describe(stack: Stack, chosen: dict[str, int]) -> None:
    seen = stack.seen()
    write_private(
        stack.state / "stack.json",
        json.dumps(
            {
                "bootstrap": stack.bootstrap,
                "registry": stack.registry,
                "supervisor": str(stack.supervisor.socket),
                "ports": chosen,
                "processes": [
                    {"name": one.name, "port": one.port, "health": one.health, "pid": seen[one.name].pid}
                    for one in stack.processes
                ],
            },
            indent=1,
        ),
    )
