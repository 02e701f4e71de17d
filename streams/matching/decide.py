"""Are these two the same? Pure: the item met, the entry, and the frozen rarity table decide; nothing else."""

from __future__ import annotations

from schemas.alerts import Match
from schemas.codes import Band, Verdict
from schemas.events import WatchlistEntry
from schemas.subjects import Object, Subject
from streams.matching import identifiers, rarity
from streams.matching.evidence import Finding, in_order
from streams.matching.nameforms import is_organisation
from streams.matching.persons import circumstances, compare_names, misused, name_finding

POSSIBLE = 10.0
"""Bits from which a sum is POSSIBLE."""
STRONG = 22.0
"""Bits from which a sum is STRONG: a name and a date of birth, or more."""

_RANK = {Band.POSSIBLE: 0, Band.STRONG: 1, Band.EXACT: 2}


def pairs_by_name(left: Subject, right: Subject) -> bool:
    """The blocking predicate: would :class:`PersonIndex` find one by the other?"""
    compared = compare_names(left, right)
    return compared is not None and compared.pairs


def decide(item: Subject | Object, entry: WatchlistEntry) -> Match | None:
    """The match of an item met with an entry, explained; None if they are no match.

    Does not look at the entry's status, validity, mode or handling. None unless the two share a reference number or
    `PersonIndex` would pair them by name, so the order in which they arrive cannot matter.
    """
    listed: Subject | Object | None = entry.subject if entry.subject is not None else entry.object
    if listed is None:
        return None
    shared = identifiers.compare(item, listed)
    if isinstance(item, Subject) and isinstance(listed, Subject) and is_organisation(item) == is_organisation(listed):
        return _of_subjects(item, listed, shared)
    return _of_numbers(item, listed, shared)


def _of_numbers(
    item: Subject | Object, listed: Subject | Object, shared: tuple[identifiers.Shared, ...]
) -> Match | None:
    bands = [one.band for one in shared if one.band is not None]
    if not bands:
        return None
    findings = [one.finding for one in shared]
    findings += [
        found for found in identifiers.differences(item, listed) if not any(_same_feature(found, f) for f in findings)
    ]
    return _match(max(bands, key=_RANK.__getitem__), findings)


def _same_feature(one: Finding, two: Finding) -> bool:
    return (one.feature, one.left, one.right) == (two.feature, two.left, two.right)


def _of_subjects(item: Subject, listed: Subject, shared: tuple[identifiers.Shared, ...]) -> Match | None:
    compared = compare_names(item, listed)
    named = compared is not None and compared.pairs
    if not shared and not named:
        return None
    findings = [one.finding for one in shared]
    if compared is not None:
        findings.append(name_finding(compared))
    findings += circumstances(item, listed)
    total = sum(found.weight for found in findings)
    bands = [one.band for one in shared if one.band is not None and _stands(one, findings)]
    if named and total >= POSSIBLE:
        bands.append(Band.STRONG if total >= STRONG else Band.POSSIBLE)
    if not bands:
        return None
    findings += misused(item, listed)
    return _match(max(bands, key=_RANK.__getitem__), findings)


def _stands(one: identifiers.Shared, findings: list[Finding]) -> bool:
    """A number that agrees without its issuer does not stand against another name and another date of birth."""
    if one.band is not Band.POSSIBLE or "issuer not known" not in (one.finding.note or ""):
        return True
    against = {found.feature for found in findings if found.verdict is Verdict.DIFFERS}
    return not {"name", "date of birth"} <= against


def _match(band: Band, findings: list[Finding]) -> Match:
    total = round(sum(found.weight for found in findings), 2)
    return Match(band=band, score=total, evidence=in_order(findings), rarity_version=rarity.version())
