"""`tocsin watch` on a real broker: committed alerts only, for their bureau only, over a lost line."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from confluent_kafka import Producer
from pydantic import BaseModel

from deploy.provision import provision
from deploy.stack.local import Stack, running_stack
from schemas.alerts import Alert
from schemas.codec import Codec
from schemas.codes import AlertStatus
from schemas.identity import incident_id
from schemas.participants import Participants
from schemas.topics import CASES_USER, alerts, rejects
from tests.conftest import a_reject
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

    def send(self, *sent: BaseModel | bytes, topic: str = "alerts.bd", commit: bool = True) -> None:
        self._producer.begin_transaction()
        for one in sent:
            value = one if isinstance(one, bytes) else self._codec.encode(one)
            self._producer.produce(topic, key=b"ACTUAL:bd:i-1", value=value)
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

    def said_on_stderr(self, wanted: str) -> str:
        """The first line of standard error that holds `wanted`."""
        assert self.process.stderr
        for line in self.process.stderr:
            if wanted in line:
                return line
        raise AssertionError(f"{wanted!r} was not said")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


_TOCSIN = """
import typer
from tocsin.cli import watch
from tocsin.runtime.errors import TocsinError
app = typer.Typer()
app.callback()(lambda: None)
watch.register(app)
try:
    app()
except TocsinError as error:
    raise SystemExit(f"tocsin: {error}")
