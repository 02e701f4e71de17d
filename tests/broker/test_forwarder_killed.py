"""The forwarder as a process on a real broker, killed in the middle: every alert arrives, counted once by its id."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from confluent_kafka import Producer
from pydantic import SecretStr
from typer.testing import CliRunner

from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.sealing import obtain_seal
from consumers.forwarder.subscription import Filters, Format
from consumers.forwarder.subscriptions import subscribe
from deploy.stack.local import Stack
from schemas.alerts import Alert
from schemas.codec import Codec
from schemas.codes import AlertStatus
from schemas.topics import CASES_USER
from tests.broker.pipeline import fresh
from tests.consumers.forwarder.receiver import HANG, Answer, Receiver, Request
from tocsin.cli import deliveries
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker
COUNT = 60


def publish(stack: Stack, *alerts: Alert) -> None:
    """As the worker of cases does: in one transaction, with its credentials."""
    codec = Codec(RegistrySchemaIds(stack.registry))
    producer = Producer(connect(CASES_USER, stack.settings).as_librdkafka(transactional_id="cases-test-forwarder"))
    producer.init_transactions(30)
    producer.begin_transaction()
    for alert in alerts:
        producer.produce(f"alerts.{alert.recipient}", key=b"ACTUAL:mv:i-1", value=codec.encode(alert))
    producer.commit_transaction(30)


@pytest.mark.timeout(180)
def test_killed_in_the_middle_every_alert_arrives_and_counts_once(
    provisioned: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_alert: Callable[..., Alert],
    taken_back: Callable[..., Alert],
) -> None:
    database = SecretStr(f"sqlite:///{tmp_path / 'forwarder.db'}")
    environment = os.environ | {
        "TOCSIN_STATE": str(provisioned.state),
        "TOCSIN_FORWARDER_DATABASE": database.get_secret_value(),
        "TOCSIN_FORWARDER_ALLOW": "127.0.0.0/8",
    }
    # With the credentials of one bureau alone; mv is used by no other test.
    command = (sys.executable, "-m", "tocsin.cli", "consumer", "forwarder", "--as", "mv", "--port", "0")
    mine = fresh("alert")
    alerts = [make_alert(alert_id=f"{mine}-{number}", recipient="mv") for number in range(COUNT)]
    withdrawn = taken_back(AlertStatus.WITHDRAWN, 2, alert_id=f"{mine}-0", recipient="mv")

    async def run() -> Receiver:
        enough, killed, whole = asyncio.Event(), asyncio.Event(), asyncio.Event()

        def answer(request: Request) -> Answer:
            if len(receiver.counted) >= COUNT // 3 and not killed.is_set():
                enough.set()
                return Answer(HANG)
            if len(receiver.counted) + (request.id not in receiver.counted) == COUNT + 1:
                whole.set()
            return Answer()

        receiver = Receiver(answer)
        async with receiver.running():
            seal = obtain_seal(provisioned.state, None)
            with transaction(open_database(tmp_path, database, seal)) as connection:
                subscribe(connection, seal, "mv", receiver.url, Filters(), Format.JSON, datetime.now(UTC))
            publish(provisioned, *alerts)
            first = subprocess.Popen(command, env=environment)
            try:
                await asyncio.wait_for(enough.wait(), 90)
            finally:
                first.kill()
                first.wait()
                killed.set()
            publish(provisioned, withdrawn)
            second = subprocess.Popen(command, env=environment)
            try:
                await asyncio.wait_for(whole.wait(), 90)
                second.terminate()
                assert await asyncio.to_thread(second.wait, 30) == 0
            finally:
                second.kill()
                second.wait()
        return receiver

    receiver = asyncio.run(run())
    arrived = [json.loads(request.body)["data"] for request in receiver.counted.values()]
    revisions = [one["revision"] for one in arrived if one["alert_id"] == f"{mine}-0"]
    assert {one["alert_id"] for one in arrived} == {alert.alert_id for alert in alerts}
    assert revisions in ([1, 2], [2]), "in order, and nothing after it was withdrawn"

    # A redelivery finds the same in the topic since a time: 60 alerts, one of them withdrawn and told, none missing.
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = typer.Typer()
    deliveries.register(app)
    done = CliRunner().invoke(app, ["redeliver", "mv", "--since", "1h", "--missing"])
    assert f"0 messages queued, of {COUNT} alerts" in done.output, done
    done = CliRunner().invoke(app, ["redeliver", "mv", "--since", "1h"])
    assert f"{COUNT} messages queued, of {COUNT} alerts" in done.output, done
    before = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert "of 0 alerts" in CliRunner().invoke(app, ["redeliver", "mv", "--since", before]).output
