"""One word of a name as the compiled loops see it: a row of numbers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from streams.matching import rarity
from streams.matching.costs import CODE, halves
from streams.matching.families import family, tie
from streams.matching.scripts import ALPHABET, Script, sound

LENGTH, SCRIPT, FAMILY, TIE, INFO, WEIGHT, HASH, LETTERS, HALF, ENDS, SETS, BONES = range(12)
"""Columns of a word's row. INFO is in hundredths of a bit; WEIGHT (percent) says what leaving it out
matters; LETTERS (hundredths of a bit) how much its spelling alone can say
within its script, HALF its part of that across scripts;
ENDS its possible first (low 15 bits) and last (from bit 15 on) classes of consonants, SETS all of its classes in its
first skeleton (low 8 bits) and in any (next 8)."""
VARIANTS = 4
"""Skeletons of a word: ways to read letters that are read in several ways."""
SOUND = BONES + VARIANTS
SOUND_COLUMNS = 6
LONGEST = 4 * SOUND_COLUMNS
COLUMNS = SOUND + SOUND_COLUMNS

FLOOR = 500
"""Hundredths of a bit that a word is worth at least when it agrees: two words make a name worth looking at."""

_LABIAL, _VELAR, _DENTAL, _SIBILANT, _M, _N, _LIQUID = range(1, 8)
_NO_CONSONANT = 15
_FAMILY_BONE = 0xF0000000 >> 3
"""Spellings of one name share a skeleton besides their own."""

_BASE = {
    **dict.fromkeys("bpfv", _LABIAL),
    **dict.fromkeys("kqgcXGx", _VELAR),
    **dict.fromkeys("tdT", _DENTAL),
    **dict.fromkeys("szSZjC", _SIBILANT),
    "m": _M,
    **dict.fromkeys("nN", _N),
    **dict.fromkeys("rl", _LIQUID),
}
_SOFT = dict.fromkeys("cgTx", _SIBILANT) | {"C": _VELAR, "j": 0, "w": _LABIAL, "G": 0}
_SOUNDED = {"w": _LABIAL}
_HISSED = {"c": _SIBILANT}
_PINYIN = {"x": _SIBILANT, "q": _SIBILANT, "c": _SIBILANT}
_READINGS: dict[Script, tuple[dict[str, int], ...]] = {
    Script.LATIN: ({}, _SOFT, {"r": 0}, {**_SOFT, "r": 0}),
    Script.CYRILLIC: ({}, {"X": 0, "g": 0, **_SOUNDED}, {"r": 0}, {"j": 0, **_HISSED}),
    Script.ARABIC: (
        {},
        _SOUNDED,
        {"X": 0, "T": _SIBILANT, "d": _SIBILANT, "j": _VELAR},
        {"G": 0, "q": 0, **_SOUNDED},
    ),
    Script.HEBREW: (
        _HISSED,
        {**_HISSED, **_SOUNDED},
        {**_HISSED, "X": 0, "T": _SIBILANT},
        {**_HISSED, "X": 0, **_SOUNDED},
    ),
    Script.HANGUL: ({}, _SOUNDED, {"N": 0, "j": _DENTAL}, {"s": _DENTAL}),
    Script.HAN: (
        _PINYIN,
        {**_PINYIN, "j": _VELAR, "q": _VELAR},
        {"x": 0, "q": _SIBILANT, **_SOUNDED},
        {**_PINYIN, "N": 0, "n": 0},
    ),
    Script.KANA: ({}, {"C": _DENTAL, "j": _DENTAL}, {"s": _DENTAL, "z": _DENTAL}, _SOUNDED),
    Script.INDIC: ({}, {"j": 0, "v": 0, **_SOUNDED}, {"s": _DENTAL, "T": _SIBILANT}, {"r": 0}),
    Script.OTHER: ({}, _SOUNDED, {"j": _DENTAL, "k": 0}, {"r": 0}),
}


def _class_table() -> NDArray[np.int32]:
    """Consonant class by script, variant and sound; 0 for a sound that does not count."""
    table = np.zeros((len(Script), VARIANTS, len(ALPHABET) + 1), np.int32)
    for script, readings in _READINGS.items():
        for variant, changes in enumerate(readings):
            for letter, consonant in (_BASE | changes).items():
                table[script, variant, CODE[letter]] = consonant
    return table


CLASSES = _class_table()

_STRONG = frozenset(ALPHABET) - frozenset("aeiouEUyhw")
_CONSONANT_SAYS = {Script.HAN: 260, Script.KANA: 300, Script.HANGUL: 300}
_VOWEL_SAYS = {Script.ARABIC: 40, Script.HEBREW: 40, Script.OTHER: 60, Script.INDIC: 100, Script.HAN: 80}


def _letters(heard: str, script: Script) -> int:
    """What a spelling can say at most: a consonant is one of ten, a vowel one of three where vowels are written."""
    strong, weak = _CONSONANT_SAYS.get(script, 330), _VOWEL_SAYS.get(script, 130)
    return sum(strong if letter in _STRONG else weak for letter in heard)


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its row."""

    text: str
    """As it was written, in small letters."""
    sounds: str
    script: Script
    row: bytes


