"""A stage that keeps book of what it was given, in its own state: how often has each record had its effect, and how
many were taken for said twice, which `sightings` itself counts for its metrics alone, anew in each life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import BaseModel

from schemas.internal import Tick
from schemas.model import Model
from streams.stages.contract import Received, Send, Stage, State, Table
from streams.tasks.codecs import Codecs, T
from tests.schedules.histories import CODEC
from tests.schedules.world import duplicates_of


class Applied(Model):
    """One record of the input."""

    times: int
    """How often it had its effect on the state."""
    duplicates: int = 0
    """How often `sightings` took it for said twice by its sender."""

    def encoded(self) -> bytes:
        """As it stands in the changelog."""
        return b"%d %d" % (self.times, self.duplicates)

    @classmethod
    def decoded(cls, data: bytes) -> Applied:
        """Read back."""
        (times, duplicates) = data.split()
        return cls(times=int(times), duplicates=int(duplicates))


LEDGER = Table("ledger", Applied)


class Booked:
    """`stage`, and one more state value for each record but Ticks; `passes` says which of its messages get through."""

    def __init__(self, stage: Stage, passes: Callable[[str, Send], bool]) -> None:
        self.name, self._stage, self._passes = stage.name, stage, passes

    def restore(self, state: State) -> None:
        self._stage.restore(state)

    def ready(self, received: Received) -> bool:
        return self._stage.ready(received)

    def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
        counted = duplicates_of(self._stage)
        sends = [send for send in self._stage.step(state, received, now) if self._passes(self.name, send)]
        if not isinstance(received.message, Tick):
            place = f"{received.offset:09}"
            before = state.get(LEDGER, place) or Applied(times=0)
            duplicates = before.duplicates + duplicates_of(self._stage) - counted
            state.put(LEDGER, place, Applied(times=before.times + 1, duplicates=duplicates))
        return sends


def booking(codecs: Codecs) -> Codecs:
    """The same codecs, which know the ledger's values too."""

    def encode_state(value: BaseModel) -> bytes:
        return value.encoded() if isinstance(value, Applied) else codecs.encode_state(value)

    def decode_state(model: type[T], data: bytes) -> T:
        if issubclass(model, Applied):
            return model.decoded(data)
        return codecs.decode_state(model, data)

    return replace(codecs, encode_state=encode_state, decode_state=decode_state)


def message_codecs() -> Codecs:
    """Those of the product, with schema ids that need no registry."""
    from schemas.codec import decode_state, encode_state

    return booking(Codecs(CODEC.encode, CODEC.decode, encode_state, decode_state))
