"""The costs of `costs.py` in one byte each, rounded down to whole steps, for words that are weighed many at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.costs import MODES, ONE_FOR_TWO, SAME_SCRIPT, SILENT_LAST, SIZE, pairs, tables
from streams.matching.distance import LONGEST
from streams.matching.likeness import allowed
from streams.matching.lookups import TABLE

STEP, STEP_ACROSS = 5, 16
"""Hundredths of a bit, within a script (whose costs are all whole steps) and across scripts."""
MOST_STEPS = 255


class Stepped(NamedTuple):
    """Flat arrays of tables, each of `TABLE` bytes but for `couples`."""

    beside: NDArray[np.uint8]
    """What other sounds cost beside one, see `beside_at`."""
    alone: NDArray[np.uint8]
    """What sounds cost beside none, see `either_at`."""
    couples: NDArray[np.uint8]
    """What two sounds in a row cost at least where they stand for one, see `couple_at`."""
    halves: NDArray[np.uint8]
    """What two sounds cost at least where they stand for one, by the first, or the second, of them: see `either_at`."""
    allowed: NDArray[np.uint8]
    """What words of a script may differ by at most (`likeness.allowed`), by the length of the one: a table by that of
    the other."""
    spelt: NDArray[np.int16]
    """The pairs of letters that spell one sound within a script: first, second, sound."""


@compiled
def beside_at(is_row: int, mode: int, sound: int) -> int:
    """Which table tells what others cost beside a sound; `is_row`: it is of the row's word, see `costs.py`."""
    return (is_row * MODES + mode) * SIZE + sound


@compiled
def either_at(is_row: int, mode: int, which: int) -> int:
    """Which of the two tables that the row's word, and the other, have by mode: `alone` has one for sounds that are not
    the last of the word and one for those that are, `halves` one for the first sound and one for the second."""
    return (is_row * MODES + mode) * 2 + which


@compiled
def couple_at(is_row: int, mode: int, first: int, second: int) -> int:
    """Where it is told what two sounds of the row's word, or of the other, cost where they stand for one."""
    return ((is_row * MODES + mode) * SIZE + first) * SIZE + second


@lru_cache(maxsize=1)
def stepped() -> Stepped:
    """All costs in steps, none too high."""
    costs = tables()
    square = costs[:, :SIZE].astype(np.int32)
    beside = np.full((2, MODES, SIZE, TABLE), MOST_STEPS, np.uint8)
    alone = np.full((2, MODES, 2, TABLE), MOST_STEPS, np.uint8)
    for mode in range(MODES):
        step = STEP if mode in (0, SAME_SCRIPT) else STEP_ACROSS
        beside[1, mode, :, :SIZE] = _steps(square[mode], step)
        beside[0, mode, :, :SIZE] = _steps(square[mode].T, step)
        alone[1, mode, 0, :SIZE], alone[0, mode, 0, :SIZE] = (
            _steps(square[mode, :, 0], step),
            _steps(square[mode, 0], step),
        )
        last = (square[mode, :, 0], square[mode, 0]) if step == STEP else costs[mode, SILENT_LAST : SILENT_LAST + 2]
        alone[1, mode, 1, :SIZE], alone[0, mode, 1, :SIZE] = _steps(last[0], step), _steps(last[1], step)
    beside[..., 0], alone[..., 0] = MOST_STEPS, MOST_STEPS
    both = costs[:, ONE_FOR_TWO:SILENT_LAST].reshape(MODES, 2, SIZE, SIZE, SIZE)
    couples = np.stack((both[:, 0].min(axis=1), both[:, 1].min(axis=3)))
    couples = _steps(couples, STEP_ACROSS)
    halves = np.full((2, MODES, 2, TABLE), MOST_STEPS, np.uint8)
    halves[:, :, 0, 1:SIZE], halves[:, :, 1, 1:SIZE] = (
        couples[:, :, 1:, 1:].min(axis=3),
        couples[:, :, 1:, 1:].min(axis=2),
    )
    spelt = [(one, two, pairs()[0, one, two]) for one, two in np.argwhere(pairs()[0])]
    lengths = np.arange(TABLE)
    longer = np.maximum(np.minimum(lengths, LONGEST), np.arange(LONGEST + 1)[:, np.newaxis])
    differ = np.array([allowed(length) for length in range(LONGEST + 1)])[longer]
    return Stepped(
        beside.reshape(-1),
        alone.reshape(-1),
        couples.reshape(-1),
        halves.reshape(-1),
        _steps(differ, STEP).reshape(-1),
        np.array(spelt, np.int16),
    )


def _steps(costs: NDArray[np.integer[Any]], step: int) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.minimum(costs // step, MOST_STEPS).astype(np.uint8)
    return found
