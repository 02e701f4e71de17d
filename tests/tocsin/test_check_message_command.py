"""`tocsin check-message`: one message from a file, judged offline as the gate would judge it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from schemas.golden_messages import FOLDER, SEED
from streams.conformance import Published
from streams.conformance.message_file import UnreadableMessage, messages_in
from tocsin.cli import build
from tocsin.runtime.errors import TocsinError

GOLDEN = FOLDER / "incident.json"
AT = "2026-11-24T12:10Z"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The public half of the key that signs golden messages, in a folder where no stack was ever started."""
    for name in ("BUREAUS", "KEYS"):
        monkeypatch.delenv(f"TOCSIN_{name}", raising=False)
    monkeypatch.setenv("TOCSIN_STATE", str(tmp_path / "none"))
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    file = tmp_path / "golden.pub"
    file.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


def run(*words: object, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(build(), ["check-message", *map(str, words)], input=stdin)
    if isinstance(result.exception, TocsinError):
        raise result.exception
    return result


def first_reason(result: Result) -> str | None:
    found = json.loads(result.stdout)["wrong"]
    return found[0]["reason"] if found else None


def golden(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    kept = {name: whole[name] for name in ("topic", "key", "value_hex", "headers")}
    return kept | changes


def test_a_golden_message_is_right_where_its_key_is_known(known: Path) -> None:
    result = run(GOLDEN, "--at", AT, "--public-key", known)

    assert (result.exit_code, result.stdout) == (0, "ok     incidents.bd[0]@0  Incident check-2026-000017 version 1\n")
    assert first_reason(run(GOLDEN, "--at", AT, "--json")) == "UNKNOWN_KEY"


@pytest.mark.parametrize(
    ("changes", "at", "reason"),
    [
        ({"headers": {}}, AT, "SIGNATURE_MISSING"),
        ({"topic": "responses.bd"}, AT, "BAD_SIGNATURE"),
        ({"key": "check-2026-000018"}, AT, "BAD_SIGNATURE"),
        ({"value_hex": "7b7d"}, AT, "BAD_SIGNATURE"),
        ({}, "2026-12-24T12:10Z", "STALE"),
        ({"timestamp": 1_795_521_604_000 + 8 * 86_400_000}, AT, "STALE"),
    ],
)
def test_the_first_reason_is_the_gates(
    known: Path, tmp_path: Path, changes: dict[str, Any], at: str, reason: str
) -> None:
    (tmp_path / "message.json").write_text(json.dumps(golden(**changes)))
    result = run(tmp_path / "message.json", "--at", at, "--public-key", known, "--json")

    assert (result.exit_code, first_reason(result)) == (1, reason)


def test_everything_else_that_is_wrong_is_told_behind_it(known: Path, tmp_path: Path) -> None:
    (tmp_path / "message.json").write_text(json.dumps(golden(key="check-2026-000018")))
    said = run(tmp_path / "message.json", "--at", AT, "--public-key", known).stdout

    assert said.index("BAD_SIGNATURE") < said.index("WRONG_KEY")


def of_kcat(value: Mapping[str, Any]) -> bytes:
    """A message as `kcat -J` prints it: the bytes of the value as they are, within JSON's quotation marks."""
    raw = bytes.fromhex(value["value_hex"])
    escaped = b"".join(
        b"\\u%04x" % byte if byte < 32 else b"\\" + bytes([byte]) if byte in b'"\\' else bytes([byte]) for byte in raw
    )
    flat = [text for pair in value["headers"].items() for text in pair]
    head = {"topic": value["topic"], "partition": 0, "offset": 3, "tstype": "logappend", "ts": 1_795_521_605_000}
    tail = {"broker": 0, "headers": flat, "key": value["key"]}
    return json.dumps(head | tail)[:-1].encode() + b', "payload": "' + escaped + b'"}\n'


def test_what_kcat_prints_is_read_line_by_line_from_standard_input(known: Path) -> None:
    result = run("-", "--public-key", known, "--json", stdin=of_kcat(golden()) * 2)

    assert result.exit_code == 0
    assert [json.loads(line)["offset"] for line in result.stdout.splitlines()] == [3, 3]


@given(st.binary(max_size=64), st.none() | st.binary(max_size=9))
def test_every_form_brings_the_bytes_back(value: bytes, key: bytes | None) -> None:
    ours = {"topic": "incidents.bd", "headers": [["x", "1"]], "timestamp": 5, "offset": 3}
    hex_key = {} if key is None else {"key_hex": key.hex()}
    base64_key = {} if key is None else {"key_base64": base64.b64encode(key).decode()}
    forms = (
        json.dumps(ours | hex_key | {"value_hex": value.hex()}).encode(),
        json.dumps([ours | base64_key | {"value_base64": base64.b64encode(value).decode()}]).encode(),
    )
    for form in forms:
        (message,) = messages_in(form, 0, lambda _: 1)
        assert message == Published("incidents.bd", 0, 3, 5, key, value, (("x", b"1"),))
    kcats = of_kcat({"topic": "incidents.bd", "value_hex": value.hex(), "headers": {"x": "1"}, "key": "k"})
    (message,) = messages_in(kcats, 0, lambda _: 1)
    assert message == Published("incidents.bd", 0, 3, 1_795_521_605_000, b"k", value, (("x", b"1"),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no message in it"),
        ("[]", "there is no message in it"),
        ("{", "line 1 is no JSON"),
        ("[" * 100_000, "line 1 is no JSON"),
        ("1", "message 1 is no JSON object"),
        ("{}", "topic is none"),
        ('{"topic": "alerts.bd"}', "topic is none"),
        ('{"topic": "incidents.zz", "value_hex": ""}', "topic is none"),
        ('{"topic": "incidents.bd.fr", "value_hex": "00"}', "topic is none"),
        ('{"topic": "incidents", "value_hex": "00"}', "topic is none"),
        ('{"topic": "incidents.", "value_hex": "00"}', "topic is none"),
        (
            '{"topic": "incidents.bd", "value_hex": "", "timestamp": 9007199254740991}',
            "timestamp lies after the year 9999",
        ),
        ('{"topic": "incidents.bd", "payload": "", "ts": 253402300800000}', "ts lies after the year 9999"),
        ('{"topic": "incidents.bd"}', "value_hex or value_base64 is missing"),
        ('{"topic": "incidents.bd", "value_hex": "0"}', "value_hex is not hex"),
        ('{"topic": "incidents.bd", "value_base64": 7}', "value_base64 is not base64"),
        ('{"topic": "incidents.bd", "value_hex": "", "key": 7}', "key is no text"),
        ('{"topic": "incidents.bd", "value_hex": "", "timestamp": -1}', "timestamp is no whole number"),
        ('{"topic": "incidents.bd", "value_hex": "", "headers": ["x"]}', "neither an object nor pairs"),
        ('{"topic": "incidents.bd", "value_hex": "", "headers": {"x": 1}}', "headers.x is no text"),
    ],
)
def test_what_is_no_message_is_said_to_be_none(known: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "message.json").write_text(text)
    with pytest.raises(TocsinError, match=said):
        run(tmp_path / "message.json")


def test_the_last_moment_is_judged(known: Path, tmp_path: Path) -> None:
    (tmp_path / "message.json").write_text(json.dumps(golden(timestamp=253_402_300_799_999)))
    result = run(tmp_path / "message.json", "--public-key", known, "--json")
    assert (result.exit_code, first_reason(result)) == (1, "STALE")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["topic", "key", "payload", "value_hex", "headers", "ts", "x"]), inner, max_size=4), max_leaves=8))  # fmt: skip  # noqa: E501
def test_any_json_is_a_message_or_none_and_never_raises_otherwise(value: Any) -> None:
    whole = [{"topic": "incidents.bd", "value_hex": "00"} | value] if isinstance(value, dict) else value
    partitions: Callable[[str], int] = {"bd": 1}.__getitem__
    try:
        for message in messages_in(json.dumps(whole).encode(), 0, partitions):
            assert isinstance(message, Published)
    except UnreadableMessage:
        pass


def test_a_file_that_is_not_there_is_named(known: Path, tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="cannot be read"):
        run(tmp_path / "absent.json")
