"""The databases of these tests: SQLite, and a real PostgreSQL that is started here."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text

from consumers.forwarder.database import open_database
from tests.consumers.forwarder.forwarder_world import SEAL, World


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server of our own, on a socket in a temporary folder."""

    address: str
    start: Callable[[], None]
    stop: Callable[[], None]
    """At once, as when it is killed."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(*command: str) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)

    try:
        data = str(folder / "data")
        run(str(programs / "initdb"), "-D", data, "-U", "tocsin", "-A", "trust", "-E", "UTF8", "-N", "--locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = str(programs / "pg_ctl")

        def start() -> None:
            run(control, "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")

        def stop() -> None:
            run(control, "-D", data, "-m", "immediate", "-w", "stop")

        start()
        try:
            yield Server(f"postgresql+psycopg://tocsin@/postgres?host={folder}", start, stop)
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql(server: Server) -> str:
    """Its address."""
    return server.address


@pytest.fixture(scope="session")
def migrated(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with its tables made, from which others are copied: that takes a tenth of the time."""
    name = "migrated"
    _execute(postgresql, f"CREATE DATABASE {name}")
    address = SecretStr(postgresql.replace("/postgres?", f"/{name}?"))
    open_database(tmp_path_factory.mktemp("migrated"), address, SEAL).dispose()
    return name


def _execute(server: str, command: str) -> None:
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(command))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SecretStr]:
    """Address of a database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield SecretStr(f"sqlite:///{tmp_path / 'forwarder.db'}")
        return
    server, template = request.getfixturevalue("postgresql"), request.getfixturevalue("migrated")
    name = f"test_{os.urandom(6).hex()}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield SecretStr(server.replace("/postgres?", f"/{name}?"))
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def on_postgresql(server: Server, migrated: str, tmp_path: Path) -> Iterator[Engine]:
    """A database of PostgreSQL's, for what befalls a server."""
    name = f"test_{os.urandom(6).hex()}"
    _execute(server.address, f"CREATE DATABASE {name} TEMPLATE {migrated}")
    engine = open_database(tmp_path, SecretStr(server.address.replace("/postgres?", f"/{name}?")), SEAL)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(address: SecretStr, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path, address, SEAL)
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    """A forwarder on each kind of database."""
    return World(engine)


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """A forwarder on SQLite alone, for what does not depend on the database."""
    engine = open_database(tmp_path, None, SEAL)
    yield lambda **options: World(engine, **options)
    engine.dispose()
