"""State values by their format: this program writes one, and reads it and every earlier one.

A state value is a format byte and Avro without a schema (`schemas.codec.encode_state`), so whoever reads it must know
what its writer's schema was. For each format there ever was, a file in `states/` keeps the schemas of all state
models; `python -m streams.tasks.state_formats` (make schemas) writes that of the format in use. A change of a state
model is a new STATE_FORMAT with a file of its own, compatible with all before it; files of released formats are never
edited.

A partition remembers the newest format that was written to it (position.py). A program takes over what its own release
or the one before it wrote, and refuses anything else by name: only that step is tested.
"""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import fastavro
from pydantic import BaseModel

from schemas.avro import full_name, schema_of
from schemas.codec import STATE_FORMAT, decode_state, parsed_schema
from schemas.construction import maker_of
from schemas.errors import Undecodable
from streams import stages
from streams.stages.contract import Table
from streams.tasks.errors import StateUnreadable

M = TypeVar("M", bound=BaseModel)
Schemas = Mapping[str, Any]
"""The Avro schema (parsed JSON) of each state model by its full name."""
FOLDER = Path(__file__).with_name("states")


class StateFormats:
    """Reads state values of the format `current` and of those in `earlier`."""

    def __init__(self, current: int, earlier: Mapping[int, Schemas]) -> None:
        self.current = current
        self._earlier = {
            number: {name: fastavro.parse_schema(dict(schema)) for name, schema in schemas.items()}
            for number, schemas in earlier.items()
        }

    def decode(self, model: type[M], data: bytes) -> M:
        """The value in `data`. Raises StateUnreadable for a format that this program does not read, Undecodable."""
        if data[:1] == bytes((self.current,)):
            return decode_state(model, data, self.current)
        if not data:
            raise Undecodable("an empty state value")
        number, name = data[0], full_name(model)
        if (writer := self._earlier.get(number, {}).get(name)) is None:
            raise StateUnreadable(
                f"a {name} is in state format {number}; this program reads up to {self.current}:"
                " go on with the release that wrote it (docs/versions.md)"
            )
        body = io.BytesIO(data)
        body.seek(1)
        value = fastavro.schemaless_reader(body, writer, parsed_schema(model))
        made: M = maker_of(model)(value)
        return made


def shipped() -> StateFormats:
    """The formats that this program reads: its own, and those kept in files."""
    return StateFormats(STATE_FORMAT, {number: known for number, known in kept().items() if number < STATE_FORMAT})


def kept(folder: Path = FOLDER) -> dict[int, Schemas]:
    """The schemas of each format there is a file of."""
    return {int(file.stem): json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("[0-9]*.json"))}


def in_use(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of `models` as they are now. Raises ValueError when two models have one name."""
    known: dict[str, type[BaseModel]] = {}
    for model in models:
        if known.setdefault(full_name(model), model) is not model:
            raise ValueError(f"two state models are called {full_name(model)}")
    return {name: schema_of(model) for name, model in known.items()}


def state_models() -> Iterator[type[BaseModel]]:
    """The model of every table of every stage."""
    for module in pkgutil.walk_packages(stages.__path__, f"{stages.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Table):
                yield value.model


def file_text(schemas: Schemas) -> str:
    """What stands in a file: one schema a line, in order."""
    lines = (f"{json.dumps(name)}: {json.dumps(schema)}" for name, schema in sorted(schemas.items()))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write the file of the format in use."""
    file = FOLDER / f"{STATE_FORMAT}.json"
    file.write_text(file_text(in_use(state_models())), encoding="utf-8")
    sys.stdout.write(f"{file.name}\n")


if __name__ == "__main__":
    main()
