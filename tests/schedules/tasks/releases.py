"""Which release each worker runs: all the same one, or two, while workers are replaced one by one.

The next release is the present one with one more optional field at the end of every internal message and of every state
value, a schema id of its own for each of the former and a state format one higher. Its codecs are the product's; the
stages know nothing of the field, which is put on before encoding and taken off, and looked at, after decoding.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from schemas.avro import EXTERNAL, INTERNAL, NAMESPACE, full_name, schema_of
from schemas.codec import Codec, LocalSchemaIds, encode_state
from schemas.internal import Candidate
from streams.tasks.codecs import Codecs, T
from streams.tasks.state_formats import StateFormats, in_use, state_models
from tests.schedules.tasks.ledger import booking, message_codecs

_EACH = 1000
"""Schema ids of a release are below this many times its number, from one less on; external ones are those of today."""
_REFUSED = re.compile(r"holds state of format (\d+)")


class OneRelease:
    """All workers run the release of today."""

    kept = 0.0
    """How likely workers that come back get the partitions again that they had (`Group`)."""

    def __init__(self) -> None:
        self.newest = message_codecs()
        """Reads whatever there is."""

    def begins(self, name: str) -> Codecs:
        """The codecs of the next life of a worker."""
        return self.newest

    def rolls(self, rng: random.Random) -> str | None:
        """The worker that is stopped at this step, to come back as the next release."""
        return None

    def refuses(self, name: str, error: BaseException) -> bool | None:
        """Did the worker end because it refused state by its format, and rightly so? None: for something else."""
        return None


class TwoReleases(OneRelease):
    """Some workers run release `present`, others `following`, and more and more of them.

    `breaks`: the field that the next one adds to Candidate must be there, so it cannot read that of the one before.
    """

    kept = 0.8

    def __init__(self, present: int = 1, following: int = 2, breaks: bool = False) -> None:
        self._present, self._following = present, following
        self._running: dict[str, int] = {}
        self._replaced: set[str] = set()
        self._refusals: Counter[str] = Counter()
        self.read: Counter[tuple[str, int, int]] = Counter()
        """Messages and state values that workers read, by the release of the reader and of the writer."""
        self.codecs = {number: booking(_release(number, breaks, self.read)) for number in (present, following)}
        """By release."""
        self.newest = booking(_release(following, breaks, Counter()))

    def begins(self, name: str) -> Codecs:
        self._running[name] = self._following if name in self._replaced else self._present
        return self.codecs[self._running[name]]

    def rolls(self, rng: random.Random) -> str | None:
        left = sorted(self._running.keys() - self._replaced)
        if not left or rng.random() >= (0.002 if len(self._replaced) > 1 else 0.01):  # longest half of each
            return None
        self._replaced.add(name := rng.choice(left))
        return name

    def refuses(self, name: str, error: BaseException) -> bool | None:
        if (found := _REFUSED.search(str(error))) is None:
            return None
        self._refusals[name] += 1
        if self._refusals[name] > 1:  # the first time it is only started again, as it was
            self._replaced.add(name)
        return int(found[1]) == self._running[name] + 1


class _Ids:
    """The registry, as release `number` asks it: it knows the schemas of every release."""

    def __init__(self, number: int, breaks: bool) -> None:
        self._number, self._breaks, self._today = number, breaks, LocalSchemaIds()
        self._internal = {full_name(model) for model in INTERNAL}

    def id_of(self, name: str) -> int:
        return self._today.id_of(name) + (_EACH * (self._number - 1) if name in self._internal else 0)

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        name = self._today.schema_with(schema_id % _EACH)["name"]
        return schema_of(_messages(1 + schema_id // _EACH, self._breaks)[f"{NAMESPACE}.{name}"])


def _name(number: int) -> str:
    return f"added_in_{number}"


def _said(number: int) -> str:
    return f"by {number}"


@cache
def _grown(model: type[BaseModel], number: int, breaks: bool) -> type[BaseModel]:
    """`model` as release `number` has it."""
    if number == 1:
        return model
    kind: Any = (str | None, Field(default=None, description="New."))
    if breaks and issubclass(model, Candidate):
        kind = (str, Field(description="New."))
    before = _grown(model, number - 1, breaks)
    return create_model(model.__name__, __base__=before, __doc__=model.__doc__, **{_name(number): kind})


@cache
def _messages(number: int, breaks: bool) -> Mapping[str, type[BaseModel]]:
    grown = {full_name(model): _grown(model, number, breaks) for model in INTERNAL}
    return {**{full_name(model): model for model in EXTERNAL}, **grown}


@cache
def _wide(number: int, breaks: bool) -> Mapping[type[BaseModel], type[BaseModel]]:
    """The models of release `number` by those of today."""
    messages = {model: _grown(model, number, breaks) for model in INTERNAL}
    return {**messages, **{model: _grown(model, number, False) for model in state_models()}}


@cache
def _narrow(number: int, breaks: bool) -> Mapping[type[BaseModel], type[BaseModel]]:
    return {grown: model for model, grown in _wide(number, breaks).items()}


def _release(number: int, breaks: bool, read: Counter[tuple[str, int, int]]) -> Codecs:
    """The codecs of release `number`, which count in `read`."""
    codec, formats, wide = _codec(number, breaks), _formats(number), _wide(number, breaks)

    def narrowed(kind: str, model: type[T], value: BaseModel, writer: int) -> T:
        read[kind, number, writer] += 1
        fields = dict(value.__dict__)
        for added in range(2, number + 1):
            assert fields.pop(_name(added)) == (_said(added) if added <= writer else None)
        return model.model_construct(**fields)

    def widened(value: BaseModel) -> BaseModel:
        if (model := wide.get(type(value))) is None:
            return value
        return model.model_construct(None, **value.__dict__, **{_name(it): _said(it) for it in range(2, number + 1)})

    def decode(data: bytes) -> BaseModel:
        value = codec.decode(data)
        model = _narrow(number, breaks).get(type(value))
        writer = 1 + int.from_bytes(data[1:5], "big") // _EACH
        return value if model is None else narrowed("message", model, value, writer)

    def decode_state(model: type[T], data: bytes) -> T:
        return narrowed("state", model, formats.decode(wide.get(model, model), data), data[0])

    return Codecs(
        lambda message: codec.encode(widened(message)),
        decode,
        lambda value: encode_state(widened(value), number),
        decode_state,
        number,
    )


@cache
def _codec(number: int, breaks: bool) -> Codec:
    return Codec(_Ids(number, breaks), _messages(number, breaks))


@cache
def _formats(number: int) -> StateFormats:
    schemas = {it: in_use(_grown(model, it, False) for model in set(state_models())) for it in range(1, number)}
    return StateFormats(number, schemas)
