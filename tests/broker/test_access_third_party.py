"""What others' clients meet: Kafka's own tools and kcat with a bureau's secret, and plain HTTP at the registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import confluent_kafka
import httpx
import pytest
from confluent_kafka import Producer

from deploy.stack import artifacts
from deploy.stack.local import Stack
from deploy.stack.secret_files import write_private
from schemas.avro import full_name
from schemas.events import Incident
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def alerted(provisioned: Stack) -> Stack:
    """A stack with a record on alerts.bd and alerts.fr."""
    producer = Producer(connect("worker-cases", provisioned.settings).as_librdkafka() | {"log_level": 0})
    for code in ("bd", "fr"):
        producer.produce(f"alerts.{code}", b"for " + code.encode(), key=b"ACTUAL:bd:1")
    assert producer.flush(20) == 0
    return provisioned


def client_file(stack: Stack, user: str, folder: Path) -> Path:
    """Java client properties with the secret of `user`."""
    password = connect(user, stack.settings).password.get_secret_value()
    path = folder / f"{user}.properties"
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    write_private(
        path,
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\nenable.idempotence=true\n"
        f'sasl.jaas.config={login} username="{user}" password="{password}";\n',
    )
    return path


def java_tool(name: str, stack: Stack, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of Kafka's own command line tools."""
    checked = artifacts.obtain()
    return subprocess.run(
        [
            str(checked.java),
            "-Xmx128m",
            "-cp",
            checked.kafka_classpath,
            name,
            "--bootstrap-server",
            stack.bootstrap,
            *arguments,
        ],
        capture_output=True,
        text=True,
        errors="replace",
        input=stdin,
        timeout=120,
        check=False,
    )


CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
FROM_START = ("--from-beginning", "--max-messages", "1", "--timeout-ms", "20000", "--group", "bd-console")


def test_kafkas_console_consumer_reads_the_alerts_of_its_bureau(alerted: Stack, tmp_path: Path) -> None:
    secret = client_file(alerted, "bd", tmp_path)
    done = java_tool(CONSUMER, alerted, "--command-config", str(secret), "--topic", "alerts.bd", *FROM_START)

    assert done.returncode == 0
    assert "Processed a total of 1 messages" in done.stdout + done.stderr


def test_kafkas_console_consumer_is_refused_the_alerts_of_another_bureau(alerted: Stack, tmp_path: Path) -> None:
    secret = client_file(alerted, "bd", tmp_path)
    done = java_tool(CONSUMER, alerted, "--command-config", str(secret), "--topic", "alerts.fr", *FROM_START)

    assert "for fr" not in done.stdout
    assert "TopicAuthorizationException" in done.stdout + done.stderr


def test_kafkas_console_producer_is_refused_the_incidents_of_another_bureau(alerted: Stack, tmp_path: Path) -> None:
    secret = client_file(alerted, "bd", tmp_path)
    tool = "org.apache.kafka.tools.ConsoleProducer"
    done = java_tool(tool, alerted, "--command-config", str(secret), "--topic", "incidents.fr", stdin="forged\n")

    assert "TopicAuthorizationException" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("org.apache.kafka.tools.AclCommand", ("--list",)),
        (
            "kafka.admin.ConfigCommand",
            ("--alter", "--entity-type=users", "--entity-name=fr", "--add-config=SCRAM-SHA-512=[password=taken-over]"),
        ),
        ("kafka.admin.ConfigCommand", ("--describe", "--entity-type=users", "--entity-name=fr")),
    ],
    ids=["list rights", "set another's password", "list users"],
)
def test_a_bureau_cannot_administer_users_and_rights(
    alerted: Stack, tmp_path: Path, tool: str, arguments: tuple[str, ...]
) -> None:
    secret = client_file(alerted, "bd", tmp_path)
    done = java_tool(tool, alerted, "--command-config", str(secret), *arguments)

    assert done.returncode != 0
    assert "ClusterAuthorizationException" in done.stdout + done.stderr


