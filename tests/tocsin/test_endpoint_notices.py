"""The duty officer is told, where alerts are shown, that the bureau's own systems do not get them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from consumers.forwarder import subscriptions
from consumers.forwarder.database import FILE, open_database, transaction
from consumers.forwarder.endpoint import Disabled, Endpoint
from consumers.forwarder.sealing import KEY_FILE, obtain_seal
from consumers.forwarder.subscription import Filters, Format, Subscription
from tocsin.cli.endpoint_notices import LOOK_EVERY, EndpointNotices
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Settings

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
Fares = Callable[[Subscription, Endpoint], None]


class Bureau:
    """Subscriptions in a state folder, and an officer who looks."""

    def __init__(self, state: Path) -> None:
        self.now = NOW
        self.notices = EndpointNotices(Settings(state=state), "fr", lambda: self.now)
        self.seal = obtain_seal(state, None)
        self.engine = open_database(state, None, self.seal)

    def subscribe(self, url: str) -> Subscription:
        with transaction(self.engine) as connection:
            made, _ = subscriptions.subscribe(connection, self.seal, "fr", url, Filters(), Format.JSON, NOW)
        return made

    def fares(self, one: Subscription, endpoint: Endpoint) -> None:
        with transaction(self.engine) as connection:
            assert subscriptions.save_endpoint(connection, replace(one, endpoint=endpoint))

    def looks(self) -> list[str]:
        self.now += LOOK_EVERY
        return self.notices.lines()


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def test_a_single_endpoint_that_is_disabled_is_told_once_and_told_anew_when_it_fails_anew(bureau: Bureau) -> None:
    mine = bureau.subscribe("https://police.example/token")
    assert bureau.looks() == []
    bureau.fares(mine, Endpoint(disabled=Disabled.GONE, failing_since=NOW))

    told = bureau.looks()
    assert told[0] == (
        "https://police.example/… gets no alerts (GONE since 2026-11-24 12:00 UTC);"
        f" when it works again: tocsin resume fr {mine.id[:8]}"
    )
    assert "the only way" in told[1]
    assert bureau.looks() == []
    bureau.fares(mine, Endpoint())
    assert bureau.looks() == []
    bureau.fares(mine, Endpoint(disabled=Disabled.GONE, failing_since=NOW))
    assert len(bureau.looks()) == 2


def test_one_that_fails_is_told_after_ten_minutes_and_not_that_nothing_arrives_while_another_works(
    bureau: Bureau,
) -> None:
    failing = bureau.subscribe("https://police.example/in")
    bureau.subscribe("mailto:duty@police.example")
    bureau.fares(failing, Endpoint(failures=3, failing_since=NOW))
    assert bureau.looks() == []

    bureau.now = NOW + timedelta(minutes=10)
    assert bureau.looks() == [
        "https://police.example/… has taken no alert since 2026-11-24 12:00 UTC; they wait, and are tried again"
    ]


def test_it_looks_once_a_minute_and_nobody_elses_endpoints_are_told(bureau: Bureau) -> None:
    mine = bureau.subscribe("https://police.example/in")
    other = EndpointNotices(Settings(state=bureau.notices._settings.state), "np", lambda: bureau.now)
    bureau.looks()
    bureau.fares(mine, Endpoint(disabled=Disabled.GONE))

    assert bureau.notices.lines() == []
    assert other.lines() == []
    assert bureau.looks() != []


def test_without_a_forwarder_here_nothing_is_said_made_or_awaited(tmp_path: Path) -> None:
    notices = EndpointNotices(Settings(state=tmp_path), "fr", lambda: NOW)

    assert notices.lines() == []
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_said_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = SecretStr(f"postgresql://nobody@/nothing?host={tmp_path}")
    monkeypatch.setenv("TOCSIN_FORWARDER_DATABASE", away.get_secret_value())
    notices = EndpointNotices(Settings(state=tmp_path), "fr", lambda: NOW)

    (line,) = notices.lines()
    assert line.startswith("whether webhooks and e-mail work is not known")


def test_a_setting_that_is_wrong_is_said_and_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_FORWARDER_TIMEOUT", "soon")

    (line,) = EndpointNotices(Settings(state=tmp_path), "fr", lambda: NOW).lines()
    assert line.startswith("whether webhooks and e-mail work is not known: TOCSIN_FORWARDER_TIMEOUT")


def test_a_file_that_is_no_database_is_said_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)

    (line,) = EndpointNotices(Settings(state=tmp_path), "fr", lambda: NOW).lines()
    assert line.startswith("whether webhooks and e-mail work is not known: the forwarder's database cannot be read")


@pytest.mark.parametrize("version", ["0001", "9999"])
def test_a_database_of_another_program_is_said_and_left_as_it_is(bureau: Bureau, version: str) -> None:
    with transaction(bureau.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})

    (line,) = bureau.looks()
    assert line.startswith("whether webhooks and e-mail work is not known")
    assert version in line
    with transaction(bureau.engine, write=False) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [version]


def test_looking_makes_no_tables_and_no_key(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()

    (line,) = EndpointNotices(Settings(state=tmp_path), "fr", lambda: NOW).lines()
    assert line.startswith("whether webhooks and e-mail work is not known")
    assert "version none" in line
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_size == 0


def test_looking_needs_no_key(bureau: Bureau, tmp_path: Path) -> None:
    mine = bureau.subscribe("https://police.example/in")
    bureau.fares(mine, Endpoint(disabled=Disabled.GONE))
    (tmp_path / "secrets" / KEY_FILE).unlink()

    assert "gets no alerts" in bureau.looks()[0]
    assert not (tmp_path / "secrets" / KEY_FILE).exists()


def test_a_key_that_can_neither_be_read_nor_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "secrets").touch()
    with pytest.raises(NotConfigured, match="neither be read nor made"):
        obtain_seal(tmp_path, None)
    (tmp_path / "secrets").unlink()
    (tmp_path / "secrets" / KEY_FILE).mkdir(parents=True)
    with pytest.raises(NotConfigured, match="neither be read nor made"):
        obtain_seal(tmp_path, None)
