"""A name as it is compared: folded to Latin words, with a coarse skeleton of each for finding candidates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from schemas.codes import NameType, SubjectKind
from schemas.subjects import Name, Subject

_APOSTROPHES = re.compile(r"['’‘`´ʼʻʿʾ′]")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTICLES = "al el ul ur as ad az an bin ben bint ibn de da do dos das di du des la le van von der den ter y e"
PARTICLES = frozenset(_PARTICLES.split())
"""Words between names: they tell nobody apart."""
_TITLES = "mr mrs ms dr prof sir haji hajji hadji alhaj mullah maulavi mawlawi sheikh shaykh cheikh"
TITLES = frozenset(_TITLES.split())
"""Honorifics: evidence of nothing."""


@lru_cache(maxsize=65_536)
def words(full: str) -> tuple[str, ...]:
    """The words of a name in Latin small letters, in their order."""
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", full))
    latin = _CAMEL.sub(" ", anyascii(text)) if not text.isascii() and not _is_latin(text) else anyascii(text)
    return tuple(word for word in _NOT_LETTERS.split(latin.lower()) if word)


def _is_latin(text: str) -> bool:
    return all(ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00 for char in text)


_SKELETON = (
    ("ph", "f"), ("kh", "k"), ("gh", "g"), ("ch", "k"), ("sh", "s"), ("zh", "s"), ("th", "t"), ("dh", "d"),
    ("ck", "k"), ("c", "k"), ("q", "k"), ("x", "k"), ("g", "k"), ("z", "s"), ("j", "s"), ("w", "v"), ("b", "p"),
    ("d", "t"), ("v", "f"),
)  # fmt: skip
_VOWELS = re.compile(r"[aeiouyh]+")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=262_144)
def skeleton(word: str) -> str:
    """Coarse consonants of a word: what most ways of spelling it share."""
    text = word
    for written, merged in _SKELETON:
        text = text.replace(written, merged)
    bare = _VOWELS.sub("", text)
    return _DOUBLED.sub(r"\1", bare) or "a"


@dataclass(frozen=True, slots=True)
class NameForm:
    """One name of a subject, ready to be compared."""

    full: str
    words: tuple[str, ...]
    low_quality: bool
    truncated: bool


@lru_cache(maxsize=65_536)
def form(name: Name) -> NameForm | None:
    """The name in its form for comparing; None if no word is left."""
    found = words(name.full)
    kept = tuple(word for word in found if word not in PARTICLES and word not in TITLES) or found
    if not kept:
        return None
    return NameForm(name.full, kept, name.quality.value == "LOW", name.truncated)


def borne(subject: Subject) -> tuple[NameForm, ...]:
    """The names that the subject bears: never a MISUSED one, which is a victim's (domain rule 8)."""
    return tuple(
        found for name in subject.names if name.type is not NameType.MISUSED and (found := form(name)) is not None
    )


def is_organisation(subject: Subject) -> bool:
    """Organisations match organisations only; whose kind is not known counts as a person."""
    return subject.kind is SubjectKind.ORGANISATION
