"""One reason for or against a match, and the weights (bits of log-odds) of everything that is not a name.

The weight of an observation is log2 of how much oftener it is made of one and the same person (or thing) than of two
strangers. Strangers' rates follow from how many values there are (a date of birth: about 365 days in 60 years); the
rates for one person from how often such an entry is wrong. Both are stated beside the number.
"""

from __future__ import annotations

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
    made: Evidence | None = None
    """The evidence, where it is found so often that it was made before."""

    def evidence(self) -> Evidence:
        if self.made is not None:
            return self.made
        return Evidence(
            feature=self.feature,
            left=self.left,
            right=self.right,
            weight=round(self.weight, 2),
            verdict=self.verdict,
            note=self.note,
        )

    def often(self) -> Finding:
        """The same, with its evidence made."""
        return self._replace(made=self.evidence())


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
