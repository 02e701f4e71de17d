"""A name as people bear it, in the words that are compared: compounds split, particles and titles left out."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from schemas.codes import NameQuality, NameType, SubjectKind
from schemas.subjects import Name, Subject
from streams.matching.compounds import add_words, completes, read_alone
from streams.matching.particles import COMPOUND_SURNAMES, JOINED, LEGAL, LETTERS, NAMES_TOO, PARTICLES, SURNAMES, TITLES
from streams.matching.scripts import Script, is_mrz_arabic, script_of
from streams.matching.words import Word

MOST_WORDS = 10
"""Words of a name that are compared; of a longer one the rarest are kept."""

_SEPARATORS = re.compile(r"[\s,;/\\<=·・•‧\-‐‑–—_.()\"“”«»\[\]]+")
_APOSTROPHES = re.compile(r"['’‘`´ʼʻʿʾ′ʹ]")
_MARKS = re.compile("[\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060\u0591-\u05c7]")
_NOT_LATIN = re.compile(r"[^a-z]+")
_REGNAL = re.compile(r"^(?P<number>\d{1,2})[세世]$")
_ASCII = {
    code: chr(code).lower() if chr(code).isalpha() else " " if _SEPARATORS.match(chr(code)) else None
    for code in range(128)
}
"""What separates words there, what is left of one; the same as `_spelling` makes of it."""
SEPARATING = frozenset(code for code, becomes in _ASCII.items() if becomes == " ")
"""Characters of ASCII that separate words."""
_SEPARATED = dict.fromkeys(SEPARATING, " ")
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi")

_HEBREW_ORDINALS = {
    "הראשון": 1, "הראשונה": 1, "השני": 2, "השנייה": 2, "השניה": 2, "השלישי": 3, "השלישית": 3, "הרביעי": 4,
    "הרביעית": 4, "החמישי": 5, "החמישית": 5, "השישי": 6, "השישית": 6, "השביעי": 7, "השביעית": 7, "השמיני": 8,
    "השמינית": 8, "התשיעי": 9, "התשיעית": 9, "העשירי": 10, "העשירית": 10,
}  # fmt: skip
"""The first, the second, ...: Hebrew writes regnal numbers in words."""


_LEFT_OUT = PARTICLES | TITLES
_FIRST_OF_KOREANS_AND_CHINESE = "\u1100"
"""No letter before this one is of Hangul or Han, nor becomes one."""


class Form(NamedTuple):
    """One way to read one name."""

    full: str
    words: tuple[Word, ...]
    low_quality: bool
    truncated: bool
    reading: int = 0
    """0: there is no other; 1: particles are left out; 2: they are as one with the words after them."""


def words(full: str, native: bool = False) -> tuple[Word, ...]:
    """The words of a name that tell people apart, in their order; all of them if none does.

    `native`: a Korean or Chinese name, divided.
    """
    return _telling(_split(full), native)


def _telling(raw: list[str], native: bool) -> tuple[Word, ...]:
    kept = raw
    if not _LEFT_OUT.isdisjoint(raw):
        kept = _without_particles(raw, frozenset())
        if len(kept) < 2:
            kept = _without_particles(raw, NAMES_TOO) or raw
    found: list[Word] = []
    mrz = "x" in "".join(kept) and any(map(_is_mrz, kept))
    add_words(found, kept, mrz, native)
    return tuple(_rarest(found))


def _is_mrz(word: str) -> bool:
    return "x" in word and word.isascii() and is_mrz_arabic(word)


OVERLAY = "\u0338"
"""The one mark that becomes one letter with a separator of ASCII before it (≠, ≮), which then separates nothing."""


class Standing(IntEnum):
    """What a word does in a name."""

    ITSELF = 0
    """It reads the same wherever it stands."""
    LEFT_OUT = 1
    """A particle or title, if two other words are left."""
    COMPLETES = 2
    """It reads the same, unless it completes the word before it."""
    OTHERWISE = 3
    """How it reads depends on others."""
    NOTHING = 4
    """No word: nothing of it is spelt."""


_OTHERWISE: tuple[Standing, tuple[Word, ...]] = (Standing.OTHERWISE, ())
_BY_OTHERS = (Standing.LEFT_OUT, Standing.OTHERWISE)


@lru_cache(maxsize=262_144)
def standing_alone(written: str, native: bool) -> tuple[Standing, tuple[Word, ...]]:
    """How a word stands in any name without an OVERLAY, and what it is read as, two words at most.

    `written`: what is between two separators of ASCII. `native`: in a name that :func:`divided_name` divided; else in
    one that it did not.
    """
    if written.isascii() and written.isalpha():
        text = written.lower()
    else:
        spelt = _split(written)
        if not spelt:
            return Standing.NOTHING, ()
        text = spelt[0]
        if len(spelt) > 1:
            return _OTHERWISE
    if text in LETTERS or text in JOINED:
        return _OTHERWISE
    if text in _LEFT_OUT:
        return Standing.LEFT_OUT, ()
    found = None if _is_mrz(text) else read_alone(text, native)
    if found is None or len(found) > 2:
        return _OTHERWISE
    return Standing.COMPLETES if completes(text) else Standing.ITSELF, found


def _without_particles(raw: list[str], spared: frozenset[str]) -> list[str]:
    """The words that are no particles or titles, or are spared; a letter at either end is an initial."""
    ends = (0, len(raw) - 1)
    return [
        word
        for at, word in enumerate(raw)
        if word not in _LEFT_OUT or word in spared or (word in LETTERS and at in ends)
    ]


def _with_particles_joined(raw: list[str]) -> list[str] | None:
    """The words with particles written as one with the word after them; None if there are none, or if fewer than two
    words are left that tell anybody apart."""
    made: list[str] = []
    before, joined, telling = "", False, 0
    for word in raw:
        if word in JOINED:
            before += word
            continue
        left_out = word in _LEFT_OUT
        if before and not left_out and word.isascii():
            word, joined = before + word, True
        made.append(word)
        before, telling = "", telling + (not left_out)
    return made if joined and telling > 1 else None


def _split(full: str) -> list[str]:
    if full.isascii():
        return full.translate(_ASCII).split()
    text = _MARKS.sub("", unicodedata.normalize("NFKC", full))
    return [word for part in _SEPARATORS.split(text) if (word := _spelling(part))]


@lru_cache(maxsize=65_536)
def _spelling(part: str) -> str:
    """One word in small letters; Latin without marks and apostrophes."""
    if part.isascii() and part.isalpha():
        return part.lower()
    bare = _APOSTROPHES.sub("", part)
    script = script_of(bare.lower())
    if script is Script.LATIN:
        return _NOT_LATIN.sub("", anyascii(bare).lower())
    if (regnal := _REGNAL.match(part)) is not None and int(regnal["number"]) < len(_ROMAN):
        return _ROMAN[int(regnal["number"])]
    if (ordinal := _HEBREW_ORDINALS.get(part)) is not None:
        return _ROMAN[ordinal]
    return part.lower() if script is Script.HEBREW else bare.lower()


def _rarest(found: list[Word]) -> list[Word]:
    if len(found) <= MOST_WORDS:
        return found
    ranked = sorted(range(len(found)), key=lambda i: (-len(found[i].sounds), found[i].sounds, i))
    keep = sorted(ranked[:MOST_WORDS])
    return [found[i] for i in keep]


def divided_name(full: str) -> str | None:
    """A Korean or Chinese name as family name and the rest, whether it is written in one, or divided, in either order;
    None if it is none."""
    if full.isascii() or max(full) < _FIRST_OF_KOREANS_AND_CHINESE:
        return None
    text = unicodedata.normalize("NFKC", full).strip()
    parts = _SEPARATORS.split(text)
    whole = "".join(parts)
    if not 2 <= len(whole) <= 4 or {script_of(char) for char in whole} not in ({Script.HANGUL}, {Script.HAN}):
        return None
    if len(parts) == 1:
        cut = 2 if whole[:2] in COMPOUND_SURNAMES and len(whole) > 2 else 1
        return f"{whole[:cut]} {whole[cut:]}"
    first, last = parts[0], parts[-1]
    if first in SURNAMES or first in COMPOUND_SURNAMES:
        return f"{first} {whole[len(first) :]}" if len(whole) - len(first) <= 2 else None
    if last in SURNAMES or last in COMPOUND_SURNAMES:
        return f"{last} {whole[: -len(last)]}" if len(whole) - len(last) <= 2 else None
    return None


def _put_together(full: str) -> tuple[Word, ...] | None:
    """The words of a name of which each reads the same wherever it stands; None if it must be read as a whole."""
    if OVERLAY in full:
        return None
    divided = divided_name(full)
    native = divided is not None
    found: list[Word] = []
    for part in (divided or full).translate(_SEPARATED).split():
        standing, same = standing_alone(part, native)
        if standing is not Standing.ITSELF and (standing in _BY_OTHERS or (standing is Standing.COMPLETES and found)):
            return None
        found += same
    return tuple(found) if 0 < len(found) <= MOST_WORDS else None


@lru_cache(maxsize=65_536)
def forms_of(full: str, low_quality: bool, truncated: bool, organisation: bool) -> tuple[Form, ...]:
    """The ways to read a name; none if no word of it sounds."""
    found = None if organisation else _put_together(full)
    if found is None:
        return read_whole(full, low_quality, truncated, organisation)
    return (Form(full, found, low_quality, truncated),)


def read_whole(full: str, low_quality: bool, truncated: bool, organisation: bool) -> tuple[Form, ...]:
    """The same, slower: also where what a word is depends on the others."""
    divided = None if organisation else divided_name(full)
    raw = _split(full if divided is None else divided)
    found = _telling(raw, divided is not None)
    if organisation:
        found = tuple(word for word in found if word.text not in LEGAL) or found
    if not found:
        return ()
    form = Form(full, found, low_quality, truncated)
    if organisation or divided is not None or (joined := _with_particles_joined(raw)) is None:
        return (form,)
    other = _telling(joined, False)
    if not other or other == found:
        return (form,)
    return form._replace(reading=1), Form(full, other, low_quality, truncated, 2)


BorneName = tuple[str, bool, bool]
"""A name that its bearer is known by: in full; is it a low-quality alias; may it be truncated?"""


def forms(name: Name, organisation: bool = False) -> tuple[Form, ...]:
    """The ways to read one name; none if no word of it sounds."""
    return forms_of(*_as_borne(name), organisation)


def _as_borne(name: Name) -> BorneName:
    return name.full, name.quality is NameQuality.LOW, name.truncated


def borne(subject: Subject) -> list[BorneName]:
    """The names that the subject bears: never a MISUSED one, which is a victim's (domain rule 8)."""
    return [_as_borne(name) for name in subject.names if name.type is not NameType.MISUSED]


def is_organisation(subject: Subject) -> bool:
    """Organisations match organisations only; whose kind is not known counts as a person."""
    return subject.kind is SubjectKind.ORGANISATION
