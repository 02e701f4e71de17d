"""Sharpens learnt costs so that they tell a name from the most alike of others: the last step of
`transliteration_build`.

What is likeliest of one name by itself (expectation and maximisation) is not what tells it apart best: names share
endings and letters that follow each other, so that strangers agree oftener than their letters each by itself would
have it. So the costs are moved, step by step, to where the word's own spellings score above :data:`BOUNDARY` and the
spellings of others that score best now below it: a logistic regression over the steps of the cheapest way (stochastic
gradients, each cost at a pace of its own: Duchi, Hazan and Singer 2011). Pairs that are beyond all doubt on the wrong
side are errors of the data and are left alone.

The numbers below were chosen on the rows that are learnt from, one half learnt from and the other measured: held near
where it began, or slower, it told less.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from streams.matching import rarity
from streams.matching.compiled import allocating
from streams.matching.costs import (
    CODE,
    GAP,
    NEVER,
    ONE_FOR_TWO,
    ROWS,
    SILENT_LAST,
    SIZE,
    TWO_FOR_ONE,
)
from streams.matching.costs import slack as slack_of
from streams.matching.likeness import BY_CHANCE
from streams.matching.scripts import Script

BOUNDARY = {Script.CYRILLIC: 350.0, Script.ARABIC: 262.0}
"""Hundredths of a bit between a name's own spellings and the spellings of others, for each script that is sharpened:
higher finds more, and takes more strangers for one."""
WIDTH = 300.0
"""How many hundredths of a bit make the odds e times as great, while learning."""
ERROR = 6.0
"""Pairs so many widths on the wrong side are errors of the data."""
EPOCHS, RENEWED = 40, (3, 7, 12, 20, 30)
"""Passes over all pairs, and before which of them others most alike are looked for again."""
ALIKE, MORE_ALIKE = 4, 2
"""Others most alike to each word: at first, and each time again."""
PACE = 1.2
SAME_NAME = 85.0
"""Latin spellings more alike than this may be one name's."""
_LONGEST_WAY = 64


@allocating
def _way(
    one: NDArray[np.int64], two: NDArray[np.int64], costs: NDArray[np.float64], steps: NDArray[np.int64]
) -> tuple[float, int]:
    """The cheapest way between two words as `distance_across` has it; `steps` becomes rows and columns of its steps."""
    n, m = len(one), len(two)
    best, kind = np.full((n + 1, m + 1), 1e18), np.zeros((n + 1, m + 1), np.int64)
    best[0, 0] = 0.0
    where = np.zeros((5, 2), np.int64)
    for i in range(n + 1):
        for j in range(m + 1):
            _steps_to(one, two, i, j, where)
            for k in range(5):
                if i >= _OWN[k] and j >= _OTHER[k]:
                    cost = best[i - _OWN[k], j - _OTHER[k]] + costs[where[k, 0], where[k, 1]]
                    if cost < best[i, j]:
                        best[i, j], kind[i, j] = cost, k
    count, i, j = 0, n, m
    while i or j:
        _steps_to(one, two, i, j, where)
        k = kind[i, j]
        steps[count, 0], steps[count, 1] = where[k, 0], where[k, 1]
        i, j, count = i - _OWN[k], j - _OTHER[k], count + 1
    return best[n, m], count


_OWN = (1, 1, 0, 1, 2)
_OTHER = (1, 0, 1, 2, 1)


@allocating
def _steps_to(one: NDArray[np.int64], two: NDArray[np.int64], i: int, j: int, where: NDArray[np.int64]) -> None:
    """Where in the table the five kinds of steps that end at (i, j) are."""
    a, b = one[i - 1] if i else 0, two[j - 1] if j else 0
    before, other_before = one[i - 2] if i > 1 else 0, two[j - 2] if j > 1 else 0
    where[0, 0], where[0, 1] = a, b
    where[1, 0], where[1, 1] = (SILENT_LAST, a) if i == len(one) else (a, GAP)
    where[2, 0], where[2, 1] = (SILENT_LAST + 1, b) if j == len(two) else (GAP, b)
    where[3, 0], where[3, 1] = ONE_FOR_TWO + a * SIZE + other_before, b
    where[4, 0], where[4, 1] = TWO_FOR_ONE + before * SIZE + a, b


@allocating
def _distances(
    own: NDArray[np.int64],
    own_ends: NDArray[np.int64],
    latin: NDArray[np.int64],
    latin_ends: NDArray[np.int64],
    word: int,
    costs: NDArray[np.float64],
) -> NDArray[np.float64]:
    """From one word to every Latin one."""
    steps, found = np.zeros((_LONGEST_WAY, 2), np.int64), np.empty(len(latin_ends) - 1)
    one = own[own_ends[word] : own_ends[word + 1]]
    for j in range(len(found)):
        found[j] = _way(one, latin[latin_ends[j] : latin_ends[j + 1]], costs, steps)[0]
    return found