@lru_cache(maxsize=262_144)
def make(text: str, script: Script, sounds: str | None = None) -> Word | None:
    """The word, with its sounds given where the spelling does not tell them; None if nothing of it sounds."""
    heard = (sound(text, script) if sounds is None else sounds)[:LONGEST]
    if not heard:
        return None
    codes = [CODE[letter] for letter in heard]
    number = family(text) or family(heard)
    row = np.zeros(COLUMNS, np.int32)
    row[LENGTH], row[SCRIPT] = len(codes), int(script)
    row[FAMILY], row[TIE] = number, tie(text)
    row[INFO] = information = rarity.information(heard, number)
    row[WEIGHT] = 20 if len(heard) == 1 and script is Script.LATIN else max(30, min(100, information // 8))
    row[HASH] = zlib.crc32(heard.encode()) & 0x3FFFFFFF
    row[LETTERS] = _letters(heard, script)
    row[HALF] = int(halves()[script][codes].sum())
    row[BONES : BONES + VARIANTS] = bones(codes, int(script))
    row[ENDS] = _ends([int(bone) for bone in row[BONES : BONES + VARIANTS]])
    row[SETS] = _sets([int(bone) for bone in row[BONES : BONES + VARIANTS]])
    if number:
        row[BONES + VARIANTS - 1] = _FAMILY_BONE + number
    packed = np.zeros(LONGEST, np.uint8)
    packed[: len(codes)] = codes
    row[SOUND:] = packed.view(np.int32)
    return Word(text, heard, script, row.tobytes())


def _ends(found: list[int]) -> int:
    """Classes that a word may begin and end with; a word without consonants may do so with any."""
    mask = 0
    for bone in found:
        if bone == _NO_CONSONANT:
            return (1 << 30) - 1
        last = bone & 15
        while bone > 15:
            bone >>= 4
        mask |= 1 << bone | 1 << (15 + last)
    return mask


def _sets(found: list[int]) -> int:
    """Classes of the first skeleton, and of any."""
    masks = []
    for bone in found:
        mask = 0
        while bone and bone != _NO_CONSONANT:
            mask |= 1 << (bone & 15)
            bone >>= 4
        masks.append(mask)
    first, every = masks[0], 0
    for mask in masks:
        every |= mask
    return first | every << 8


def bones(codes: list[int], script: int) -> list[int]:
    """The skeletons of a word: classes of its first seven consonants, four bits each, no two alike in a row."""
    found: list[int] = []
    for variant in range(VARIANTS):
        classes = CLASSES[script, variant]
        packed, before, count = 0, 0, 0
        for position, code in enumerate(codes):
            consonant = int(classes[code])
            if consonant == _DENTAL and position + 1 < len(codes) and int(classes[codes[position + 1]]) == _SIBILANT:
                continue
            if consonant and consonant != before and count < 7:
                packed = packed * 16 + consonant
                count += 1
            before = consonant
        found.append(packed or _NO_CONSONANT)
    return found
