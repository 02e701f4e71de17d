"""The database: made by migrations alone, closed to others, and without anything readable in it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Engine, select, text

from consumers.forwarder import database, ledger, positions, queue, subscriptions
from consumers.forwarder.access import sealed_access
from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.errors import DatabaseUnavailable, TwoForwarders, WrongKey
from consumers.forwarder.sealing import Seal, obtain_seal
from consumers.forwarder.settings import ForwarderSettings
from consumers.forwarder.tables import DELIVERIES, METADATA, SECRETS
from schemas.alerts import Alert
from schemas.codes import AlertStatus
from tests.consumers.forwarder.forwarder_world import SEAL, World
from tests.consumers.forwarder.receiver import Answer, Receiver
from tocsin.runtime.errors import NotConfigured


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_down_and_up_again_ends_the_same(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with transaction(engine) as connection:
        config.attributes |= {"connection": connection, "seal": SEAL}
        command.downgrade(config, "base")
    database.migrate(engine, SEAL)
    database.migrate(engine, SEAL)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_what_an_older_program_gave_up_is_known_as_missed_from_its_subscriptions_beginning(
    world: World, make_alert: Callable[..., Alert]
) -> None:
    mine, _ = world.subscribe("https://police.example/")
    began = world.now
    world.now += timedelta(hours=1)
    world.take(make_alert(alert_id="a"), make_alert(alert_id="b"))
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with transaction(world.engine) as connection:
        config.attributes |= {"connection": connection, "seal": SEAL}
        command.downgrade(config, "0001")
        connection.execute(text("UPDATE deliveries SET pending = NULL, body = NULL WHERE about = 'a'"))
    database.migrate(world.engine, SEAL)

    with transaction(world.engine, write=False) as connection:
        assert queue.missed(connection) == {mine.id: (1, began)}
    assert world.waiting() == 1


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotConfigured, match="newer"):
        database.migrate(engine, SEAL)


def test_the_file_and_the_key_are_closed_to_others(tmp_path: Path) -> None:
    open_database(tmp_path, None, obtain_seal(tmp_path, None))

    for path in (*tmp_path.glob("forwarder.db*"), tmp_path / "secrets" / "forwarder-key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_nothing_readable_of_a_person_or_a_secret_lies_in_the_database(
    make_world: Callable[..., World], make_alert: Callable[..., Alert], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world = make_world()

    async def run() -> str:
        async with Receiver(lambda request: Answer(500)).running() as receiver, world.delivering():
            _, secret = world.subscribe(receiver.url + "/token-of-the-bureau")
            world.take(make_alert())
            await world.settle()
            return secret

    secret = asyncio.run(run())
    stored = "\n".join(sqlite3.connect(tmp_path / "forwarder.db").iterdump())
    for private in ("موسوی", "09AB12345", secret, "Benapole", "token-of-the-bureau"):
        assert private not in stored
        assert private.encode().hex().upper() not in stored
        assert private not in caplog.text


def test_an_older_programs_open_addresses_are_sealed_and_nothing_of_them_stays(
    world: World, make_alert: Callable[..., Alert], tmp_path: Path
) -> None:
    mine, _ = world.subscribe("https://police.example/token-of-the-bureau?key=1")
    mailed, _ = world.subscribe("mailto:duty@police.example")
    world.take(make_alert())
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with transaction(world.engine) as connection:
        config.attributes |= {"connection": connection, "seal": SEAL}
        command.downgrade(config, "0002")
        urls = connection.execute(text("SELECT url FROM subscriptions ORDER BY url")).scalars().all()
        assert urls == ["https://police.example/token-of-the-bureau?key=1", "mailto:duty@police.example"]
    database.migrate(world.engine, SEAL)

    with transaction(world.engine, write=False) as connection:
        found = sealed_access(connection, [mine.id, mailed.id], world.now)
        shown = {one.id: one.address for one in subscriptions.every(connection)}
    assert found[mine.id].open(SEAL).url == "https://police.example/token-of-the-bureau?key=1"
    assert len(found[mine.id].signers) == 1
    assert shown == {mine.id: "https://police.example/…", mailed.id: "mailto:…@police.example"}
    assert world.waiting() == 2
    if world.engine.dialect.name == "sqlite":
        world.engine.dispose()  # the last connection writes the journal back
        assert b"token-of-the-bureau" not in (tmp_path / "forwarder.db").read_bytes()


def test_another_key_is_refused_before_anything_is_sealed_with_it(world: World, address: SecretStr) -> None:
    other = Seal("b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=")
    open_database(Path(), address, other).dispose()
    world.subscribe("https://police.example/")
    with pytest.raises(WrongKey):
        open_database(Path(), address, other)


def test_a_body_is_gone_as_soon_as_it_was_delivered(world: World, make_alert: Callable[..., Alert]) -> None:
    async def run() -> None:
        async with Receiver().running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            world.take(make_alert())
            await world.settle_until()

    asyncio.run(run())
    with transaction(world.engine) as connection:
        assert connection.execute(select(DELIVERIES.c.body)).scalars().all() == [None]
        assert len(connection.execute(select(SECRETS.c.sealed)).scalars().all()) == 1


def test_what_was_taken_back_before_it_was_sent_stays_in_no_file_for_longer_than_an_hour(
    make_world: Callable[..., World],
    make_alert: Callable[..., Alert],
    taken_back: Callable[..., Alert],
    tmp_path: Path,
) -> None:
    """Sealed, but the key lies beside it: a person who is erased must be gone from the journal too."""
    world = make_world()

    def files() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("forwarder.db*"))

    async def run() -> None:
        async with world.delivering():
            world.subscribe("https://police.example/")
            world.take(make_alert())
            with transaction(world.engine, write=False) as connection:
                (sealed,) = connection.execute(select(DELIVERIES.c.body)).scalars().all()
            begins = sealed[:80]
            assert begins in files()
            world.take(taken_back(AlertStatus.RETRACTED, 2))
            assert begins in files()  # the retraction waits in its place, and the journal holds it all the same
            world.now += timedelta(hours=1)
            await world.dispatcher.refresh()
            assert begins not in files()
            assert world.waiting() == 1

    asyncio.run(run())


def test_an_alert_is_known_for_longer_than_cases_can_withdraw_it_and_then_forgotten(
    world: World, make_alert: Callable[..., Alert]
) -> None:
    """Domain rule 16."""
    world.subscribe("https://police.example/")
    world.take(make_alert())
    with transaction(world.engine) as connection:
        ledger.forget(connection, world.now + timedelta(days=122))
    assert world.waiting() == 1
    with transaction(world.engine) as connection:
        ledger.forget(connection, world.now + timedelta(days=126))
        assert connection.execute(select(DELIVERIES)).all() == []


def test_another_key_is_told_as_such_and_an_old_one_still_opens() -> None:
    old = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w="
    new = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="
    sealed = Seal(old).close(b"secret")

    assert Seal(f"{new} {old}").open(sealed) == b"secret"
    with pytest.raises(WrongKey):
        Seal(new).open(sealed)
    with pytest.raises(NotConfigured):
        Seal("short")


def test_positions_that_somebody_else_moved_end_this_forwarder(engine: Engine) -> None:
    place = ("alerts.bd", 0)
    with transaction(engine) as connection:
        positions.move(connection, {}, {place: 5})
    with transaction(engine) as connection:
        positions.move(connection, {place: 5}, {place: 9})
        assert positions.read(connection) == {place: 9}
    with pytest.raises(TwoForwarders), transaction(engine) as connection:
        positions.move(connection, {place: 5}, {place: 7})


@pytest.mark.parametrize("address", ["mysql://x/y", "no address", "postgresql+nodriver://x/y"])
def test_an_address_that_cannot_be_used_is_told_without_showing_it(tmp_path: Path, address: str) -> None:
    with pytest.raises((NotConfigured, DatabaseUnavailable)) as told:
        open_database(tmp_path, SecretStr(address), SEAL)
    assert address not in str(told.value)


def test_networks_are_checked_when_settings_are_read() -> None:
    assert len(ForwarderSettings(allow="127.0.0.0/8, ::1/128").allowed_networks) == 2
    with pytest.raises(ValueError, match="allow"):
        ForwarderSettings(allow="localhost")
