"""The registry itself keeps FULL_TRANSITIVE: it refuses what breaks a reader and takes what does not."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest

from deploy.stack.local import Stack
from schemas.avro import schema_of
from schemas.events import Incident

pytestmark = pytest.mark.broker


def test_the_registry_refuses_an_incompatible_schema_and_takes_a_compatible_one(stack: Stack) -> None:
    subject = "test.compatibility.Incident"
    published = schema_of(Incident)
    broken, following = copy.deepcopy(published), copy.deepcopy(published)
    broken["fields"].append({"name": "weather", "type": "string", "doc": "Weather."})
    following["fields"].append({"name": "weather", "type": ["null", "string"], "default": None, "doc": "Weather."})

    with httpx.Client(base_url=stack.registry + "/", trust_env=False) as registry:

        def offer(schema: dict[str, Any]) -> int:
            body = {"schema": json.dumps(schema)}
            return registry.post(f"subjects/{subject}/versions", json=body).status_code

        assert registry.put(f"config/{subject}", json={"compatibility": "FULL_TRANSITIVE"}).is_success
        assert offer(published) == 200
        registry.put(f"config/{subject}", json={"compatibility": "FULL_TRANSITIVE"}).raise_for_status()
        assert offer(broken) == 409
        assert offer(following) == 200
