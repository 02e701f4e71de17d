"""The administrator's client of the broker, which says as errors of ours what the broker or its absence means."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from tocsin.runtime.errors import NotConfigured, TocsinError, Unavailable
from tocsin.runtime.settings import Connection

REQUEST_S = 30.0
"""How long one request may take."""
_AWAY = frozenset(
    (
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.NOT_CONTROLLER,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.BROKER_NOT_AVAILABLE,
    )
)
_SECRET = frozenset((KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED))
T = TypeVar("T")


class Administrator:
    """Asks the broker with `client`.

    Each answer is awaited through `ask` or `result`, which raise Unavailable, NotConfigured (the secret is refused), or
    for all else what `refused` makes of the broker's words.
    """

    def __init__(self, connection: Connection, refused: Callable[[str], TocsinError]) -> None:
        self._bootstrap, self._user, self._refused = connection.bootstrap, connection.user, refused
        self._secret_refused = False
        # log_level: what librdkafka would print of a broker that is away, these errors say in one line.
        self.client = AdminClient(
            connection.as_librdkafka(socket_timeout_ms=10_000, reconnect_backoff_max_ms=1_000)
            | {"log_level": 0, "error_cb": self._on_error}
        )

    def ask(self, question: Callable[[], T], fine: Collection[int] = ()) -> T:
        """The answer to a call that waits for it; None where the broker refuses with one of the codes `fine`."""
        try:
            return question()
        except TimeoutError as error:
            raise Unavailable(f"the broker at {self._bootstrap} does not answer") from error
        except KafkaException as error:
            said: KafkaError = error.args[0]
            self.client.poll(0)  # lets librdkafka say why it has no connection: `_on_error`
            if self._secret_refused or said.code() in _SECRET:
                raise NotConfigured(
                    f"the broker at {self._bootstrap} refuses the secret of {self._user!r}: it is another cluster's,"
                    " or was changed"
                ) from error
            if said.code() in _AWAY:
                raise Unavailable(f"the broker at {self._bootstrap} does not answer: {said.str()}") from error
            if said.code() in fine:
                return None  # type: ignore[return-value]
            raise self._refused(f"the broker at {self._bootstrap} refuses: {said.str()}") from error

    def result(self, future: Future[Any], *, fine: Collection[int] = ()) -> Any:
        """What a future comes to; None where the broker refuses with one of the codes that are `fine`."""
        return self.ask(lambda: future.result(REQUEST_S + 5), fine)

    def _on_error(self, error: KafkaError) -> None:
        self._secret_refused = self._secret_refused or error.code() in _SECRET
