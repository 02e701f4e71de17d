"""Hostile bytes, seeded: what a broken or malicious sender may publish, made from what a good one does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Action, IncidentType, Instrument, ResponseKind
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.subjects import Name, Subject
from tests.fuzz.targets import NOON, ROOT, TOPICS

CODEC = Codec(LocalSchemaIds())
GOLDEN = ROOT / "tests/schemas/golden/v1"
EXAMPLES = ROOT / "examples"
SAMPLES = ROOT / "tests/producers/samples"
TEXTS = (
    *(
        "",
        " ",
        "\0",
        "\x1b[2J\x1b]0;x\x07",
        "\u202eNAS",
        "=HYPERLINK(1)",
        "A" * 3_000,
        "<!DOCTYPE a [<!ENTITY b 'c'>]>&b;",
    ),
    *("𝕬𝖓𝖓𝖆", "ﷺ" * 200, "0000-00-00", "9" * 400, "../../etc/passwd", "' OR 1=1 --", "\ud7ff\ue000", "e\u0301" * 50),
)
BYTES = (
    b"\0",
    b"\xff" * 8,
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\x02",
    b"\r\n",
    b'"',
    b",",
    b"<",
    b"{",
    b"[" * 300,
)


def events(rng: random.Random) -> Iterator[tuple[int, bytes, bytes]]:
    """Topic number, key and value of events that are right but for one hostile text or number somewhere, for ever."""
    number = 0
    while True:
        number += 1
        event = _event(rng, number)
        where = rng.choice(list(type(event).model_fields))
        value = rng.choice(
            (rng.choice(TEXTS), rng.getrandbits(62), None, NOON + timedelta(days=rng.randint(-700_000, 2_000)))
        )
        changed = event.model_copy(update={where: value}) if rng.random() < 0.7 else event
        key = {"incidents": "incident_id", "watchlist": "entry_id", "responses": "case_ref"}
        topic = TOPICS[number % 3]
        name = key[topic.partition(".")[0]]
        try:
            yield number % 3, str(getattr(changed, name)).encode("utf-8", "replace")[:63], CODEC.encode(changed)
        except (TypeError, AttributeError, LookupError, ValueError, OverflowError):  # no bytes can say that
            continue


def _event(rng: random.Random, number: int) -> BaseModel:
    at = NOON - timedelta(minutes=number % 600)
    head = {"event_id": f"01890000-0000-7000-8000-{number:012x}", "occurred_at": at, "recorded_at": at}
    names = tuple(
        Name(full=rng.choice(TEXTS) if rng.random() < 0.2 else "Anna Weaver") for _ in range(rng.randint(1, 3))
    )
    person = Subject(subject_id=rng.choice(TEXTS) if rng.random() < 0.2 else "s1", names=names)
    if number % 3 == 0:
        kind = {"incident_type": IncidentType.BORDER_CHECK, "location": Location(country="bd"), "zone": "Asia/Dhaka"}
        return Incident(**head, producer="bd", incident_id=f"I{number}", incident_version=1, subjects=(person,), **kind)
    if number % 3 == 1:
        wanted = {"instrument": Instrument.NOTICE, "action": Action.ARREST}
        return WatchlistEntry(**head, producer="fr", entry_id=f"E{number}", entry_version=1, subject=person, **wanted)
    return Response(**head, producer="ccc", case_ref=f"0-{head['event_id']}", kind=rng.choice(list(ResponseKind)))


def seeds(target: str) -> list[bytes]:
    """Good input of a target, to be mutated."""
    if target in ("gate", "codec"):
        goldens = [json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))]
        made = [b"\0" + bytes(4) + bytes.fromhex(one[how]["hex"]) for one in goldens for how in ("least", "whole")]
        values = made + [value for _, (_, _, value) in zip(range(60), events(random.Random(1)), strict=False)]
        return values if target == "codec" else [bytes((i, 2)) + b"I1" + value for i, value in enumerate(values)]
    files: dict[str, list[Path]] = {
        "mrz": [EXAMPLES / "zones.mrz"],
        "mrz-file": [EXAMPLES / "zones.mrz"],
        "travellers": [EXAMPLES / "travellers.csv"],
        "list-csv": [EXAMPLES / "stolen.csv"],
        "list-un": sorted((EXAMPLES / "un").glob("*.xml")),
        "list-jsonl": [EXAMPLES / "watchlist.jsonl"],
        "list-ftm": sorted(SAMPLES.glob("ftm*")),
        "list-interpol": sorted(SAMPLES.glob("interpol*")),
    }
    kept = sorted((Path(__file__).parent / "corpus" / target).glob("*"))
    return [path.read_bytes()[:20_000] for path in (*files.get(target, ()), *kept)] or [b"{}"]


def mutated(rng: random.Random, good: list[bytes]) -> bytes:
    """One of `good` with one to five changes: bits, cuts, repetitions, pieces of others, hostile texts."""
    data = bytearray(rng.choice(good))
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randint(1, 40)]
            case 2:
                data[at:at] = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
            case 3:
                data[at:at] = rng.choice(BYTES)
            case 4:
                other = rng.choice(good)
                begin = rng.randrange(len(other) + 1)
                data[at : at + rng.randint(0, 40)] = other[begin : begin + rng.randint(1, 200)]
            case _:
                data[at:at] = data[at : at + rng.randint(1, 60)] * rng.randint(1, 20)
    return bytes(data[:60_000])
