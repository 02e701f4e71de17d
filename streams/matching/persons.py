"""What two subjects say about being one person (or organisation), apart from numbers."""

from __future__ import annotations

from schemas.codes import NameType, Sex, Verdict
from schemas.subjects import Subject
from streams.matching import dates
from streams.matching.alignment import Alignment, align
from streams.matching.evidence import Finding
from streams.matching.issuers import issuer
from streams.matching.names import PARTICLES, TITLES, borne, is_organisation, words

SEX_AGREES = 0.5
SEX_DIFFERS = -4.0
"""Sex is entered wrongly in about one record of a hundred."""
NATIONALITY_AGREES = 2.0
NATIONALITY_DIFFERS = -1.0
"""Many have several and show one."""
BIRTH_PLACE_AGREES = 2.5
BIRTH_COUNTRY_DIFFERS = -1.0

MISUSED_NOTE = "verify identity: known misuse victim"


def best_name(left: Subject, right: Subject) -> Alignment | None:
    """The pair of names that agrees best; None if a side bears none."""
    best: Alignment | None = None
    for a in borne(left):
        for b in borne(right):
            made = align(a, b)
            if best is None or _order(made) > _order(best):
                best = made
    return best


def _order(made: Alignment) -> tuple[float, str, str]:
    return (made.score, made.left.full, made.right.full)


def name_finding(made: Alignment) -> Finding:
    """The name evidence in words."""
    notes = [f"{a} for {b}" for a, b in made.changed]
    if made.left_alone:
        notes.append(f"not on the list: {' '.join(made.left_alone)}")
    if made.right_alone:
        notes.append(f"on the list only: {' '.join(made.right_alone)}")
    if made.left.low_quality or made.right.low_quality:
        notes.append("low-quality alias")
    if made.score <= 0:
        verdict = Verdict.DIFFERS
    else:
        verdict = Verdict.CLOSE if made.changed or made.left_alone or made.right_alone else Verdict.AGREES
    return Finding("name", made.left.full, made.right.full, made.score, verdict, "; ".join(notes) or None)


def circumstances(left: Subject, right: Subject) -> list[Finding]:
    """Date of birth, sex, nationality and place of birth."""
    found = [finding] if (finding := dates.compare(left.births, right.births)) is not None else []
    if is_organisation(left):
        return found
    known = {Sex.F, Sex.M}
    if left.sex in known and right.sex in known:
        same = left.sex is right.sex
        weight, verdict = (SEX_AGREES, Verdict.AGREES) if same else (SEX_DIFFERS, Verdict.DIFFERS)
        found.append(Finding("sex", left.sex.value, right.sex.value, weight, verdict))
    found += _nationality(left, right)
    found += _birth_place(left, right)
    return found


def _nationality(left: Subject, right: Subject) -> list[Finding]:
    one = sorted({code for raw in left.nationalities if (code := issuer(raw)) is not None})
    two = sorted({code for raw in right.nationalities if (code := issuer(raw)) is not None})
    if not one or not two:
        return []
    same = not set(one).isdisjoint(two)
    weight, verdict = (NATIONALITY_AGREES, Verdict.AGREES) if same else (NATIONALITY_DIFFERS, Verdict.DIFFERS)
    return [Finding("nationality", ", ".join(one), ", ".join(two), weight, verdict)]


def _birth_place(left: Subject, right: Subject) -> list[Finding]:
    one, two = left.birth_place, right.birth_place
    if one is None or two is None:
        return []
    shown = (one.text or one.country or "", two.text or two.country or "")
    one_words, two_words = set(words(one.text or "")), set(words(two.text or ""))
    if one_words and two_words and (one_words <= two_words or two_words <= one_words):
        return [Finding("place of birth", *shown, BIRTH_PLACE_AGREES, Verdict.AGREES)]
    if one.country and two.country and issuer(one.country) != issuer(two.country):
        return [Finding("place of birth", *shown, BIRTH_COUNTRY_DIFFERS, Verdict.DIFFERS)]
    return []


def misused(left: Subject, right: Subject) -> list[Finding]:
    """Is a name of one side known to be a victim's whose identity was misused (domain rule 8)?"""
    found: list[Finding] = []
    for one, two, met_is_left in ((left, right, True), (right, left, False)):
        borne_words = {tuple(sorted(form.words)): form.full for form in borne(one)}
        for name in two.names:
            if name.type is not NameType.MISUSED:
                continue
            full = borne_words.get(_sorted_words(name.full))
            if full is not None:
                sides = (full, name.full) if met_is_left else (name.full, full)
                found.append(Finding("misused identity", *sides, 0.0, Verdict.CLOSE, MISUSED_NOTE))
    return found


def _sorted_words(full: str) -> tuple[str, ...]:
    found = words(full)
    return tuple(sorted(tuple(word for word in found if word not in PARTICLES and word not in TITLES) or found))
