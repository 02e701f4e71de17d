"""Keeping the processes of a stack alive: supervisord, configured by us, spoken to over its socket.

Why supervisor (4.3) and not circus (0.19), which detaches and restarts as well: supervisor waits longer after each
failed start and then says FATAL by itself, where circus leaves that to a plugin that has restarted deliberately
stopped processes since 2013 and spins without answering when a command does not exist; its control socket is a file
with rights (circus: an open TCP port that runs any command for anybody on the machine, unless told otherwise); it has
no dependencies; and it is released and tested for current Python. It cannot outlive kill -9 without leaving its
children, nor can circus: :func:`end_everything` finds them by the mark in their environment.

The supervisor is always a process in a session of its own: `tocsin up` in the foreground watches one just as
`--detach` leaves one, so that Ctrl-C in a terminal reaches us and not, unordered, everybody.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from deploy.stack import supervisord_ini
from deploy.stack.errors import StackError
from deploy.stack.processes import Process

MARK = "TOCSIN_STACK"
"""Environment variable that every process of a stack carries: the state folder, by which its processes are found."""

_LOOK_EVERY = 0.05
"""Seconds between two looks whether a process has ended."""
_NOT_INHERITED = frozenset(
    (
        # Who typed `tocsin up` and which stack that person looked at before.
        *("TOCSIN_USER", "TOCSIN_PASSWORD", "TOCSIN_BOOTSTRAP", "TOCSIN_REGISTRY", "TOCSIN_STATE"),
        *("TOCSIN_SECURITY_PROTOCOL", "TOCSIN_CA_FILE"),
        # Code in our Java that nobody pinned.
        *("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"),
    )
)
_NOT_INHERITED_PREFIXES = ("APICURIO_", "QUARKUS_", "SUPERVISOR_")
"""The registry reads its settings from there as well, those that make it read-only included."""


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """What of `environment` the processes of a stack get to see."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _NOT_INHERITED and not name.startswith(_NOT_INHERITED_PREFIXES)
    }


class State(StrEnum):
    """What supervisor says of a process, in words of ours."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    """It ended by itself and is started again, later after each failure."""
    STOPPING = "stopping"
    FAILED = "failed"
    """It could not be kept up and is left alone."""


_STATES = {
    "STOPPED": State.STOPPED,
    "STARTING": State.STARTING,
    "RUNNING": State.RUNNING,
    "BACKOFF": State.RESTARTING,
    "STOPPING": State.STOPPING,
    "EXITED": State.RESTARTING,
    "FATAL": State.FAILED,
    "UNKNOWN": State.FAILED,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One process as the supervisor sees it."""

    name: str
    state: State
    pid: int | None
    started: float
    """Seconds since 1970; 0 when it never was."""
    said: str
    """What the supervisor last noted of it: why it ended, or how long it runs."""


class Supervisor:
    """The supervisord of one state folder."""

    def __init__(self, state: Path, socket: Path) -> None:
        self.state = state
        self.socket = socket

    @classmethod
    def launch(cls, state: Path, processes: Sequence[Process]) -> Supervisor:
        """Start supervisord with `processes` declared, none of them started.

        Raises StackError when it does not come up.
        """
        # A socket's path may be 104 bytes long at most, a state folder's is longer now and then.
        socket = Path(tempfile.mkdtemp(prefix="tocsin-")) / "control"
        logs = state / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        configuration = state / "supervisor.ini"
        configuration.write_text(supervisord_ini.text(socket, processes))
        log = logs / "supervisor.log"
        with log.open("a") as output:
            child = subprocess.Popen(  # in a session of its own: Ctrl-C is ours to answer
                [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(configuration)],
                cwd=state,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=inherited(os.environ) | {MARK: str(state)},
            )
        supervisor = cls(state, socket)
        deadline = time.monotonic() + 15
        try:
            while not supervisor.answers():
                if child.poll() is not None or time.monotonic() > deadline:
                    raise StackError(f"the supervisor did not come up; see {log}")
                time.sleep(0.05)
        except BaseException:
            child.kill()
            child.wait()
            supervisor.forget()
            raise
        return supervisor

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except StackError:
            return False

    def seen(self) -> dict[str, Seen]:
        """All declared processes by name. Raises StackError when the supervisor is gone."""
        return {
            one["name"]: Seen(
                name=one["name"],
                state=_STATES[one["statename"]],
                pid=one["pid"] or None,
                started=float(one["start"]),
                said=one["spawnerr"] or one["description"],
            )
            for one in self._call("getAllProcessInfo")
        }

    def start(self, name: str) -> None:
        """Ask for `name` to run; nothing happens when it does."""
        with _unless("ALREADY_STARTED"):
            self._call("startProcess", name, False)

    def stop(self, name: str) -> None:
        """End `name` (SIGTERM, SIGKILL after its time) and wait until it has ended."""
        running = self.seen()[name].pid
        with _unless("NOT_RUNNING"):
            self._call("stopProcess", name, False)  # asked to answer when it is done, the supervisor turns on the spot
        while running and self.seen()[name].pid == running:
            time.sleep(_LOOK_EVERY)

    def shut_down(self, first: Sequence[str] = ()) -> None:
        """End the processes named `first`, all at once, then the others in reverse order of their start.

        Returns when every process and the supervisor are gone.
        """
        with contextlib.suppress(StackError):
            for name in first:
                with _unless("NOT_RUNNING"):
                    self._call("stopProcess", name, False)
            while any(one.name in first and one.pid for one in self.seen().values()):
                time.sleep(_LOOK_EVERY)
            self._call("shutdown")
            psutil.wait_procs(members(self.state), timeout=60)
        end_everything(self.state)
        self.forget()

    def forget(self) -> None:
        """Remove the control socket of a supervisor that is gone."""
        self.socket.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.socket.parent.rmdir()

    def _call(self, method: str, *arguments: Any) -> Any:
        # A connection each: the transport keeps one, and does not mend it after a failure.
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        try:
            with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError) as error:
            raise StackError(f"the supervisor of {self.state} does not answer: {error}") from error


@contextlib.contextmanager
def _unless(fault: str) -> Any:
    try:
        yield
    except xmlrpc.client.Fault as error:
        if fault not in error.faultString:
            raise StackError(f"the supervisor refused: {error.faultString}") from error


def members(state: Path) -> list[psutil.Process]:
    """Every living process of the stack of `state`, whoever started it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(state) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:  # gone meanwhile, or somebody else's
            continue
    return found


def end_everything(state: Path, grace: float = 10) -> int:
    """SIGTERM to the stack's processes, SIGKILL to those alive `grace` seconds later; returns how many there were.

    For what is left when no supervisor answers. One that is only slow hears it first, restarts nothing any more and
    may still have started a process while we looked: so look again until there is none.
    """
    ended = 0
    # A process that is just becoming another program shows no environment: nobody found is believed the second time.
    while found := _others(state) or _others(state, after=0.05):
        ended += len(found)
        found.sort(key=lambda one: not _is_supervisor(one))
        for one in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(found, timeout=grace)
        for one in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(alive, timeout=10)
    return ended


def _others(state: Path, after: float = 0) -> list[psutil.Process]:
    time.sleep(after)
    return [one for one in members(state) if one.pid != os.getpid()]


def _is_supervisor(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "supervisor.supervisord" in process.cmdline()
    return False
