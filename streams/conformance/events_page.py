"""Writes docs/events.md, field by field, from models, code lists, checks and examples.

`python -m streams.conformance.events_page`. It stands beside the checks: limits are the gate's, not the schemas'.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas import codes
from schemas.alerts import Alert, Reject
from schemas.events import Incident, Response, WatchlistEntry
from schemas.example_messages import Example, examples
from schemas.field_types import is_model, items_of, unwrapped
from schemas.golden_messages import COUNTS, SCHEMA_ID
from schemas.signing import CONTEXT, KEY_ID, SIGNATURE, SIGNED_AT
from schemas.topics import DAY, LARGEST_BATCH, MINUTE, MOST_HEADERS, MOST_RECORDS
from streams.stages import checks_fields, keys
from streams.stages.checks_items import MOST_COMPARED, MOST_NAMES, MOST_WORDS, MOST_WORDS_IN_ALL
from streams.stages.rules import GateRules

PAGE = Path(__file__).parents[2] / "docs" / "events.md"
WRITTEN: dict[type[BaseModel], tuple[str, str]] = {
    Incident: ("incidents.&lt;cc&gt;", "incident_id"),
    WatchlistEntry: ("watchlist.&lt;cc&gt;", "entry_id"),
    Response: ("responses.&lt;cc&gt;", "case_ref"),
}
"""What bureaus write: the topic and the key."""
READ: dict[type[BaseModel], tuple[str, str]] = {
    Alert: ("alerts.&lt;cc&gt;", "mode:producer:incident_id, of a digest mode:owner:entry_id"),
    Reject: ("rejects.&lt;cc&gt;", "topic:partition:offset of the event"),
}
"""What bureaus read."""
_RULES = GateRules()
_ID = f"1 to {keys.LONGEST_ID} of `A-Z a-z 0-9 . _ / + @ = ~ # -`, the first a letter or digit"
_COUNTRY = "ISO 3166-1 alpha-2, lower case"
_VERSION = "from 1, below 2^48"
RULES_OF: dict[str, str] = {
    "event_id": "UUID version 7, lower case",
    "producer": "the participant of the topic",
    "occurred_at": f"from 1900, at most {_RULES.ahead // MINUTE} minutes after the broker's time",
    "recorded_at": f"from 1900, at most {_RULES.ahead // MINUTE} minutes after the broker's time",
    "incident_id": _ID,
    "entry_id": _ID,
    "subject_id": f"{_ID}; no two of an incident alike",
    "object_id": f"{_ID}; no two of an incident alike",
    "linked_entry": _ID,
    "incident_version": _VERSION,
    "entry_version": f"{_VERSION}; the highest, 2^48 - 1, for DELETED alone",
    "revision": "from 1",
    "zone": "an IANA name",
    "country": _COUNTRY,
    "flag": _COUNTRY,
    "nationalities": _COUNTRY,
    "valid_from": "1900 to 2200",
    "expires_at": "1900 to 2200, after valid_from",
    "review_by": "1900 to 2200",
    "eta": "1900 to 2200; CONFIRM_LATER needs it",
    "receivers": "codes of participants; ONLY and EXCEPT need one at least, ALL none",
    "notice_type": "a NOTICE needs it",
    "remarks": "none in a DELETED entry",
    "detention_basis": "HIT_ONLY and OTHER only when detained",
    "case_ref": "as the alert has it",
    "number": "no filler such as 000000",
    "vin": "no filler such as 000000",
    "plate": "no filler such as 000000",
    "serial": "no filler such as 000000",
    "imo": "no filler such as 000000",
    "mmsi": "no filler such as 000000",
    "reference": "no filler such as 000000",
    "names": (
        f"at most {MOST_NAMES}; at most {MOST_WORDS_IN_ALL} words in all as they are compared: {MOST_COMPARED} of a"
        " name at most, a compound such as Abdulrahman is two"
        f" (so {MOST_WORDS_IN_ALL // MOST_COMPARED} names always pass)"
    ),
    "full": f"a letter at least, at most {MOST_WORDS} words",
    "year": "1850 to this year",
    "year_to": "not before `year`",
    "officer": "a letter or digit at least; an answer that a service publishes needs one, a receipt does not",
    "month": "1 to 12",
    "day": "a day that the month has",
}
"""Rules beyond type and length, by name of the field; the numbers are the checks' own."""

