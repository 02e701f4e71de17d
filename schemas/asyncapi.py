"""Writes docs/asyncapi.yaml, what a bureau's client does, from the topic table and the models: AsyncAPI 3.0.

`python -m schemas.asyncapi`. A test holds the file, the code and AsyncAPI's own JSON schema together.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from schemas.alerts import Alert, Reject
from schemas.avro import full_name, schema_of
from schemas.events import Incident, Response, WatchlistEntry
from schemas.example_messages import examples
from schemas.participants import Participant
from schemas.signing import HEADERS, KEY_ID, SIGNATURE, SIGNED_AT
from schemas.topics import Topic, country_topics

PAGE = Path(__file__).parents[1] / "docs" / "asyncapi.yaml"
_AVRO = "application/vnd.apache.avro+json;version=1.9.0"
_BINDING = "0.5.0"
_CC = "cc"
_WRITTEN: dict[str, type[BaseModel]] = {"incidents": Incident, "watchlist": WatchlistEntry, "responses": Response}
_READ: dict[str, type[BaseModel]] = {"alerts": Alert, "rejects": Reject, **_WRITTEN}
_NUMBERS = ("retention.ms", "delete.retention.ms", "max.message.bytes")
_SETTINGS = ("cleanup.policy", *_NUMBERS)
_HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "The signature, which whoever is declared with a key must send: events.md, Signatures.",
    "properties": {
        KEY_ID: {"type": "string", "pattern": "^[0-9a-f]{16}$", "description": "Id of the key that signed."},
        SIGNED_AT: {
            "type": "string",
            "pattern": "^[0-9]{1,15}$",
            "description": "When, in milliseconds since 1970 UTC.",
        },
        SIGNATURE: {"type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$", "description": "Ed25519 signature, base64."},
    },
    "required": list(HEADERS),
}
_ABOUT = """What the client of a bureau sends and receives. Keys are text, partitioned by murmur2 as Kafka's Java client
does; values are in Confluent wire format (a zero byte, the schema id in four bytes, the Avro record). Whoever reads
sets isolation.level=read_committed. Limits of fields, codes and examples: events.md."""


def document() -> dict[str, Any]:
    """The AsyncAPI document as plain values."""
    topics = {topic.name.partition(".")[0]: topic for topic in country_topics(Participant(code=_CC, name=""))}
    models = {model.__name__: model for model in (*_WRITTEN.values(), *_READ.values())}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin for bureaus",
            "version": version("tocsin"),
            "description": " ".join(_ABOUT.split()),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "avro/binary",
        "servers": {"pipeline": _server()},
        "channels": {kind: _channel(kind, topic) for kind, topic in topics.items()},
        "operations": dict(_operations()),
        "components": {
            "messages": {name: _message(model) for name, model in models.items()},
            "schemas": {name: {"schemaFormat": _AVRO, "schema": schema_of(model)} for name, model in models.items()},
            "securitySchemes": {
                "scram": {
                    "type": "scramSha512",
                    "description": "User: the bureau's code, or CC-SERVICE for a service that publishes on its behalf.",
                }
            },
        },
    }


def text() -> str:
    """The document as YAML."""
    head = "# Made from schemas/asyncapi.py by `make schemas`.\n"
    plain = json.loads(json.dumps(document()))  # nothing shared, so no anchors: for people and simple parsers
    return head + str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120))


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka-secure",
        "description": "SASL over TLS; the local stack has SASL without TLS.",
        "variables": {"bootstrap": {"description": "Kafka bootstrap servers, host:port,..."}},
        "security": [{"$ref": "#/components/securitySchemes/scram"}],
        "bindings": {"kafka": {"schemaRegistryVendor": "confluent", "bindingVersion": _BINDING}},
    }


def _channel(kind: str, topic: Topic) -> dict[str, Any]:
    model = (_WRITTEN | _READ)[kind].__name__
    settings: dict[str, Any] = {
        name: int(topic.config[name]) if name in _NUMBERS else [topic.config[name]]
        for name in _SETTINGS
        if name in topic.config
    }
    return {
        "address": topic.name.replace(f".{_CC}", ".{cc}"),
        "description": f"{topic.about}; key: {topic.key}",
        "parameters": {"cc": {"description": "The participant's code: ISO 3166-1 alpha-2 in lower case, un, ccc, ..."}},
        "messages": {model: {"$ref": f"#/components/messages/{model}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name.replace(f".{_CC}", ".{cc}"),
                "topicConfiguration": settings,
                "bindingVersion": _BINDING,
            }
        },
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, model in _WRITTEN.items():
        yield f"publish{model.__name__}", _operation("send", kind, model, f"Publish to {kind}.CC.", {})
    for kind, model in _READ.items():
        group = {
            "groupId": {"type": "string", "pattern": "^[a-z]{2,3}-", "description": "Begins with CC and a hyphen."}
        }
        yield (
            f"read{model.__name__}",
            _operation("receive", kind, model, f"Read {kind}.CC, read_committed.", group),
        )


def _operation(action: str, kind: str, model: type[BaseModel], summary: str, binding: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{kind}"},
        "summary": summary,
        "bindings": {"kafka": binding | {"bindingVersion": _BINDING}},
        "messages": [{"$ref": f"#/channels/{kind}/messages/{model.__name__}"}],
    }


def _message(model: type[BaseModel]) -> dict[str, Any]:
    return {
        "name": full_name(model),
        "title": model.__name__,
        "summary": schema_of(model)["doc"],
        "contentType": "avro/binary",
        **({"headers": _HEADERS} if model in _WRITTEN.values() else {}),
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": _key(model)},
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "bindingVersion": _BINDING,
            }
        },
        "examples": [
            {
                "name": example.name,
                "summary": example.about,
                "payload": example.message.model_dump(mode="json", exclude_defaults=True),
            }
            for example in examples()
            if type(example.message) is model
        ],
    }


def _key(model: type[BaseModel]) -> str:
    (sample,) = (name for name, one in (_WRITTEN | _READ).items() if one is model)
    (topic,) = (one for one in country_topics(Participant(code=_CC, name="")) if one.name == f"{sample}.{_CC}")
    return topic.key


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
