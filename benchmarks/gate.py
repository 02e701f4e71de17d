"""How many events a second the gate checks: signature, decode, every check, what it says encoded.

Baselines: decoding alone, the same gate where nobody signs, and verifying the signature alone.
"""

from __future__ import annotations

import json
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uuid_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import deploy
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import DocumentType, IncidentType
from schemas.events import Incident, Location
from schemas.model import millis
from schemas.participants import Participants, load_participants
from schemas.public_keys import PublicKey
from schemas.signing import SigningKey, signature_input
from schemas.subjects import BirthDate, Document, Name, Subject
from streams.stages.gate import Gate

EVENTS = 5_000
TOPIC = "incidents.bd"
ROUNDS = 3


def main() -> None:
    """Print one JSON line: events/s of the gate and its baselines, the best of some rounds each; microseconds each of
    signing and verifying."""
    codec = Codec(LocalSchemaIds())
    shipped = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
    now = datetime.now(UTC)
    private = Ed25519PrivateKey.generate()
    signing, public = SigningKey(private), private.public_key()
    bare = [(f"i{n}".encode(), codec.encode(_incident(n, now))) for n in range(EVENTS)]
    events = [(key, value, signing.headers(TOPIC, key, value, millis(now))) for key, value in bare]

    def whole(gate: Gate) -> None:
        for offset, (key, value, headers) in enumerate(events):
            for said in gate.process(TOPIC, 0, offset, millis(now), key, value, headers):
                assert said.topic == "sightings"
                if said.message is not None:
                    codec.encode(said.message)

    def verifying() -> None:
        for key, value, ((_, _), (_, at), (_, signature)) in events:
            public.verify(b64decode(signature), signature_input(TOPIC, key, value, at))

    def sign() -> None:
        for key, value in bare:
            signing.headers(TOPIC, key, value, millis(now))

    def decoding() -> None:
        for _, value in bare:
            codec.decode(value)

    signed, unsigned = (
        Gate(_declared(shipped, signing, now), codec.decode),
        Gate(shipped.without_signatures(), codec.decode),
    )
    gated, decoded, verified = _rate(lambda: whole(signed)), _rate(decoding), _rate(verifying)
    line = {
        "benchmark": "gate",
        "events_per_s": round(gated),
        "baseline": "decode alone",
        "baseline_events_per_s": round(decoded),
        "ratio": round(gated / decoded, 3),
        "unsigned_events_per_s": round(_rate(lambda: whole(unsigned))),
        "verify_us": round(1e6 / verified, 1),
        "sign_us": round(1e6 / _rate(sign), 1),
        "decode_us": round(1e6 / decoded, 1),
    }
    sys.stdout.write(json.dumps(line) + "\n")


def _declared(shipped: Participants, key: SigningKey, now: datetime) -> Participants:
    keys = {key.key_id: PublicKey(public=key.public, valid_from=now - timedelta(days=1))}
    bd = shipped.members["bd"].model_copy(update={"keys": keys})
    return shipped.model_copy(update={"members": {**shipped.members, "bd": bd}})


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