_HEAD = f"""# Events, field by field

Made from the models, the gate's checks and the examples by `make schemas`. The same for programs, as
AsyncAPI 3.0: [asyncapi.yaml](asyncapi.yaml). The Avro files are in `schemas/v1/`. How to take part: [bureaus.md](bureaus.md).

## A message on the wire

| part | what |
|---|---|
| topic | [topics.md](topics.md); yours end in your code |
| key | text (UTF-8, no quotes, no length, no schema) |
| partition | (murmur2(key) AND 0x7fffffff) mod partitions, as Kafka's Java client has it; librdkafka: `partitioner=murmur2_random` |
| value | byte 0, the schema id in four bytes (highest first), the Avro record in binary encoding |
| schema id | ask the registry once: `GET /subjects/tocsin.Incident/versions/latest`; ids differ from registry to registry |
| headers | the three of the [signature](#signatures); no others are read |
| empty value | refused: an entry is taken back by a higher version and a status |
| times | Avro timestamp-millis, UTC; as JSON `2026-11-24T12:00:00.250Z` |

Largest values: incident {_RULES.incident // 1024} KiB with {_RULES.items:,} items, entry {_RULES.entry // 1024} KiB, response
{_RULES.response // 1024} KiB, one subject or object {_RULES.item // 1024} KiB. Texts have at most 200 characters and no control
characters, lists at most {checks_fields.MOST} elements, where the tables say nothing else. A code may be UNKNOWN only where
that is its default. Reading, expect codes that are newer than your schema: they come as the default, UNKNOWN.

A batch of records (what your client sends at once, compressed or not) holds at most {MOST_RECORDS:,} records with together
{MOST_HEADERS:,} headers and, unpacked, at most {LARGEST_BATCH >> 20} MiB. Clients stay below that by themselves; mind it when you raise `batch.size`. A larger batch is refused unread, as
TOO_LARGE, by one reject for all of its records that names their offsets: a message that `tocsin conform` finds right may have
come in one. So are the records of a batch from the first on that cannot be read, or that does not say the place that it has in
the batch (`offsetDelta` 0, 1, 2, ...).

`tocsin conform bd` judges what you published, message by message.

## Golden messages

`schemas/golden/` holds every example of this page with what your client must produce for it:

| member | what |
|---|---|
| `message` | the record as plain JSON, as on this page |
| `avro_json` | the record in Avro's JSON encoding (unions name their branch), as Java's JsonDecoder reads it |
| `avro_hex` | the record in Avro's binary encoding |
| `value_hex` | the value on the wire; it names schema id {SCHEMA_ID}, a placeholder: put in your registry's |
| `key`, `key_hex` | the key |
| `partitions` | the partition of the key, by the topic's number of partitions ({", ".join(map(str, COUNTS))}) |
| `signature_input_hex` | the bytes that are signed: see below |
| `headers` | the headers of the signature, made with the key of `signing.json` at `signed_at` |

`partitions.json` has more keys, with their murmur2 (unsigned, 32 bits). Runnable clients: `examples/java`, `examples/kcat`.

## Signatures

Who is declared with a key signs every message, with Ed25519 (RFC 8032). Where the declaration says `signatures = "required"`,
everybody does. Signed is, one after the other and each preceded by its length in four bytes (highest first): the text
`"{CONTEXT.decode()}"` without the quotes, the topic, the key, the value as on the wire, the text of `{SIGNED_AT}`. Three headers,
all text, each once:

| header | what |
|---|---|
| `{KEY_ID}` | the id of the key: the first 16 hexadecimal digits (lower case) of the SHA-256 of its 32 public bytes |
| `{SIGNED_AT}` | when it was signed: milliseconds since 1970-01-01 UTC in decimal digits |
| `{SIGNATURE}` | the 64 bytes of the signature in base64 with padding |

The gate judges by the broker's append time and the public keys that are declared:

| refused as | when | what to do |
|---|---|---|
| SIGNATURE_MISSING | a header is not there | sign |
| UNKNOWN_KEY | no key of this participant has the id | have the operator declare the public half; sign with the key of this installation |
| BAD_SIGNATURE | not this key's signature over these bytes; a header twice, or in another form | sign exactly what is sent, to that topic, under that key |
| KEY_NOT_VALID | appended before the key counts, or when it counts no longer | sign with the other key |
| STALE | signed more than {_RULES.signed_before // DAY} days before it was appended | sign the same message again |
| FROM_THE_FUTURE | signed more than {_RULES.ahead // MINUTE} minutes after it was appended | check the clock |
| NOT_DELEGATED | a service's key: not named as `delegation.service`, or not good for this kind of event | see [Delegation](#delegation) |

A service that publishes on a participant's behalf signs with a key of its own, which is good for that participant and the kinds of
event that the declaration gives it. The event names it as `delegation.service`, and the officer who acted as `delegation.officer`, by
the bureau's pseudonym: INVALID_FIELD where that is blank, or missing in an answer other than a receipt. Sending the same message again,
as it was or signed anew, is a duplicate and does no harm. `signing.json` has a private key to try with, which no participant can be
declared with, and more vectors. `tocsin check-message FILE` judges one message without a broker.
"""  # noqa: E501


def page() -> str:
    """The page as text."""
    return "\n".join(
        (
            _HEAD,
            "# What you write\n",
            *(line for model, (topic, key) in WRITTEN.items() for line in _message(model, topic, key)),
            "# What you read\n",
            "Set `isolation.level=read_committed`.\n",
            *(line for model, (topic, key) in READ.items() for line in _message(model, topic, key)),
            "# Parts of messages\n",
            *(line for model in parts() for line in _section(model)),
            "# Code lists\n",
            *(line for code in _code_lists() for line in _code_section(code)),
        )
    )


