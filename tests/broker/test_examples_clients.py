"""The clients in examples/ take part as bureaus do: Kafka's own Java client with Avro, and kcat."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.stack import artifacts
from deploy.stack.secret_files import write_private
from schemas import topics
from schemas.alerts import AuditRecord
from schemas.codes import Mode
from tests.broker.grep import topics_holding
from tests.broker.pipeline import Pipeline, document_record, fresh, fresh_number
from tests.broker.test_access_third_party import client_file, recent_librdkafka
from tocsin.cli import build
from tocsin.runtime.message_headers import UNREADABLE
from tocsin.runtime.settings import connect, private_key_of

pytestmark = pytest.mark.broker
ROOT = Path(__file__).parents[2]
JAVA, KCAT = ROOT / "examples" / "java", ROOT / "examples" / "kcat"


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Java and the class path of the compiled example. The Java that comes as a wheel has no compiler: Eclipse's."""
    ours = artifacts.obtain()
    (avro, compiler) = sorted(artifacts.jars_of(JAVA / "jars.lock.toml"))
    path = os.pathsep.join((ours.kafka_classpath, str(avro)))
    out = tmp_path_factory.mktemp("classes")
    command = [ours.java, "-jar", compiler, "-17", "-proc:none", "-cp", path, "-d", out, JAVA / "PublishAndRead.java"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(ours.java), os.pathsep.join((path, str(out)))


def published(pipeline: Pipeline) -> list[AuditRecord]:
    """What says that the golden entry was taken in."""
    told = pipeline.read(topics.AUDITOR_USER, topics.AUDIT, AuditRecord, 0.3)
    return [it for it in told if it.what == "PUBLISHED" and "FR-2026-0815" in (it.detail or "")]


def test_a_java_client_publishes_an_incident_and_reads_the_alert(
    pipeline: Pipeline, classes: tuple[str, str], tmp_path: Path
) -> None:
    (java, path) = classes
    number = fresh_number()
    pipeline.publish(document_record("fr", fresh("java"), number, exercise=Mode.TEST))
    secret = client_file(pipeline.stack, "bd", tmp_path)
    with secret.open("a", encoding="utf-8") as file:
        file.write(f"bootstrap.servers={pipeline.stack.bootstrap}\n")
    key = pipeline.signing_key("bd")
    private = private_key_of("bd", pipeline.stack.state)
    arguments = [secret, pipeline.stack.registry, "bd", number, "fr", private, key.key_id]
    command = [java, "-Xmx128m", "-cp", path, "PublishAndRead", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    (alert,) = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert (alert["recipient"], alert["role"], alert["exercise"]) == ("bd", "LOCATOR", "TEST")
    assert alert["entry"]["owner"] == "fr"


@pytest.mark.skipif(
    not all(map(shutil.which, ("kcat", "curl", "openssl"))), reason="kcat, curl or openssl is not installed"
)
def test_kcat_publishes_golden_messages_and_reads_the_alert(pipeline: Pipeline, tmp_path: Path) -> None:
    def run(user: str, golden: str, read: bool) -> str:
        config = connect(user, pipeline.stack.settings).as_librdkafka()
        file = tmp_path / f"{user}.conf"
        write_private(
            file, "".join(f"{name}={value}\n" for name, value in config.items() if name != "bootstrap.servers")
        )
        where = [pipeline.stack.bootstrap, pipeline.stack.registry]
        done = subprocess.run(
            [
                KCAT / "publish-and-read.sh",
                *(file, *where, ROOT / "schemas" / "golden" / golden, private_key_of(user, pipeline.stack.state)),
            ],
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
            env=os.environ | {"LD_LIBRARY_PATH": str(recent_librdkafka(tmp_path)), "READ": str(int(read))},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("fr", "entry-person.json", read=False)
    # the incident is of a fixed day: once it is older than the window, it finds entries that are there already alone
    pipeline.eventually(lambda: published(pipeline), lambda _: True)
    (_, line) = run("bd", "incident.json", read=True).splitlines()

    assert line.startswith("TEST:bd:check-2026-000017 ")
    assert "FR-2026-0815" in line

    # what kcat reads back is judged as the gate judged it, the raw bytes in its JSON included
    words = ["-C", "-t", topics.incidents("bd"), "-o", "beginning", "-e", "-q", "-J"]
    command = ["kcat", "-F", tmp_path / "bd.conf", "-b", pipeline.stack.bootstrap, *words]
    environment = os.environ | {"LD_LIBRARY_PATH": str(recent_librdkafka(tmp_path))}
    printed = subprocess.run(command, capture_output=True, timeout=60, check=True, env=environment).stdout
    ours = [one for one in printed.splitlines() if b'"key":"check-2026-000017"' in one]
    judged = CliRunner().invoke(build(), ["check-message", "-", "--state", str(pipeline.stack.state)], input=ours[-1])
    assert (judged.exit_code, judged.stdout[:3]) == (0, "ok "), judged.output

    # kcat writes any bytes as a header's name: the gate reads on, and refuses the record as any other
    value = fresh("odd").encode()
    (tmp_path / "odd").write_bytes(value)
    words = ["-P", "-t", topics.incidents("bd"), "-k", "odd", "-H", b"\xff\xfe=1", "-H", "trace=2", tmp_path / "odd"]
    subprocess.run([*command[:5], *words], timeout=60, check=True, env=environment)
    digest = hashlib.sha256(value).digest()
    pipeline.eventually(lambda: pipeline.rejects("bd"), lambda it: it.sha256 == digest, within=60)

    # nor does it end who reads with confluent-kafka: what can be read of its headers is read
    read = b"\0".join((b"odd", value, UNREADABLE.encode(), b"1", b"trace", b"2"))
    every = [(it.name, it.partitions) for it in topics.all_topics(pipeline.participants)]
    found = topics_holding(connect("admin", pipeline.stack.settings), every, [read])
    assert found == {topics.incidents("bd")}
