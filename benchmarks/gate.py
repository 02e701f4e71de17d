"""How many events a second the gate checks: decode, every check, what it says encoded. Baseline: decode alone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uuid_utils

import deploy
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import DocumentType, IncidentType
from schemas.events import Incident, Location
from schemas.model import millis
from schemas.participants import load_participants
from schemas.subjects import BirthDate, Document, Name, Subject
from streams.stages.gate import Gate

EVENTS = 5_000
ROUNDS = 3


def main() -> None:
    """Print one JSON line: events/s of the gate and of decoding alone, the best of some rounds each."""
    codec = Codec(LocalSchemaIds())
    gate = Gate(load_participants(Path(deploy.__file__).with_name("bureaus.toml")), codec.decode)
    now = datetime.now(UTC)
    events = [(f"i{n}".encode(), codec.encode(_incident(n, now))) for n in range(EVENTS)]

    def whole() -> None:
        for offset, (key, value) in enumerate(events):
            for said in gate.process("incidents.bd", 0, offset, millis(now), key, value):
                assert said.topic == "sightings"
                if said.message is not None:
                    codec.encode(said.message)

    def decoding() -> None:
        for _, value in events:
            codec.decode(value)

    gated, decoded = _rate(whole), _rate(decoding)
    line = {
        "benchmark": "gate",
        "events_per_s": round(gated),
        "baseline": "decode alone",
        "baseline_events_per_s": round(decoded),
        "ratio": round(gated / decoded, 3),
    }
    sys.stdout.write(json.dumps(line) + "\n")


def _rate(work: Callable[[], None]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return EVENTS / best


def _incident(n: int, now: datetime) -> Incident:
    return Incident(
        event_id=str(uuid_utils.uuid7()),
        producer="bd",
        occurred_at=now,
        recorded_at=now,
        incident_id=f"i{n}",
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country="bd", point="Benapole"),
        subjects=(
            Subject(
                subject_id="1",
                names=(Name(full=f"Karim Uddin Ahmed {n}"),),
                births=(BirthDate(year=1980, month=4, day=n % 28 + 1),),
                nationalities=("bd",),
                documents=(Document(type=DocumentType.PASSPORT, number=f"AB{n:07d}", country="bd"),),
            ),
        ),
    )


if __name__ == "__main__":
    main()