"""
"""The commands of this area alone."""


def run(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TOCSIN_STATE": str(stack.state)}
    return subprocess.run(
        [sys.executable, "-c", _TOCSIN, *arguments], capture_output=True, text=True, env=environment, timeout=120
    )


def alerts_read(stack: Stack, code: str) -> dict[str, Alert]:
    done = run(stack, "watch", code, "--json", "--from-beginning", "--until-idle", "2")
    assert done.returncode == 0, done.stderr
    return {alert.alert_id: alert for alert in map(Alert.model_validate_json, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def cases(provisioned: Stack) -> Cases:
    return Cases(provisioned)


@pytest.fixture
def watching(provisioned: Stack) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*arguments: str, stack: Stack = provisioned) -> Watching:
        started.append(Watching(stack, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_a_bureau_reads_back_the_newest_revision_of_what_was_committed(provisioned, cases, make_alert):
    cases.send(make_alert(alert_id="committed"), make_alert(alert_id="committed", revision=2))
    cases.send(make_alert(alert_id="aborted"), commit=False)
    cases.send(make_alert(alert_id="later"))
    found = alerts_read(provisioned, "bd")
    assert found["committed"] == make_alert(alert_id="committed", revision=2)
    assert "later" in found
    assert "aborted" not in found


def test_what_cannot_be_read_is_named_and_stops_nothing(provisioned, cases, make_alert):
    cases.send(b"no message of ours", make_alert(alert_id="behind it"))
    done = run(provisioned, "watch", "bd", "--json", "--from-beginning", "--until-idle", "2")
    assert "one record cannot be read (alerts.bd[0]@" in done.stderr
    assert "behind it" in done.stdout


def test_two_officers_see_the_same_alert_as_it_comes_and_its_retraction(cases, watching, make_alert, taken_back):
    officers = [watching("watch", "bd"), watching("watch", "bd")]
    for officer in officers:
        officer.until("line up")
    cases.send(make_alert(alert_id="shared"))
    for officer in officers:
        card = officer.until("a match is no hit until somebody confirms it")
        assert "SEIZE" in card
        assert not any("\x1b" in line for line in card)
    cases.send(taken_back(AlertStatus.RETRACTED, 2, alert_id="shared"))
    for officer in officers:
        assert any("RETRACTED" in line for line in officer.until("alert shared, revision 2"))


def test_without_its_secret_or_right_a_watch_ends_with_one_line(provisioned, tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PASSWORD", "wrong")
    done = run(provisioned, "watch", "bd")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("tocsin: the broker refuses the secret of 'bd'")
    monkeypatch.delenv("TOCSIN_PASSWORD")
    monkeypatch.setenv("TOCSIN_USER", "fr")
    done = run(provisioned, "watch", "bd")
    assert done.returncode == 1
    assert "'fr' may not read alerts.bd" in done.stderr


def test_ctrl_c_ends_a_watch_quietly(watching):
    officer = watching("watch", "bd")
    officer.until("line up")
    officer.process.send_signal(signal.SIGINT)
    assert (officer.process.wait(10), officer.process.stderr.read()) == (130, "")


def test_a_watch_ends_after_so_many_alerts(cases, provisioned, make_alert):
    cases.send(make_alert(alert_id="one"), make_alert(alert_id="two"))
    done = run(provisioned, "watch", "bd", "--json", "--from-beginning", "--limit", "1")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)


def test_a_sender_reads_what_was_refused_of_its_events(provisioned, cases):
    refused = a_reject(b"\xff\x00", stage="cases")
    cases.send(refused, refused, topic=rejects("bd"))
    done = run(provisioned, "rejects", "bd", "--json", "--from-beginning", "--until-idle", "1", "--with-head")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert (found["reason"], found["place"], found["source_offset"]) == ("IMPOSSIBLE_DATE", refused.place, 17)
    shown = run(provisioned, "rejects", "bd", "--from-beginning", "--until-idle", "1").stdout
    assert "REFUSED impossible date (IMPOSSIBLE_DATE) at subjects[0].births[0].day" in shown


def test_a_screening_is_held_against_its_truth(provisioned, cases, make_alert, make_incident, make_entry, tmp_path):
    positives, negatives = tmp_path / "positives.csv", tmp_path / "negatives.csv"
    positives.write_text("un_dataid,full_name\n111,Ali\n112,Omar\n")
    negatives.write_text("full_name\nNobody\nNo One\n")
    for file, row in ((positives, "1"), (negatives, "2")):
        incident = make_incident(incident_id=incident_id("bd", file.name, row))
        entry = make_entry(owner="un", entry_id="111")
        alert = make_alert(alert_id=f"screened-{file.name}", recipient="un", incident=incident, entry=entry)
        cases.send(alert, topic=alerts("un"))
    arguments = ("--truth", str(positives), "--negatives", str(negatives), "--owner", "un", "--as", "bd")
    done = run(provisioned, "screening-report", *arguments, "--until-idle", "1", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["recall"] == {"part": 1, "whole": 2, "share": 0.5}
    assert report["false_incidents"] == {"part": 1, "whole": 2, "share": 0.5}
    assert [missed["row"] for missed in report["missed"]] == ["row 2"]
    assert "50.00%" in run(provisioned, "screening-report", *arguments, "--until-idle", "1").stdout


def test_the_metrics_are_the_same_after_a_restart_and_never_half_made(cases, watching, make_alert, taken_back):
    topic = alerts("ccc")
    counted = [make_alert(alert_id=f"counted-{number}", recipient="ccc", revision=1) for number in range(50)]
    cases.send(*counted, *(alert.model_copy(update={"revision": 2}) for alert in counted), topic=topic)
    cases.send(taken_back(AlertStatus.RETRACTED, 3, alert_id="counted-0", recipient="ccc"), topic=topic)

    def figures() -> list[str]:
        consumer = watching("consumer", "metrics", "--port", "0")
        address = json.loads(consumer.said_on_stderr("metrics at http"))["event"].removeprefix("metrics at ")
        port = httpx.URL(address).port
        base = f"http://127.0.0.1:{port}"
        made: list[str] = []  # every count that was ever exposed
        while not made or httpx.get(f"{base}/healthz").status_code == 503:
            text = httpx.get(f"{base}/metrics").text
            made += [line for line in text.splitlines() if line.startswith("tocsin_alerts_total{")]
            time.sleep(0.1)
        assert len(set(made)) == 1
        consumer.process.send_signal(signal.SIGTERM)
        assert consumer.process.wait(15) == 0
        return [line for line in text.splitlines() if line.startswith("tocsin_alerts_") and "_created" not in line]

    first = figures()
    assert any(line.startswith("tocsin_alerts_total{") and line.endswith(" 50.0") for line in first)
    assert any(line.startswith("tocsin_alerts_taken_back_total{") and line.endswith(" 1.0") for line in first)
    assert any(line.startswith("tocsin_alerts_live{") and line.endswith(" 49.0") for line in first)
    assert figures() == first


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory, participants: Participants) -> Iterator[Stack]:
    """A stack whose broker may be stopped."""

    def make(running: Stack) -> None:
        provision(participants, connect("admin", running.settings), running.registry, running.state)

    with running_stack(tmp_path_factory.mktemp("consumers"), provision=make) as running:
        yield running


def test_a_lost_line_is_told_and_reading_goes_on_where_it_was(own_stack, watching, make_alert):
    officer = watching("watch", "bd", stack=own_stack)
    officer.until("line up")
    own_stack.stop("broker")
    lost = officer.until("LINE LOST")
    assert "Alerts may be waiting; trying again" in lost[-1]
    own_stack.start("broker")
    officer.until("line back at")
    Cases(own_stack).send(make_alert(alert_id="after the outage"))
    officer.until("alert     after the outage revision 1")
    early = watching("watch", "bd", "--from-beginning", stack=own_stack)
    assert early.until("alert     after the outage")
    own_stack.send_signal("broker", signal.SIGSTOP)
    try:
        assert "has not answered for" in officer.until("LINE LOST")[-1]
        waiting = watching("watch", "bd", "--from-beginning", "--until-idle", "1", stack=own_stack)
        waiting.until("LINE LOST")
    finally:
        own_stack.send_signal("broker", signal.SIGCONT)
    officer.until("line back at")
    waiting.until("alert     after the outage")
    assert waiting.process.wait(30) == 0
