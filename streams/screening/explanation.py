"""Evidence as one line of text, for tables: what was compared, what both sides said, what it weighs."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.alerts import Evidence
from schemas.codes import Verdict

_VERDICTS = {
    Verdict.AGREES: "agrees",
    Verdict.CLOSE: "is close",
    Verdict.DIFFERS: "differs",
    Verdict.ABSENT: "is absent on one side",
    Verdict.UNKNOWN: "is not judged",
}


def explained(evidence: Sequence[Evidence]) -> str:
    """Each reason with its weight in bits, in the order given: first what speaks for it, then the conflicts.

    >>> explained(decide(met, entry).evidence)
    "name is close (+21.4: Kareem for Karim): 'Kareem Ahmad' / 'Karim Ahmad'; sex differs (-4.0): 'M' / 'F'"
    """
    return "; ".join(_one(reason) for reason in evidence)


def _one(reason: Evidence) -> str:
    weight = f"{reason.weight:+.1f}" + (f": {reason.note}" if reason.note else "")
    return f"{reason.feature} {_VERDICTS[reason.verdict]} ({weight}): '{reason.left}' / '{reason.right}'"
