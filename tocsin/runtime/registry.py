"""The schema registry as the codec asks it (Confluent API), with waiting where it is away."""

from __future__ import annotations

import json
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from schemas.errors import NotProvisioned, UnknownSchema
from tocsin.runtime.errors import Unavailable

_NOT_FOUND = 404


class RegistrySchemaIds:
    """Schema ids from a registry. Answers are kept for ever: an id never changes its meaning."""

    def __init__(self, base: str, patience: float = 60.0) -> None:
        """`base` ends in the Confluent API's root; `patience` is how many seconds to wait for an absent registry."""
        self._client = httpx.Client(base_url=base.rstrip("/") + "/", timeout=10.0)
        self._patience = patience
        self._ids: dict[str, int] = {}
        self._schemas: dict[int, dict[str, Any]] = {}
        self._unknown: set[int] = set()

    def id_of(self, name: str) -> int:
        """Id of the newest schema of the subject `name`. Raises NotProvisioned, Unavailable."""
        if name not in self._ids:
            answer = self._get(f"subjects/{name}/versions/latest")
            if answer is None:
                raise NotProvisioned(f"the registry has no subject {name} (tocsin provision registers it)")
            self._ids[name] = int(answer["id"])
        return self._ids[name]

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        """The schema under an id. Raises UnknownSchema, Unavailable."""
        if schema_id not in self._schemas:
            answer = self._get(f"schemas/ids/{schema_id}")
            if answer is None:
                raise UnknownSchema(schema_id)
            parsed: dict[str, Any] = json.loads(answer["schema"])
            self._schemas[schema_id] = parsed
        return self._schemas[schema_id]

    def _get(self, path: str) -> dict[str, Any] | None:
        waiting = Retrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_exponential_jitter(multiplier=0.2, max=5),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        return waiting(self._once, path)

    def _once(self, path: str) -> dict[str, Any] | None:
        try:
            answer = self._client.get(path)
        except httpx.TransportError as error:
            raise Unavailable(f"the schema registry at {self._client.base_url} does not answer: {error}") from error
        if answer.status_code == _NOT_FOUND:
            return None
        if not answer.is_success:
            raise Unavailable(f"the schema registry at {self._client.base_url} answered {answer.status_code}")
        found: dict[str, Any] = answer.json()
        return found
