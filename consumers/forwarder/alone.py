"""One forwarder per participant and database: a second one would send everything twice."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from consumers.forwarder.errors import TwoForwarders


@contextmanager
def alone(engine: Engine, participants: Collection[str]) -> Iterator[None]:
    """Serve `participants` alone for the length of the block; the lock ends with the process, however that ends.

    Raises TwoForwarders when another forwarder serves one of them from the same database.
    """
    with ExitStack() as stack:
        if engine.dialect.name == "sqlite":
            _lock_files(stack, engine, participants)
        else:
            _lock_rows(stack, engine, participants)
        yield


def _lock_files(stack: ExitStack, engine: Engine, participants: Collection[str]) -> None:
    database = engine.url.database
    for code in sorted(participants) if database else ():
        path = Path(f"{database}.{code}.lock")
        lock = stack.enter_context(path.open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _served(code) from None


def _lock_rows(stack: ExitStack, engine: Engine, participants: Collection[str]) -> None:
    # Held by a session of its own: PostgreSQL gives it back when that ends. Should the session alone be lost, positions
    # still refuse a second reader.
    connection = stack.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
    stack.callback(connection.detach)
    for code in sorted(participants):
        key = zlib.crc32(f"tocsin forwarder {code}".encode())
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            raise _served(code)


def _served(code: str) -> TwoForwarders:
    return TwoForwarders(f"another forwarder serves {code} from the same database: end it first")
