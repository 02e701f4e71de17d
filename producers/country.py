"""A participant's way into the pipeline: its incidents, its watchlist entries, its answers."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from typing import Self

from pydantic import BaseModel

from producers.errors import Unencodable, WrongProducer
from schemas import topics
from schemas.codec import Codec
from schemas.envelope import Envelope
from schemas.errors import SchemaError
from schemas.events import Incident, Response, WatchlistEntry
from tocsin.runtime.producing import BUFFER, EventProducer, Refusal, Undelivered
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection, connect


class CountryProducer:
    """Publishes as one participant, to its own topics only.

    >>> with CountryProducer("bd") as producer:
    ...     producer.publish_incident(incident)

    Nothing is lost silently: leaving the block waits until the broker has taken or refused every event; `delivered`
    and `refused` count them, `on_refused` hears of each refusal. A broker or registry that is away is waited for.
    Schemas are never registered from here (tocsin provision does that).
    """

    def __init__(
        self,
        code: str,
        connection: Connection | None = None,
        *,
        codec: Codec | None = None,
        buffer: int = BUFFER,
        patience: float | None = None,
        on_refused: Callable[[Undelivered], None] | None = None,
        on_delivered: Callable[[str, int, int], None] | None = None,
        on_waiting: Callable[[str], None] | None = None,
    ) -> None:
        """`connection` and `codec` default to the settings' stack and its registry, which `patience` and `on_waiting`
        hold for too. For the rest see EventProducer.

        Raises NotConfigured when no stack or no secret is known.
        """
        self.code = code
        connection = connection or connect(code)
        self._codec = codec or Codec(
            RegistrySchemaIds(connection.registry, patience, ca_file=connection.ca_file, on_waiting=on_waiting)
        )
        self._events = EventProducer(
            connection,
            buffer=buffer,
            patience=patience,
            on_refused=on_refused,
            on_delivered=on_delivered,
            on_waiting=on_waiting,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._events.__exit__(kind, error, trace)

    @property
    def delivered(self) -> int:
        """Events that the broker has taken."""
        return self._events.delivered

    @property
    def refused(self) -> Counter[Refusal]:
        """Events that the broker has not taken, by reason."""
        return self._events.refused

    @property
    def outstanding(self) -> int:
        """Events whose fate is not known yet."""
        return self._events.outstanding

    def publish(self, event: Incident | WatchlistEntry | Response) -> None:
        """To the topic of its kind. Raises as publish_incident does."""
        if isinstance(event, WatchlistEntry):
            self.publish_entry(event)
        elif isinstance(event, Incident):
            self.publish_incident(event)
        else:
            self.publish_response(event)

    def publish_incident(self, incident: Incident) -> None:
        """To incidents.<cc>, by incident_id. Raises WrongProducer, Unencodable, and what EventProducer.send raises."""
        self._publish(topics.incidents(self.code), incident.incident_id, incident)

    def publish_entry(self, entry: WatchlistEntry) -> None:
        """To watchlist.<cc>, by entry_id. Raises as publish_incident does."""
        self._publish(topics.watchlist(self.code), entry.entry_id, entry)

    def publish_response(self, response: Response) -> None:
        """To responses.<cc>, by case_ref. Raises as publish_incident does."""
        self._publish(topics.responses(self.code), response.case_ref, response)

    def flush(self) -> None:
        """Wait until the fate of every event is known."""
        self._events.flush()

    def _publish(self, topic: str, key: str, event: Envelope) -> None:
        if event.producer != self.code:
            raise WrongProducer(self.code, event.producer)
        self._events.send(topic, key, encoded(self._codec, event))


def encoded(codec: Codec, event: BaseModel) -> bytes:
    """Bytes of `event`. Raises Unencodable where a value does not fit its schema; NotProvisioned, Unavailable pass."""
    try:
        return codec.encode(event)
    except SchemaError:
        raise
    except (TypeError, ValueError, OverflowError, struct.error) as error:
        raise Unencodable(f"{type(event).__name__} does not fit its schema: {error}") from error
