"""`tocsin consumer metrics`: statistics of alerts for Prometheus."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import structlog
import typer
from prometheus_client import REGISTRY

from consumers.metrics import MetricsService
from consumers.reading import messages
from schemas.alerts import Alert
from schemas.topics import METRICS_USER, alerts
from tocsin.cli import forwarder
from tocsin.cli.declaration import declared
from tocsin.cli.reading import State, codec, now, reader, settings_in
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.health import serve
from tocsin.runtime.logging import configure

_log = structlog.get_logger(__name__)
_EXAMPLE = """Example: tocsin consumer metrics --port 9105, then

    curl http://127.0.0.1:9105/metrics"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Run a consumer of alerts.")
    group.command("metrics", epilog=_EXAMPLE)(_metrics)
    group.command("forwarder", epilog=forwarder.EXAMPLE)(forwarder.run)
    app.add_typer(group, name="consumer")


def _metrics(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of /metrics and /healthz; 0: any free one.")] = 9105,
    host: Annotated[
        str | None, typer.Option(help="Address that they bind to. Default: TOCSIN_HOST, else loopback.")
    ] = None,
    state: State = None,
) -> None:
    """Count alerts across borders by owner, incident country, instrument, threat and band, for Prometheus.

    Reads alerts.ccc as consumer-metrics. Each alert counts once, whatever revisions it has. All counters are made anew
    from the beginning of the topic (90 days) at every start, without committed offsets, and nothing is exposed before
    the end has been read: so a restart neither loses nor doubles anything. Alerts older than the topic's memory are no
    longer in the counters after a restart, which Prometheus takes for a reset. Exercises and tests carry their mode;
    canaries are left out. /healthz is ready only while the line is alive and everything has been read.
    """
    settings = settings_in(state)
    configure(json_lines=settings.log_json)
    service = MetricsService(declared(settings), now)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with reader(alerts("ccc"), settings, METRICS_USER, "counting", from_beginning=True) as source:
        try:
            server = serve(host or settings.host, port, lambda: service.ready(lambda: source.trouble))
        except OSError as error:
            raise NotConfigured(f"port {port} cannot be used: {error.strerror or error}") from error
        _log.info(f"metrics at http://{host or settings.host}:{server.port}/metrics")
        REGISTRY.register(service)
        try:
            service.run(messages(source, codec(settings, METRICS_USER).decode, Alert), stopping.is_set)
        finally:
            REGISTRY.unregister(service)
            server.close()
