"""Processes are kept up, given up on, and ended: with a real supervisor and small processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy.stack.errors import StackError
from deploy.stack.processes import Process
from deploy.stack.supervision import State, Supervisor, end_everything, inherited, members

SLEEPS = "import time; print('hello', flush=True); time.sleep(600)"
ENDS = "import sys; print('no', flush=True); sys.exit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
TELLS = "import os, time; print(os.environ['TOLD'], os.environ.get('TOCSIN_USER'), flush=True); time.sleep(600)"


def python(name: str, program: str, **more: object) -> Process:
    return Process(name=name, command=(sys.executable, "-c", program), port=0, **more)  # type: ignore[arg-type]


@contextmanager
def supervised(state: Path, *processes: Process) -> Iterator[Supervisor]:
    state.mkdir(exist_ok=True)
    supervisor = Supervisor.launch(state, processes)
    try:
        yield supervisor
    finally:
        end_everything(state)


def until(true: Callable[[], object], within: float = 15) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, python("worker", SLEEPS)) as supervisor:
        supervisor.start("worker")
        first = supervisor.seen()["worker"].pid
        assert first
        os.kill(first, signal.SIGKILL)

        until(lambda: supervisor.seen()["worker"].pid not in (None, first))


def test_a_process_that_ends_at_once_again_and_again_is_given_up_on_and_its_output_kept(tmp_path: Path) -> None:
    with supervised(tmp_path, python("worker", ENDS, retries=1)) as supervisor:
        supervisor.start("worker")

        until(lambda: supervisor.seen()["worker"].state is State.FAILED)

        assert (tmp_path / "logs" / "worker.log").read_text() == "no\nno\n"


def test_a_command_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    missing = Process(name="worker", command=("/nowhere/java",), port=0)
    with supervised(tmp_path, missing) as supervisor, pytest.raises(StackError, match="/nowhere/java"):
        supervisor.start("worker")


def test_shutting_down_leaves_no_process_and_no_socket(tmp_path: Path) -> None:
    stubborn = python("stubborn", STUBBORN, stop_within=1)
    with supervised(tmp_path, python("server", SLEEPS), python("worker", SLEEPS), stubborn) as supervisor:
        for name in ("server", "worker", "stubborn"):
            supervisor.start(name)
        # not at once: while a process becomes another program, its environment cannot be read
        until(lambda: len(members(tmp_path)) == 4)

        supervisor.shut_down(first=["worker", "stubborn"])

        assert members(tmp_path) == []
        assert not supervisor.socket.parent.exists()


def test_what_a_killed_supervisor_leaves_behind_is_found_and_ended(tmp_path: Path) -> None:
    with supervised(tmp_path, python("worker", SLEEPS), python("stubborn", STUBBORN)) as supervisor:
        supervisor.start("worker")
        supervisor.start("stubborn")
        until(lambda: len(members(tmp_path)) == 3)
        # before it has said what it says, it would die of the pipe that nobody reads any more
        until(lambda: (tmp_path / "logs" / "worker.log").read_text() == "hello\n")
        os.kill(int((tmp_path / "supervisor.pid").read_text()), signal.SIGKILL)
        until(lambda: not supervisor.answers())
        until(lambda: len(members(tmp_path)) == 2)

        assert end_everything(tmp_path, grace=1) == 2

        assert members(tmp_path) == []


def test_another_stack_is_not_touched(tmp_path: Path) -> None:
    with supervised(tmp_path / "one", python("worker", SLEEPS)) as one, supervised(tmp_path / "two") as two:
        one.start("worker")
        end_everything(tmp_path / "two")
        until(lambda: not two.answers())

        assert psutil.pid_exists(one.seen()["worker"].pid or 0)


def test_a_state_folder_and_settings_may_hold_any_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_USER", "bd")
    state = tmp_path / '50% of it\'s "here", really'
    with supervised(state, python("worker", TELLS, environment={"TOLD": "a,b=%d \"c\" \\ 'd'"})) as supervisor:
        supervisor.start("worker")
        log = state / "logs" / "worker.log"

        until(lambda: log.exists() and log.read_text().endswith("\n"))

        assert log.read_text() == "a,b=%d \"c\" \\ 'd' None\n"


def test_settings_of_whoever_starts_a_stack_do_not_reach_its_processes() -> None:
    kept = {"PATH": "/bin", "TOCSIN_LOG_JSON": "true"}
    dropped = {
        "TOCSIN_PASSWORD": "x",
        "JAVA_TOOL_OPTIONS": "-javaagent:evil.jar",
        "APICURIO_STORAGE_READ_ONLY_ENABLED": "false",
    }
    assert inherited(kept | dropped) == kept
