"""Deliveries a second to 50 bureaus, with and without one that hangs, and how fast alerts come into their queue.

Baseline of the deliveries: bare httpx posts in the same run; of the intake: the deliveries, which must not wait for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from cryptography.fernet import Fernet
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from consumers.forwarder import queue, queueing, subscriptions
from consumers.forwarder.containment import Containment
from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.dispatcher import Dispatcher
from consumers.forwarder.figures import Figures
from consumers.forwarder.intake import Intake
from consumers.forwarder.message import alert_json
from consumers.forwarder.overtaken import Overtaken
from consumers.forwarder.posting import Limits, WebhookSender
from consumers.forwarder.sealing import Seal
from consumers.forwarder.subscription import Filters, Format
from consumers.reading import messages
from schemas.alerts import Alert
from schemas.codec import Codec, LocalSchemaIds
from schemas.model import millis
from tests.conftest import an_alert
from tocsin.runtime.consuming import AtEnd, Event, Record

BUREAUS = 50
EACH = 40
ROUNDS = 8
CONNECTIONS = 4
LOOPBACK = (ip_network("127.0.0.0/8"),)
_TLS = ssl.create_default_context()
_OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def main() -> None:
    """Print JSON lines: the forwarder beside bare posts, and beside itself with one endpoint that hangs."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, force=True)  # standard output is JSON alone
    rates: dict[str, list[float]] = {"bare": [], "forwarder": [], "hanging": [], "intake": []}
    with _receivers() as port:
        asyncio.run(_bare(port))  # warms the receivers
        for turn in range(ROUNDS):  # side by side, so that the machine's moods meet all
            rates["bare"].append(asyncio.run(_bare(port)))
            rates["intake"].append(_taken_in())
            for hanging in (False, True) if turn % 2 else (True, False):  # who comes second has a warmer machine
                rates["hanging" if hanging else "forwarder"].append(_forwarded(port, hanging=hanging))
    _line("deliver", "deliveries_per_s", rates["forwarder"], "bare httpx posts", rates["bare"])
    _line(
        "deliver-one-hanging",
        "deliveries_per_s",
        rates["hanging"],
        "the same with none hanging",
        rates["forwarder"],
    )
    _line("deliver-intake", "alerts_per_s", rates["intake"], "deliveries", rates["forwarder"])


def _line(name: str, unit: str, rates: list[float], baseline: str, beside: list[float]) -> None:
    """Medians, and as `ratio` the median of each round's own ratio: both of a round met the same machine."""
    line = {
        "benchmark": name,
        "endpoints": BUREAUS,
        unit: round(statistics.median(rates)),
        "baseline": baseline,
        "baseline_per_s": round(statistics.median(beside)),
        "ratio": round(statistics.median(a / b for a, b in zip(rates, beside, strict=True)), 3),
    }
    sys.stdout.write(json.dumps(line) + "\n")


async def _bare(port: int) -> float:
    """The same bodies to the same receivers, as many at a time, with nothing around them.

    One client for each bureau too: one for all is several times slower, for it looks through all its connections.
    """
    bodies = [alert_json(_alert(0, number)) for number in range(EACH)]
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(verify=_TLS, trust_env=False, timeout=30))
            for _ in range(BUREAUS)
        ]

        async def post(bureau: int, waiting: Iterator[bytes]) -> None:
            for body in waiting:
                response = await clients[bureau].post(f"http://127.0.0.1:{port}/{bureau}", content=body)
                assert response.status_code == 204

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for bureau in range(BUREAUS):
                waiting = iter(bodies)
                for _ in range(CONNECTIONS):
                    tasks.create_task(post(bureau, waiting))
        return BUREAUS * EACH / (time.perf_counter() - began)


