"""Whose secret administers, and where it is looked for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tocsin.cli.admin_access import admin_connection, settings_with
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("TOCSIN_PASSWORD", raising=False)
    return settings_with(
        state=tmp_path, bootstrap="kafka.example:9093", registry="https://registry.example", user="ops"
    )


def secret(settings: Settings, file: Path | None = None) -> tuple[str, str]:
    connection = admin_connection(settings, file)
    return connection.user, connection.password.get_secret_value()


def test_a_password_file_wins_over_what_is_set(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "ops.secret").write_text("from-file\n")

    assert secret(settings, tmp_path / "ops.secret") == ("ops", "from-file")


def test_standard_input_can_bring_the_password(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("from-pipe\n"))

    assert secret(settings, Path("-")) == ("ops", "from-pipe")


def test_a_terminal_is_asked_when_there_is_no_secret(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda text, hide_input, err: "typed" if hide_input else "shown")

    assert secret(settings) == ("ops", "typed")


def test_without_a_terminal_a_missing_secret_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    with pytest.raises(NotConfigured, match="no secret for 'ops'"):
        secret(settings)


def test_an_empty_or_absent_password_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(NotConfigured, match="no password is in"):
        secret(settings, tmp_path / "empty")
    with pytest.raises(NotConfigured, match="cannot be read"):
        secret(settings, tmp_path / "absent")
