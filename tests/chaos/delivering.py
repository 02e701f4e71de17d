"""An endpoint of one participant: every alert must arrive there, the newest last, whatever happens to the forwarder."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime

from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.sealing import obtain_seal
from consumers.forwarder.subscription import Filters, Format
from consumers.forwarder.subscriptions import subscribe
from deploy.stack.running import Stack
from schemas.alerts import Alert
from schemas.codes import AlertStatus
from tests.consumers.forwarder.receiver import Receiver

ALLOWED = {"TOCSIN_FORWARDER_ALLOW": "127.0.0.0/8"}
"""What the forwarder must be told, so that it posts to this machine."""


class Endpoint:
    """A web server on loopback to which the forwarder posts what `participant` is sent."""

    def __init__(self, stack: Stack, participant: str) -> None:
        self._participant = participant
        self._receiver = Receiver()
        self._listening, self._loop = threading.Event(), asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), name="endpoint")
        self._thread.start()
        self._listening.wait(30)
        seal = obtain_seal(stack.state, None)
        engine = open_database(stack.state, None, seal)
        with transaction(engine) as connection:
            subscribe(connection, seal, participant, self._receiver.url, Filters(), Format.JSON, datetime.now(UTC))
        engine.dispose()
        self._read = 0
        self._newest: dict[str, int] = {}
        """The last revision that arrived, by alert_id."""
        self.disorder: list[str] = []
        """What arrived after something newer, or twice under two ids."""

    async def _serve(self) -> None:
        async with self._receiver.running():
            self._listening.set()
            await self._closing.wait()

    @property
    def arrived(self) -> int:
        """Messages, each counted once by its id."""
        return len(self._receiver.counted)

    def missing(self, alerts: Mapping[tuple[str, str], Alert]) -> list[str]:
        """What `alerts`, the newest by recipient and alert_id, say and the endpoint has not been told."""
        for request in list(self._receiver.counted.values())[self._read :]:
            self._read += 1
            data = json.loads(request.body)["data"]
            before = self._newest.get(data["alert_id"], 0)
            if data["revision"] <= before:
                self.disorder.append(f"delivered: revision {data['revision']} of {data['alert_id']} after {before}")
            self._newest[data["alert_id"]] = max(before, data["revision"])
        said = []
        for (recipient, alert_id), alert in alerts.items():
            delivered = self._newest.get(alert_id)
            # What was taken back before it was sent is not sent any more.
            wanted = alert.status is AlertStatus.LIVE or delivered is not None
            if recipient == self._participant and wanted and delivered != alert.revision:
                said.append(f"missing at the endpoint: revision {alert.revision} of {alert_id}, not {delivered}")
        return said

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(30)
        self._loop.close()
