"""docs/asyncapi.yaml: what the code makes, and an AsyncAPI 3.0 document by AsyncAPI's own JSON schema."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import jsonschema
import pytest
import yaml

from schemas.asyncapi import PAGE, document, text
from schemas.avro import folder
from schemas.participants import Participant
from schemas.topics import country_topics

OFFICIAL = Path(__file__).parent / "asyncapi" / "3.0.0.json"
WRITTEN = yaml.safe_load(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_the_file_is_what_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "make schemas"
    assert document() == WRITTEN


def test_the_document_is_valid(official: jsonschema.Draft7Validator) -> None:
    assert [(list(error.absolute_path), error.message[:200]) for error in official.iter_errors(WRITTEN)] == []


@pytest.mark.parametrize(
    "path",
    [
        ("operations", "publishIncident", "action"),
        ("channels", "incidents", "bindings", "kafka", "topicConfiguration", "retention.ms"),
        ("channels", "incidents", "address"),
    ],
)
def test_the_official_schema_sees_a_fault(official: jsonschema.Draft7Validator, path: tuple[str, ...]) -> None:
    wrong = copy.deepcopy(WRITTEN)
    at = wrong
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = ["no such"]

    assert not official.is_valid(wrong)


def test_every_reference_leads_somewhere() -> None:
    for reference in references(WRITTEN):
        at: Any = WRITTEN
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
        assert at


def test_every_topic_of_a_participant_is_a_channel_and_every_right_an_operation() -> None:
    topics = list(country_topics(Participant(code="cc", name="")))
    actions = {
        (one["action"], one["channel"]["$ref"].removeprefix("#/channels/")) for one in WRITTEN["operations"].values()
    }

    assert {one["address"] for one in WRITTEN["channels"].values()} == {
        topic.name.replace(".cc", ".{cc}") for topic in topics
    }
    assert {kind for action, kind in actions if action == "send"} == {
        topic.name.removesuffix(".cc") for topic in topics if "cc" in topic.writers
    }
    assert {kind for action, kind in actions if action == "receive"} == {
        topic.name.removesuffix(".cc") for topic in topics if "cc" in topic.readers
    }


def test_its_schemas_are_the_published_ones() -> None:
    for name, held in WRITTEN["components"]["schemas"].items():
        assert held["schema"] == json.loads((folder() / f"{name}.avsc").read_text(encoding="utf-8"))
        fastavro.parse_schema(held["schema"])
