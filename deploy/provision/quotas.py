"""How fast each of our users may write and read (KIP-13, KIP-546): read from the broker, and set.

librdkafka has no call for it, so the two requests are made with aiokafka's client, which Faust brings anyway.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import DescribeClientQuotasRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

from deploy.provision.errors import ProvisioningError
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.settings import Connection

_USER, _ANY = "user", 2
_TEXT = String("utf-8")
T = TypeVar("T")


class _AlteredQuotas(Response):  # type: ignore[misc]  # aiokafka says no types
    API_KEY, API_VERSION = 49, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(
                ("error_code", Int16),
                ("error_message", _TEXT),
                ("entity", Array(("entity_type", _TEXT), ("entity_name", _TEXT))),
            ),
        ),
    )


class _AlterQuotasStruct(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION = 49, 0
    RESPONSE_TYPE = _AlteredQuotas
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", Array(("entity_type", _TEXT), ("entity_name", _TEXT))),
                ("ops", Array(("key", _TEXT), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _AlterQuotas(Request[_AlterQuotasStruct]):  # type: ignore[misc]
    API_KEY = 49

    def __init__(self, entries: list[Any]) -> None:
        self._entries = entries

    def build(self, struct: type[_AlterQuotasStruct]) -> _AlterQuotasStruct:
        return struct(self._entries, False)


def quotas(connection: Connection) -> dict[str, dict[str, float]]:
    """What each user has of its own. Raises Unavailable, ProvisioningError."""

    async def ask(client: AIOKafkaClient) -> dict[str, dict[str, float]]:
        answer = await client.send(client.get_random_node(), DescribeClientQuotasRequest([(_USER, _ANY, None)], True))
        _check(answer.error_code, answer.error_message)
        return {entity[0][1]: dict(values) for entity, values in answer.entries or ()}

    return _run(connection, ask)


def set_quotas(connection: Connection, wanted: Mapping[str, Mapping[str, float | None]]) -> None:
    """Give each user these; None takes one away. Raises Unavailable, ProvisioningError."""
    entries = [
        ([(_USER, user)], [(what, value or 0.0, value is None) for what, value in values.items()])
        for user, values in wanted.items()
    ]

    async def ask(client: AIOKafkaClient) -> None:
        answer = await client.send(client.get_random_node(), _AlterQuotas(entries))
        for code, message, _ in answer.entries:
            _check(code, message)

    _run(connection, ask)


def _run(connection: Connection, ask: Callable[[AIOKafkaClient], Awaitable[T]]) -> T:
    async def run() -> T:
        client = AIOKafkaClient(
            bootstrap_servers=connection.bootstrap.split(","),
            client_id="tocsin-provision",
            request_timeout_ms=30_000,
            security_protocol=connection.security_protocol,
            ssl_context=_trust(connection),
            sasl_mechanism="SCRAM-SHA-512",
            sasl_plain_username=connection.user,
            sasl_plain_password=connection.password.get_secret_value(),
        )
        try:
            await client.bootstrap()
            return await ask(client)
        finally:
            await client.close()

    try:
        return asyncio.run(run())
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable(f"the broker at {connection.bootstrap} does not answer about quotas: {error}") from error


def _trust(connection: Connection) -> ssl.SSLContext | None:
    if not connection.security_protocol.endswith("SSL"):
        return None
    return ssl.create_default_context(cafile=connection.ca_file)


def _check(code: int, message: str | None) -> None:
    if code:
        raise ProvisioningError(f"the broker refuses to speak of quotas: error {code} {message or ''}".rstrip())
