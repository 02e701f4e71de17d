"""Which two subjects are compared by name at all: those that share a key. Symmetric, whichever side is indexed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from schemas.subjects import Subject
from streams.matching import dates
from streams.matching.names import borne, is_organisation, skeleton


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of a subject: two share a block if `strict` intersect, if one word agrees and birth years are within one,
    or, where a side has no year of birth, if `loose` intersect."""

    strict: frozenset[str]
    dated: frozenset[str]
    dated_near: frozenset[str]
    loose: frozenset[str]
    has_year: bool


def keys(subject: Subject) -> Keys:
    """The blocking keys of a subject."""
    side = "o" if is_organisation(subject) else "p"
    years = dates.years(subject.births)
    near = frozenset(year + step for year in years for step in (-1, 0, 1))
    strict: set[str] = set()
    dated: set[str] = set()
    dated_near: set[str] = set()
    loose: set[str] = set()
    for name in borne(subject):
        bones = [skeleton(word) for word in name.words]
        if len(bones) == 1:
            strict.add(f"{side}1|{bones[0]}")
        for one, two in combinations(sorted(bones), 2):
            strict.add(f"{side}2|{one}|{two}")
        for i, bone in enumerate(bones):
            dated.update(f"{side}y|{bone}|{year}" for year in years)
            dated_near.update(f"{side}y|{bone}|{year}" for year in near)
            loose.add(f"{side}1|{bone}")
            loose.update(f"{side}l|{bone}|{other[0]}" for j, other in enumerate(bones) if i != j)
    return Keys(frozenset(strict), frozenset(dated), frozenset(dated_near), frozenset(loose), bool(years))


def meet(a: Keys, b: Keys) -> bool:
    """Would these two find each other by name, whichever of them is indexed?"""
    if not a.strict.isdisjoint(b.strict) or not a.dated_near.isdisjoint(b.dated):
        return True
    return not (a.has_year and b.has_year) and not a.loose.isdisjoint(b.loose)
