"""The golden messages that clients of other languages are held against: made from the code, and right."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
from datetime import datetime
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import fastavro
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import deploy
import schemas
from schemas.alerts import Alert
from schemas.avro import EXTERNAL, full_name
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Mode
from schemas.example_messages import examples
from schemas.golden_messages import FOLDER, files
from schemas.model import millis, timestamp
from schemas.participants import load_participants
from schemas.public_keys import PublicKey
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
    judge = Judge(PARTICIPANTS.without_signatures(), codec.decode, {})
    for count, partition in golden["partitions"].items():
        published = Published(golden["topic"], partition, 0, appended, golden["key"].encode(), value)

        assert judge.judge(published, int(count)).findings == ()


WRITTEN = [golden for golden in MESSAGES.values() if golden["schema"] not in ("tocsin.Alert", "tocsin.Reject")]
SIGNING = json.loads((FOLDER / "signing.json").read_text("utf-8"))
signed = pytest.mark.parametrize("vector", [*WRITTEN, *SIGNING["vectors"]], ids=lambda it: it["topic"])


@signed
def test_what_is_signed_is_topic_key_value_and_time_with_their_lengths(vector: Any) -> None:
    left = io.BytesIO(bytes.fromhex(vector["signature_input_hex"]))
    parts = [left.read(struct.unpack(">I", left.read(4))[0]) for _ in range(5)]

    assert left.read() == b""
    assert parts == [
        b"tocsin message 1",
        vector["topic"].encode(),
        bytes.fromhex(vector["key_hex"]),
        bytes.fromhex(vector["value_hex"]),
        str(vector["signed_at"]).encode(),
    ]
    assert vector["headers"]["tocsin-signed-at"] == str(vector["signed_at"])


@signed
def test_the_signature_is_that_of_the_published_key(vector: Any) -> None:
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(SIGNING["public_base64"]))

    public.verify(base64.b64decode(vector["headers"]["tocsin-signature"]), bytes.fromhex(vector["signature_input_hex"]))
    assert vector["headers"]["tocsin-key-id"] == SIGNING["key_id"]
    assert SIGNING["key_id"] == hashlib.sha256(bytes.fromhex(SIGNING["public_hex"])).hexdigest()[:16]


@pytest.mark.parametrize("golden", WRITTEN, ids=lambda it: it["topic"])
def test_the_gate_lets_golden_messages_in_where_their_key_is_declared(golden: Any) -> None:
    code = golden["topic"].partition(".")[2]
    key = PublicKey.model_validate({"public": SIGNING["public_base64"], "valid_from": timestamp(0)})
    member = PARTICIPANTS.members[code].model_copy(update={"keys": {SIGNING["key_id"]: key}})
    judge = Judge(
        PARTICIPANTS.model_copy(update={"members": {**PARTICIPANTS.members, code: member}}),
        Codec(OneSchema(golden["schema"])).decode,
        {},
    )
    headers = tuple((name, text.encode()) for name, text in golden["headers"].items())
    value = bytes.fromhex(golden["value_hex"])
    appended = max(golden["signed_at"], millis(datetime.fromisoformat(golden["message"]["recorded_at"])))

    assert (
        judge.judge(
            Published(golden["topic"], golden["partitions"]["1"], 0, appended, golden["key"].encode(), value, headers),
            1,
        ).findings
        == ()
    )


class OneSchema(LocalSchemaIds):
    """A registry that has one schema, under the id of the golden messages."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._schema = super().schema_with(self.id_of(name))

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        return self._schema


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
