"""Public keys are declared with their ids and times, in the declaration or beside it, and nobody shares one."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.errors import DeclarationError
from schemas.golden_messages import signing_key
from schemas.participants import Participants, load_participants
from schemas.public_keys import EVERYBODYS, SignaturePolicy
from schemas.signing import SigningKey

ONE, TWO = (SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in (1, 2))
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = """
[participants.bd]
name = "Bangladesh"
[participants.bd.services.console]
events = ["responses"]
[participants.ccc]
name = "Coordination"
kind = "coordinator"
"""


def key(holder: str, signing: SigningKey = ONE, name: str | None = None, more: str = "") -> str:
    public = base64.b64encode(signing.public).decode()
    head = f"[participants.{holder}.keys.{name or signing.key_id}]"
    return f'{head}\npublic = "{public}"\nvalid_from = 2026-11-24T12:00:00Z\n{more}\n'


def load(tmp_path: Path, declaration: str, keys: str | None = None) -> Participants:
    (tmp_path / "bureaus.toml").write_text(declaration)
    if keys is not None:
        (tmp_path / "keys.toml").write_text(keys)
    return load_participants(tmp_path / "bureaus.toml", tmp_path / "keys.toml")


def test_everybody_must_sign_unless_the_declaration_says_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path, BASE).must_sign("bd")
    lenient = load(tmp_path, f'signatures = "where declared"\n{BASE}{key("bd.services.console")}')
    assert lenient.signatures is SignaturePolicy.WHERE_DECLARED
    assert (lenient.must_sign("bd"), lenient.must_sign("ccc")) == (True, False)
    assert not lenient.without_signatures().must_sign("bd")


def test_who_publishes_unsigned_and_who_cannot_publish_at_all_is_known(tmp_path: Path) -> None:
    lenient = 'signatures = "where declared"\n'
    assert (load(tmp_path, BASE).unsigned, load(tmp_path, BASE).mute) == ((), ("bd", "ccc"))
    strict = load(tmp_path, BASE + key("bd.services.console"))
    assert (strict.unsigned, strict.mute) == ((), ("ccc",))
    assert (load(tmp_path, lenient + BASE).unsigned, load(tmp_path, lenient + BASE).mute) == (("bd", "ccc"), ())
    assert load(tmp_path, lenient + BASE + key("bd.services.console")).unsigned == ("ccc",)


def test_a_key_counts_from_its_first_moment_until_before_its_last(tmp_path: Path) -> None:
    declared = load(tmp_path, BASE + key("bd", more="valid_until = 2026-11-25T12:00:00Z")).members["bd"].keys
    end = NOON + timedelta(days=1)

    counts = [declared[ONE.key_id].counts_at(at) for at in (NOON - timedelta(microseconds=1), NOON, end)]
    assert counts == [False, True, False]
    assert declared[ONE.key_id].counts_at(end - timedelta(microseconds=1))


def test_keys_end_with_the_newest_of_whoever_is_without_one_first(tmp_path: Path) -> None:
    def end(*keys: str) -> datetime | None:
        return load(tmp_path, BASE + "".join(keys)).members["bd"].keys_end

    first, second = "valid_until = 2026-11-25T12:00:00Z", "valid_until = 2026-11-26T12:00:00Z"
    assert end() is None
    assert end(key("bd", more=first)) == NOON + timedelta(days=1)
    assert end(key("bd", more=first), key("bd", TWO, more=second)) == NOON + timedelta(days=2)
    assert end(key("bd", more=first), key("bd", TWO)) is None
    assert end(key("bd", more=second), key("bd.services.console", TWO, more=first)) == NOON + timedelta(days=1)
    assert end(key("bd"), key("bd.services.console", TWO, more=first)) == NOON + timedelta(days=1)


def test_keys_beside_the_declaration_count_as_those_in_it(tmp_path: Path) -> None:
    beside = load(tmp_path, BASE, key("bd") + key("bd.services.console", TWO))

    assert beside == load(tmp_path, BASE + key("bd") + key("bd.services.console", TWO), "")
    assert {name: [*keys] for name, keys in beside.members["bd"].signers} == {
        None: [ONE.key_id],
        "console": [TWO.key_id],
    }


def test_keys_of_whoever_is_not_declared_any_more_are_left_out(tmp_path: Path) -> None:
    assert load(tmp_path, BASE, key("fr") + key("bd.services.gone", TWO)) == load(tmp_path, BASE, "")


@pytest.mark.parametrize(
    ("declaration", "keys", "said"),
    [
        (BASE + key("bd", name="0" * 16), "", "participants.bd.keys: "),
        (BASE + key("bd", name="0" * 16), "", f"which is {ONE.key_id}"),
        (BASE + key("bd") + key("ccc"), "", f"the key {ONE.key_id} is declared twice, for bd and for ccc"),
        (BASE + key("bd") + key("bd.services.console"), "", "for bd and for bd.services.console"),
        (BASE, key("bd") + key("ccc"), "declared twice, for bd and for ccc"),
        (BASE + key("bd", signing_key()), "", f"participants.bd.keys: Value error, {EVERYBODYS}"),
        (
            BASE,
            key("bd.services.console", signing_key()),
            f"participants.bd.services.console.keys: Value error, {EVERYBODYS}",
        ),
        (BASE + key("bd"), key("bd"), f"keys.toml: participants.bd.keys.{ONE.key_id}: it is in the declaration"),
        (BASE + key("bd", more="valid_until = 2026-11-23T12:00:00Z"), "", "valid_until is before valid_from"),
        (BASE + key("bd").replace("public = ", 'public = "AAAA"\n# '), "", "has 32 bytes, in base64 44 characters"),
        (BASE + key("bd").replace("public = ", 'public = "?"\n# '), "", "not base64"),
        (BASE + key("bd").replace("12:00:00Z", "12:00:00"), "", "valid_from"),
        (BASE, "[participants", "keys.toml"),
        (BASE, "participants = 1", "keys.toml"),
        (BASE, "[participants.bd]\nkeys = 1", "keys.toml: participants.bd.keys"),
        (BASE, "[participants.bd]\nname = 'x'", "keys.toml: participants.bd.name: only keys stand here"),
        (f'signatures = "sometimes"\n{BASE}', "", "signatures"),
    ],
)
def test_a_key_that_is_declared_wrongly_is_refused_with_its_place(
    tmp_path: Path, declaration: str, keys: str, said: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        load(tmp_path, declaration, keys)
    assert said in str(refused.value)
