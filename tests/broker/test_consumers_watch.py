"""`tocsin watch` on a real broker: committed alerts only, for their bureau only, over a lost line."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.stack.local import Stack, running_stack
from schemas.alerts import Alert
from schemas.codec import Codec
from schemas.codes import AlertStatus
from schemas.topics import CASES_USER, alerts
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker


class Cases:
    """Writes alerts as the worker of cases does: in transactions, with its credentials."""

    def __init__(self, stack: Stack) -> None:
        connection = connect(CASES_USER, stack.settings)
        self._codec = Codec(RegistrySchemaIds(stack.registry))
        self._producer = Producer(connection.as_librdkafka(transactional_id="cases-test-consumers"))
        self._producer.init_transactions(30)

    def send(self, *sent: Alert | bytes, to: str = "bd", commit: bool = True) -> None:
        self._producer.begin_transaction()
        for one in sent:
            value = one if isinstance(one, bytes) else self._codec.encode(one)
            self._producer.produce(alerts(to), key=b"ACTUAL:bd:i-1", value=value)
        self._producer.flush(30)
        if commit:
            self._producer.commit_transaction(30)
        else:
            self._producer.abort_transaction(30)


class Watching:
    """A `tocsin` command that runs; its lines come one by one."""

    def __init__(self, stack: Stack, *arguments: str) -> None:
        environment = os.environ | {"TOCSIN_STATE": str(stack.state), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TOCSIN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def until(self, wanted: str, timeout: float = 60) -> list[str]:
        """The lines up to the first that holds `wanted`."""
        seen: list[str] = []
        while True:
            try:
                seen.append(self._lines.get(timeout=timeout))
            except queue.Empty:
                raise AssertionError(f"{wanted!r} was not said; what was: {seen}") from None
            if wanted in seen[-1]:
                return seen

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


_TOCSIN = "import typer; from tocsin.cli import watch; app = typer.Typer(); app.callback()(lambda: None); watch.register(app); app()"
"""The commands of this area alone."""


def run(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TOCSIN_STATE": str(stack.state)}
    return subprocess.run(
        [sys.executable, "-c", _TOCSIN, *arguments], capture_output=True, text=True, env=environment, timeout=120
    )


def json_alerts(output: str) -> list[Alert]:
    return [Alert.model_validate_json(line) for line in output.splitlines()]


@pytest.fixture(scope="module")
def cases(provisioned: Stack) -> Cases:
    return Cases(provisioned)


def test_a_bureau_reads_back_the_newest_revision_of_what_was_committed(provisioned, cases, make_alert):
    cases.send(make_alert(alert_id="committed"), make_alert(alert_id="committed", revision=2))
    cases.send(make_alert(alert_id="aborted"), commit=False)
    cases.send(b"no message of ours")
    done = run(provisioned, "watch", "bd", "--json", "--from-beginning", "--until-idle", "2")
    assert done.returncode == 0, done.stderr
    found = {alert.alert_id: alert for alert in json_alerts(done.stdout)}
    assert found["committed"] == make_alert(alert_id="committed", revision=2)
    assert "aborted" not in found
    assert "one record cannot be read (alerts.bd[0]@" in done.stderr
