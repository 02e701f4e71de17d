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
import pwd
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from deploy.stack.errors import StackError
from deploy.stack.processes import Process

MARK = "TOCSIN_STACK"
"""Environment variable that every process of a stack carries: the state folder, by which its processes are found."""

NOT_INHERITED = ("TOCSIN_USER", "TOCSIN_PASSWORD", "TOCSIN_BOOTSTRAP", "TOCSIN_REGISTRY", "TOCSIN_STATE")
"""Settings of whoever typed `tocsin up` that are not those of the processes started by it."""


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
        configuration.write_text(_configuration(state, socket, processes))
        log = logs / "supervisor.log"
        with log.open("a") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
                | {MARK: str(state)},
            )
        supervisor = cls(state, socket)
        deadline = time.monotonic() + 15
        while not supervisor.answers():
            if child.poll() is not None or time.monotonic() > deadline:
                child.kill()
                raise StackError(f"the supervisor did not come up; see {log}")
            time.sleep(0.05)
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
        with _unless("NOT_RUNNING"):
            self._call("stopProcess", name, True)

    def shut_down(self) -> None:
        """End every process, then the supervisor; returns when all are gone."""
        with contextlib.suppress(StackError):
            self._call("shutdown")
        end_everything(self.state, grace=60)
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
    """Wait `grace` seconds for the stack's processes to end after SIGTERM, then SIGKILL; returns how many there were.

    The supervisor is told first, so that it does not restart what is ended here.
    """
    found = [one for one in members(state) if one.pid != os.getpid()]
    found.sort(key=lambda one: not _is_supervisor(one))
    for one in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=grace)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, timeout=10)
    return len(found)


def _is_supervisor(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "supervisor.supervisord" in process.cmdline()
    return False


def _configuration(state: Path, socket: Path, processes: Sequence[Process]) -> str:
    sections: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": socket, "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": state / "logs" / "supervisor.log",
            "logfile_maxbytes": "10MB",
            "pidfile": state / "supervisor.pid",
            "user": pwd.getpwuid(os.getuid()).pw_name,
            # Cleaning up would delete logs in a temporary folder that other stacks share.
            "nocleanup": "true",
            "childlogdir": state / "logs",
        },
    }
    for one in processes:
        sections[f"program:{one.name}"] = {
            "command": shlex.join(one.command),
            "directory": state,
            "environment": ",".join(f"{name}={_quoted(value)}" for name, value in one.environment.items()),
            "autostart": "false",
            "autorestart": "true",
            # A start that does not last so long is a failure; the n-th failure in a row is followed by n seconds.
            "startsecs": 5,
            "startretries": 8,
            "stopsignal": "TERM",
            "stopwaitsecs": int(one.stop_within),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": state / "logs" / f"{one.name}.log",
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": 3,
        }
    return "\n".join(
        f"[{title}]\n" + "".join(f"{name} = {_escaped(value)}\n" for name, value in settings.items())
        for title, settings in sections.items()
    )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
