"""The running pipeline from outside: Prometheus finds the data of every query and rule, the doctor what is wrong."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import typer
import yaml
from confluent_kafka import Producer
from pydantic import SecretStr
from typer.testing import CliRunner

from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.sealing import obtain_seal
from consumers.forwarder.subscription import Filters, Format
from consumers.forwarder.subscriptions import subscribe
from deploy.doctor import judging
from deploy.grafana.panels import RATE, ROWS
from deploy.stack import ports, prometheus, readiness, scraping
from deploy.stack.processes import Process, consumers
from schemas import topics
from tests.broker.pipeline import (
    Pipeline,
    border_check,
    document_record,
    fresh,
    fresh_number,
    person_notice,
    traveller,
)
from tests.deploy.prometheus.expressions import measured
from tocsin.cli import doctor
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker
WITHIN = 120.0
BUREAU = "bt"
"""Whose alerts are delivered; no other test subscribes for it here."""
FORGET = "forget"
LOAD_DOES_NOT_MATTER = (
    "RoleMissing",
    "WatchlistBehind",
    "WatchlistOld",
    "WindowShort",
    "EndpointDisabled",
    "UpkeepLate",
)
"""Rules that must be silent on this stack however busy the machine is."""


class Prometheus:
    """Asked as Grafana asks it."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(base_url=base, trust_env=False, timeout=10)

    def values(self, expression: str) -> list[float]:
        """What an instant query returns, without what is no number."""
        answer = self._client.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
        values = [float(one["value"][1]) for one in answer["data"]["result"]]
        return [value for value in values if not math.isnan(value)]


@contextmanager
def running(command: tuple[str, ...], **environment: str) -> Iterator[None]:
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # a busy machine; how it ends is not what is tested
            process.kill()
            process.wait()


@contextmanager
def endpoint() -> Iterator[str]:
    """A bureau's webhook that takes everything."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/alerts"
    finally:
        server.shutdown()
        server.server_close()


def forgetting(port: int) -> Process:
    """The operator's upkeep, as a supervisor runs it."""
    command = (sys.executable, "-m", "tocsin.cli", "forget", "--every", "1", "--port", str(port))
    return Process(FORGET, command, port, health=f"http://127.0.0.1:{port}/healthz", role=FORGET)


@pytest.fixture
def watching(pipeline: Pipeline, tmp_path: Path) -> Iterator[Prometheus]:
    """Prometheus on the pipeline and on consumers of its own, one of them delivering."""
    watching = prometheus.installed(tmp_path)
    if watching is None:
        pytest.skip("prometheus is not installed")
    stack = pipeline.stack
    chosen = ports.assign([watching.name, FORGET, *(one.name for one in consumers())], {})
    extra = [one.process(chosen[one.name], {}) for one in consumers()]
    extra.append(forgetting(chosen[FORGET]))
    database = f"sqlite:///{tmp_path / 'forwarder.db'}"
    environment = {
        "TOCSIN_STATE": str(stack.state),
        "TOCSIN_FORWARDER_DATABASE": database,
        "TOCSIN_FORWARDER_ALLOW": "127.0.0.0/8",
    }
    scraping.write(tmp_path, [*stack.processes, *extra], every="1s")
    with ExitStack() as ending:
        url = ending.enter_context(endpoint())
        seal = obtain_seal(stack.state, None)
        with transaction(open_database(tmp_path, SecretStr(database), seal)) as connection:
            subscribe(connection, seal, BUREAU, url, Filters(), Format.JSON, datetime.now(UTC))
        for one in extra:
            ending.enter_context(running(one.command, **environment))
        it = watching.process(chosen[watching.name], {})
        ending.enter_context(running(it.command))
        wait_for([*extra, it])
        yield Prometheus(prometheus.address(it.port))


def wait_for(processes: list[Process]) -> None:
    deadline = time.monotonic() + WITHIN
    for one in processes:
        while not (one.health and readiness.answers(one.health)):
            assert time.monotonic() < deadline, f"{one.name} is not ready"
            time.sleep(0.1)


