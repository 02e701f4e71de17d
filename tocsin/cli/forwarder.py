"""`tocsin consumer forwarder`, and what the commands about subscriptions and deliveries share: the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from schemas.participants import Kind
from schemas.topics import FORWARDER_USER, alerts, is_forwarded
from tocsin.cli.declaration import declared
from tocsin.cli.reading import State, codec, member, now, settings_in
from tocsin.runtime.consuming import TopicReader
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.health import serve
from tocsin.runtime.logging import configure
from tocsin.runtime.settings import Settings, connect

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from consumers.forwarder.positions import Positions
    from consumers.forwarder.sealing import Seal
    from consumers.forwarder.settings import ForwarderSettings

_log = structlog.get_logger(__name__)
EXAMPLE = """Example: for every bureau, with the forwarder's own rights

    tocsin consumer forwarder --port 9106

For one bureau, with nothing but its own credentials: tocsin consumer forwarder --as bd"""


@dataclass(frozen=True, slots=True)
class Base:
    """The forwarder's database and what opens its seals."""

    engine: Engine
    seal: Seal
    settings: ForwarderSettings


def open_base(settings: Settings) -> Base:
    """Open the database, made or migrated if need be. Raises NotConfigured, Unavailable, WrongKey."""
    # Imported here: the commands of other areas need not load a database library.
    from consumers.forwarder.database import open_database
    from consumers.forwarder.sealing import obtain_seal

    own = forwarder_settings()
    seal = obtain_seal(settings.state, own.key)
    return Base(open_database(settings.state, own.database, seal), seal, own)


def forwarder_settings() -> ForwarderSettings:
    """Settings with prefix TOCSIN_FORWARDER_. Raises NotConfigured with the name of the variable that is wrong."""
    from pydantic import ValidationError

    from consumers.forwarder.settings import ForwarderSettings

    try:
        return ForwarderSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise NotConfigured(f"TOCSIN_FORWARDER_{name}: {first['msg']}") from error


def run(
    principal: Annotated[
        str | None,
        typer.Option("--as", metavar="USER", help="Kafka user to read as; a bureau's code serves that bureau alone."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="CC,CC", help="Serve these participants alone. Default: all that the user may."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of /metrics and /healthz; 0: any free one.")] = 9106,
    host: Annotated[
        str | None, typer.Option(help="Address that they bind to. Default: TOCSIN_HOST, else loopback.")
    ] = None,
    state: State = None,
) -> None:
    """Send alerts to the endpoints that bureaus subscribed (tocsin subscribe), until SIGTERM.

    Reads alerts.CC as consumer-forwarder and keeps its place, its queue and a ledger of every attempt in a database
    (forwarder.db in the state folder, or TOCSIN_FORWARDER_DATABASE). Webhooks are signed as Standard Webhooks has it,
    tried again for a day, and carry the same id however often they are sent. One slow or dead endpoint delays nobody
    else. Nothing is sent before everything in the topics was read, so that nothing withdrawn goes out. /healthz is
    ready while the line is alive and the database answers.
    """
    from consumers.forwarder.senders import make_senders
    from consumers.forwarder.service import ForwarderService

    settings = settings_in(state)
    configure(json_lines=settings.log_json)
    user, served = _served(settings, principal, only)
    connection = connect(user, settings)
    base = open_base(settings)
    service = ForwarderService(
        base.engine,
        base.seal,
        make_senders(base.settings),
        now,
        participants=served,
        connections=base.settings.connections,
    )
    with serving(host or settings.host, port, service.ready):

        def open_reader(positions: Positions) -> TopicReader:
            topics = [alerts(code) for code in served]
            return TopicReader(connection, topics, purpose="reading", from_beginning=True, positions=positions)

        service.run(open_reader, codec(settings, user).decode)


@contextmanager
def serving(host: str, port: int, ready: object) -> Iterator[None]:
    """/metrics and /healthz for the length of the block; says where. Raises NotConfigured."""
    try:
        server = serve(host, port, ready)  # type: ignore[arg-type]
    except OSError as error:
        raise NotConfigured(f"port {port} cannot be used: {error.strerror or error}") from error
    _log.info(f"metrics at http://{host}:{server.port}/metrics")
    try:
        yield
    finally:
        server.close()


def _served(settings: Settings, principal: str | None, only: str | None) -> tuple[str, list[str]]:
    participants = declared(settings)
    wanted = [code.strip() for code in only.split(",")] if only else None
    for code in wanted or ():
        if member(settings, code).kind is Kind.CANARY:
            raise NotConfigured(f"{code} is a canary: it has no webhooks")
    if principal is not None and principal in participants:
        if wanted not in (None, [principal]):
            raise NotConfigured(f"{principal} can read its own alerts alone: leave --only out")
        return principal, [principal]
    forwarded = [code for code, one in participants.members.items() if is_forwarded(one)]
    missing = [code for code in wanted or () if code not in forwarded]
    if missing:
        raise NotConfigured(f"bureaus.toml says that {', '.join(missing)} is not forwarded: use --as {missing[0]}")
    return principal or FORWARDER_USER, wanted or forwarded
