"""Who signed a message, and whether that counts: forged, altered, moved, stale and unsigned ones are told apart.

Pure: the broker's append time is the only clock, so the same record gets the same answer whenever it is judged.

Verifying is the dearest thing that the gate does: about 110 µs of a core, as much as everything else together
(benchmarks/gate.py). It is done on the event loop all the same. It could run in threads, since the library lets go of
the interpreter meanwhile, but a hop to a thread and back costs as much again unless messages are batched; another gate
worker, which shares the partitions, is simpler and does more.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.codes import RejectReason
from schemas.envelope import Envelope
from schemas.model import timestamp as time_of
from schemas.participants import Participants
from schemas.public_keys import PublicKey
from schemas.signing import HEADERS, KEY_ID, SIGNATURE, SIGNATURE_SIZE, SIGNED_AT, Headers, signature_input
from schemas.topics import DAY, MINUTE, country_of
from streams.stages.checks import Problem, Problems
from streams.stages.contract import Millis
from streams.stages.rules import GateRules

_DIGITS = re.compile(rb"[0-9]{1,15}")


class Judged(NamedTuple):
    """What is to be said about the signature of one message."""

    problems: tuple[Problem, ...] = ()
    verified: bool = False
    """The bytes are those that the holder of a declared key signed (and may be refused all the same)."""
    service: str | None = None
    """Whose key that was: a service's, or the participant's own (None)."""


class _Known(NamedTuple):
    service: str | None
    key: PublicKey
    verifier: Ed25519PublicKey


class _Signed(NamedTuple):
    """The headers of a signature, read."""

    key_id: str
    signed_at: bytes
    signature: bytes


class Signatures:
    """Judges signatures by the public keys of the declaration."""

    def __init__(self, participants: Participants, rules: GateRules) -> None:
        self._participants, self._rules = participants, rules
        self._must_sign = frozenset(code for code in participants.codes if participants.must_sign(code))
        self._known = {
            code: {
                name: _Known(service, key, key.verifier())
                for service, keys in member.signers
                for name, key in keys.items()
            }
            for code, member in participants.members.items()
        }

    def judge(self, topic: str, appended_at: Millis, key: bytes | None, value: bytes, headers: Headers) -> Judged:
        """About a record of a country topic. Where nobody is asked to sign, a signature is not looked at."""
        country = country_of(topic)
        if country not in self._must_sign:
            return Judged()
        signed = _read(headers)
        if isinstance(signed, Problem):
            return Judged((signed,))
        known = self._known[country].get(signed.key_id)
        if known is None:
            detail = "no key with this id is declared for this participant; have the operator declare its public half"
            return Judged((Problem(RejectReason.UNKNOWN_KEY, _place(KEY_ID), detail),))
        try:
            known.verifier.verify(signed.signature, signature_input(topic, key or b"", value, signed.signed_at))
        except InvalidSignature:
            detail = (
                "not this key's signature over topic, key, value and time of this message: sign exactly what is sent"
            )
            return Judged((Problem(RejectReason.BAD_SIGNATURE, _place(SIGNATURE), detail),))
        return Judged(tuple(self._times(known.key, int(signed.signed_at), appended_at)), True, known.service)

    def _times(self, key: PublicKey, signed_at: Millis, appended_at: Millis) -> Problems:
        if not key.counts_at(time_of(appended_at)):
            when = "no longer counts: sign with the one that follows it"
            if time_of(appended_at) < key.valid_from:
                when = "does not count yet: sign with the one before it until then"
            yield Problem(RejectReason.KEY_NOT_VALID, _place(KEY_ID), f"this key {when}")
        if signed_at < appended_at - self._rules.signed_before:
            detail = f"signed more than {self._rules.signed_before // DAY} days before it was received; sign it again"
            yield Problem(RejectReason.STALE, _place(SIGNED_AT), detail)
        if signed_at > appended_at + self._rules.ahead:
            detail = f"more than {self._rules.ahead // MINUTE} minutes after the message was received; check the clock"
            yield Problem(RejectReason.FROM_THE_FUTURE, _place(SIGNED_AT), detail)

    def delegation(self, kind: str, country: str, event: Envelope, judged: Judged) -> Problems:
        """Whether the event names the service that signed it, and that one may publish events of this kind."""
        said = event.delegation.service if event.delegation else None
        if judged.verified and said != judged.service:
            detail = "it is signed with a service's key, and delegation.service must name that service"
            if judged.service is None:
                detail = "a service is named, but the key is not that service's: it signs what it publishes itself"
            yield Problem(RejectReason.NOT_DELEGATED, "delegation.service", detail)
            return
        if said is None:
            return
        declared = self._participants.members[country].services.get(said)
        if declared is None:
            detail = "this participant has declared no such service"
            yield Problem(RejectReason.NOT_DELEGATED, "delegation.service", detail)
        elif kind not in declared.events:
            detail = "this service is not declared to publish events of this kind"
            yield Problem(RejectReason.NOT_DELEGATED, "delegation.service", detail)


def _read(headers: Headers) -> _Signed | Problem:
    """The three headers, each there once and of the right form."""
    found: dict[str, list[bytes]] = {name: [] for name in HEADERS}
    for name, value in headers:
        if name in found:
            found[name].append(value or b"")
    for name, values in found.items():
        if not values:
            what = "a header of the signature" if any(found.values()) else "the signature"
            detail = f"{what} is not there; whoever publishes here signs: see Signatures in the page of events"
            return Problem(RejectReason.SIGNATURE_MISSING, _place(name), detail)
        if len(values) > 1:
            return Problem(RejectReason.BAD_SIGNATURE, _place(name), "the header stands there more than once")
    ((key_id,), (signed_at,), (text,)) = found.values()
    if _DIGITS.fullmatch(signed_at) is None:
        detail = "not milliseconds since 1970-01-01 UTC in decimal digits"
        return Problem(RejectReason.BAD_SIGNATURE, _place(SIGNED_AT), detail)
    try:
        signature = base64.b64decode(text, validate=True)
    except binascii.Error:
        signature = b""
    if len(signature) != SIGNATURE_SIZE:
        detail = f"not the {SIGNATURE_SIZE} bytes of an Ed25519 signature in base64, which are 88 characters"
        return Problem(RejectReason.BAD_SIGNATURE, _place(SIGNATURE), detail)
    return _Signed(key_id.decode("ascii", "replace"), signed_at, signature)


def _place(header: str) -> str:
    return f"headers.{header}"
