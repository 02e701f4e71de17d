"""What two subjects say about being one person (or organisation), apart from numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from schemas.codes import NameType, Sex, Verdict
from schemas.subjects import Subject
from streams.matching.beside import (
    BIRTH_COUNTRY_DIFFERS,
    BIRTH_PLACE_AGREES,
    NATIONALITY_AGREES,
    NATIONALITY_DIFFERS,
    SEX_AGREES,
    SEX_DIFFERS,
)
from streams.matching.blocks import form_of, prepare
from streams.matching.comparing import NO_MEMORY
from streams.matching.costs import pairs, tables
from streams.matching.evidence import Finding
from streams.matching.holding import FORM, NAMED_ALIKE, OTHER_FORM, PAIRING, PAIRS, SCORE, Said, hold
from streams.matching.issuers import issuer
from streams.matching.layout import FORMS
from streams.matching.nameforms import Form, borne, is_organisation, words
from streams.matching.words import CLASSES, Word

MISUSED_FEATURE = "misused identity"
"""Feature of the evidence that a name which agrees is a victim's (domain rule 8)."""
SHARED_BY_MANY = frozenset({"name", "sex", "nationality", "place of birth", MISUSED_FEATURE})
"""Features of evidence that other people have too: a match that rests on these alone is one by name alone."""
MISUSED_NOTE = "verify identity: known misuse victim"


class Compared(NamedTuple):
    """The names of two subjects that agree best."""

    pairs: bool
    """Would the index pair the two by name?"""
    named: bool
    """Would it if sex, nationality and place of birth agreed?"""
    score: int
    """What they say, in hundredths of a bit."""
    left: Form
    right: Form
    partners: list[int]
    """Which word is whose, see `alignment.align`."""


def said_of(left: Subject, right: Subject) -> Said | None:
    """What names and dates of birth of the two say; None if a side bears no name, or their kinds differ."""
    one, two = prepare(left), prepare(right)
    if not one.block[FORMS] or not two.block[FORMS] or one.organisation != two.organisation:
        return None
    said: Said = hold(one.words, one.block, two.words, two.block, CLASSES, tables(), pairs(), NO_MEMORY).tolist()
    return said


def compared_names(left: Subject, right: Subject, said: Said) -> Compared:
    """The same with the names as they are written."""
    own, other = form_of(left, said[FORM]), form_of(right, said[OTHER_FORM])
    partners = said[PAIRING : PAIRING + len(own.words)]
    return Compared(bool(said[PAIRS]), bool(said[NAMED_ALIKE]), said[SCORE], own, other, partners)


def compare_names(left: Subject, right: Subject) -> Compared | None:
    """The pair of names that agrees best; None if a side bears none, or their kinds differ."""
    said = said_of(left, right)
    return None if said is None else compared_names(left, right, said)


def name_finding(made: Compared) -> Finding:
    """The name evidence in words."""
    left, right = made.left.words, made.right.words
    notes: list[str] = []
    left_alone: list[str] = []
    right_alone = [word.text for word in right]
    i = 0
    while i < len(left):
        step = made.partners[i]
        own = 2 if step >= 128 else 1
        if step:
            j, other = (step & 63) - 1, 2 if 64 <= step < 128 else 1
            one = left[i].text if own == 1 else _text(left[i : i + own])
            if other == 1:
                two, right_alone[j] = right[j].text, ""
            else:
                two = _text(right[j : j + other])
                right_alone[j : j + other] = [""] * other
            if one != two:
                notes.append(f"{one} for {two}")
        else:
            left_alone.append(left[i].text)
        i += own
    right_alone = [text for text in right_alone if text]
    notes.sort()
    if left_alone:
        notes.append(f"not on the list: {' '.join(left_alone)}")
    if right_alone:
        notes.append(f"on the list only: {' '.join(right_alone)}")
    changed = bool(notes)
    if len(left) == len(right) == 1 and made.partners[0]:
        notes.append("the only name of both")
    if made.left.low_quality or made.right.low_quality:
        notes.append("low-quality alias")
    verdict = Verdict.DIFFERS if made.score <= 0 else Verdict.CLOSE if changed else Verdict.AGREES
    return Finding("name", made.left.full, made.right.full, made.score / 100, verdict, "; ".join(notes) or None)


def _text(found: tuple[Word, ...]) -> str:
    return " ".join([word.text for word in found])


def beside_dates(left: Subject, right: Subject) -> list[Finding]:
    """Sex, nationality and place of birth."""
    found: list[Finding] = []
    if is_organisation(left):
        return found
    if (of_sex := _OF_SEX.get((left.sex, right.sex))) is not None:
        found.append(of_sex)
    if (of_nationality := _nationality(left.nationalities, right.nationalities)) is not None:
        found.append(of_nationality)
    found += _birth_place(left, right)
    return found


def _of_sex(one: Sex, two: Sex) -> Finding:
    weight, verdict = (SEX_AGREES, Verdict.AGREES) if one is two else (SEX_DIFFERS, Verdict.DIFFERS)
    return Finding("sex", one.value, two.value, weight / 100, verdict).often()


_OF_SEX = {(one, two): _of_sex(one, two) for one in (Sex.F, Sex.M) for two in (Sex.F, Sex.M)}


@lru_cache(maxsize=4096)
def _nationality(left: tuple[str, ...], right: tuple[str, ...]) -> Finding | None:
    one = sorted({code for raw in left if (code := issuer(raw)) is not None})
    two = sorted({code for raw in right if (code := issuer(raw)) is not None})
    if not one or not two:
        return None
    same = not set(one).isdisjoint(two)
    weight, verdict = (NATIONALITY_AGREES, Verdict.AGREES) if same else (NATIONALITY_DIFFERS, Verdict.DIFFERS)
    return Finding("nationality", ", ".join(one), ", ".join(two), weight / 100, verdict).often()


def _birth_place(left: Subject, right: Subject) -> list[Finding]:
    one, two = left.birth_place, right.birth_place
    if one is None or two is None:
        return []
    shown = (one.text or one.country or "", two.text or two.country or "")
    one_words = {word.sounds for word in words(one.text or "")}
    two_words = {word.sounds for word in words(two.text or "")}
    if one_words and two_words and (one_words <= two_words or two_words <= one_words):
        return [Finding("place of birth", *shown, BIRTH_PLACE_AGREES / 100, Verdict.AGREES)]
    if one.country and two.country and issuer(one.country) != issuer(two.country):
        return [Finding("place of birth", *shown, BIRTH_COUNTRY_DIFFERS / 100, Verdict.DIFFERS)]
    return []


def misused(left: Subject, right: Subject) -> list[Finding]:
    """Is a name of one side known to be a victim's whose identity was misused (domain rule 8)?"""
    found: list[Finding] = []
    if all(name.type is not NameType.MISUSED for name in (*left.names, *right.names)):
        return found
    for one, two, met_is_left in ((left, right, True), (right, left, False)):
        borne_words = {heard: full for full, *_ in borne(one) if (heard := _sounds(full))}
        for name in two.names:
            if name.type is not NameType.MISUSED:
                continue
            full = borne_words.get(_sounds(name.full))
            if full is not None:
                sides = (full, name.full) if met_is_left else (name.full, full)
                found.append(Finding(MISUSED_FEATURE, *sides, 0.0, Verdict.CLOSE, MISUSED_NOTE))
    return found


def _sounds(full: str) -> tuple[str, ...]:
    return tuple(sorted(word.sounds for word in words(full)))
