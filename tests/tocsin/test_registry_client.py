"""The registry client: made-up ids cost nothing, odd answers count as absence, a later version is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from schemas.avro import full_name, schema_of
from schemas.errors import NotProvisioned, UnknownSchema
from schemas.events import Incident, Response
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.registry import InMemory, NotLookedUp, RegistrySchemaIds

NAME = full_name(Incident)


class Registry:
    """A registry on loopback that answers what the test says."""

    def __init__(self) -> None:
        self.subjects: dict[str, list[dict[str, Any]]] = {}
        self.odd: tuple[int, bytes] | None = None
        self.asked = 0

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked += 1
        if self.odd:
            return self.odd
        parts = path.strip("/").split("/")
        versions = self.subjects.get(parts[1])
        if versions is None:
            return 404, b'{"error_code": 40401, "message": "no such subject"}'
        if len(parts) == 3:
            return 200, json.dumps(list(range(1, len(versions) + 1))).encode()
        return 200, json.dumps(versions[int(parts[3]) - 1]).encode()


@pytest.fixture
def registry() -> Iterator[Registry]:
    known = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = known.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    known.base = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def ids(registry: Registry, clock: list[float]) -> RegistrySchemaIds:
    registry.subjects[NAME] = [{"id": 7, "schema": json.dumps(schema_of(Incident))}]
    return RegistrySchemaIds(registry.base, patience=0.0, monotonic=lambda: clock[0])  # type: ignore[attr-defined]


def test_ids_and_schemas_are_those_of_the_registry(ids: RegistrySchemaIds) -> None:
    assert ids.id_of(NAME) == 7
    assert ids.schema_with(7) == schema_of(Incident)
    with pytest.raises(NotProvisioned):
        ids.id_of(full_name(Response))


def test_made_up_ids_are_asked_for_at_most_once_a_second(
    ids: RegistrySchemaIds, registry: Registry, clock: list[float]
) -> None:
    for made_up in range(1000, 1500):
        with pytest.raises(UnknownSchema):
            ids.schema_with(made_up)
    first = registry.asked
    clock[0] += 2
    with pytest.raises(UnknownSchema):
        ids.schema_with(1000)
    assert registry.asked <= 2 * first < 60


def test_a_version_that_is_registered_later_is_found(
    ids: RegistrySchemaIds, registry: Registry, clock: list[float]
) -> None:
    with pytest.raises(UnknownSchema):
        ids.schema_with(8)
    registry.subjects[NAME].append({"id": 8, "schema": json.dumps(schema_of(Incident))})
    clock[0] += 2
    assert ids.schema_with(8) == schema_of(Incident)


def test_a_program_writes_by_its_own_schema_also_when_a_newer_one_is_registered(
    ids: RegistrySchemaIds, registry: Registry
) -> None:
    newer = schema_of(Incident)
    newer["fields"] = [*newer["fields"], {"name": "later", "type": "string", "default": ""}]
    ours = registry.subjects[NAME][0]
    registry.subjects[NAME] = [ours, {"id": 8, "schema": json.dumps(newer)}]
    assert ids.id_of(NAME) == 7
    assert ids.schema_with(8) == newer


def test_a_registry_that_lacks_our_version_is_not_provisioned_for_us(
    ids: RegistrySchemaIds, registry: Registry
) -> None:
    older = schema_of(Incident)
    older["fields"] = older["fields"][:-1]
    registry.subjects[NAME] = [{"id": 6, "schema": json.dumps(older)}]
    with pytest.raises(NotProvisioned, match="tocsin provision"):
        ids.id_of(NAME)


def test_docs_make_no_other_version(ids: RegistrySchemaIds, registry: Registry) -> None:
    registry.subjects[NAME] = [{"id": 9, "schema": json.dumps(schema_of(Incident) | {"doc": "said otherwise"})}]
    assert ids.id_of(NAME) == 9


def test_whoever_waits_for_the_registry_is_told_once(registry: Registry) -> None:
    said: list[str] = []
    registry.subjects[NAME] = [{"id": 7, "schema": json.dumps(schema_of(Incident))}]
    registry.odd = (500, b"{}")

    def mend(why: str) -> None:
        said.append(why)
        registry.odd = None

    base: str = registry.base  # type: ignore[attr-defined]
    assert RegistrySchemaIds(base, patience=None, on_waiting=mend).id_of(NAME) == 7
    assert len(said) == 1
    assert "the schema registry at" in said[0]


@pytest.mark.parametrize(
    "odd",
    [(404, b"<html>not here</html>"), (200, b"<html>hello</html>"), (200, b"{}"), (404, b"{}"), (500, b"{}")],
    ids=["a proxy's 404", "a page", "another shape", "a foreign 404", "an error"],
)
def test_an_odd_answer_means_that_the_registry_is_away(
    ids: RegistrySchemaIds, registry: Registry, odd: tuple[int, bytes]
) -> None:
    registry.odd = odd
    with pytest.raises(Unavailable):
        ids.schema_with(7)
    with pytest.raises(Unavailable):
        ids.id_of(NAME)


def test_an_empty_registry_is_not_taken_for_an_unknown_id(ids: RegistrySchemaIds, registry: Registry) -> None:
    registry.subjects.clear()
    with pytest.raises(Unavailable):
        ids.schema_with(7)


def test_where_nothing_may_block_an_id_is_told_from_memory_or_left_to_a_look(
    ids: RegistrySchemaIds, registry: Registry, clock: list[float]
) -> None:
    ids.look_up()
    clock[0] += 2
    asked, memory = registry.asked, InMemory(ids)
    assert memory.schema_with(7) == schema_of(Incident)
    with pytest.raises(NotLookedUp):
        memory.schema_with(8)
    assert registry.asked == asked

    registry.odd = (503, b"{}")
    with pytest.raises(Unavailable):
        ids.look_up()
    with pytest.raises(NotLookedUp):
        memory.schema_with(8)
    registry.odd = None
    ids.look_up()
    with pytest.raises(UnknownSchema):
        memory.schema_with(8)
