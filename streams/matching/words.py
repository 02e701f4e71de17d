"""One word of a name as the compiled loops see it: a row of numbers."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

import re
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching import rarity
from streams.matching.compiled import compiled
from streams.matching.costs import CODE, halves
from streams.matching.families import family, tie
from streams.matching.scripts import ALPHABET, Script, sounds_of

LENGTH, SCRIPT, FAMILY, TIE, INFO, WEIGHT, HASH, LETTERS, HALF, ENDS, SETS, BONES = range(12)
"""Columns of a word's row. INFO is in hundredths of a bit; WEIGHT (percent) says what leaving it out
matters; LETTERS (hundredths of a bit) how much its spelling alone can say
within its script, HALF its part of that across scripts;
ENDS its possible first (low 15 bits) and last (from bit 15 on) classes of consonants, SETS the classes that it has
in each of its readings (low 8 bits) and in any (next 8)."""
VARIANTS = 4
"""Skeletons of a word: ways to read letters that are read in several ways."""
SOUND = BONES + VARIANTS
SOUND_COLUMNS = 6
LONGEST = 4 * SOUND_COLUMNS
COLUMNS = SOUND + SOUND_COLUMNS
PACKED = 9
"""Sounds of a word that are packed into one number, six bits each."""

FLOOR = 500
"""Hundredths of a bit that a word is worth at least when it agrees: two words make a name worth looking at."""

_LABIAL, _VELAR, _DENTAL, _SIBILANT, _M, _N, _LIQUID = range(1, 8)
_NO_CONSONANT = 15
_FAMILY_BONE = 0xF0000000 >> 3
"""Spellings of one name share a skeleton besides their own."""
_TIE_BONE = 0xE8000000 >> 3
"""And so do names that are tied."""

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
    # Of all scripts but Latin, Indian ones and natives' names in Hangul and Han those four under which most words share
    # a skeleton with their Latin spellings, less three times the share of strangers that then do, too: changed letter
    # by letter while that rose, on the rows that `transliteration_build` learns from. A sibilant k is one of Latin c, a
    # velar ch one that is spelt so in Latin, a vowel that counts as a liquid one that stands for it (マーク, Mark) or
    # between two (카를, Karl). Those of foreigners' names in Han were changed in random steps instead, forth and back,
    # where each change from the plain reading must bring .07 % of the words.
    Script.LATIN: ({}, _SOFT, {"r": 0}, {**_SOFT, "r": 0}),
    Script.CYRILLIC: (
        {"c": _SIBILANT, "v": 0, "y": _SIBILANT, "X": 0},
        {"c": _SIBILANT, "g": 0, "s": _VELAR, "w": _LABIAL, "C": _VELAR},
        {"g": _SIBILANT, "C": _VELAR, "X": 0},
        {"c": _SIBILANT, "g": _SIBILANT, "t": _VELAR},
    ),
    Script.ARABIC: (
        {"s": _VELAR, "C": _VELAR},
        {"j": _VELAR, "t": _SIBILANT, "T": _SIBILANT},
        {"d": _SIBILANT, "q": _SIBILANT, "X": 0, "T": _SIBILANT, "A": _VELAR},
        {},
    ),
    Script.HEBREW: (
        {"g": _N, "j": _VELAR, "s": _VELAR, "C": _VELAR},
        {"c": _SIBILANT, "d": _SIBILANT, "g": _SIBILANT, "t": _SIBILANT, "C": _VELAR},
        {"c": _SIBILANT, "X": 0},
        {"c": _SIBILANT, "g": _SIBILANT, "j": _VELAR, "w": _LABIAL},
    ),
    Script.HANGUL: (
        {"h": _VELAR, "E": _LIQUID},
        {**_SOUNDED, "C": _VELAR},
        {"j": _DENTAL, "N": _M},
        {"h": _LABIAL, "s": _VELAR, "y": _LIQUID},
    ),
    Script.HAN: (
        {"c": _SIBILANT, "x": _SIBILANT, "a": _LIQUID, "o": _LIQUID, "N": _M},
        {"c": _SIBILANT, "g": _SIBILANT, "x": _SIBILANT, "j": _VELAR, **_SOUNDED},
        {"h": _VELAR, "q": _SIBILANT, "x": 0},
        {"j": _DENTAL, "n": _M, "q": _SIBILANT, **_SOUNDED},
    ),
    Script.KANA: (
        {"t": 0, "C": _VELAR, **_SOUNDED},
        {"f": 0, "j": _DENTAL, "C": _DENTAL, "T": _SIBILANT},
        {"a": _LIQUID, "s": _DENTAL},
        {"g": _N, "h": _VELAR, **_SOUNDED},
    ),
    Script.KOREAN: ({}, _SOUNDED, {"i": _LIQUID}, {}),
    Script.CHINESE: (
        _PINYIN,
        {**_PINYIN, "j": _VELAR, "q": _VELAR},
        {"x": 0, "q": _SIBILANT, **_SOUNDED},
        {**_PINYIN, "N": 0, "n": 0},
    ),
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

_STRONG = frozenset(ALPHABET) - frozenset("aeiouEUAyhw")
_CONSONANT_SAYS = {Script.HAN: 260, Script.KANA: 300, Script.HANGUL: 300}
_VOWEL_SAYS = {Script.ARABIC: 40, Script.HEBREW: 40, Script.OTHER: 60, Script.INDIC: 100, Script.HAN: 80}


def _letter_table() -> NDArray[np.int32]:
    """What a sound can say at most, by script: a consonant is one of ten, a vowel one of three where it is written."""
    table = np.zeros((len(Script), len(ALPHABET) + 1), np.int32)
    for script in Script:
        for letter in ALPHABET:
            strong = _CONSONANT_SAYS.get(script, 330) if letter in _STRONG else _VOWEL_SAYS.get(script, 130)
            table[script, CODE[letter]] = strong
    return table


_LETTERS = _letter_table()
_CODES = bytes(CODE.get(chr(byte), 0) for byte in range(256))


_UNHEARD = re.compile(f"[^{ALPHABET}]")
"""A digit or sign in a name is no sound."""


@compiled
def same_rows(words: NDArray[np.int32], word: int, others: NDArray[np.int32], other: int) -> bool:
    """Are two words the same in everything that their rows tell?"""
    column = 0
    while column < COLUMNS and words[word, column] == others[other, column]:
        column += 1
    return column == COLUMNS


class Word(NamedTuple):
    """A word and its row."""

    text: str
    """As it was written, in small letters."""
    sounds: str
    script: Script
    row: bytes


def make(text: str, script: Script, sounds: str | None = None) -> Word | None:
    """The word, with its sounds given where the spelling does not tell them; None if nothing of it sounds."""
    heard = sounds_of(text, script) if sounds is None else sounds
    spelt = heard.encode(errors="replace")
    described = spelt.translate(_CODES)
    if 0 in described or len(described) > LONGEST:
        heard = _UNHEARD.sub("", heard)[:LONGEST]
        spelt = heard.encode()
        described = spelt.translate(_CODES)
    if not heard:
        return None
    number = family(text) or family(heard)
    row = np.zeros(COLUMNS, np.int32)
    says, mark = rarity.information(heard, number), zlib.crc32(spelt) & 0x3FFFFFFF
    describe(
        np.frombuffer(described, np.uint8), int(script), number, tie(text), says, mark, CLASSES, _LETTERS, halves(), row
    )
    return Word(text, heard, script, row.tobytes())


@compiled
def describe(
    codes: NDArray[np.uint8],
    script: int,
    family_number: int,
    tie_number: int,
    information: int,
    mark: int,
    classes: NDArray[np.int32],
    letters: NDArray[np.int32],
    half: NDArray[np.int16],
    row: NDArray[np.int32],
) -> None:
    """Fill in a word's row.

    A skeleton is the classes of the first seven consonants, four bits each, no two alike in a row; t and s together
    are one sound, in Arabic and Hebrew only at the beginning: elsewhere a vowel may stand between them.
    """
    row[LENGTH], row[SCRIPT], row[FAMILY], row[TIE] = len(codes), script, family_number, tie_number
    row[INFO], row[HASH] = information, mark
    row[WEIGHT] = 20 if len(codes) == 1 and script == 0 else max(30, min(100, information // 8))
    for at in range(len(codes)):
        row[LETTERS] += letters[script, codes[at]]
        row[HALF] += half[script, codes[at]]
        row[SOUND + at // 4] |= np.int32(codes[at]) << 8 * (at % 4)
    ends, every, certain = 0, 0, 255
    for variant in range(VARIANTS):
        packed, before, count, mask, first = 0, 0, 0, 0, 0
        for at in range(len(codes)):
            consonant = classes[script, variant, codes[at]]
            follows = classes[script, variant, codes[at + 1]] if at + 1 < len(codes) else 0
            if consonant == _DENTAL and follows == _SIBILANT and (at == 0 or not (2 <= script <= 3)):
                continue
            if consonant and consonant != before and count < 7:
                first = first if count else consonant
                packed = packed * 16 + consonant
                count += 1
            if consonant:
                mask |= 1 << consonant
            before = consonant
        row[BONES + variant] = packed if packed else _NO_CONSONANT
        every |= mask
        certain &= mask
        if packed:
            ends |= 1 << first | 1 << (15 + (packed & 15))
        else:
            ends = (1 << 30) - 1
    row[ENDS] = ends
    row[SETS] = certain | every << 8
    if family_number:
        row[BONES + VARIANTS - 1] = _FAMILY_BONE + family_number
    if tie_number:
        # In the place of a reading that says nothing new, if there is one.
        place = VARIANTS - 2 if family_number else VARIANTS - 1
        for variant in range(1, place + 1):
            if row[BONES + variant] == row[BONES + variant - 1]:
                place = variant
        row[BONES + place] = _TIE_BONE + tie_number
