"""The golden messages that clients of other languages are held against: made from the code, and right."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import fastavro
import pytest

import deploy
import schemas
from schemas.alerts import Alert
from schemas.avro import EXTERNAL, full_name
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Mode
from schemas.example_messages import examples
from schemas.golden_messages import FOLDER, files
from schemas.model import millis
from schemas.participants import load_participants
from schemas.signing import signature_input
from streams.conformance import Judge, Published
from streams.stages import keys

PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
MESSAGES = {example.name: json.loads((FOLDER / f"{example.name}.json").read_text("utf-8")) for example in examples()}
each = pytest.mark.parametrize("golden", MESSAGES.values(), ids=MESSAGES.keys())


def test_the_files_are_what_the_code_makes() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == files()


def test_every_message_that_a_bureau_writes_or_reads_has_an_example() -> None:
    of_bureaus = {full_name(model) for model in EXTERNAL} - {"tocsin.AuditRecord"}

    assert {golden["schema"] for golden in MESSAGES.values()} == of_bureaus


@each
def test_another_avro_library_reads_the_bytes_by_the_published_schema(golden: Any) -> None:
    text = (Path(schemas.__file__).parents[1] / golden["schema_file"]).read_text(encoding="utf-8")
    body = bytes.fromhex(golden["avro_hex"])
    read = avro.io.DatumReader(avro.schema.parse(text)).read(avro.io.BinaryDecoder(io.BytesIO(body)))
    (of_json,) = fastavro.json_reader(io.StringIO(json.dumps(golden["avro_json"])), json.loads(text))

    assert read == of_json


@each
def test_the_value_is_the_wire_format_and_the_plain_message(golden: Any) -> None:
    value = bytes.fromhex(golden["value_hex"])
    ours = LocalSchemaIds().id_of(golden["schema"])
    message = Codec(LocalSchemaIds()).decode(b"\0" + struct.pack(">I", ours) + value[5:])

    assert value[:5] == b"\0" + struct.pack(">I", golden["schema_id"])
    assert value[5:].hex() == golden["avro_hex"]
    assert message == type(message).model_validate_json(json.dumps(golden["message"]))
    assert bytes.fromhex(golden["key_hex"]).decode() == golden["key"]


@each
def test_what_bureaus_write_passes_every_check(golden: Any) -> None:
    if golden["schema"] in ("tocsin.Alert", "tocsin.Reject"):
        return
    codec = Codec(LocalSchemaIds())
    ours = struct.pack(">I", LocalSchemaIds().id_of(golden["schema"]))
    value = b"\0" + ours + bytes.fromhex(golden["avro_hex"])
    appended = millis(codec.decode(value).recorded_at)  # type: ignore[attr-defined]
    for count, partition in golden["partitions"].items():
        published = Published(golden["topic"], partition, 0, appended, golden["key"].encode(), value)

        assert Judge(PARTICIPANTS, codec.decode, {}).judge(published, int(count)).findings == ()


@each
def test_what_is_signed_is_topic_key_and_value_with_their_lengths(golden: Any) -> None:
    left = io.BytesIO(bytes.fromhex(golden["signature_input_hex"]))
    parts = [left.read(struct.unpack(">I", left.read(4))[0]) for _ in range(4)]

    assert left.read() == b""
    assert parts == [
        b"tocsin message 1",
        golden["topic"].encode(),
        bytes.fromhex(golden["key_hex"]),
        bytes.fromhex(golden["value_hex"]),
    ]


def test_no_two_messages_share_what_is_signed() -> None:
    assert signature_input("ab", b"c", b"d") != signature_input("a", b"bc", b"d")
    assert signature_input("a", b"bc", b"d") != signature_input("a", b"b", b"cd")


def test_the_alerts_of_the_examples_have_the_ids_that_the_stages_give() -> None:
    incident = keys.incident_key(Mode.TEST, "bd", "check-2026-000017")
    entry = keys.entry_key(Mode.TEST, "fr", "FR-2026-0815")
    alerts = [example for example in examples() if isinstance(example.message, Alert)]

    assert alerts
    for example in alerts:
        alert = example.message
        assert isinstance(alert, Alert)
        assert example.key == incident
        assert alert.alert_id == keys.alert_id(incident, "s1", entry)
        assert alert.case_ref == keys.case_ref(entry, alert.alert_id, PARTICIPANTS.partitions)
        assert alert.encounter == keys.encounter(incident, "s1")
