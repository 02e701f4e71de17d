"""The gate on a real broker: at least once, in order a key, and ready only when it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections import defaultdict
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.stack.ports import assign
from deploy.stack.running import Stack
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

ROOT = Path(__file__).parents[2]
COUNT = 6_000


def health(port: int) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as error:
        return 0, str(error)


def test_a_gate_killed_in_the_middle_loses_nothing_and_keeps_the_order_of_each_key(
    stack: Stack, tmp_path: Path
) -> None:
    connection = connect("admin", stack.settings)
    config, tag = connection.as_librdkafka(), uuid.uuid4().hex[:8]
    inputs, output, rejects = [f"in-{tag}.aa", f"in-{tag}.bb"], f"out-{tag}", f"rejects-{tag}"
    admin = AdminClient(config)
    topics = [NewTopic(name, 1, 1) for name in (*inputs, rejects)] + [NewTopic(output, 4, 1)]
    for made in admin.create_topics(topics).values():
        made.result(30)
    port = assign(["gate"], {})["gate"]
    given = {
        "bootstrap": connection.bootstrap,
        "user": connection.user,
        "password": connection.password.get_secret_value(),
        "app": f"gate-{tag}",
        "inputs": inputs,
        "output": output,
        "rejects": rejects,
        "partitions": {output: 4, rejects: 1},
        "worker": "gate",
        "port": port,
    }

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "gate.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.broker.gate_process", json.dumps(given)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    gate = start()
    try:
        producer = Producer({**config, "enable.idempotence": True})
        for number in range(COUNT):
            value = b"junk" if number % 100 == 99 else str(number).encode()
            producer.produce(inputs[number % 2], value, f"k{number % 50}")
        assert producer.flush(30) == 0
        reader = Consumer({**config, "group.id": f"reader-{tag}", "enable.auto.commit": False})
        places = [TopicPartition(output, number, 0) for number in range(4)]
        reader.assign([*places, TopicPartition(rejects, 0, 0)])
        passed: dict[str, list[int]] = defaultdict(list)
        refused: set[tuple[str, int]] = set()
        good = {number for number in range(COUNT) if number % 100 != 99}
        seen: set[int] = set()
        killed, until = False, time.monotonic() + 60
        while (seen != good or len(refused) < 60) and time.monotonic() < until:
            for message in reader.consume(500, 0.05):
                number = json.loads(message.value())["number"]
                if message.topic() == rejects:
                    refused.add((message.key().decode(), json.loads(message.value())["offset"]))
                    continue
                seen.add(number)
                passed[message.key().decode()].append(number)
            if not killed and len(seen) > COUNT // 3:
                gate.kill()
                gate.wait(10)
                gate, killed = start(), True
        assert killed
        assert seen == good
        assert len(refused) == 60
        for numbers in passed.values():
            firsts = list(dict.fromkeys(numbers))
            assert firsts == sorted(firsts)
        while health(port)[0] != 200 and time.monotonic() < until:
            time.sleep(0.1)
        assert health(port) == (200, "ready\n")
        gate.send_signal(signal.SIGTERM)
        assert gate.wait(20) == 0
        group = ConsumerGroupTopicPartitions(f"gate-{tag}")
        [offsets] = [it.result(20) for it in admin.list_consumer_group_offsets([group]).values()]
        assert {it.topic: it.offset for it in offsets.topic_partitions} == dict.fromkeys(inputs, COUNT // 2)
    finally:
        if gate.poll() is None:
            gate.kill()
        gate.wait(10)
