"""What it costs to turn a message into bytes and back, beside Apache's `avro` and Confluent's own serializer.

Everybody starts from the same pydantic message and ends with it, so Confluent's way includes `model_dump` and
`model_validate`. Apache's cannot write tuples: it is given the finished record, to its favour. All write the same
bytes, in Confluent wire format.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import avro.io
import avro.schema
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from pydantic import BaseModel

from schemas.alerts import Alert, EntryView, Evidence, IncidentView, Match
from schemas.avro import schema_of
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import (
    Action,
    AlertStatus,
    Band,
    DocumentType,
    IncidentType,
    Instrument,
    Mode,
    Role,
    Scope,
    Verdict,
)
from schemas.events import Incident, Location
from schemas.subjects import BirthDate, Document, Name, Subject

ROUNDS = 7
_NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
_CONTEXT = SerializationContext("incidents.bd", MessageField.VALUE)

Codecs = dict[str, tuple[Callable[[BaseModel], bytes], Callable[[bytes], BaseModel]]]


def main() -> None:
    """Print one JSON line a message and direction: microseconds each, and how many times as long the others take."""
    for message in (_incident(), _alert()):
        codecs = _codecs(message)
        encoded = {name: encode(message) for name, (encode, _) in codecs.items()}
        for name, (_, decode) in codecs.items():
            assert decode(encoded[name]) == message, name
            assert encoded[name][5:] == encoded["tocsin"][5:], name
        _report("encode", message, {name: _taking(encode, message) for name, (encode, _) in codecs.items()})
        _report("decode", message, {name: _taking(decode, encoded[name]) for name, (_, decode) in codecs.items()})


def _report(direction: str, message: BaseModel, micros: dict[str, float]) -> None:
    ours = micros["tocsin"]
    line = {
        "benchmark": "codec",
        "direction": direction,
        "message": type(message).__name__,
        "bytes": len(Codec(LocalSchemaIds()).encode(message)),
        "us": round(ours, 1),
        "baselines_us": {name: round(value, 1) for name, value in micros.items() if name != "tocsin"},
        "times_as_long": {name: round(value / ours, 1) for name, value in micros.items() if name != "tocsin"},
    }
    sys.stdout.write(json.dumps(line) + "\n")


def _taking(work: Callable[[Any], object], argument: Any) -> float:
    """Microseconds a call, the best of some rounds of about 50 ms."""
    work(argument)
    began = time.perf_counter()
    work(argument)
    calls = max(20, int(0.05 / (time.perf_counter() - began)))
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(calls):
            work(argument)
        best = min(best, time.perf_counter() - began)
    return best / calls * 1e6


def _codecs(message: BaseModel) -> Codecs:
    ours = Codec(LocalSchemaIds())
    return {"tocsin": (ours.encode, ours.decode), "avro": _apache(message), "confluent": _confluent(type(message))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _apache(message: BaseModel) -> tuple[Callable[[BaseModel], bytes], Callable[[bytes], BaseModel]]:
    model, record = type(message), _plain(message.model_dump())
    schema = avro.schema.parse(json.dumps(schema_of(model)))
    writer, reader = avro.io.DatumWriter(schema), avro.io.DatumReader(schema)

    def encode(_: BaseModel) -> bytes:
        out = io.BytesIO()
        out.write(b"\x00\x00\x00\x00\x01")
        writer.write(record, avro.io.BinaryEncoder(out))
        return out.getvalue()

    def decode(data: bytes) -> BaseModel:
        body = io.BytesIO(data)
        body.seek(5)
        return model.model_validate(reader.read(avro.io.BinaryDecoder(body)))

    return encode, decode


def _confluent(model: type[BaseModel]) -> tuple[Callable[[BaseModel], bytes], Callable[[bytes], BaseModel]]:
    text = json.dumps(schema_of(model))
    registry = SchemaRegistryClient.new_client({"url": "mock://"})
    registry.register_schema("incidents.bd-value", Schema(text, "AVRO"))
    config = {"auto.register.schemas": False, "subject.name.strategy": topic_subject_name_strategy}
    serializer = AvroSerializer(registry, text, lambda message, _: message.model_dump(), config)
    deserializer = AvroDeserializer(registry, text, lambda record, _: model.model_validate(record))
    return (lambda message: serializer(message, _CONTEXT), lambda data: deserializer(data, _CONTEXT))


def _subject() -> Subject:
    return Subject(
        subject_id="s1",
        names=(Name(full="MOHAMMAD RAHMAN", given="MOHAMMAD", family="RAHMAN"),),
        births=(BirthDate(year=1980, month=3, day=2),),
        nationalities=("bd",),
        documents=(Document(type=DocumentType.PASSPORT, number="BX0123456", country="bd"),),
    )


def _incident() -> Incident:
    return Incident(
        event_id="019a0000-0000-7000-8000-000000000000",
        producer="bd",
        occurred_at=_NOW,
        recorded_at=_NOW,
        incident_id="BD-2026-1",
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country="bd", point="Benapole"),
        zone="Asia/Dhaka",
        subjects=(_subject(),),
    )


def _alert() -> Alert:
    evidence = tuple(
        Evidence(feature=feature, left="MOHAMMAD RAHMAN", right="MOHAMED RAHMAN", weight=4.5, verdict=Verdict.AGREES)
        for feature in ("name", "birth date", "nationality", "document number")
    )
    return Alert(
        alert_id="7f7c8f0e-6c9b-5b0a-9a53-0d6b4c1f9f11",
        revision=1,
        recipient="fr",
        role=Role.OWNER,
        scope=Scope.CROSS_BORDER,
        exercise=Mode.ACTUAL,
        status=AlertStatus.LIVE,
        raised_at=_NOW,
        revised_at=_NOW,
        case_ref="3-7f7c8f0e",
        incident=IncidentView(
            incident_id="BD-2026-1",
            incident_version=1,
            producer="bd",
            incident_type=IncidentType.BORDER_CHECK,
            occurred_at=_NOW,
            location=Location(country="bd", point="Benapole"),
            subject=_subject(),
        ),
        entry=EntryView(
            entry_id="FR-1",
            entry_version=2,
            owner="fr",
            instrument=Instrument.NOTICE,
            action=Action.ARREST,
            subject=_subject(),
        ),
        match=Match(band=Band.STRONG, score=18.0, evidence=evidence),
    )


if __name__ == "__main__":
    main()