def _message(model: type[BaseModel], topic: str, key: str) -> Iterator[str]:
    yield f"## {model.__name__}\n"
    yield f"{_doc(model)}\n"
    yield f"Topic `{topic.replace('&lt;', '<').replace('&gt;', '>')}`, key: {key}, schema `tocsin.{model.__name__}`.\n"
    yield from _table(model)
    for example in examples():
        if type(example.message) is model:
            yield from _example(example)


def _section(model: type[BaseModel]) -> Iterator[str]:
    yield f"## {model.__name__}\n"
    yield f"{_doc(model)}\n"
    yield from _table(model)


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| field | type | required | meaning | limits |"
    yield "|---|---|---|---|---|"
    checked = {field.name: field for field in checks_fields.fields_of(model)}
    for name, field in model.model_fields.items():
        cells = (f"`{name}`", _kind(field), _default(field), _plain(field.description), _limits(model, name, checked))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _limits(model: type[BaseModel], name: str, checked: Mapping[str, checks_fields.Field]) -> str:
    """What the gate asks of a field. Nothing is asked of what bureaus only read."""
    if model not in _written_models():
        return ""
    said = [RULES_OF[name]] if name in RULES_OF else []
    field = checked.get(name)
    if field is not None:
        if not field.nested and not field.is_code and field.longest != checks_fields.LONGEST:
            said.append(f"at most {field.longest:,} characters")
        if field.lines:
            said.append("several lines")
        if field.is_code and not field.may_be_unknown and "UNKNOWN" in _symbols(model, name):
            said.append("not UNKNOWN")
    return "; ".join(said)


def _symbols(model: type[BaseModel], name: str) -> list[str]:
    kind, _ = unwrapped(model.model_fields[name].annotation)
    inner = items_of(kind) or kind
    return [code.value for code in inner] if isinstance(inner, type) and issubclass(inner, StrEnum) else []


def _kind(field: FieldInfo) -> str:
    kind, _ = unwrapped(field.annotation)
    item = items_of(kind)
    if item is not None:
        kind, _ = unwrapped(item)
    text = f"[{kind.__name__}](#{kind.__name__.lower()})" if is_model(kind) or _is_code(kind) else _PLAIN[kind]
    return f"list of {text}" if item is not None else text


_PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true/false",
    bytes: "bytes",
    datetime: "time",
}


def _is_code(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**yes**"
    default = field.default
    if default is None:
        return "no"
    if isinstance(default, BaseModel):
        return "no: its defaults"
    if default in ((), b"", ""):
        return "no: empty"
    return f"no: {json.dumps(default)}" if isinstance(default, bool) else f"no: {default}"


def _example(example: Example) -> Iterator[str]:
    plain = example.message.model_dump(mode="json", exclude_defaults=True)
    yield f"Example `schemas/golden/{example.name}.json`: {example.about}."
    yield f"Topic `{example.topic}`, key `{example.key}`; fields at their defaults are left out here.\n"
    yield "```json"
    yield json.dumps(plain, indent=2, ensure_ascii=False)
    yield "```\n"


def _nested(model: type[BaseModel]) -> Iterator[Any]:
    """Models and code lists within a model, at any depth, in order, itself not included."""
    for field in model.model_fields.values():
        kind, _ = unwrapped(field.annotation)
        item = items_of(kind)
        if item is not None:
            kind, _ = unwrapped(item)
        if is_model(kind):
            yield kind
            yield from _nested(kind)
        elif _is_code(kind):
            yield kind


def _within(models: Mapping[type[BaseModel], Any]) -> list[Any]:
    return list(dict.fromkeys(kind for model in models for kind in _nested(model)))


def _written_models() -> set[Any]:
    return {*WRITTEN, *_within(WRITTEN)}


def parts() -> list[type[BaseModel]]:
    """The models within messages, in the order in which they are met."""
    return [kind for kind in _within(WRITTEN | READ) if is_model(kind)]


def _code_lists() -> list[type[StrEnum]]:
    return [kind for kind in _within(WRITTEN | READ) if not is_model(kind)]


def _code_section(code: type[StrEnum]) -> Iterator[str]:
    meanings = _meanings().get(code.__name__, {})
    yield f"## {code.__name__}\n"
    yield f"{_doc(code)}\n"
    if meanings:
        yield "| code | meaning |"
        yield "|---|---|"
        yield from (f"| `{one.value}` | {meanings.get(one.name, '')} |" for one in code)
        yield ""
    else:
        yield ", ".join(f"`{one.value}`" for one in code) + "\n"


def _meanings() -> dict[str, dict[str, str]]:
    """The docstrings under the members of the code lists, which Python itself does not keep."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(codes)).body:
        if isinstance(node, ast.ClassDef):
            for before, after in zip(node.body, node.body[1:], strict=False):
                match before, after:
                    case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                        found.setdefault(node.name, {})[name] = _plain(text)
    return found


def _doc(kind: type) -> str:
    return _plain((kind.__doc__ or "").split("\n\n")[0])


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