def let_something_happen(pipeline: Pipeline) -> None:
    """An alert, a listed person, and an event that is refused."""
    number = fresh_number()
    pipeline.publish(
        document_record("fr", fresh("entry"), number),
        person_notice("fr", fresh("entry"), f"Ovidiu {fresh('q')}", 1975),
        border_check(BUREAU, fresh("incident"), traveller("Karim Uddin", number)),
    )
    pipeline.publish_bytes(BUREAU, topics.incidents(BUREAU), b"k", b"no event")


def rules() -> dict[str, str]:
    document = yaml.safe_load(scraping.RULES.read_text())
    return {rule["alert"]: rule["expr"] for group in document["groups"] for rule in group["rules"]}


def expressions() -> dict[str, str]:
    """What has to return data, by where it is used: with short windows and steps, so that it does so soon."""
    panels = [panel for row in ROWS for panel in row.panels]
    found = {f"{panel.title}: {query.expr}": query.expr for panel in panels for query in panel.queries}
    for name, expr in rules().items():
        for part in measured(expr):
            # absent() says something only when something is wrong: what it looks for must be there.
            found[f"{name}: {part}"] = re.sub(r"^absent\((.*)\)$", r"\1", part)
    return {where: re.sub(r":\w+\]", ":1s]", one.replace(RATE, "30s")) for where, one in found.items()}


def test_every_dashboard_query_and_every_rule_finds_its_data(pipeline: Pipeline, watching: Prometheus) -> None:
    let_something_happen(pipeline)  # so that what follows is seen as more than before
    pending = expressions()
    assert len(pending) > 70
    deadline = time.monotonic() + WITHIN
    while pending:
        assert time.monotonic() < deadline, f"no data for {len(pending)}:\n" + "\n".join(pending)
        let_something_happen(pipeline)
        for _ in range(4):
            pending = {where: one for where, one in pending.items() if not watching.values(one)}
            if not pending:
                break
            time.sleep(0.5)

    every = rules()
    assert {name: found for name in LOAD_DOES_NOT_MATTER if (found := watching.values(every[name]))} == {}


def test_the_doctor_finds_nothing_wrong_then_a_transaction_that_hangs_and_a_process_that_is_gone(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = pipeline.stack
    for name, value in {"STATE": str(stack.state), "BOOTSTRAP": stack.bootstrap, "REGISTRY": stack.registry}.items():
        monkeypatch.setenv(f"TOCSIN_{name}", value)
    app = typer.Typer()
    doctor.register(app)
    monkeypatch.setattr(judging, "FREE_BAD", 0.0)  # how full this machine's disk is says nothing of the stack

    def found(*more: str) -> tuple[int, dict[str, set[str]]]:
        done = CliRunner().invoke(app, ["--json", *more])
        said = json.loads(done.stdout)
        wrong: dict[str, set[str]] = {}
        for one in said["findings"]:
            if one["level"] == "wrong":
                wrong.setdefault(one["area"], set()).add(one["page"])
        assert {one["area"] for one in said["findings"]} >= {"broker", "registry", "processes", "transactions", "lag"}
        return done.exit_code, wrong

    assert found() == (0, {})

    targets = json.loads(scraping.targets_file(stack.state).read_text())
    (gone,) = ports.assign(["gone"], {}).values()
    targets.append({"targets": [f"127.0.0.1:{gone}"], "labels": {"instance": "joins-9", "role": "joins"}})
    (tmp_path / "targets.json").write_text(json.dumps(targets))
    config = connect("admin", stack.settings).as_librdkafka(transactional_id=fresh("hangs"))
    producer = Producer(config | {"log_level": 0})  # silent when the stack has ended
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topics.QUARANTINE, b"never committed", b"k")
    assert producer.flush(30) == 0
    try:
        exit_code, wrong = found("--targets", str(tmp_path / "targets.json"))
    finally:
        producer.abort_transaction(30)
    assert (exit_code, wrong) == (1, {"transactions": {"TransactionHangs"}, "processes": {"ProcessDown"}})
