"""The database: SQLite in the state folder, or PostgreSQL by address; brought to the current version when opened."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)

from consumers.forwarder.access import check_key
from consumers.forwarder.errors import DatabaseUnavailable, UnreadableDatabase
from consumers.forwarder.sealing import Seal
from tocsin.runtime.errors import NotConfigured

FILE = "forwarder.db"
_log = logging.getLogger(__name__)
_MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK_WAIT_MS = 10_000
_ADVISORY_LOCK = 0x746F6373696E  # "tocsin": any number that nobody else takes


def open_database(state: Path, address: SecretStr | None, seal: Seal) -> Engine:
    """The engine of the database at `address`, else of `forwarder.db` in `state`; its tables are made or migrated.

    Raises NotConfigured for an address that cannot be used, DatabaseUnavailable, UnreadableDatabase, WrongKey when
    `seal` does not open it.
    """
    url = _url(state, address)
    if url.get_backend_name() == "sqlite":
        _make_file(url)
    engine = _engine(url)
    with ExitStack() as unless_open:
        unless_open.callback(engine.dispose)
        migrate(engine, seal)
        with transaction(engine, write=False) as connection:
            check_key(connection, seal)
        unless_open.pop_all()
    return engine


@contextmanager
def looking(state: Path, address: SecretStr | None) -> Iterator[Connection]:
    """A transaction that reads only, in a database that is there: nothing is made or migrated, and no key is needed.

    Raises NotConfigured when it is not there or of another version, DatabaseUnavailable, UnreadableDatabase.
    """
    url = _url(state, address)
    if url.get_backend_name() == "sqlite" and not is_there(Path(url.database or "")):
        raise NotConfigured("the forwarder's database is not there")
    engine = _engine(url, read_only=True)
    try:
        with transaction(engine, write=False) as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current != (head := ScriptDirectory.from_config(_migrations()).get_current_head()):
                raise NotConfigured(f"the forwarder's database has version {current or 'none'}, this program {head}")
            yield connection
    finally:
        engine.dispose()


def is_there(path: Path) -> bool:
    """Whether there is such a file. Raises NotConfigured when one may not even look."""
    try:
        return path.is_file()
    except OSError as error:
        raise NotConfigured(f"the forwarder's database {path} cannot be read: {error.strerror}") from error


def _engine(url: URL, *, read_only: bool = False) -> Engine:
    return _sqlite(url, read_only) if url.get_backend_name() == "sqlite" else _postgresql(url)


def _url(state: Path, address: SecretStr | None) -> URL:
    if address is None:
        return URL.create("sqlite", database=str(state / FILE))
    try:
        url = make_url(address.get_secret_value())
    except ArgumentError as error:
        raise NotConfigured("TOCSIN_FORWARDER_DATABASE is no database address (postgresql://user@host/name)") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise NotConfigured(f"the forwarder keeps its data in SQLite or PostgreSQL, not in {url.get_backend_name()}")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def _make_file(url: URL) -> None:
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Made here, so that nobody else can read it from its first byte on; its journal files take its mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise NotConfigured(f"the forwarder's database {path} cannot be made: {error.strerror}") from error


def _sqlite(url: URL, read_only: bool) -> Engine:
    # secure_delete: what is dropped is overwritten, not left in the file for whoever copies it.
    writing = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _LOCK_WAIT_MS / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        for pragma in ("query_only=ON",) if read_only else writing:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would be refused when another one wrote meanwhile.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writes") else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 5})
    except NoSuchModuleError as error:
        raise NotConfigured(f"no driver for {url.drivername}") from error


@contextmanager
def transaction(engine: Engine, *, write: bool = True) -> Iterator[Connection]:
    """A transaction, committed at the end of the block. Raises DatabaseUnavailable, with nothing done.

    UnreadableDatabase when it is damaged or no database.
    """
    try:
        with engine.connect() as connection:
            connection.info["writes"] = write
            with connection.begin():
                yield connection
    except IntegrityError as error:  # a subscription removed, or the same alert queued, by somebody else just now
        raise DatabaseUnavailable("the forwarder's database was changed at the same time") from error
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(f"the forwarder's database does not answer: {error.orig}") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # a query of ours was wrong
            raise
        raise UnreadableDatabase(f"the forwarder's database cannot be read: {error.orig}") from error


def empty_journal(engine: Engine) -> None:
    """Have SQLite write its journal back and empty it: else it keeps what was dropped until it has 1,000 pages.

    Left for the next time where somebody reads or the disk is full. PostgreSQL sees to its own.
    """
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()  # SQLAlchemy begins a transaction of its own, within which SQLite refuses
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError as error:
        _log.warning("the journal of the forwarder's database stays for now: %s", error)
    finally:
        raw.close()


def migrate(engine: Engine, seal: Seal) -> None:
    """Bring the tables to the current version; does nothing when they are. Raises NotConfigured when they are newer."""
    config = _migrations()
    head = ScriptDirectory.from_config(config).get_current_head()
    with transaction(engine, write=False) as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with transaction(engine) as connection:  # only one at a time migrates; the next one finds it done
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise NotConfigured(f"the forwarder's database is of a newer program (version {current}); update this one")
        config.attributes |= {"connection": connection, "seal": seal}
        command.upgrade(config, "head")


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
