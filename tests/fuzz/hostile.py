"""Hostile bytes, seeded: what a broken or malicious sender may publish, made from what a good one does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Action, IncidentType, Instrument, ResponseKind
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.subjects import Name, Subject
from streams.stages import keys
from tests.fuzz.twisting import TEXTS, twisted

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
T0 = int(NOON.timestamp() * 1000)
CODEC = Codec(LocalSchemaIds())
GOLDEN = ROOT / "tests/schemas/golden/v1"
BYTES = (
    *(b"\0", b"\xff" * 8, b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", b"\x02", b"\r\n", b'"', b",", b"<", b"{"),
    *(b"[" * 300, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x7f", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
)
_LONGEST = 60_000
_VERY_LONG = 300_000
"""More than any event may have."""


@cache
def golden_values() -> tuple[bytes, ...]:
    """Every golden message, at least and whole, as it stands on the wire."""
    goldens = [json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))]
    return tuple(b"\0" + bytes(4) + bytes.fromhex(one[how]["hex"]) for one in goldens for how in ("least", "whole"))


def event_values(rng: random.Random) -> Iterator[tuple[str, str, bytes]]:
    """Topic, key and value of events with up to three hostile things in them, for ever."""
    number = 0
    while True:
        number += 1
        event = _event(rng, number)
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            event = twisted(rng, event)
        try:
            yield f"{_KIND[type(event)]}.{_OF[number % 3]}", key_of(event), CODEC.encode(event)
        except (TypeError, AttributeError, LookupError, ValueError, OverflowError):  # no bytes can say that
            continue


_KIND: dict[type[BaseModel], str] = {Incident: "incidents", WatchlistEntry: "watchlist", Response: "responses"}
_OF = ("bd", "fr", "bd")


def key_of(event: BaseModel) -> str:
    """The key that a record of this event has."""
    name = {Incident: "incident_id", WatchlistEntry: "entry_id", Response: "case_ref"}[type(event)]
    return str(getattr(event, name))


def _event(rng: random.Random, number: int) -> BaseModel:
    at = NOON - timedelta(minutes=number % 600)
    head = {"event_id": f"01890000-0000-7000-8000-{number:012x}", "occurred_at": at, "recorded_at": at}
    names = tuple(Name(full=rng.choice(("Anna Weaver", "Karim Uddin Ahmed"))) for _ in range(rng.randint(1, 3)))
    person = Subject(subject_id="s1", names=names)
    if number % 3 == 0:
        kind = {"incident_type": IncidentType.BORDER_CHECK, "location": Location(country="bd"), "zone": "Asia/Dhaka"}
        return Incident(**head, producer="bd", incident_id=f"I{number}", incident_version=1, subjects=(person,), **kind)
    if number % 3 == 1:
        wanted = {"instrument": Instrument.NATIONAL, "action": Action.INFORM}
        return WatchlistEntry(**head, producer="fr", entry_id=f"E{number}", entry_version=1, subject=person, **wanted)
    case = keys.case_ref("ACTUAL:fr:E1", keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1"), 8)
    return Response(**head, producer="bd", case_ref=case, kind=rng.choice(list(ResponseKind)))


def mutations(rng: random.Random, good: Sequence[bytes]) -> Iterator[bytes]:
    """Bytes made of `good`, for ever."""
    while True:
        yield mutated(rng, good)


def mutated(rng: random.Random, good: Sequence[bytes]) -> bytes:
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
    return bytes(data[:_LONGEST]) if rng.random() < 0.999 else bytes(data * (_VERY_LONG // (len(data) + 1) + 1))
