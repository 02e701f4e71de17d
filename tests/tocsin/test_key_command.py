"""`tocsin key`: a bureau gets another key, both count for a while, a stolen one ends; nothing private is ever shown."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

import deploy
from deploy.provision.signing_keys import KEYS, KeysFile, make_first
from schemas.golden_messages import SEED
from schemas.participants import load_participants
from schemas.signing import SigningKey
from tocsin.cli import build
from tocsin.cli.reading import now
from tocsin.runtime.errors import NotConfigured, TocsinError
from tocsin.runtime.key_files import BadKey, private_key
from tocsin.runtime.settings import private_key_of

BUREAUS = Path(deploy.__file__).with_name("bureaus.toml")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder in which everybody has a key, as `tocsin up` leaves it."""
    monkeypatch.delenv("TOCSIN_BUREAUS", raising=False)
    monkeypatch.setenv("TOCSIN_STATE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    make_first(tmp_path, load_participants(BUREAUS), now() - timedelta(days=30), KeysFile(tmp_path / KEYS))
    (tmp_path / "stack.json").write_text('{"bootstrap": "127.0.0.1:9"}')
    return tmp_path


def run(*words: object) -> Result:
    result = CliRunner().invoke(build(), [str(word) for word in words])
    if isinstance(result.exception, TocsinError):
        raise result.exception
    return result


def listed(code: str) -> dict[str, Any]:
    """The keys of a participant, by id."""
    rows = [json.loads(line) for line in run("key", "list", code, "--json").stdout.splitlines()]
    return {row["key_id"]: row for row in rows}


def signs_with(state: Path, user: str = "bd") -> str:
    return SigningKey(private_key(private_key_of(user, state))).key_id


def test_a_new_key_is_signed_with_and_the_earlier_one_counts_a_while_longer(state: Path) -> None:
    earlier = signs_with(state)
    result = run("key", "new", "bd", "--overlap-days", "3")

    assert result.exit_code == 0
    following = signs_with(state)
    rows = listed("bd")
    assert following != earlier
    assert [rows[name]["now"] for name in (earlier, following)] == ["counts", "counts"]
    assert [rows[name]["signs_here"] for name in (earlier, following)] == [False, True]
    overlap = datetime.fromisoformat(rows[earlier]["valid_until"]) - now()
    assert timedelta(days=2.9) < overlap <= timedelta(days=3)
    assert rows[following]["valid_until"] is None
    private = private_key_of("bd", state).read_text().splitlines()[1]
    assert private not in result.output + result.stderr + run("key", "list").output


def test_where_the_gate_runs_elsewhere_the_new_key_waits_until_it_knows(state: Path) -> None:
    (state / "stack.json").unlink()
    earlier = signs_with(state)
    result = run("key", "new", "bd")

    assert "start it again" in result.stderr
    assert "once the gate was started again: tocsin key use bd" in result.stdout
    assert signs_with(state) == earlier
    assert {row["now"] for row in listed("bd").values()} == {"counts"}
    assert run("key", "use", "bd").exit_code == 0
    assert signs_with(state) in listed("bd").keys() - {earlier}
    with pytest.raises(NotConfigured, match="no key of bd waits"):
        run("key", "use", "bd")


def test_a_key_that_a_bureau_made_itself_is_taken_in_by_its_public_half(state: Path) -> None:
    made = run("key", "new", "bd", "--out", "own.pem")
    table = tomllib.loads(made.stdout.split("in the declaration:")[1])
    (name,) = table["participants"]["bd"]["keys"]
    before = signs_with(state)

    assert name not in listed("bd")
    assert run("key", "add", "bd", "own.pem.pub").exit_code == 0
    assert listed("bd")[name]["now"] == "counts"
    assert table["participants"]["bd"]["keys"][name]["public"] == listed("bd")[name]["public"]
    assert signs_with(state) == before
    with pytest.raises(NotConfigured, match="is declared already, for bd"):
        run("key", "add", "fr", "own.pem.pub")
    with pytest.raises(BadKey, match="not written over"):
        run("key", "new", "bd", "--out", "own.pem")
    with pytest.raises(BadKey, match="holds no public key"):
        run("key", "add", "fr", "own.pem")


def test_the_key_of_the_published_vectors_is_taken_in_for_nobody(state: Path) -> None:
    before = (state / KEYS).read_text()
    golden = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    Path("golden.pub").write_bytes(golden.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    with pytest.raises(NotConfigured, match="the key of the published test vectors"):
        run("key", "add", "bd", "golden.pub")
    assert (state / KEYS).read_text() == before  # nothing reads a file that holds it


def test_a_stolen_key_ends_when_it_was(state: Path) -> None:
    stolen = signs_with(state)

    assert run("key", "end", "bd", stolen, "--at", "2h").exit_code == 0
    assert listed("bd")[stolen]["now"] == "ended"
    assert "ends before that already" in run("key", "end", "bd", stolen).stdout
    with pytest.raises(NotConfigured, match="fr has no key"):
        run("key", "end", "fr", stolen)


def test_a_key_in_the_declaration_is_ended_there(state: Path) -> None:
    text = (state / KEYS).read_text()
    declaration = BUREAUS.read_text() + "\n" + text.replace("[participants]", "")
    (state / "bureaus.toml").write_text(declaration)
    (state / KEYS).unlink()

    with pytest.raises(NotConfigured, match=r"bureaus.toml: set its valid_until there"):
        run("key", "end", "bd", signs_with(state))


def test_whoever_must_sign_and_cannot_is_named(state: Path) -> None:
    (state / KEYS).unlink()

    assert "must sign and have no key: bd, in, np" in run("key", "list").stdout


def test_a_service_that_is_not_declared_gets_no_key(state: Path) -> None:
    with pytest.raises(NotConfigured, match="bd has no service 'console'; declared are: none"):
        run("key", "new", "bd", "--service", "console")
    with pytest.raises(NotConfigured, match="'zz' is no participant"):
        run("key", "new", "zz")


def test_a_key_of_a_service_is_its_own(state: Path) -> None:
    declaration = BUREAUS.read_text() + '\n[participants.bd.services.console]\nevents = ["responses"]\n'
    (state / "bureaus.toml").write_text(declaration)
    bureaus_own = signs_with(state)
    run("key", "new", "bd", "--service", "console")

    rows = listed("bd")
    assert rows[signs_with(state, "bd-console")]["service"] == "console"
    assert rows[bureaus_own]["valid_until"] is None
    assert signs_with(state) == bureaus_own