def kcat(stack: Stack, user: str, folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run kcat with the secret of `user` in a file, as the documentation tells bureaus."""
    config = connect(user, stack.settings).as_librdkafka()
    path = folder / f"{user}.kcat"
    write_private(path, "".join(f"{name}={value}\n" for name, value in config.items()))
    return subprocess.run(
        ["kcat", "-F", str(path), *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        input=stdin,
        timeout=60,
        check=False,
        env=os.environ | {"LD_LIBRARY_PATH": str(recent_librdkafka(folder))},
    )


def recent_librdkafka(folder: Path) -> Path:
    """A library folder for kcat with the librdkafka that our own client brings.

    Debian's kcat comes with librdkafka 2.0, which repeats its SCRAM nonce; brokers refuse that since Kafka 4, and
    librdkafka mended it in 2.6.1.
    """
    library = folder / "lib"
    library.mkdir(exist_ok=True)
    link = library / "librdkafka.so.1"
    if not link.exists():
        (found,) = (Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs").glob("librdkafka*.so*")
        link.symlink_to(found)
    return library


needs_kcat = pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed (Debian: kcat)")


@needs_kcat
def test_kcat_reads_the_alerts_of_its_bureau(alerted: Stack, tmp_path: Path) -> None:
    done = kcat(alerted, "bd", tmp_path, "-C", "-t", "alerts.bd", "-p", "0", "-o", "beginning", "-c", "1", "-e")

    assert done.returncode == 0
    assert done.stdout.strip()


@needs_kcat
def test_kcat_is_refused_the_alerts_of_another_bureau(alerted: Stack, tmp_path: Path) -> None:
    done = kcat(alerted, "bd", tmp_path, "-C", "-t", "alerts.fr", "-p", "0", "-o", "beginning", "-c", "1", "-e")

    assert done.returncode != 0
    assert done.stdout == ""
    assert "authorization failed" in done.stderr


@needs_kcat
def test_kcat_is_refused_writing_the_incidents_of_another_bureau(alerted: Stack, tmp_path: Path) -> None:
    done = kcat(alerted, "bd", tmp_path, "-P", "-t", "incidents.fr", "-X", "message.timeout.ms=8000", stdin="forged\n")

    assert done.returncode != 0
    assert "authorization failed" in done.stderr


@needs_kcat
def test_kcat_lists_the_topics_of_its_bureau_alone(alerted: Stack, tmp_path: Path) -> None:
    done = kcat(alerted, "bd", tmp_path, "-L", "-J")

    assert {topic["topic"] for topic in json.loads(done.stdout)["topics"]} == {
        f"{kind}.bd" for kind in ("incidents", "watchlist", "responses", "rejects", "alerts")
    }


SUBJECT = full_name(Incident)
OTHER = json.dumps({"type": "record", "name": "Incident", "namespace": "tocsin", "fields": []})
ROOT = "/../../.."
CHANGES: dict[str, tuple[str, str, object]] = {
    "register a version": ("POST", f"/subjects/{SUBJECT}/versions", {"schema": OTHER}),
    "register a subject": ("POST", "/subjects/forged/versions", {"schema": '"string"'}),
    "weaken the compatibility": ("PUT", "/config", {"compatibility": "NONE"}),
    "weaken a subject's compatibility": ("PUT", f"/config/{SUBJECT}", {"compatibility": "NONE"}),
    "delete the compatibility": ("DELETE", f"/config/{SUBJECT}", None),
    "delete a subject": ("DELETE", f"/subjects/{SUBJECT}", None),
    "delete a subject for good": ("DELETE", f"/subjects/{SUBJECT}?permanent=true", None),
    "delete a version": ("DELETE", f"/subjects/{SUBJECT}/versions/1", None),
    "set the mode": ("PUT", "/mode", {"mode": "READWRITE"}),
    "delete by the registry's own interface": ("DELETE", f"{ROOT}/apis/registry/v3/groups/default", None),
    "delete a rule by it": ("DELETE", f"{ROOT}/apis/registry/v3/admin/rules", None),
    "write by it": (
        "POST",
        f"{ROOT}/apis/registry/v3/groups/default/artifacts",
        {"artifactId": "forged", "artifactType": "AVRO", "firstVersion": {"content": {"content": '"string"'}}},
    ),
    "end the read-only mode": (
        "PUT",
        f"{ROOT}/apis/registry/v3/admin/config/properties/apicurio.storage.read-only.enabled",
        {"value": "false"},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_registry_takes_no_changes_after_provisioning(provisioned: Stack, what: str) -> None:
    method, path, body = CHANGES[what]
    with httpx.Client() as client:
        before = client.get(f"{provisioned.registry}/subjects/{SUBJECT}/versions/latest").json()
        url = os.path.normpath(httpx.URL(provisioned.registry).path + path)
        answer = client.request(method, httpx.URL(provisioned.registry).join(url), json=body)
        after = client.get(f"{provisioned.registry}/subjects/{SUBJECT}/versions/latest").json()
        subjects = client.get(f"{provisioned.registry}/subjects").json()
        level = client.get(f"{provisioned.registry}/config").json()

    # A subject without a level of its own has none to delete: Apicurio answers 200 and has changed nothing.
    assert answer.status_code >= 400 or what == "delete the compatibility"
    assert after == before
    assert "forged" not in subjects
    assert level == {"compatibilityLevel": "FULL_TRANSITIVE"}
