"""The schema registry as the codec asks it (Confluent API), with waiting where it is away.

Only our own schemas matter: all versions of all our messages are read at once, and again when an unknown id turns up,
but at most once a second. So whoever sends made-up ids costs nobody anything, and each id is looked up in memory. An
answer that is none of the Confluent API (a proxy's page, an empty registry) counts as a registry that is away.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from schemas.avro import EXTERNAL, INTERNAL, full_name, schema_of
from schemas.errors import NotProvisioned, UnknownSchema
from schemas.normal_form import normal_form
from tocsin.runtime.certificates import trusting
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.patience import patiently

_WRITTEN = {full_name(model): model for model in EXTERNAL + INTERNAL}
"""What this program writes, by its subject."""
NAMES = tuple(_WRITTEN)
_NOT_FOUND = 404
_NO_SUCH_SUBJECT = frozenset((40401, 40402))
"""Error codes of the Confluent API: no such subject, no such version."""
_LOOK_AGAIN = 1.0
"""Seconds between two looks for ids that are not known."""


class NotLookedUp(Unavailable):
    """Nobody has asked the registry for this schema id yet: `look_up`, then ask again."""


class RegistrySchemaIds:
    """Schema ids from a registry. Answers are kept for ever: an id never changes its meaning."""

    def __init__(
        self,
        base: str,
        patience: float | None = 60.0,
        *,
        ca_file: Path | None = None,
        on_waiting: Callable[[str], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`base` ends in the Confluent API's root; `patience` is how many seconds to wait for an absent registry (None:
        for ever), `on_waiting` hears why, once a wait. `ca_file`: certificates to trust with https, see `trusting`.
        """
        self._client = httpx.Client(
            base_url=base.rstrip("/") + "/", timeout=httpx.Timeout(10.0, connect=3.0), verify=trusting(ca_file)
        )
        self._patience = patience
        self._on_waiting = on_waiting
        self._monotonic = monotonic
        self._ids: dict[str, int] = {}
        self._schemas: dict[int, dict[str, Any]] = {}
        self._read: set[tuple[str, int]] = set()
        self._looked = float("-inf")

    def id_of(self, name: str) -> int:
        """Id of the schema of `name` that this program writes by, which need not be the newest of its subject.

        Raises NotProvisioned, Unavailable.
        """
        if name not in self._ids:
            patiently(lambda: self._read_versions(name), self._patience, self._on_waiting)
            if name not in self._ids:
                raise NotProvisioned(
                    f"the registry lacks the version of {name} that we write by (tocsin provision registers it)"
                )
        return self._ids[name]

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        """The schema under an id, if it is one of ours. Raises UnknownSchema, Unavailable."""
        if schema_id not in self._schemas and self._looked_long_ago():
            self.look_up()
        return self._known(schema_id)

    def schema_in_memory(self, schema_id: int) -> dict[str, Any]:
        """As `schema_with`, but asks nobody and so never waits. Raises UnknownSchema, NotLookedUp."""
        if schema_id not in self._schemas and self._looked_long_ago():
            raise NotLookedUp(f"the schema registry at {self._client.base_url} has to be asked for a schema id")
        return self._known(schema_id)

    def look_up(self) -> None:
        """Read what the registry has and we have not; may be called from another thread. Raises Unavailable."""
        patiently(self._read_all, self._patience, self._on_waiting)

    def load(self) -> None:
        """Read every schema of ours. Raises NotProvisioned when one is missing, Unavailable."""
        for name in NAMES:
            self.id_of(name)

    def _looked_long_ago(self) -> bool:
        return self._monotonic() - self._looked >= _LOOK_AGAIN

    def _known(self, schema_id: int) -> dict[str, Any]:
        if schema_id not in self._schemas:
            raise UnknownSchema(schema_id)
        return self._schemas[schema_id]

    def _read_all(self) -> None:
        for name in NAMES:
            self._read_versions(name)
        if not self._schemas:
            raise Unavailable(f"the schema registry at {self._client.base_url} holds none of our schemas")
        self._looked = self._monotonic()

    def _read_versions(self, name: str) -> None:
        for version in sorted(self._get(f"subjects/{name}/versions", list) or ()):
            if (name, version) not in self._read:
                found = self._get(f"subjects/{name}/versions/{version}", dict)
                if found is not None:
                    self._keep(name, version, found)

    def _keep(self, name: str, version: int, found: dict[str, Any]) -> None:
        try:
            schema_id, schema = int(found["id"]), json.loads(found["schema"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._odd(f"version {version} of {name} without id or schema") from error
        self._schemas[schema_id] = schema
        if _wire_form(schema) == _wire_form(schema_of(_WRITTEN[name])):
            self._ids[name] = schema_id
        self._read.add((name, version))

    def _get(self, path: str, kind: type[Any]) -> Any:
        """The answer, a JSON value of `kind`; None when the registry says that there is no such thing."""
        try:
            answer = self._client.get(path)
        except httpx.TransportError as error:
            raise Unavailable(f"the schema registry at {self._client.base_url} does not answer: {error}") from error
        try:
            said = answer.json()
        except ValueError as error:
            raise self._odd(f"status {answer.status_code} and no JSON") from error
        if answer.status_code == _NOT_FOUND and isinstance(said, dict) and said.get("error_code") in _NO_SUCH_SUBJECT:
            return None
        if not answer.is_success or not isinstance(said, kind):
            raise self._odd(f"status {answer.status_code}")
        return said

    def _odd(self, what: str) -> Unavailable:
        return Unavailable(f"the schema registry at {self._client.base_url} answered oddly: {what}")


def _wire_form(schema: Any) -> Any:
    """`schema` without what changes no byte: its docs."""

    def bare(node: Any) -> Any:
        if isinstance(node, list):
            return [bare(one) for one in node]
        if isinstance(node, dict):
            return {key: value if key == "default" else bare(value) for key, value in node.items() if key != "doc"}
        return node

    return bare(normal_form(schema))


class InMemory:
    """The ids that `ids` has in memory: for where nothing may block."""

    def __init__(self, ids: RegistrySchemaIds) -> None:
        """`ids` has read every schema of ours: `load`."""
        self._ids = ids

    def id_of(self, name: str) -> int:
        """Id of the schema of `name` that this program writes by."""
        return self._ids.id_of(name)

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        """The schema under an id. Raises UnknownSchema, NotLookedUp."""
        return self._ids.schema_in_memory(schema_id)
