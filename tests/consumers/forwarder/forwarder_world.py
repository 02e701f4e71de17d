"""A forwarder without a broker: alerts are handed in, time is moved by hand, endpoints are real servers."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from cryptography.fernet import Fernet
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from consumers.forwarder import ledger, queue, queueing, subscriptions
from consumers.forwarder.containment import Containment
from consumers.forwarder.database import transaction
from consumers.forwarder.dispatcher import Dispatcher
from consumers.forwarder.figures import Figures
from consumers.forwarder.posting import Limits, WebhookSender
from consumers.forwarder.runner import Sender
from consumers.forwarder.sealing import Seal
from consumers.forwarder.subscription import Filters, Format, Subscription
from schemas.alerts import Alert

LOOPBACK = (ip_network("127.0.0.0/8"),)
_TLS = ssl.create_default_context()
SEAL = Seal(Fernet.generate_key().decode())
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PATIENT = Limits(connect=60.0, total=60.0)


@dataclass
class World:
    """A database, a clock, and whoever delivers."""

    engine: Engine
    seal: Seal = SEAL
    now: datetime = START
    limits: Limits = PATIENT
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    make_sender: Callable[[Subscription, Any], Sender] | None = None
    jitter: float = 0.5

    def __post_init__(self) -> None:
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(self) -> Dispatcher:
        """Another one, as after a restart."""
        self.registry = CollectorRegistry()
        self.figures = Figures(self.registry)
        make = self.make_sender or (
            lambda _, access: WebhookSender(access.url, access.signers, LOOPBACK, self.limits, _TLS)  # type: ignore[return-value]
        )
        self.dispatcher = Dispatcher(
            self.engine, self.seal, make, self.figures, lambda: self.now, rng=lambda: self.jitter
        )
        return self.dispatcher

    def subscribe(
        self, url: str, participant: str = "bd", format_: Format = Format.JSON, **filters: Any
    ) -> tuple[Subscription, str]:
        with transaction(self.engine) as connection:
            return subscriptions.subscribe(
                connection, self.seal, participant, url, Filters(**filters), format_, self.now
            )

    def take(self, *alerts: Alert) -> None:
        """Alerts are read from their topics now."""
        with transaction(self.engine) as connection:
            for alert in alerts:
                for one in subscriptions.every(connection):
                    self.dispatcher.overtaken.heard((one.id, alert.alert_id), alert.revision)
            every = subscriptions.every(connection)
            read = [(alert, self.now) for alert in alerts]
            keys = queueing.take(connection, self.seal, every, read, self.now, Containment(self.figures))
        self.dispatcher.queued(keys)

    def redeliver(self, *alerts: Alert, missing_only: bool = False) -> None:
        with transaction(self.engine) as connection:
            every = subscriptions.every(connection)
            found = [(alert, self.now) for alert in alerts]
            queueing.redeliver(connection, self.seal, every, found, missing_only, self.now, Containment(self.figures))

    def ledger(self, participant: str = "bd") -> list[ledger.Entry]:
        with transaction(self.engine, write=False) as connection:
            return list(ledger.entries(connection, participant))

    def said(self, participant: str = "bd") -> list[str]:
        """What the ledger says, in short."""
        return [str(entry.fault or entry.what) for entry in self.ledger(participant)]

    def notices(self, participant: str = "bd") -> list[ledger.Notice]:
        with transaction(self.engine, write=False) as connection:
            return ledger.notices(connection, participant)

    def waiting(self) -> int:
        with transaction(self.engine, write=False) as connection:
            return sum(count for count, _ in queue.depths(connection).values())

    def subscription(self, id_: str, participant: str = "bd") -> Subscription:
        with transaction(self.engine, write=False) as connection:
            return subscriptions.find(connection, participant, id_)

    def figure(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Outcomes are written down within the block; a new process each time."""
        async with self.new_dispatcher().running():
            yield

    async def settle(self) -> datetime | None:
        """Deliver all that is due now; when there is something to do again."""
        await self.dispatcher.refresh()
        whens = await asyncio.gather(*(runner.run_due() for runner in list(self.dispatcher.runners.values())))
        return min((when for when in whens if when is not None), default=None)

    async def settle_until(self, end: datetime | None = None) -> None:
        """Deliver, moving the clock from one due time to the next, until nothing waits or the clock is past `end`."""
        for _ in itertools.count():
            when = await self.settle()
            if when is None or (end is not None and when > end):
                if end is not None:
                    self.now = max(self.now, end)
                return
            self.now = max(self.now + timedelta(milliseconds=1), when)


def revisions(make_alert: Callable[..., Alert], count: int, **changes: Any) -> Sequence[Alert]:
    """The revisions 1 to `count` of one alert."""
    return [make_alert(revision=number, **changes) for number in range(1, count + 1)]
