"""Who publishes signs, and a list is not held for published because somebody without the key put it into the topic."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

import deploy
from deploy.provision.signing_keys import KEYS, KeysFile, make_first
from schemas.participants import load_participants
from schemas.signing import SigningKey
from tocsin.cli.publishing_access import believed, publishing_as
from tocsin.cli.reading import now
from tocsin.runtime.consuming import Record
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.key_files import new_pair, private_key
from tocsin.runtime.settings import Connection, Settings, private_key_of

BUREAUS = Path(deploy.__file__).with_name("bureaus.toml")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    make_first(tmp_path, load_participants(BUREAUS), now() - timedelta(days=30), KeysFile(tmp_path / KEYS))
    return Settings(
        state=tmp_path,
        bureaus=BUREAUS,
        bootstrap="127.0.0.1:9",
        registry="http://127.0.0.1:9",
        password=SecretStr("x"),
    )


def listed(signing: Connection, code: str = "bd", value: bytes = b"entry", signed: bytes | None = None) -> Record:
    assert signing.signing_key is not None
    topic, at = f"watchlist.{code}", round(now().timestamp() * 1000)
    headers = SigningKey(private_key(signing.signing_key)).headers(
        topic, b"E1", value if signed is None else signed, at
    )
    return Record(topic, 0, 0, at, "E1", value, b"E1", tuple(headers))


def test_whoever_must_sign_and_has_no_key_is_told_before_anything_is_published(settings: Settings) -> None:
    assert publishing_as("bd", settings).signing_key == private_key_of("bd", settings.state)
    private_key_of("bd", settings.state).unlink()

    with pytest.raises(NotConfigured, match="bd must sign what it publishes, and there is no key to sign with at"):
        publishing_as("bd", settings)


def test_a_key_that_the_settings_name_is_the_one_that_signs(settings: Settings, tmp_path: Path) -> None:
    new_pair(tmp_path / "own.pem")

    assert publishing_as("bd", settings.model_copy(update={"signing_key": tmp_path / "own.pem"})).signing_key == (
        tmp_path / "own.pem"
    )
    with pytest.raises(NotConfigured, match=r"bd.pem is the key of bd: fr signs with its own"):
        publishing_as("fr", settings.model_copy(update={"signing_key": private_key_of("bd", settings.state)}))
    with pytest.raises(NotConfigured, match="absent"):
        publishing_as("bd", settings.model_copy(update={"signing_key": tmp_path / "absent.pem"}))


def test_records_that_the_gate_refused_for_their_signature_are_not_held_for_published(settings: Settings) -> None:
    bd, fr = publishing_as("bd", settings), publishing_as("fr", settings)
    counts = believed(load_participants(BUREAUS, settings.state / KEYS), "bd", bd)

    assert counts(listed(bd))
    assert not counts(listed(fr))
    assert not counts(listed(bd, signed=b"other"))
    assert not counts(Record("watchlist.bd", 0, 0, 0, "E1", b"entry", b"E1"))


def test_whoever_does_not_know_its_own_key_judges_nothing(settings: Settings) -> None:
    bd = publishing_as("bd", settings)

    assert believed(load_participants(BUREAUS), "bd", bd)(listed(bd, signed=b"other"))
