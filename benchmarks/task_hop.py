"""One task hop (consume, state, transaction, produce) beside a bare Faust hop (consume, awaited send), in one run.

Prints JSON lines: events a second with a full input, and milliseconds from writing to reading with an idle one.

    python -m benchmarks.task_hop [RECORDS]

Both hops run as one worker process on the same broker, one after the other, with the same records; the bare hop has
no state, no changelog and no transaction, and forwards the bytes that it got.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pydantic import BaseModel, ConfigDict, SecretStr

from deploy.stack.local import running_stack
from streams.stages.contract import Received, Send, State, Table
from streams.tasks.codecs import Codecs, T
from streams.tasks.faust_app import credentials_of
from streams.tasks.worker import Work, run_worker
from tocsin.runtime.settings import Connection, connect

PARTITIONS = 8
KEYS = 2_000
PINGS = 300
ROOT = Path(__file__).parents[1]


class Amount(BaseModel):
    """What goes in."""

    model_config = ConfigDict(frozen=True)
    who: str
    amount: int
    sent: float


class Total(BaseModel):
    """What is kept and what comes out."""

    model_config = ConfigDict(frozen=True)
    total: int
    sent: float


TOTALS = Table("totals", Total)


class Summing:
    """Adds up per key and says each sum."""

    name = "summing"

    def __init__(self, output: str) -> None:
        self._output = output

    def restore(self, state: State) -> None:
        """Nothing is derived."""

    def ready(self, received: Received) -> bool:
        return True

    def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
        message = received.message
        assert isinstance(message, Amount)
        before = state.get(TOTALS, message.who)
        after = Total(total=(before.total if before else 0) + message.amount, sent=message.sent)
        state.put(TOTALS, message.who, after)
        return [Send(self._output, message.who, after)]


def _encode(message: BaseModel) -> bytes:
    return message.model_dump_json().encode()


def _decode_state(model: type[T], data: bytes) -> T:
    return model.model_validate_json(data)


def _run_task(given: dict[str, Any], connection: Connection) -> None:
    work = Work(
        app_id=given["app"],
        stages={given["input"]: lambda _: Summing(given["output"])},
        partitions={given["input"]: PARTITIONS, given["output"]: PARTITIONS, "quarantine": 1},
        changelogs={given["input"]: given["changelog"]},
        codecs=Codecs(_encode, Amount.model_validate_json, _encode, _decode_state),
    )
    run_worker(work, connection=connection, state=Path(given["state"]), worker_id="one")


def _run_bare(given: dict[str, Any], connection: Connection) -> None:
    import faust

    app = faust.App(
        given["app"],
        broker=f"kafka://{connection.bootstrap}",
        broker_credentials=credentials_of(connection),
        topic_allow_declare=False,
        topic_disable_leader=True,
        store="memory://",
        web_enabled=False,
        stream_wait_empty=False,
        consumer_auto_offset_reset="earliest",
        autodiscover=False,
    )
    source, output = (app.topic(given[it], key_serializer="raw", value_serializer="raw") for it in ("input", "output"))

    @app.agent(source)  # type: ignore[untyped-decorator]
    async def hop(stream: Any) -> None:
        async for event in stream.events():
            await (await output.send(key=event.key, value=event.value))

    faust.Worker(app, loglevel=None, quiet=True, override_logging=False).execute_from_commandline()


class Hop:
    """Topics, a worker, and a reader of its output."""

    def __init__(self, kind: str, connection: Connection, folder: Path) -> None:
        self.kind = kind
        tag = f"{kind}-{uuid.uuid4().hex[:6]}"
        self.input, self.output, changelog = f"in-{tag}", f"out-{tag}", f"changelog-{tag}"
        config = connection.as_librdkafka()
        admin = AdminClient(config)
        topics = [NewTopic(name, PARTITIONS, 1) for name in (self.input, self.output, changelog)]
        for made in admin.create_topics(topics).values():
            made.result(30)
        self._producer = Producer({**config, "partitioner": "murmur2_random", "enable.idempotence": True})
        self._reader = Consumer(
            {**config, "group.id": f"reader-{tag}", "isolation.level": "read_committed", "enable.auto.commit": False}
        )
        self._reader.assign([TopicPartition(self.output, number, 0) for number in range(PARTITIONS)])
        given = {"app": tag, "input": self.input, "output": self.output, "changelog": changelog}
        given |= {"state": str(folder / tag), "bootstrap": connection.bootstrap, "user": connection.user}
        self._command = [sys.executable, "-m", "benchmarks.task_hop", "--worker", kind, json.dumps(given)]
        self._environment = {**os.environ, "HOP_PASSWORD": connection.password.get_secret_value()}
        self._log = folder / f"{tag}.log"

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._log.open("wb") as log:
            worker = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()

    def say(self, number: int) -> None:
        who = f"k{number % KEYS}"
        self._producer.produce(self.input, _encode(Amount(who=who, amount=number, sent=time.time())), who)
        self._producer.poll(0)

    def hear(self, count: int, seconds: float) -> list[float]:
        """Read `count` outputs; gives the time at which each was read."""
        times: list[float] = []
        until = time.monotonic() + seconds
        while len(times) < count:
            message = self._reader.poll(0.5)
            if message is not None and message.error() is None:
                times.append(time.time())
            elif time.monotonic() > until:
                raise SystemExit(f"{self.kind}: only {len(times)} of {count} outputs came; see {self._log}")
        return times

    def full(self, records: int) -> float:
        """Events a second from first to last output, with everything written before the worker starts."""
        for number in range(records):
            self.say(number)
        self._producer.flush(60)
        with self.running():
            times = self.hear(records, 120)
            self.pings = self.idle()
        return (records - 1) / (times[-1] - times[0])

    def idle(self) -> list[float]:
        """Milliseconds of single records, one at a time."""
        waits = []
        for number in range(PINGS):
            time.sleep(0.005)
            said = time.perf_counter()
            self.say(number)
            self._producer.flush(10)
            self.hear(1, 10)
            waits.append((time.perf_counter() - said) * 1000)
        return waits


def main(records: int) -> None:
    """Measure both hops and print what was seen."""
    speeds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="task-hop-") as name:
        folder = Path(name)
        with running_stack(folder / "stack") as stack:
            connection = connect("admin", stack.settings)
            for kind in ("faust", "task"):
                hop = Hop(kind, connection, folder)
                speeds[kind] = hop.full(records)
                waits = statistics.quantiles(hop.pings, n=100)
                line = {
                    "benchmark": "task_hop",
                    "hop": {"task": "task: state, changelog, transaction", "faust": "bare Faust: awaited send"}[kind],
                    "records": records,
                    "events_per_second": round(speeds[kind]),
                    "idle_ms_p50": round(waits[49], 1),
                    "idle_ms_p99": round(waits[98], 1),
                }
                print(json.dumps(line), flush=True)
    ratio = speeds["task"] / speeds["faust"]
    print(json.dumps({"benchmark": "task_hop", "ratio_task_to_bare_faust": round(ratio, 2)}), flush=True)


def _worker(kind: str, given: dict[str, Any]) -> None:
    logging.basicConfig(level=logging.WARNING)
    connection = Connection(
        bootstrap=given["bootstrap"],
        registry="",
        user=given["user"],
        password=SecretStr(os.environ["HOP_PASSWORD"]),
        security_protocol="SASL_PLAINTEXT",
    )
    {"task": _run_task, "faust": _run_bare}[kind](given, connection)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _worker(sys.argv[2], json.loads(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
