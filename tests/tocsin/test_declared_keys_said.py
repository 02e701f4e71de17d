"""A file of keys that is lost or empty is said where the gate starts, and ends it where everything would be refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import streams.app
from deploy.provision.signing_keys import Holder, KeysFile
from tocsin.cli import build
from tocsin.cli.reading import now
from tocsin.runtime.errors import NotConfigured

Started = Callable[..., list[str]]
DECLARED = """
[participants.bd]
name = "Bangladesh"
[participants.ccc]
name = "Coordination"
kind = "coordinator"
"""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Started:
    """Starts a worker up to where it would meet the broker; returns what it warned of."""
    monkeypatch.setenv("TOCSIN_STATE", str(tmp_path))
    monkeypatch.setenv("TOCSIN_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("TOCSIN_REGISTRY", "http://127.0.0.1:9")
    monkeypatch.setenv("TOCSIN_PASSWORD", "a password")
    monkeypatch.setattr(streams.app, "run", lambda *arguments: None)
    monkeypatch.setattr("tocsin.cli.worker.configure", lambda **options: None)  # what it says goes to caplog

    def start(signatures: str, *keys_of: str, role: str = "gate", empty: bool = False) -> list[str]:
        (tmp_path / "bureaus.toml").write_text(f'signatures = "{signatures}"\n{DECLARED}')
        keys = tmp_path / "keys.toml"
        for n, code in enumerate(keys_of):
            KeysFile(keys).add(Holder(code), bytes([n] * 32), now())
        if empty:
            keys.write_text("")
        caplog.clear()
        result = CliRunner().invoke(build(), ["worker", role])
        if result.exception is not None:
            raise result.exception
        assert {one.levelno for one in caplog.records} <= {logging.WARNING}
        return caplog.messages

    return start


def test_a_gate_says_that_it_takes_anything_from_anybody(started: Started) -> None:
    (missing,) = started("where declared")
    assert "no public key is declared for anybody" in missing
    assert "keys.toml, which is not there" in missing
    assert "takes unsigned what is published for them" in missing

    (empty,) = started("where declared", empty=True)
    assert "no public key is declared for anybody" in empty
    assert "not there" not in empty


def test_a_gate_names_those_who_need_not_sign_yet(started: Started) -> None:
    (said,) = started("where declared", "bd")
    assert "no public key is declared for ccc, neither" in said


@pytest.mark.parametrize("empty", [False, True])
def test_a_gate_that_would_refuse_everything_does_not_start(started: Started, empty: bool) -> None:
    with pytest.raises(NotConfigured, match=r"no public key is declared for anybody.*tocsin key add.*TOCSIN_KEYS"):
        started("required", empty=empty)


def test_a_gate_names_those_of_whom_it_refuses_everything_and_lets_the_others_in(started: Started) -> None:
    (said,) = started("required", "bd")
    assert "no public key is declared for ccc" in said
    assert "all that they publish is refused" in said


def test_nothing_is_said_where_everybody_can_sign_or_nobody_is_asked(started: Started) -> None:
    assert started("required", "bd", "ccc") == []
    assert started("required", role="joins", empty=True) == []