@allocating
def _pass(
    own: NDArray[np.int64],
    own_ends: NDArray[np.int64],
    latin: NDArray[np.int64],
    latin_ends: NDArray[np.int64],
    pairs: NDArray[np.int64],
    most: NDArray[np.float64],
    weights: NDArray[np.float64],
    order: NDArray[np.int64],
    costs: NDArray[np.float64],
    squares: NDArray[np.float64],
    boundary: float,
    width: float,
) -> None:
    """One pass over the pairs in this order: each moves the costs of its steps. Weights of strangers are negative."""
    steps = np.zeros((_LONGEST_WAY, 2), np.int64)
    for k in order:
        i, j = pairs[k, 0], pairs[k, 1]
        cost, count = _way(own[own_ends[i] : own_ends[i + 1]], latin[latin_ends[j] : latin_ends[j + 1]], costs, steps)
        side = 1.0 if weights[k] > 0 else -1.0
        right = side * (most[k] - cost - boundary) / width
        if right < -ERROR:
            continue
        pull = weights[k] / (1.0 + np.exp(right))
        for t in range(count):
            row, column = steps[t, 0], steps[t, 1]
            squares[row, column] += pull * pull
            moved = costs[row, column] - 100 * PACE * pull / np.sqrt(squares[row, column])
            costs[row, column] = min(max(0.0, moved), float(NEVER))


@dataclass(frozen=True, slots=True)
class _Side:
    """The words of one side, their sounds in one row."""

    words: list[str]
    codes: NDArray[np.int64]
    ends: NDArray[np.int64]
    says: NDArray[np.float64]
    """What their sounds say for a pair, in hundredths of a bit."""
    rarity: NDArray[np.float64]
    lengths: NDArray[np.float64]


def _side(words: list[str], half: NDArray[np.float64]) -> _Side:
    lengths = np.array([len(word) for word in words])
    return _Side(
        words,
        np.array([CODE[letter] for word in words for letter in word], np.int64),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.array([sum(half[CODE[letter]] for letter in word) for word in words], np.float64),
        np.array([rarity.information(word, 0) for word in words], np.float64),
        lengths.astype(np.float64),
    )


class _Contrast:
    """Words of a script, their Latin spellings, and others' spellings that are most alike."""

    def __init__(
        self, pairs: list[tuple[str, str]], script: Script, half: NDArray[np.float64], latin: NDArray[np.float64]
    ) -> None:
        self.own = _side(sorted({one for one, _ in pairs}), half)
        self.latin = _side(sorted({two for _, two in pairs}), latin)
        self.slack = slack_of(script)
        numbers = ({word: i for i, word in enumerate(side.words)} for side in (self.own, self.latin))
        own_number, latin_number = numbers
        self.same = sorted({(own_number[one], latin_number[two]) for one, two in pairs})
        self.spelt: dict[int, list[int]] = {}
        for i, j in self.same:
            self.spelt.setdefault(i, []).append(j)

    def most(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        """What pairs are worth less their distance (see `alignment.worth`)."""
        sounds = self.own.says[i] + self.latin.says[j] - BY_CHANCE
        rare = np.minimum(self.own.rarity[i], self.latin.rarity[j])
        made: NDArray[np.float64] = np.minimum(
            sounds, rare + self.slack * np.maximum(self.own.lengths[i], self.latin.lengths[j])
        )
        return made

    def others(self, costs: NDArray[np.float64], count: int) -> list[tuple[int, int]]:
        """For each word the spellings of other names that score best."""
        found: list[tuple[int, int]] = []
        every = np.arange(len(self.latin.words))
        for i, own in self.spelt.items():
            far = _distances(self.own.codes, self.own.ends, self.latin.codes, self.latin.ends, i, costs)
            scores = self.most(np.full(len(every), i), every) - far
            best = np.argsort(-scores, kind="stable")[: count + len(own) + 4].tolist()
            strangers = [
                j for j in best if all(fuzz.ratio(self.latin.words[j], self.latin.words[it]) <= SAME_NAME for it in own)
            ]
            found += [(i, j) for j in strangers[:count]]
        return found


def contrast(
    pairs: list[tuple[str, str]],
    script: Script,
    costs: NDArray[np.int64],
    half: NDArray[np.float64],
    latin: NDArray[np.float64],
) -> NDArray[np.int64]:
    """The costs (ROWS, SIZE) after learning from `pairs` of sounds; `half` and `latin` are half the information of the
    sounds of either side."""
    work = _Contrast(pairs, script, half, latin)
    moved, squares = costs.astype(np.float64), np.ones((ROWS, SIZE))
    moved[GAP, GAP] = 0.0
    others = work.others(moved, ALIKE)
    drawn = np.random.default_rng(1)
    for epoch in range(EPOCHS):
        if epoch in RENEWED:
            others = list(dict.fromkeys(others + work.others(moved, MORE_ALIKE)))
        both = np.array(work.same + others, np.int64)
        weights = np.ones(len(both))
        weights[len(work.same) :] = -len(work.same) / len(others)
        _pass(
            work.own.codes, work.own.ends, work.latin.codes, work.latin.ends, both, work.most(both[:, 0], both[:, 1]),
            weights, drawn.permutation(len(both)), moved, squares, BOUNDARY[script], WIDTH,
        )  # fmt: skip
    return np.round(moved).astype(np.int64)
