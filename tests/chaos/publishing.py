"""Publishing a history at a rate, each participant through its own producer, in the order in which it was written."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from deploy.stack.running import Stack
from producers import CountryProducer
from producers.simulate.publication import Pace
from schemas.codec import Codec
from schemas.errors import SchemaError
from schemas.events import Incident, WatchlistEntry
from schemas.topics import country_of
from tests.schedules.histories import CODEC, History
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

Version = tuple[str, str, str, int]
"""Mode, producer, id and version of an incident or entry."""


class Publishing(threading.Thread):
    """Publishes `history`, `rate` events a second (None: at once); waits for as long as the broker is away."""

    def __init__(self, stack: Stack, history: History, rate: float | None) -> None:
        super().__init__(name="publishing")
        self._stack, self._history, self._pace = stack, history, Pace(rate)
        self.sent_at: dict[Version, float] = {}
        """When each version was first handed to its producer, by the clock of time.time."""
        self.done = 0
        self.refused = 0
        self.failed: BaseException | None = None
        # Known before anything goes wrong: a bureau does not lose its schemas when the registry does.
        self._ids = RegistrySchemaIds(stack.registry, ca_file=stack.ca_file)
        self._ids.load()

    def run(self) -> None:
        try:
            self._publish()
        except BaseException as error:  # noqa: BLE001 (told by whoever joins)
            self.failed = error

    def _publish(self) -> None:
        read = dict.fromkeys(self._history.feeds, 0)
        with ExitStack() as closing:
            producers: dict[str, CountryProducer] = {}
            for feed in self._history.order:
                record = self._history.feeds[feed][read[feed]]
                read[feed] += 1
                code = country_of(feed[0])
                if code not in producers:
                    connection = connect(code, self._stack.settings)
                    producers[code] = closing.enter_context(CountryProducer(code, connection, codec=Codec(self._ids)))
                self._pace.wait()
                self._send(producers[code], feed[0], record.key, record.value)
                self.done += 1
        self.refused = sum(producer.refused.total() for producer in producers.values())

    def _send(self, producer: CountryProducer, topic: str, key: bytes, value: bytes) -> None:
        try:
            event = CODEC.decode(value)
        except SchemaError:
            producer._events.send(topic, key.decode(), value)  # nobody's event
            return
        if isinstance(event, Incident):
            producer.publish_incident(event)
            version = (event.incident_id, event.incident_version)
        else:
            assert isinstance(event, WatchlistEntry)
            producer.publish_entry(event)
            version = (event.entry_id, event.entry_version)
        self.sent_at.setdefault((event.exercise.value, event.producer, *version), time.time())
