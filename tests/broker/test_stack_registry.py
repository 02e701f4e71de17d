"""After provisioning nobody changes the registry, by whichever of its APIs; reading works."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from deploy.stack.local import running_stack
from deploy.stack.running import Stack

pytestmark = pytest.mark.broker

SCHEMA = {"schema": '{"type":"record","name":"Known","namespace":"x","fields":[{"name":"a","type":"string"}]}'}
OTHER = {"schema": '{"type":"record","name":"Other","namespace":"x","fields":[{"name":"b","type":"long"}]}'}
LONGER = {
    "schema": '{"type":"record","name":"Known","namespace":"x","fields":[{"name":"a","type":"string"},'
    '{"name":"b","type":"long","default":0}]}'
}
"""Compatible with SCHEMA: refused for no other reason than that it is a change."""
CONTENT = {"content": LONGER["schema"], "contentType": "application/json"}
SWITCH = "/apis/registry/v3/admin/config/properties/apicurio.storage.read-only.enabled"

CHANGES = [
    *(
        (method, f"/apis/ccompat/{version}{path}", body)
        for version in ("v7", "v8")
        for method, path, body in (
            ("POST", "/subjects/new/versions", OTHER),
            ("POST", "/subjects/known/versions", LONGER),
            ("DELETE", "/subjects/known", None),
            ("DELETE", "/subjects/known/versions/1", None),
            ("PUT", "/config", {"compatibility": "NONE"}),
            ("DELETE", "/config", None),
            ("PUT", "/config/known", {"compatibility": "NONE"}),
            ("PUT", "/mode", {"mode": "IMPORT"}),
        )
    ),
    *(
        (method, f"/apis/registry/{version}{path}", body)
        for version in ("v2", "v3")
        for method, path, body in (
            ("DELETE", "/groups/default/artifacts/known", None),
            ("DELETE", "/groups/default/artifacts", None),
            ("DELETE", "/groups/default/artifacts/known/versions/1", None),
            ("POST", "/admin/rules", {"ruleType": "VALIDITY", "type": "VALIDITY", "config": "NONE"}),
            (
                "PUT",
                "/admin/rules/COMPATIBILITY",
                {"ruleType": "COMPATIBILITY", "type": "COMPATIBILITY", "config": "NONE"},
            ),
            ("DELETE", "/admin/rules", None),
            ("POST", "/admin/roleMappings", {"principalId": "bd", "role": "ADMIN"}),
        )
    ),
    ("POST", "/apis/registry/v3/groups", {"groupId": "new"}),
    (
        "POST",
        "/apis/registry/v3/groups/default/artifacts",
        {"artifactId": "new", "artifactType": "AVRO", "firstVersion": {"content": CONTENT}},
    ),
    ("POST", "/apis/registry/v3/groups/default/artifacts/known/versions", {"content": CONTENT}),
    ("PUT", "/apis/registry/v3/groups/default/artifacts/known", {"name": "renamed"}),
    ("PUT", "/apis/registry/v3/groups/default/artifacts/known/versions/1/state", {"state": "DISABLED"}),
    ("PUT", SWITCH, {"value": "false"}),
    ("DELETE", SWITCH, None),
]


@pytest.fixture(scope="module")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own whose registry is read-only, with one subject and a compatibility level."""

    def register(stack: Stack) -> None:
        httpx.post(f"{stack.registry}/subjects/known/versions", json=SCHEMA).raise_for_status()
        httpx.put(f"{stack.registry}/config", json={"compatibility": "FULL_TRANSITIVE"}).raise_for_status()

    with running_stack(tmp_path_factory.mktemp("read-only"), provision=register) as running:
        yield running


@pytest.fixture(scope="module")
def client(provisioned: Stack) -> Iterator[httpx.Client]:
    """A client of that registry, every API of it."""
    with httpx.Client(base_url=provisioned.registry.removesuffix("/apis/ccompat/v7"), trust_env=False) as made:
        yield made


def content(client: httpx.Client) -> list[object]:
    """Everything that matters in the registry, as a reader sees it."""
    return [
        client.get(path).json()
        for path in (
            "/apis/ccompat/v7/subjects?deleted=true",
            "/apis/ccompat/v7/subjects/known/versions/1",
            "/apis/ccompat/v7/schemas/ids/1",
            "/apis/ccompat/v7/config",
            "/apis/registry/v3/search/artifacts",
            "/apis/registry/v3/search/groups",
            "/apis/registry/v3/admin/rules",
            "/apis/registry/v3/admin/config/properties",
        )
    ]


def test_reading_works(client: httpx.Client) -> None:
    subjects, version, by_id, config, *_ = content(client)

    assert subjects == ["known"]
    assert isinstance(version, dict)
    assert version["schema"] == SCHEMA["schema"]
    assert by_id == {"schema": SCHEMA["schema"]}
    assert config == {"compatibilityLevel": "FULL_TRANSITIVE"} | (config if isinstance(config, dict) else {})


@pytest.mark.parametrize(("method", "path", "body"), CHANGES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_change_is_refused_and_changes_nothing(
    client: httpx.Client, method: str, path: str, body: dict[str, object] | None
) -> None:
    before = content(client)

    answer = client.request(method, path, json=body)

    assert answer.status_code in (403, 404, 405, 409), answer.text
    assert content(client) == before


def test_importing_a_whole_registry_is_refused(client: httpx.Client) -> None:
    before = content(client)
    exported = client.get("/apis/registry/v3/admin/export").content

    answer = client.post(
        "/apis/registry/v3/admin/import?requireEmptyRegistry=false",
        content=exported,
        headers={"Content-Type": "application/zip"},
    )

    assert answer.status_code == 409
    assert content(client) == before


def test_registry_and_its_health_are_bound_to_loopback(provisioned: Stack) -> None:
    listening = provisioned.listening("registry")

    assert {address for address, _ in listening} <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert {port for _, port in listening} == {provisioned.ports["registry"], provisioned.ports["registry-health"]}


def test_the_operator_can_make_it_writable_for_a_while(provisioned: Stack) -> None:
    with provisioned.writable_registry():
        assert httpx.post(f"{provisioned.registry}/subjects/later/versions", json=OTHER).status_code == 200
        httpx.delete(f"{provisioned.registry}/subjects/later").raise_for_status()

    assert httpx.post(f"{provisioned.registry}/subjects/later/versions", json=OTHER).status_code == 409
