"""The command line starts, shows and ends a stack, and leaves nothing running however it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deploy.stack import local
from deploy.stack.artifacts import default_cache, obtain
from deploy.stack.errors import ArtifactRefused, ProcessFailed, StackError
from deploy.stack.processes import Worker
from deploy.stack.running import Stack
from deploy.stack.supervision import members
from tocsin.runtime.settings import Settings, connect

pytestmark = pytest.mark.broker

CLI = """
import sys, typer
from tocsin.cli import stack
from tocsin.runtime.errors import TocsinError
app = typer.Typer()
stack.register(app)
try:
    app()
except TocsinError as error:
    sys.exit(f"tocsin: {error}")
"""
"""The commands of this area alone."""


def tocsin(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CLI, *arguments], capture_output=True, text=True, timeout=180)


def foreground(state: Path) -> subprocess.Popen[str]:
    """`tocsin up` in the foreground, ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLI, "up", "--servers-only", "--state", str(state)], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("ready:"):
            return process
    raise AssertionError("".join(said))


def test_detached_shown_and_ended(tmp_path: Path) -> None:
    state = str(tmp_path)
    try:
        assert tocsin("up", "--servers-only", "--detach", "--state", state).returncode == 0

        shown = tocsin("status", "--json", "--state", state)
        assert shown.returncode == 0
        assert [row["process"] for row in map(json.loads, shown.stdout.splitlines()) if row["ready"]] == [
            "broker",
            "registry",
        ]
        assert connect("admin", Settings(state=tmp_path)).bootstrap.startswith("127.0.0.1:")

        again = tocsin("up", "--servers-only", "--detach", "--state", state)
        assert again.returncode == 1
        assert "tocsin down" in again.stderr
    finally:
        ended = tocsin("down", "--state", state)
    assert ended.returncode == 0
    assert members(tmp_path) == []
    assert tocsin("status", "--state", state).returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stack_in_the_foreground_ends_with_its_command(tmp_path: Path, number: signal.Signals) -> None:
    process = foreground(tmp_path)
    assert len(members(tmp_path)) >= 3

    process.send_signal(number)

    assert process.stderr
    said = process.stderr.read()
    assert process.wait(60) == 0, said
    assert members(tmp_path) == []


def test_interrupted_while_it_starts_it_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CLI, "up", "--servers-only", "--state", str(tmp_path)], stderr=subprocess.DEVNULL
    )
    while not (tmp_path / "logs" / "broker.log").exists():
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)

    assert process.wait(60) != 0
    assert members(tmp_path) == []


def test_down_ends_what_a_killed_supervisor_left_behind(tmp_path: Path) -> None:
    with local.running_stack(tmp_path):
        os.kill(int((tmp_path / "supervisor.pid").read_text()), signal.SIGKILL)
        shown = tocsin("status", "--state", str(tmp_path))
        assert shown.returncode == 1
        assert "supervisor" in shown.stderr

        assert tocsin("down", "--state", str(tmp_path)).returncode == 0

        assert members(tmp_path) == []


def test_the_second_start_keeps_ports_secrets_and_data_and_provisions_nothing(tmp_path: Path) -> None:
    provisioned: list[Stack] = []

    def provision(stack: Stack) -> None:
        provisioned.append(stack)
        httpx.post(f"{stack.registry}/subjects/a/versions", json={"schema": '"string"'}).raise_for_status()

    with local.running_stack(tmp_path, provision=provision, provisioned_as="1") as first:
        kept = (first.ports, connect("admin", first.settings))
    began = time.monotonic()
    with local.running_stack(tmp_path, provision=provision, provisioned_as="1") as second:
        took = time.monotonic() - began
        worked = sum(one.cpu_times().user + one.cpu_times().system for one in members(tmp_path))
        assert (second.ports, connect("admin", second.settings)) == kept
        assert httpx.get(f"{second.registry}/subjects").json() == ["a"]
        assert len(provisioned) == 1
    print(f"second start to ready: {took:.1f} s, {worked:.1f} s of processor time")

    with local.running_stack(tmp_path, provision=provision, provisioned_as="2"):
        assert len(provisioned) == 2


def test_a_failed_provisioning_ends_the_stack_and_is_not_taken_for_done(tmp_path: Path) -> None:
    def fails(stack: Stack) -> None:
        raise StackError("no")

    with pytest.raises(StackError, match="no"), local.running_stack(tmp_path, provision=fails):
        pass

    assert members(tmp_path) == []
    assert not (tmp_path / "provisioned").exists()


def test_a_worker_that_cannot_be_kept_up_ends_the_start_with_the_name_of_its_log(tmp_path: Path) -> None:
    dead = Worker("dead", "worker", "no-such-role", retries=1)

    with pytest.raises(ProcessFailed, match=r"dead could not be kept up.*dead\.log"):
        local.start(tmp_path, workers=[dead], within=280)

    assert "no-such-role" in (tmp_path / "logs" / "dead.log").read_text()
    assert members(tmp_path) == []


def test_a_killed_broker_comes_back_by_itself_or_when_told(tmp_path: Path) -> None:
    with local.running_stack(tmp_path) as stack:
        before = stack.pid("broker")
        stack.kill("broker")
        stack.wait_ready("broker")
        assert stack.pid("broker") not in (None, before)

        stack.kill("broker", stay_down=True)
        time.sleep(2)
        assert stack.pid("broker") is None
        stack.start("broker")
        assert stack.is_ready("broker")


def test_nothing_starts_with_a_changed_jar(tmp_path: Path) -> None:
    obtain()
    cache = tmp_path / "cache"
    shutil.copytree(default_cache(), cache, copy_function=os.link)
    jar = next(cache.rglob("kafka-clients-*.jar"))
    changed = jar.read_bytes() + b"x"
    jar.unlink()
    jar.write_bytes(changed)

    with (
        pytest.raises(ArtifactRefused, match="kafka-clients"),
        local.running_stack(tmp_path / "state", cache=cache),
    ):
        pass

    assert not (tmp_path / "state" / "logs").exists()
    assert members(tmp_path / "state") == []
