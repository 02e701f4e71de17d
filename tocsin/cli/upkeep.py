"""Options and life of a command that does its part of the upkeep again and again instead of once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import structlog
import typer

from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.health import serve
from tocsin.runtime.logging import configure
from tocsin.runtime.settings import Settings
from tocsin.runtime.upkeep import Upkeep

_HOUR_S = 3600.0
_log = structlog.get_logger(__name__)

Every = Annotated[
    float | None,
    typer.Option(
        metavar="HOURS",
        min=0.01,
        help="Stay and do it every so many hours, until SIGTERM; what fails is tried again in 5 minutes.",
    ),
]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="With --every: port of /metrics and /healthz; 0: any free one.")
]


def keep_doing(name: str, do: Callable[[], str], every: float, port: int, settings: Settings) -> NoReturn:
    """Do it every `every` hours, and serve whether it went well. Raises NotConfigured when the port is taken."""
    configure(json_lines=settings.log_json)
    # What is done so may be broken off anywhere: the next start does the rest.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    upkeep = Upkeep(name, do, every * _HOUR_S)
    try:
        server = serve(settings.host, port, upkeep.not_ready)
    except OSError as error:
        raise NotConfigured(f"port {port} cannot be used: {error.strerror or error}") from error
    _log.info(f"{name} every {every:g} h, metrics at http://{settings.host}:{server.port}/metrics")
    upkeep.run()
