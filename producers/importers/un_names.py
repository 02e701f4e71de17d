"""Names of the UN consolidated list: aliases hold several names, original scripts and remarks in one element."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from producers.importers.scripts import script_of, script_of_letter
from schemas.codes import NameQuality, NameType
from schemas.subjects import Name

_BRACKETS = re.compile(r"\(([^()]*)\)?")
_ENUMERATION = re.compile(r";|\s[a-z]\)\s")
_ABOUT = re.compile(r",?\s*\b(?:born|son of|passport|previously|formerly)\b.*$", re.IGNORECASE)
_ORIGINAL = re.compile(r"(?:original script|in arabic(?: script)?):?\s*([^;().]+)", re.IGNORECASE)
_FORMER = re.compile(r"(?:formerly|previously) listed as", re.IGNORECASE)
_REMARK = re.compile(
    r"listed as|name\b|identity|initials|third|original script|in arabic|born|passport|\d", re.IGNORECASE
)
_SUB_UNIT = re.compile(r"\s+-\s+sub-unit name\s*$")
_LONGEST_ACRONYM = 4
_GENERATION = re.compile(r"(?:I{1,3}|IV|Jr\.?|Sr\.?)", re.IGNORECASE)
_QUALITIES = {
    "Good": (NameType.ALIAS, NameQuality.GOOD),
    "Low": (NameType.ALIAS, NameQuality.LOW),
    "a.k.a.": (NameType.ALIAS, NameQuality.GOOD),
    "f.k.a.": (NameType.PREVIOUS, NameQuality.GOOD),
}
"""What QUALITY says: Good and Low of persons (Low: it alone identifies nobody), a.k.a. and f.k.a. of entities."""


def squeezed(text: str | None) -> str:
    """`text` on one line, without surplus blanks and quotation marks around it."""
    return " ".join((text or "").split()).strip('"“” ')


def listed_name(text: str, type: NameType = NameType.CURRENT) -> Name:
    """The name under which the subject is listed."""
    return Name(full=text, type=type, script=script_of(text))


def alias_names(text: str, quality: str, note: str, *, person: bool) -> Iterator[Name]:
    """Every name in an alias and its note. Raises KeyError for a QUALITY that the list did not have before.

    Brackets around another script or a spelling are a name, around a remark they are dropped. A note gives the original
    script, and says `previously listed as` of former names. Of `AHMED, Ahmed Khalfan` the comma tells the family name.
    """
    type_, grade = _QUALITIES[quality]
    if _FORMER.search(note) or _FORMER.search(text):
        type_ = NameType.PREVIOUS
    if re.search(r"birth name", text, re.IGNORECASE):
        type_ = NameType.BIRTH
    for full in _spellings(text, person=person):
        yield _name(full, type_, grade, person=person)
    for found in _ORIGINAL.findall(note):
        yield _name(squeezed(found), type_, grade, person=person)
    if person and script_of(text) not in (None, "Latn") and note and not _ORIGINAL.search(note):
        for full in _transcriptions(note):
            yield _name(full, type_, grade, person=person)


def without_repeats(names: Iterable[Name]) -> tuple[Name, ...]:
    """The names in order, each spelling once: the first says most."""
    kept: dict[str, Name] = {}
    for name in names:
        kept.setdefault(name.full.casefold(), name)
    return tuple(kept.values())


def _spellings(text: str, *, person: bool) -> Iterator[str]:
    if not person:
        yield from _names_of_organisation(text)
        return
    for bracketed in _BRACKETS.findall(text):
        inner = re.sub(r"^\s*original script:?\s*", "", bracketed, flags=re.IGNORECASE)
        if inner and not _REMARK.search(inner):
            yield from _parts(inner, alone=script_of(inner) != "Latn" or script_of(text) != "Latn")
    yield from _parts(_BRACKETS.sub(" ", text) or text, alone=True)


def _names_of_organisation(text: str) -> Iterator[str]:
    """Brackets belong to an organisation's name (AQAP), but between two scripts they divide spellings."""
    mixed = len({script for letter in text if (script := script_of_letter(letter))}) > 1
    for part in re.split(r"[();]", text) if mixed else text.split(";"):
        full = squeezed(_SUB_UNIT.sub("", part))
        acronym_alone = mixed and full.isupper() and len(full) <= _LONGEST_ACRONYM
        if script_of(full) and full != "original script" and not acronym_alone:
            yield full


def _parts(text: str, *, alone: bool) -> Iterator[str]:
    for part in _ENUMERATION.split(text):
        full = squeezed(_ABOUT.sub("", part)).strip(",.) ")
        if script_of(full) and (alone or " " in full):
            yield full


def _transcriptions(note: str) -> Iterator[str]:
    bracketed = _BRACKETS.findall(note)
    for part in ";".join(bracketed or [note]).split(";"):
        full = squeezed(part)
        if script_of(full) == "Latn" and not _REMARK.search(full) and len(full.split()) <= 8:
            yield full


def _name(full: str, type_: NameType, grade: NameQuality, *, person: bool) -> Name:
    family, comma, given = full.partition(",")
    told_apart = person and comma and "," not in given and given.strip() and not _GENERATION.fullmatch(given.strip())
    return Name(
        full=full,
        type=type_,
        quality=grade,
        family=family.strip() if told_apart else None,
        given=given.strip() if told_apart else None,
        script=script_of(full),
    )
