"""Are these two the same? Pure: the item met, the entry, and the frozen rarity table decide; nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.alerts import Evidence, Match
from schemas.codes import Band, Verdict
from schemas.events import WatchlistEntry
from schemas.subjects import Object, Subject
from streams.matching import dates, identifiers, rarity
from streams.matching.blocks import MOST_DATES
from streams.matching.comparing import ENOUGH
from streams.matching.evidence import Finding, in_order
from streams.matching.holding import DATE, PAIRS, SCORE, Said
from streams.matching.nameforms import is_organisation
from streams.matching.persons import (
    Compared,
    beside_dates,
    compare_names,
    compared_names,
    misused,
    name_finding,
    said_of,
)

POSSIBLE = ENOUGH / 100
"""Bits from which a sum is POSSIBLE."""
STRONG = 22.0
"""Bits from which a sum is STRONG: a name and a date of birth, or more."""

_ROUNDING = 1e-6
"""Sums of the same weights in another order differ by less."""

_RANK = {Band.POSSIBLE: 0, Band.STRONG: 1, Band.EXACT: 2}


def pairs_by_name(left: Subject, right: Subject) -> bool:
    """The blocking predicate: would :class:`PersonIndex` find one by the other?"""
    compared = compare_names(left, right)
    return compared is not None and compared.pairs


def decide(item: Subject | Object, entry: WatchlistEntry, said: Said | None = None) -> Match | None:
    """The match of an item met with an entry, explained; None if they are no match.

    Does not look at the entry's status, validity, mode or handling. None unless the two share a reference number or
    `PersonIndex` would pair them by name, so the order in which they arrive cannot matter. `said`: what an index that
    holds this entry's subject (no other version of it) said of the item (`PersonIndex.weigh`); it changes nothing but
    the time that it takes.
    """
    listed: Subject | Object | None = entry.subject if entry.subject is not None else entry.object
    if listed is None:
        return None
    if isinstance(item, Subject) and isinstance(listed, Subject):
        beside = beside_dates(item, listed)
        said = said_of(item, listed) if said is None else said
        if not (item.documents and listed.documents) and max(len(item.births), len(listed.births)) <= MOST_DATES:
            # By name then, or not at all. Reasons for what is no match need not be put into words.
            least = POSSIBLE - _ROUNDING - sum([found.weight for found in beside])
            if said is None or not said[PAIRS] or (said[SCORE] + said[DATE]) / 100 < least:
                return None
        compared = None if said is None else compared_names(item, listed, said)
        band, findings = _subjects_weighed(item, listed, compared, beside)
    else:
        band, findings = _of_numbers(item, listed, identifiers.compare(item, listed))
    if band is None:
        return None
    total = round(sum(found.weight for found in findings), 2)
    return Match(band=band, score=total, evidence=in_order(findings), rarity_version=rarity.version())


def _subjects_weighed(
    item: Subject, listed: Subject, compared: Compared | None, beside: list[Finding]
) -> tuple[Band | None, list[Finding]]:
    """The band, None below POSSIBLE, and everything that speaks for and against it."""
    shared = identifiers.compare(item, listed)
    if is_organisation(item) == is_organisation(listed):
        return _of_subjects(item, listed, shared, compared, beside)
    return _of_numbers(item, listed, shared)


def _of_numbers(
    item: Subject | Object, listed: Subject | Object, shared: tuple[identifiers.Shared, ...]
) -> tuple[Band | None, list[Finding]]:
    bands = [one.band for one in shared if one.band is not None]
    findings = [one.finding for one in shared]
    if not bands:
        return None, findings
    findings += [
        found for found in identifiers.differences(item, listed) if not any(_same_feature(found, f) for f in findings)
    ]
    return max(bands, key=_RANK.__getitem__), findings


def _same_feature(one: Finding, two: Finding) -> bool:
    return (one.feature, one.left, one.right) == (two.feature, two.left, two.right)


def _of_subjects(
    item: Subject,
    listed: Subject,
    shared: tuple[identifiers.Shared, ...],
    compared: Compared | None,
    beside: list[Finding],
) -> tuple[Band | None, list[Finding]]:
    named = compared is not None and compared.named
    findings = [one.finding for one in shared]
    if compared is not None:
        findings.append(name_finding(compared))
    if (born := dates.compare(item.births, listed.births)) is not None:
        findings.append(born)
    findings += beside
    total = sum(found.weight for found in findings)
    bands = [one.band for one in shared if one.band is not None and _stands(one, findings)]
    if named and total >= POSSIBLE:
        bands.append(Band.STRONG if total >= STRONG else Band.POSSIBLE)
    if not bands:
        return None, findings
    findings += misused(item, listed)
    return max(bands, key=_RANK.__getitem__), findings


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two subjects say about being one, whether they match or not."""

    band: Band | None
    """As `decide` gives it; None below POSSIBLE."""
    score: float
    """Sum of the weights, in bits."""
    probability: float
    """The score between 0 and 1, see :func:`probability`: 0.5 and more exactly if there is a band."""
    evidence: tuple[Evidence, ...]
    """Reasons for it, strongest first, then the conflicts; also where there is no band."""


def probability(score: float) -> float:
    """How likely two are one, from the score in bits of log-odds, if as many pairs are one as are not among those that
    score POSSIBLE: 1 / (1 + 2 ** (POSSIBLE - score)), so 0.5 at POSSIBLE and 0.9998 at STRONG."""
    return float(1.0 / (1.0 + 2.0 ** min(max(POSSIBLE - score, -60.0), 60.0)))


def compare_pair(left: Subject, right: Subject) -> Comparison:
    """Two subjects held against each other, with the same band as `decide` gives and the reasons in any case.

    Where there is no band although the sum would do (the index would never bring the two together), the probability
    stays below 0.5.
    """
    band, findings = _subjects_weighed(left, right, compare_names(left, right), beside_dates(left, right))
    score = round(sum(found.weight for found in findings), 2)
    if band is None:
        shown = min(score, POSSIBLE - 1.0)
    else:
        shown = max(score, STRONG if band is not Band.POSSIBLE else POSSIBLE)
    return Comparison(band, score, round(probability(shown), 6), in_order(findings))


def _stands(one: identifiers.Shared, findings: list[Finding]) -> bool:
    """A number that agrees without its issuer does not stand against another name and another date of birth."""
    if one.band is not Band.POSSIBLE or "issuer not known" not in (one.finding.note or ""):
        return True
    against = {found.feature for found in findings if found.verdict is Verdict.DIFFERS}
    return not {"name", "date of birth"} <= against
