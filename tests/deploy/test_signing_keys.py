"""Pairs of keys are made once, the private half for its owner's eyes, and one follows another with an overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import deploy
from deploy.provision import signing_keys
from deploy.provision.signing_keys import KEYS, Holder, KeysFile, keyless, make_first
from schemas.participants import Participants, Service, load_participants
from schemas.signing import SigningKey
from tocsin.runtime.key_files import private_key
from tocsin.runtime.settings import private_key_of

BUREAUS = Path(deploy.__file__).with_name("bureaus.toml")
NOW = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)


def declared(state: Path) -> Participants:
    return load_participants(BUREAUS, state / KEYS)


def key_of(state: Path, user: str) -> SigningKey:
    return SigningKey(private_key(private_key_of(user, state)))


def test_everybody_gets_a_pair_once_and_the_public_half_is_declared(tmp_path: Path) -> None:
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))
    first = (tmp_path / KEYS).read_text()
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))

    participants = declared(tmp_path)
    assert (tmp_path / KEYS).read_text() == first
    assert keyless(participants) == ()
    for code, member in participants.members.items():
        assert [*member.keys] == [key_of(tmp_path, code).key_id]
        assert member.keys[key_of(tmp_path, code).key_id].public == key_of(tmp_path, code).public


def test_the_private_half_is_its_owners_alone(tmp_path: Path) -> None:
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))
    file = private_key_of("bd", tmp_path)

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.read_text().split("\n")[1] not in (tmp_path / KEYS).read_text()


def test_a_call_that_was_broken_off_is_gone_on_with(tmp_path: Path) -> None:
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))
    before = key_of(tmp_path, "fr").key_id
    (tmp_path / KEYS).unlink()
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))

    assert [*declared(tmp_path).members["fr"].keys] == [before]


def test_a_service_has_a_key_of_its_own(tmp_path: Path) -> None:
    participants = declared(tmp_path)
    bd = participants.members["bd"].model_copy(update={"services": {"console": Service(events=("responses",))}})
    with_service = participants.model_copy(update={"members": {**participants.members, "bd": bd}})
    make_first(tmp_path, with_service, NOW, KeysFile(tmp_path / KEYS))

    assert "bd-console" in KeysFile(tmp_path / KEYS).holders()
    assert key_of(tmp_path, "bd-console").key_id != key_of(tmp_path, "bd").key_id


def test_the_next_key_is_declared_before_anything_is_signed_with_it(tmp_path: Path) -> None:
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))
    bd, earlier = Holder("bd"), key_of(tmp_path, "bd").key_id
    following = signing_keys.prepare(tmp_path, bd, NOW, tmp_path / KEYS)

    assert signing_keys.prepare(tmp_path, bd, NOW, tmp_path / KEYS) == following
    assert {*declared(tmp_path).members["bd"].keys} == {earlier, following}
    assert key_of(tmp_path, "bd").key_id == earlier
    assert signing_keys.use(tmp_path, bd)
    assert not signing_keys.use(tmp_path, bd)
    assert key_of(tmp_path, "bd").key_id == following


def test_a_key_ends_never_later_than_it_did_and_never_before_it_began(tmp_path: Path) -> None:
    make_first(tmp_path, declared(tmp_path), NOW, KeysFile(tmp_path / KEYS))
    file, bd, name = KeysFile(tmp_path / KEYS), Holder("bd"), key_of(tmp_path, "bd").key_id

    assert file.end(bd, NOW + timedelta(days=7), name) == (name,)
    assert file.end(bd, NOW + timedelta(days=9), name) == ()
    assert file.end(bd, NOW - timedelta(days=9), name) == (name,)
    key = declared(tmp_path).members["bd"].keys[name]
    assert key.valid_until == key.valid_from == NOW.replace(microsecond=0)
    assert declared(tmp_path).members["fr"].keys[key_of(tmp_path, "fr").key_id].valid_until is None
