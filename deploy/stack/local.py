"""The local stack: start it, look at it, end it.

``running_stack`` is what tests and the demo use, ``start`` and ``stop`` what the command line uses. Both leave
``stack.json`` in the state folder, by which every other process finds broker and registry.

The order of a start, each step only after the one before is ready: 1. artifacts checked 2. broker 3. if something is
to be provisioned: registry writable, provision, registry ended 4. registry read-only 5. workers and consumers.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from deploy.stack import artifacts, certificates, kafka, layout, ports, registry, scraping
from deploy.stack.errors import StackError
from deploy.stack.processes import REGISTRY, REGISTRY_WRITABLE, Process, Runnable, broker
from deploy.stack.running import Stack
from deploy.stack.secret_files import write_private
from deploy.stack.supervision import Supervisor, end_everything, members

__all__ = ["Provision", "Stack", "find", "read_description", "running_stack", "start", "stop"]

Provision = Callable[[Stack], None]
"""Makes topics, users, ACLs and subjects; called with broker up and registry writable."""


def start(
    state: Path,
    *,
    workers: Sequence[Runnable] = (),
    consumers: Sequence[Runnable] = (),
    provision: Provision | None = None,
    provisioned_as: str = "",
    read_only_registry: bool = True,
    tls: bool = False,
    brokers: int = 1,
    port_base: int | None = None,
    cache: Path | None = None,
    progress: artifacts.Progress | None = None,
    on_step: Callable[[str], None] = lambda step: None,
    within: float = 120,
) -> Stack:
    """Start a stack in `state` and wait until everything is ready; ends everything again when that fails.

    `provision` is called unless the last successful call was made with the same `provisioned_as` (any text that
    changes when there is something new to provision). Without `read_only_registry` the registry stays writable, for
    tests of what registers. With `tls` broker and registry speak TLS with certificates made in `state`/tls. Three
    `brokers` replicate everything and go on while one is away; a state folder keeps the number it began with.
    `within`: seconds for each step. Raises StackError and its kin.
    """
    state = state.resolve()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(state):
        if find(state):
            raise StackError(f"a stack is running in {state} already; end it with: tocsin down")
        _clear(state)
        on_step("checking what Java runs")
        checked = artifacts.obtain(cache, progress)
        made = certificates.ensure(state / "tls") if tls else None
        stack = _launch(state, checked, (*workers, *consumers), read_only_registry, port_base, made, brokers)
        try:
            _describe(stack)
            _bring_up(stack, provision, provisioned_as, on_step, within)
            if own := [one.name for one in (*workers, *consumers)]:
                on_step("starting " + ", ".join(own))
                for name in own:  # side by side: none of them needs another to be ready
                    stack.supervisor.start(name)
                for name in own:
                    stack.wait_ready(name, within=within)
            _describe(stack)
        except BaseException:  # Ctrl-C included: what was begun is ended
            stack.stop_all()
            raise
    return stack


def _launch(
    state: Path,
    checked: artifacts.Artifacts,
    workers: Sequence[Runnable],
    read_only_registry: bool,
    port_base: int | None,
    made: certificates.Certificates | None,
    brokers: int,
) -> Stack:
    """The supervisor with everything declared and nothing started."""
    names = (*layout.servers(brokers), *(one.name for one in workers))
    chosen = ports.assign(names, read_description(state).get("ports", {}), port_base)
    processes = layout.processes(state, checked, chosen, workers, read_only_registry, made, brokers)
    return Stack(
        state=state,
        bootstrap=",".join(f"127.0.0.1:{chosen[broker(number)]}" for number in range(1, brokers + 1)),
        registry=f"{'https' if made else 'http'}://127.0.0.1:{chosen[REGISTRY]}{registry.CCOMPAT}",
        security_protocol=kafka.protocol_with(made),
        ca_file=made.ca if made else None,
        processes=tuple(one for one in processes if one.name != REGISTRY_WRITABLE),
        ports=chosen,
        supervisor=Supervisor.launch(state, processes),
    )


def _bring_up(
    stack: Stack, provision: Provision | None, provisioned_as: str, on_step: Callable[[str], None], within: float
) -> None:
    """Broker and registry, provisioned. The registry starts beside the broker: it needs nothing of it."""
    marker = stack.state / "provisioned"
    wanted = provision is not None and not (marker.exists() and marker.read_text() == provisioned_as)
    on_step("starting broker and registry")
    for name in stack.brokers:  # none of several is ready before another one is there
        stack.supervisor.start(name)
    stack.supervisor.start(REGISTRY_WRITABLE if wanted else REGISTRY)
    stack.wait_ready(*stack.brokers, within=within)
    if provision and wanted:
        marker.unlink(missing_ok=True)
        with stack.writable_registry(within):
            on_step("provisioning topics, users, rights and schemas")
            provision(stack)
        marker.write_text(provisioned_as)
        on_step("starting the registry, read-only")
    stack.start(REGISTRY, within)


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Only one start at a time in a state folder; the lock ends with its process, however that ends."""
    with (state / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(f"a stack is being started in {state} just now") from error
        yield


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
    _clear(state)
    return count


def _clear(state: Path) -> None:
    """End what a killed supervisor left behind (it would hold ports and storage), remove its socket."""
    end_everything(state)
    scraping.forget(state)
    if known := _described(state):
        known.supervisor.forget()


def find(state: Path) -> Stack | None:
    """The running stack of `state`, or None when there is none or its supervisor does not answer."""
    known = _described(state.resolve())
    return known if known and known.supervisor.answers() else None


def _described(state: Path) -> Stack | None:
    """The stack that stack.json describes, running or not."""
    description = read_description(state)
    if "supervisor" not in description:
        return None
    return Stack(
        state=state,
        bootstrap=description["bootstrap"],
        registry=description["registry"],
        security_protocol=description.get("security_protocol", kafka.protocol_with(None)),
        ca_file=Path(description["ca_file"]) if description.get("ca_file") else None,
        processes=tuple(
            Process(name=one["name"], command=(), port=one["port"], health=one["health"], role=one.get("role"))
            for one in description["processes"]
        ),
        ports=description["ports"],
        supervisor=Supervisor(state, Path(description["supervisor"])),
    )


def read_description(state: Path) -> dict[str, Any]:
    """What stack.json says, empty when there is none."""
    path = state / "stack.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _describe(stack: Stack) -> None:
    """Say to other processes, Prometheus included, where everything is."""
    scraping.write(stack.state, stack.processes)
    seen = stack.seen()
    write_private(
        stack.state / "stack.json",
        json.dumps(
            {
                "bootstrap": stack.bootstrap,
                "registry": stack.registry,
                "security_protocol": stack.security_protocol,
                "ca_file": stack.ca_file and str(stack.ca_file),
                "supervisor": str(stack.supervisor.socket),
                "ports": dict(stack.ports),
                "processes": [
                    {
                        "name": one.name,
                        "port": one.port,
                        "health": one.health,
                        "role": one.role,
                        "pid": seen[one.name].pid,
                    }
                    for one in stack.processes
                ],
            },
            indent=1,
        ),
    )
