"""A small stage for the tests of tasks: counts and sums per key, and says each new state of a key."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from streams.stages.contract import Received, Send, State, Table
from streams.tasks.codecs import Codecs, T


class Amount(BaseModel):
    model_config = ConfigDict(frozen=True)
    who: str
    amount: int


class Tick(BaseModel):
    model_config = ConfigDict(frozen=True)
    tick: int


class Total(BaseModel):
    model_config = ConfigDict(frozen=True)
    count: int = 0
    total: int = 0
    last: int = 0


TOTALS = Table("totals", Total)


class Counting:
    """Amounts of 13 raise; a message for "wait" waits until `gate` is opened; an amount of 0 forgets the key."""

    name = "counting"

    def __init__(self, partition: int, output: str = "out") -> None:
        self.partition, self.output = partition, output
        self.open = True
        self.known: set[str] = set()

    def restore(self, state: State) -> None:
        self.known = {key for key, _ in state.scan(TOTALS)}

    def ready(self, received: Received) -> bool:
        return self.open or not (isinstance(received.message, Amount) and received.message.who == "wait")

    def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
        message = received.message
        if not isinstance(message, Amount):
            return []
        self.known.add(message.who)
        before = state.get(TOTALS, message.who) or Total()
        after = Total(count=before.count + 1, total=before.total + message.amount, last=now)
        if message.amount == 0:
            state.delete(TOTALS, message.who)
            return []
        state.put(TOTALS, message.who, after)
        if message.amount == 13:
            raise RuntimeError("thirteen")
        return [Send(self.output, message.who, after)]


def encode(message: BaseModel) -> bytes:
    return type(message).__name__.encode() + b":" + message.model_dump_json().encode()


def decode(data: bytes) -> BaseModel:
    name, _, text = data.partition(b":")
    models: dict[bytes, type[BaseModel]] = {b"Amount": Amount, b"Tick": Tick, b"Total": Total}
    return models[name].model_validate_json(text)


def decode_state(model: type[T], data: bytes) -> T:
    return model.model_validate_json(data)


CODECS = Codecs(encode, decode, lambda value: value.model_dump_json().encode(), decode_state)
