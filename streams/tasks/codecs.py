"""How a task turns messages and state into bytes and back: four callables, given by the wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


class DecodeState(Protocol):
    """Read a state value of the given model."""

    def __call__(self, model: type[T], data: bytes, /) -> T: ...


@dataclass(frozen=True, slots=True)
class Codecs:
    """Each may raise tocsin.runtime.errors.Unavailable, which is waited out; anything else is the record's fault."""

    encode: Callable[[BaseModel], bytes]
    decode: Callable[[bytes], BaseModel]
    encode_state: Callable[[BaseModel], bytes]
    decode_state: DecodeState
    state_format: int = 1
    """Of the values that `encode_state` makes. A partition that holds the one before is taken over, another refused."""
