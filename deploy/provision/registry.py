"""The schema registry as provisioning sees it (Confluent's API): what it holds, and how to change it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from deploy.provision.errors import ProvisioningError, RegistryReadOnly
from deploy.provision.plan import Change, RegisterSchema, SetCompatibility
from schemas.normal_form import normal_form
from tocsin.runtime.certificates import trusting
from tocsin.runtime.errors import Unavailable

_NOT_FOUND, _FORBIDDEN, _NOT_ALLOWED, _CONFLICT, _SERVER_ERROR = 404, 403, 405, 409, 500


class Registry:
    """Reads and registers. Raises Unavailable while the registry is away."""

    def __init__(self, base: str, ca_file: Path | None = None) -> None:
        """`ca_file`: certificates to trust with https, see `trusting`."""
        self._client = httpx.Client(base_url=base.rstrip("/") + "/", timeout=15.0, verify=trusting(ca_file))

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def compatibility(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """Level of the registry (empty name) and of each subject that has one of its own."""
        return {"": self._level("config")} | {
            name: self._level(f"config/{quote(name)}?defaultToGlobal=true") for name in subjects
        }

    def _level(self, path: str) -> str | None:
        answer = self._ask("GET", path)
        return None if answer is None else answer.get("compatibilityLevel")

    def schemas(self, subjects: Iterable[str]) -> dict[str, tuple[Any, ...]]:
        """Versions of each of `subjects` that is registered, oldest first, in normal form."""
        there = set(self._ask("GET", "subjects") or ())
        return {name: self._versions(name) for name in subjects if name in there}

    def _versions(self, subject: str) -> tuple[Any, ...]:
        path = f"subjects/{quote(subject)}/versions"
        numbers = self._ask("GET", path) or ()
        found = (self._ask("GET", f"{path}/{number}") for number in numbers)
        return tuple(normal_form(json.loads(version["schema"])) for version in found if version)

    def apply(self, changes: Iterable[Change]) -> None:
        """Make `changes`, in their order. Raises RegistryReadOnly, ProvisioningError."""
        for change in changes:
            if isinstance(change, SetCompatibility):
                path = f"config/{quote(change.subject)}" if change.subject else "config"
                self._ask("PUT", path, {"compatibility": change.level})
            elif isinstance(change, RegisterSchema):
                body = {"schemaType": "AVRO", "schema": json.dumps(change.schema, ensure_ascii=False)}
                self._ask("POST", f"subjects/{quote(change.name)}/versions", body)
            else:
                raise TypeError(f"the registry makes no {type(change).__name__}")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise Unavailable(f"the schema registry at {self._client.base_url} does not answer: {error}") from error
        if answer.status_code == _NOT_FOUND and method == "GET":
            return None
        if method != "GET" and (
            answer.status_code in (_FORBIDDEN, _NOT_ALLOWED)
            or (answer.status_code == _CONFLICT and "read-only" in answer.text.lower())
        ):
            raise RegistryReadOnly(
                f"the schema registry at {self._client.base_url} is read-only and schemas are missing: start it"
                " writable, provision, and start it read-only again"
            )
        if answer.status_code == _CONFLICT:
            raise ProvisioningError(f"the registry refuses {path}: not {body and 'compatible with its versions'}")
        if answer.status_code >= _SERVER_ERROR:
            raise Unavailable(f"the schema registry at {self._client.base_url} answered {answer.status_code}")
        if not answer.is_success:
            raise ProvisioningError(f"the registry answered {answer.status_code} to {method} {path}")
        return answer.json()