class _Appended:
    """What the topics of all bureaus hold, as a source: encoded records, an alert of each bureau in turn."""

    def __init__(self, codec: Codec, codes: list[str], now: datetime) -> None:
        alerts = ((code, _alert(b, n, code)) for n in range(EACH) for b, code in enumerate(codes))
        events: list[Event] = [
            Record(f"alerts.{code}", 0, at // len(codes), millis(now), None, codec.encode(alert))
            for at, (code, alert) in enumerate(alerts)
        ]
        self._events = iter([*events, AtEnd()])

    def poll(self, timeout: float = 0.2) -> Event | None:
        return next(self._events, None)


def _taken_in() -> float:
    """From encoded records to messages in the queue, positions with them: alerts a second."""
    codec = Codec(LocalSchemaIds())
    with _subscribed(lambda number: f"https://{number}.bureau.example/in") as (engine, seal, codes):
        figures = Figures(CollectorRegistry())
        intake = Intake(engine, seal, Overtaken(), figures, lambda: datetime.now(UTC))
        intake.on_caught_up = intake.stop
        source = _Appended(codec, codes, datetime.now(UTC) + timedelta(seconds=1))
        intake.start_positions()
        began = time.perf_counter()
        intake.run(messages(source, codec.decode, Alert))
        took = time.perf_counter() - began
        with transaction(engine, write=False) as connection:
            assert sum(count for count, _ in queue.depths(connection).values()) == BUREAUS * EACH
    return BUREAUS * EACH / took


@contextmanager
def _subscribed(url: Callable[[int], str]) -> Iterator[tuple[Engine, Seal, list[str]]]:
    """A database in which each bureau has a subscription."""
    with tempfile.TemporaryDirectory() as folder:
        seal = Seal(Fernet.generate_key().decode())
        engine = open_database(Path(folder), None, seal)
        codes = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(BUREAUS)]
        with transaction(engine) as connection:
            for number, code in enumerate(codes):
                now = datetime.now(UTC)
                subscriptions.subscribe(connection, seal, code, url(number), Filters(), Format.JSON, now)
        try:
            yield engine, seal, codes
        finally:
            engine.dispose()


def _forwarded(port: int, *, hanging: bool) -> float:
    """From a queue in the database to outcomes in the ledger; the rate of all that do not hang."""

    def url(number: int) -> str:
        return f"http://127.0.0.1:{port}/{'hang' if hanging and number == 0 else number}"

    with _subscribed(url) as (engine, seal, codes):
        now = datetime.now(UTC)
        with transaction(engine) as connection:
            every = subscriptions.every(connection)
            alerts = [(_alert(b, n, code), now) for b, code in enumerate(codes) for n in range(EACH)]
            queueing.take(connection, seal, every, alerts, now, Containment())
        dispatcher = Dispatcher(
            engine,
            seal,
            lambda _, access: WebhookSender(
                access.url, access.signers, LOOPBACK, Limits(connections=CONNECTIONS), _TLS
            ),
            Figures(CollectorRegistry()),
            lambda: datetime.now(UTC),
            connections=CONNECTIONS,
        )
        took = asyncio.run(
            _deliver(dispatcher, [one.id for one in every if not (hanging and one.participant == codes[0])])
        )
        with transaction(engine, write=False) as connection:
            left = sum(count for count, _ in queue.depths(connection).values())
        assert left == (EACH if hanging else 0), f"{left} left"
    return (BUREAUS - hanging) * EACH / took


async def _deliver(dispatcher: Dispatcher, timed: list[str]) -> float:
    async with dispatcher.running():
        await dispatcher.refresh()
        others = [one for id_, one in dispatcher.runners.items() if id_ not in timed]
        began = time.perf_counter()
        hanging = [asyncio.create_task(one.run_due()) for one in others]
        await asyncio.gather(*(dispatcher.runners[id_].run_due() for id_ in timed))
        took = time.perf_counter() - began
        for task in hanging:
            task.cancel()
    return took


def _alert(bureau: int, number: int, code: str = "bd") -> Alert:
    return an_alert(alert_id=f"{bureau}-{number}", recipient=code)


@contextmanager
def _receivers() -> Iterator[int]:
    """Every bureau's receiver, in a process of its own; yields its port."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_listen(pipe.send))


async def _listen(say: Callable[[int], None]) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1000)
    say(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().index(b"content-length:") + 15
            await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        if head.startswith(b"POST /hang "):
            await reader.read()
        writer.write(_OK)


if __name__ == "__main__":
    main()
