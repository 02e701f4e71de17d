"""The Faust application that carries tasks: what is common to workers and the gate."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import faust
from faust.types import TP
from faust.types.auth import SASLMechanism
from mode import Service

from streams.tasks.consumer import Progressing, TaskTransport, watch_chain
from streams.tasks.fetched_batches import read_any_batch
from streams.tasks.log import Place
from streams.tasks.membership import METADATA_AGE
from tocsin.runtime.settings import Connection

SESSION_TIMEOUT = 30.0
"""Seconds after which a silent worker loses its partitions."""

HEARTBEAT = 3.0
_FETCH_BYTES = 4 << 20
_LARGEST_MESSAGE = 4 << 20


class Prelude(Service):  # type: ignore[misc]
    """Work that comes before the consumer joins its group, and is undone after it has left."""

    def __init__(self, before: Callable[[], Awaitable[None]], after: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._before, self._after = before, after

    async def on_start(self) -> None:
        await self._before()

    async def on_stop(self) -> None:
        await self._after()


class TaskApp(faust.App):  # type: ignore[misc]
    """A Faust app whose positions are decided by `progressing` and that starts `prelude` ahead of its consumer."""

    progressing: Progressing
    prelude: Iterable[Service] = ()
    leaves_group: bool = False
    """Whether a worker that is told to stop gives up its place in the group. A crashed one keeps it in any case."""

    class BootStrategy(faust.App.BootStrategy):  # type: ignore[misc]
        """No web, no producer (tasks have their own), and the prelude ahead of the consumer."""

        enable_web = False
        enable_kafka_producer = False

        def kafka_consumer(self) -> Iterable[Any]:
            return [*self.app.prelude, *super().kafka_consumer()]

    def hold(self, place: Place) -> None:
        """Fetch no more of a partition; what has been fetched still comes.

        As Faust itself does when its queues are full. Its `pause_partitions` would drop what has been fetched.
        """
        self.consumer.on_buffer_full(TP(*place))

    def release(self, place: Place) -> None:
        """Fetch a partition again after `hold`."""
        self.consumer.on_buffer_drop(TP(*place))

    def _new_transport(self) -> TaskTransport:
        return TaskTransport(self.conf.broker_consumer, self)


def build_app(app_id: str, worker_id: str, connection: Connection, session_timeout: float = SESSION_TIMEOUT) -> TaskApp:
    """An app with the settings that served. `worker_id` must be the worker's own, and the same after a restart:
    a worker that comes back under its name within the session timeout finds its partitions untouched.
    """
    watch_chain()
    read_any_batch()
    return TaskApp(
        app_id,
        broker=[f"kafka://{server}" for server in connection.bootstrap.split(",")],
        broker_credentials=credentials_of(connection),
        broker_client_id=f"{app_id}-{worker_id}",
        broker_session_timeout=session_timeout,
        broker_heartbeat_interval=min(HEARTBEAT, session_timeout / 3),
        broker_request_timeout=max(90.0, session_timeout + 1),
        broker_commit_interval=1.0,
        broker_max_poll_records=2_000,
        consumer_group_instance_id=worker_id,
        consumer_metadata_max_age_ms=round(METADATA_AGE * 1000),
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=max(_FETCH_BYTES, _LARGEST_MESSAGE),
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        store="memory://",
        datadir=tempfile.gettempdir(),  # unused; by default Faust makes a folder where it stands
        web_enabled=False,
        stream_wait_empty=True,
        stream_buffer_maxsize=4096,
        # How slow a stage may be is watched by the tasks' own metrics.
        stream_processing_timeout=24 * 3600.0,
        broker_commit_livelock_soft_timeout=24 * 3600.0,
        worker_redirect_stdouts=False,
        autodiscover=False,
    )


def feed(app: TaskApp, topics: Iterable[str], handle: Callable[[Any], Awaitable[None]]) -> None:
    """Give every raw message of `topics` to `handle`, in order a partition, one after the other."""
    channel = app.topic(*topics, key_serializer="raw", value_serializer="raw", acks=True, allow_empty=True)

    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            await handle(event.message)

    app.agent(channel, name="+".join(topics), concurrency=1)(agent)


def current_assignment(app: TaskApp) -> set[TP]:
    """The partitions that this process holds now."""
    return set(app.consumer.assignment())


def credentials_of(connection: Connection) -> faust.SASLCredentials:
    """SCRAM credentials as Faust wants them."""
    context = None
    if connection.security_protocol == "SASL_SSL":
        context = ssl.create_default_context(cafile=connection.ca_file)
    return faust.SASLCredentials(
        username=connection.user,
        password=connection.password.get_secret_value(),
        mechanism=SASLMechanism("SCRAM-SHA-512"),
        ssl_context=context,
    )
