"""`tocsin conform` on a real broker: a bureau with several partitions, its mistakes, and each of them named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

import deploy
from deploy.provision import provision
from deploy.stack.local import Stack
from schemas.codec import Codec
from schemas.codes import Mode
from schemas.events import Incident
from schemas.participants import Participants, load_participants
from schemas.partition import partition_of
from schemas.signing import SigningKey
from tests.broker.pipeline import border_check, traveller
from tocsin.runtime.key_files import private_key
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect, private_key_of

pytestmark = pytest.mark.broker
PARTITIONS = 4
_DECLARED = f"""
[participants.nz]
name = "New Zealand"
partitions = {PARTITIONS}
"""


@pytest.fixture(scope="module")
def bureaus(provisioned: Stack, participants: Participants, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A declaration with one more bureau than the stack had: nz, with several partitions, provisioned.

    It leaves again at the end: other files of the session share the stack and expect the participants shipped.
    """
    shipped = Path(deploy.__file__).with_name("bureaus.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("declared") / "bureaus.toml"
    path.write_text(shipped + _DECLARED, encoding="utf-8")
    admin = connect("admin", provisioned.settings)
    provision(load_participants(path), admin, provisioned.registry, provisioned.state)
    yield path
    provision(participants, admin, provisioned.registry, provisioned.state)


def conform(stack: Stack, bureaus: Path, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, what was said as JSON, and what was said to standard error."""
    environment = os.environ | {"TOCSIN_STATE": str(stack.state), "TOCSIN_BUREAUS": str(bureaus)}
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "conform", "nz", "--json", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def reasons(said: Sequence[dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """What was named of each message, by its key."""
    return {one["key"]: [(wrong["reason"], wrong["place"]) for wrong in one["wrong"]] for one in said}


def trial(incident_id: str, **changes: Any) -> Incident:
    return border_check("nz", incident_id, traveller("Aroha Ngata"), exercise=Mode.TEST, **changes)


def test_each_mistake_of_a_bureau_is_named_and_what_is_right_is_said_to_be(provisioned: Stack, bureaus: Path) -> None:
    nothing = conform(provisioned, bureaus)
    assert nothing[:2] == (1, [])
    assert "nothing to judge" in nothing[2]

    codec = Codec(RegistrySchemaIds(provisioned.registry))
    right = Producer(connect("nz", provisioned.settings).as_librdkafka(partitioner="murmur2_random"))
    crc = Producer(connect("nz", provisioned.settings).as_librdkafka())  # librdkafka's own default
    lost = next(key for n in range(99) if parted(key := f"partitioner-{n}"))
    field, good = trial("field", zone="Mars/Base"), trial("good")
    foreign = b"\0\0\x0f\xff\xff" + codec.encode(trial("schema"))[5:]
    signing = SigningKey(private_key(private_key_of("nz", provisioned.state)))
    for producer, key, value in (
        (right, "good", codec.encode(good)),
        (right, "key", codec.encode(trial("other"))),
        (crc, lost, codec.encode(trial(lost))),
        (right, "schema", foreign),
        (right, "framing", good.model_dump_json().encode()),
        (right, "field", codec.encode(field)),
        (right, "real", codec.encode(border_check("nz", "real", traveller("Aroha Ngata")))),
    ):
        headers = signing.headers("incidents.nz", key.encode(), value, round(time.time() * 1000))
        producer.produce("incidents.nz", value, key.encode(), headers=headers)
    bare = codec.encode(trial("signature"))
    over_less = signing.headers("incidents.nz", b"signature", bare[5:], round(time.time() * 1000))
    right.produce("incidents.nz", bare, b"signature", headers=over_less)
    right.produce("incidents.nz", codec.encode(trial("unsigned")), b"unsigned")
    assert right.flush(20) == crc.flush(20) == 0

    code, said, told = conform(provisioned, bureaus)

    assert code == 1
    assert reasons(said) == {
        "good": [],
        "key": [("WRONG_KEY", "key")],
        lost: [("WRONG_PARTITION", "partition")],
        "schema": [("UNKNOWN_SCHEMA", "")],
        "framing": [("UNDECODABLE", "")],
        "field": [("INVALID_FIELD", "zone")],
        "real": [("NOT_IN_MODE", "exercise")],
        "signature": [("BAD_SIGNATURE", "headers.tocsin-signature")],
        "unsigned": [("SIGNATURE_MISSING", "headers.tocsin-key-id")],
    }
    assert "9 messages: 1 right, 8 wrong" in told
    by_key = {one["key"]: one for one in said}
    assert "without its first five bytes" in by_key["signature"]["wrong"][0]["detail"]
    assert "partitioner=murmur2_random" in by_key[lost]["wrong"][0]["detail"]
    assert by_key[lost]["belongs_to_partition"] == partition_of(lost, PARTITIONS)
    assert f"tocsin.Incident is {codec.encode(good)[4]}" in by_key["schema"]["wrong"][0]["detail"]


def parted(key: str) -> bool:
    """Whether the two usual partitioners part over this key."""
    return zlib.crc32(key.encode()) % PARTITIONS != partition_of(key, PARTITIONS)
