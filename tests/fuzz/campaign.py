"""A campaign: so many hostile inputs to one target, each accounted for; what breaks it is kept."""

from __future__ import annotations

import hashlib
import mmap
import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from rich.progress import track

from tests.fuzz import limits
from tests.fuzz.targets import TARGETS, Target

HERE = Path(__file__).parent
_NEW_TIME_EVERY = 100
"""Inputs."""
_WARM = 5
"""Inputs that are answered before anything is measured: what is loaded and cached with them is no input's cost."""


class InHand:
    """The input that is being answered, where it outlives the process that answers it."""

    _SIZE = struct.Struct(">I")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16 << 20)

    def take(self, data: bytes) -> None:
        """Keep `data` until the next is taken."""
        self._SIZE.pack_into(self._memory, 0, len(data))
        self._memory[self._SIZE.size : self._SIZE.size + len(data)] = data

    def left(self) -> bytes:
        """What was taken last."""
        (size,) = self._SIZE.unpack_from(self._memory)
        return self._memory[self._SIZE.size : self._SIZE.size + size]


@dataclass(slots=True)
class Account:
    """What became of the inputs of a campaign."""

    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    broke: int = 0
    """Inputs with which something is wrong."""
    crashes: dict[str, bytes] = field(default_factory=dict)
    """The first input of each."""
    slowest: float = 0.0
    """Seconds of processor time of one input."""
    slow: bytes = b""
    """Which that was."""

    def note(self, bounded: limits.Limits, target: Callable[[bytes], str | None], data: bytes) -> None:
        """Have one input answered."""
        try:
            answer, cost = bounded.run(target, data)
        except (Exception, limits.Exceeded) as error:  # noqa: BLE001 -- whatever it is, nothing should have been raised
            self.broke += 1
            self.crashes.setdefault(trouble_of(error), data)
            return
        if cost > self.slowest:
            self.slowest, self.slow = cost, data
        if answer is None:
            self.taken += 1
        else:
            self.refused[answer] += 1


def campaign(
    name: str, runs: int, seed: int, *, shown: bool = True, in_hand: InHand | None = None
) -> dict[str, object]:
    """So many hostile inputs to a target, those found before first; what was thrown at it and what came of it.

    `in_hand`: this is a process of its own, which may be ended.
    """
    kind, rng = TARGETS[name], random.Random(f"{name}-{seed}")
    target, account, began = kind.make(), Account(), time.monotonic()
    found = [path.read_bytes() for path in sorted((HERE / "found" / name).glob("*"))]
    with limits.Limits(kind.seconds) as bounded:
        for data in islice(kind.inputs(random.Random(1)), _WARM):
            Account().note(bounded, target, data)
        inputs = chain(found, kind.inputs(rng))
        for number in track(range(runs), name, disable=not shown or not sys.stderr.isatty()):
            data = next(inputs)
            if in_hand is not None:
                in_hand.take(data)
                if number % _NEW_TIME_EVERY == 0:
                    limits.end_when_stuck()
            account.note(bounded, target, data)
    for data in account.crashes.values():
        keep(name, data)
    refused = account.refused.total()
    return {
        "target": name,
        "seed": seed,
        "inputs": runs,
        "taken": account.taken,
        "refused": refused,
        "crashes": len(account.crashes),
        "accounted": account.taken + refused + account.broke == runs,
        "reasons": dict(account.refused.most_common()),
        "what": sorted(account.crashes),
        "slowest_ms": round(account.slowest * 1000, 1),
        "slowest_bytes": len(account.slow),
        "most_mib": round(limits.most_mib()),
        "seconds": round(time.monotonic() - began, 1),
    } | getattr(target, "shares", {})


def replayed(name: str, data: bytes) -> str | None:
    """What is wrong when a target is given `data`; None: nothing."""
    account = Account()
    with limits.Limits(TARGETS[name].seconds) as bounded:
        account.note(bounded, TARGETS[name].make(), data)
    return next(iter(account.crashes), None)


def trouble_of(error: BaseException) -> str:
    """What went wrong and where."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at is not None else "?"
    said = f" ({error})" if isinstance(error, AssertionError | limits.Exceeded) else ""
    return f"{type(error).__name__} at {where}{said}"


def keep(name: str, data: bytes) -> Path:
    """Keep an input that breaks a target; where it is now."""
    file = HERE / "found" / name / hashlib.sha256(data).hexdigest()[:16]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def seeds(name: str, most: int = 200) -> list[bytes]:
    """Inputs that a search led by coverage may begin with."""
    kept = [path.read_bytes() for path in sorted((HERE / "corpus" / name).glob("*"))]
    kind: Target = TARGETS[name]
    return kept + list(islice(kind.inputs(random.Random(1)), most))
