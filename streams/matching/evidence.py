"""One reason for or against a match, and the weights (bits of log-odds) of everything that is not a name.

The weight of an observation is log2 of how much oftener it is made of one and the same person (or thing) than of two
strangers. Strangers' rates follow from how many values there are (a date of birth: about 365 days in 60 years); the
rates for one person from how often such an entry is wrong. Both are stated beside the number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from schemas.alerts import Evidence
from schemas.codes import Verdict


class Finding(NamedTuple):
    """A piece of evidence before it is put in order."""

    feature: str
    left: str
    right: str
    weight: float
    verdict: Verdict
    note: str | None = None

    def evidence(self) -> Evidence:
        return _often_said(self) if self.feature in _OF_FEW_VALUES else _evidence(self)


_OF_FEW_VALUES = ("sex", "nationality")


def _evidence(found: Finding) -> Evidence:
    return Evidence(
        feature=found.feature,
        left=found.left,
        right=found.right,
        weight=round(found.weight, 2),
        verdict=found.verdict,
        note=found.note,
    )


_often_said = lru_cache(maxsize=1024)(_evidence)


_ORDER = {Verdict.AGREES: 0, Verdict.CLOSE: 1, Verdict.ABSENT: 2, Verdict.UNKNOWN: 3, Verdict.DIFFERS: 4}


def in_order(findings: list[Finding]) -> tuple[Evidence, ...]:
    """Reasons for, strongest first; then the conflicts, strongest first. Equal ones by their text."""
    return tuple(
        finding.evidence()
        for finding in sorted(
            findings,
            key=lambda f: (f.verdict is Verdict.DIFFERS, -abs(f.weight), _ORDER[f.verdict], f.feature, f.left, f.right),
        )
    )
