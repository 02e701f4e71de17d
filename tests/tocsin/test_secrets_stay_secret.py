"""A password is in no message, trace, log line or argument, whatever goes wrong while it is in use."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from consumers.forwarder.settings import ForwarderSettings
from producers import CountryProducer
from schemas.codes import ResponseKind
from schemas.events import Response
from tocsin.cli import build
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.settings import Settings, connect

SECRET = "correct-horse-battery-staple"
AT = datetime(2026, 3, 1, tzinfo=UTC)
RESPONSE = Response(
    event_id="e", producer="bd", occurred_at=AT, recorded_at=AT, case_ref="0-x", kind=ResponseKind.ACKNOWLEDGE
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "bd").write_text(SECRET)
    return Settings(state=tmp_path, bootstrap="127.0.0.1:9", registry="http://127.0.0.1:9")


def test_a_connection_shows_its_password_to_nobody_who_prints_it(settings: Settings) -> None:
    connection = connect("bd", settings)
    assert connection.as_librdkafka()["sasl.password"] == SECRET
    for shown in (repr(connection), str(connection), connection.model_dump_json(), f"{settings!r}"):
        assert SECRET not in shown


def test_trouble_with_a_connection_says_nothing_of_its_password(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    producer = CountryProducer("bd", connect("bd", settings), patience=0.0)
    with pytest.raises(Unavailable) as raised:
        producer.publish_response(RESPONSE)
    said = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert "does not answer" in said
    assert SECRET not in said + caplog.text


def test_no_command_takes_a_secret_as_an_argument() -> None:
    def options(command: object, path: str) -> list[str]:
        found = []
        for name, one in command.commands.items() if isinstance(command, TyperGroup) else ():
            found += options(one, f"{path} {name}")
        for parameter in getattr(command, "params", ()):
            found += [f"{path} {option}" for option in parameter.opts]
        return found

    every = options(typer.main.get_command(build()), "tocsin")
    assert "tocsin provision --password-file" in every
    words = ("password", "secret", "token")
    named = {one.split(" ")[-1] for one in every if any(word in one.split(" ")[-1] for word in words)}
    assert named <= {"--password-file"}


def test_every_setting_that_is_a_secret_is_masked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_PASSWORD", SECRET)
    monkeypatch.setenv("TOCSIN_FORWARDER_KEY", SECRET)
    monkeypatch.setenv("TOCSIN_FORWARDER_DATABASE", f"postgresql://u:{SECRET}@h/d")
    for shown in (repr(Settings()), repr(ForwarderSettings())):
        assert SECRET not in shown
