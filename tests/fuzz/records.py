"""Records of country topics as bytes say them: topic, key, value, headers, time, and how they are signed.

Signatures are made here, from a number in the bytes: no change of them would ever bring forth a right one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import deploy
from schemas.model import LAST
from schemas.participants import Participants, Service, load_participants
from schemas.public_keys import PublicKey
from schemas.signing import KEY_ID, SIGNATURE, SIGNED_AT, SigningKey
from schemas.topics import DAY, ROLL
from tests.fuzz.hostile import BYTES, NOON, T0, event_values, golden_values, mutated

TOPICS = (
    *("incidents.bd", "watchlist.fr", "responses.bd", "watchlist.bd", "responses.fr", "incidents.un"),
    *("incidents.in", "responses.ccc"),
)
"""`in` has no key, so whatever it says is refused."""
_OWN = {"bd": 1, "fr": 2, "un": 3, "ccc": 4}
_KEYS = [SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in range(10)]
_STRANGE, _EXPIRED, _NEXT, _CONSOLE = _KEYS[0], _KEYS[5], _KEYS[6], _KEYS[7]
HOW = (
    *("right", "right", "right", "right", "right", "right", "service", "service", "no"),
    *("another's key", "strange key", "strange key under own id", "other value", "other topic", "other key", "stale"),
    *("future", "expired", "not yet", "twice", "part missing", "short", "no base64", "not ascii", "no time", "many"),
)
"""How a record may be signed; "many" has a right signature among thousands of other headers."""
_NOTHING = 255
_MANY = 20_000
Header = tuple[str, bytes | None]


class Record(NamedTuple):
    """One record, as the gate gets it."""

    topic: str
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    signed: str
    """One of HOW."""


def participants() -> Participants:
    """Those of the repository; four have keys, and everybody must sign."""
    shipped = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
    members = dict(shipped.members)
    for code, number in _OWN.items():
        members[code] = members[code].model_copy(update={"keys": _declared(_KEYS[number]), "services": {}})
    old = _declared(_EXPIRED, valid_until=NOON - timedelta(days=1)) | _declared(_NEXT, NOON + timedelta(days=1))
    console = Service(events=("responses", "incidents"), keys=_declared(_CONSOLE))
    bd = {"keys": dict(members["bd"].keys) | old, "services": {"console": console}}
    members["bd"] = members["bd"].model_copy(update=bd)
    return shipped.model_copy(update={"members": members})


def _declared(key: SigningKey, valid_from: Any = NOON - timedelta(days=300), **until: Any) -> dict[str, PublicKey]:
    return {key.key_id: PublicKey(public=key.public, valid_from=valid_from, **until)}


def packed(topic: str, key: bytes | None, value: bytes | None, how: int, when: int, headers: list[tuple[bytes, bytes | None]]) -> bytes:  # fmt: skip  # noqa: E501
    """The bytes that say such a record; a key or header of over 254 bytes is cut."""
    flags = TOPICS.index(topic) | (0 if value is not None else 128)
    out = bytes((flags, how, when)) + _short(key) + bytes((len(headers),))
    return out + b"".join(_short(name) + _short(text) for name, text in headers) + (value or b"")


def _short(data: bytes | None) -> bytes:
    return bytes((_NOTHING,)) if data is None else bytes((min(len(data), 254),)) + data[:254]


def unpacked(data: bytes) -> Record:
    """The record that bytes say; any bytes say one."""
    rest = iter(data)

    def number() -> int:
        return next(rest, 0)

    def short() -> bytes | None:
        return None if (size := number()) == _NOTHING else bytes(next(rest, 0) for _ in range(size))

    flags, how, when, key = number(), number(), number(), short()
    own = [((short() or b"").decode("utf-8", "surrogateescape"), short()) for _ in range(number() % 16)]
    value = None if flags & 128 else bytes(rest)
    topic, signed = TOPICS[flags % len(TOPICS)], HOW[how % len(HOW)]
    timestamp = (-1, 2**63 - 1, LAST + 1, T0 + 40 * DAY)[when % 4] if when > 250 else T0 + when
    return Record(topic, timestamp, key, value, (*own, *_signature(signed, topic, key, value)), signed)


def _signature(how: str, topic: str, key: bytes | None, value: bytes | None) -> list[Header]:
    country, key, value = topic.partition(".")[2], key or b"", value or b""
    own = _KEYS[_OWN.get(country, 9)]

    def by(signer: SigningKey, at: int = T0, **other: Any) -> list[Header]:
        return list(signer.headers(**{"topic": topic, "key": key, "value": value, "at": at} | other))

    keys = {
        "another's key": _KEYS[8],
        "strange key": _STRANGE,
        "expired": _EXPIRED,
        "not yet": _NEXT,
        "service": _CONSOLE,
    }
    made = by(keys.get(how, own))
    changes: dict[str, list[Header]] = {
        "no": [],
        "strange key under own id": [made[0], *by(_STRANGE)[1:]] if how == "strange key under own id" else [],
        "twice": made + made[1:2],
        "part missing": made[1:],
        "short": [*made[:2], (SIGNATURE, (made[2][1] or b"")[:-4])],
        "no base64": [*made[:2], (SIGNATURE, b"\0" * 88)],
        "not ascii": [(KEY_ID, b"\xff" * 16), *made[1:]],
        "no time": [made[0], (SIGNED_AT, b"9" * 400), made[2]],
        "many": made + [("x", None)] * _MANY,
    }
    if how in changes:
        return changes[how]
    others: dict[str, dict[str, Any]] = {
        "other value": {"value": value + b"\0"},
        "other topic": {"topic": f"alerts.{country}"},
        "other key": {"key": key + b"\0"},
        "stale": {"at": T0 - 8 * DAY},
        "future": {"at": T0 + DAY},
    }
    return by(own, **others[how]) if how in others else made


_NAMES = (KEY_ID, SIGNED_AT, SIGNATURE, KEY_ID.upper(), "trace", "")
_TEXTS = (None, b"", b"\xff\xfe", b"1" * 254, b"\0" * 88)


def records(rng: random.Random) -> Iterator[bytes]:
    """Bytes that say hostile records, for ever: noise and events with something wrong in them, signed in all ways."""
    made, good = event_values(rng), [*golden_values()]
    while True:
        topic, key, value = next(made)
        name: bytes | None = key.encode("utf-8", "surrogatepass")
        body: bytes | None = value
        if (kind := rng.random()) < 0.25:
            body = mutated(rng, [value, *good])
        elif kind < 0.3:
            body, topic = rng.choice(good), rng.choice(TOPICS)
        elif kind < 0.32:
            body, name = rng.choice(((None, name), (None, ROLL.encode() + b"1"), (b"", None), (value, None)))
        elif kind < 0.34:
            topic = rng.choice(TOPICS)
        headers: list[tuple[bytes, bytes | None]] = []
        if rng.random() < 0.15:
            headers = [
                (rng.choice((*map(str.encode, _NAMES), *BYTES)), rng.choice(_TEXTS)) for _ in range(rng.randint(1, 15))
            ]
        how = rng.randrange(len(HOW)) if kind > 0.02 else HOW.index("right")
        data = packed(topic, name, body, how, rng.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, rng.randrange(256))), headers)
        yield data if rng.random() < 0.9 else mutated(rng, [data])
