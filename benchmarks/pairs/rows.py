"""A pair of names with its truth, and the split it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz, process

from streams.matching.transliteration_build import held_out

ALIKE = 85.0
"""Names that are more alike than this (token_sort_ratio) may well be one: they make no negative."""


@dataclass(frozen=True, slots=True)
class Row:
    """Two names; `same`: they are one person's. `kind` says how the pair came about."""

    left: str
    right: str
    same: bool
    kind: str
    seed: str
    """What the split is drawn from: the row of the source, so that all pairs made of it are on one side."""

    @property
    def held_out(self) -> bool:
        """Nothing was fitted on these: a quarter of the rows, by a hash."""
        return held_out(self.seed)


def nearest(names: list[str]) -> list[int]:
    """For each name the row of the one that is most like it and still another's; -1 where there is none."""
    lowered = [name.lower() for name in names]
    scores = process.cdist(lowered, lowered, scorer=fuzz.token_sort_ratio, score_cutoff=30, workers=1)
    scores[scores > ALIKE] = 0
    return [int(row.argmax()) if row.max() > 0 else -1 for row in scores]
