"""Words of India's scripts as sounds.

Unicode lays its blocks from Devanagari to Malayalam out alike (after ISCII 1991), so one table by offset serves all. A
consonant without a vowel sign sounds an a; at the end of a word it does not, but after a conjunct in Bengali it does
(দত্ত Datta). Rules of Bengali spelling (Bangla Academy's dictionary of pronunciation; Wikipedia, "Romanisation of
Bengali"): the antastha ya with a dot is a glide, য-phala doubles or is y, ব-phala is silent or w, জ্ঞ is gy,
ওয়া is wa.
"""

from __future__ import annotations

import unicodedata

_CONSONANTS = (
    "k", "k", "g", "g", "N", "C", "C", "j", "j", "n", "t", "t", "d", "d", "n", "t", "t", "d", "d", "n", "n", "p", "p",
    "b", "b", "m", "y", "r", "r", "l", "l", "l", "v", "S", "S", "s", "h",
)  # fmt: skip
"""From offset 0x15 on."""
_VOWELS = ("a", "a", "i", "i", "u", "u", "ri", "l", "e", "e", "e", "e", "o", "o", "o", "o")
"""Independent vowels, from offset 0x05."""
_SIGNS = ("a", "i", "i", "u", "u", "ri", "ri", "e", "e", "e", "e", "o", "o", "o", "o")
"""Vowel signs, from offset 0x3E."""
_DOTTED = {"k": "k", "g": "G", "j": "z", "d": "r", "p": "f", "y": "y"}
"""Consonants with a dot below."""
_BENGALI, _TAMIL, _MALAYALAM = 0x0980, 0x0B80, 0x0D00
_OF_BENGALI = {0x2F: "j", 0x38: "s"}
_OWN_LETTERS = {0x58: "k", 0x59: "X", 0x5A: "G", 0x5B: "z", 0x5C: "r", 0x5D: "r", 0x5E: "f", 0x5F: "y"}
_VIRAMA, _NUKTA, _YA, _BA = 0x4D, 0x3C, 0x2F, 0x2C


def sound_of_indic(word: str) -> str:
    """The sounds of one word."""
    text = unicodedata.normalize("NFC", word)
    bengali = any(0x0980 <= ord(char) < 0x0A00 for char in text)
    if bengali:
        text = text.replace("\u09af\u09bc", "\u09df").replace("জ্ঞ", "গ্য")
    out: list[str] = []
    pending, joined, conjunct = False, False, False
    for at, char in enumerate(text):
        code = ord(char)
        block, offset = code & ~0x7F, code & 0x7F
        if 0x15 <= offset <= 0x39 or 0x58 <= offset <= 0x5F:
            if pending:
                out.append("a")
            out.append(_consonant(block, offset, text[at - 2] if joined else ""))
            pending, conjunct, joined = True, joined, False
        elif offset == _NUKTA:
            if out:
                out[-1] = _DOTTED.get(out[-1], out[-1])
        elif 0x05 <= offset <= 0x14:
            if pending:
                out.append("a")
            out.append(_VOWELS[offset - 5])
            pending = False
        elif 0x3E <= offset <= 0x4C:
            out.append(_SIGNS[offset - 0x3E])
            pending = False
        elif offset == _VIRAMA:
            pending, joined = False, True
        elif offset in (0x01, 0x02):
            if pending:
                out.append("a")
            out.append("N" if bengali and offset == 0x02 else "" if bengali else "n")
            pending = False
        elif block == _BENGALI and offset == 0x4E:
            if pending:
                out.append("a")
            out.append("t")
            pending = False
    if pending and conjunct and bengali:
        out.append("a")
    sounds = "".join(out)
    return _glides(sounds) if bengali else sounds


def _consonant(block: int, offset: int, before: str) -> str:
    """`before`: the consonant that it makes a conjunct with."""
    if offset >= 0x58:
        return _OWN_LETTERS[offset]
    if block == _BENGALI:
        if before and offset == _YA:
            return "y"
        if before and offset == _BA and before in "সশষতদধহজ":
            return "w"
        if offset in _OF_BENGALI:
            return _OF_BENGALI[offset]
    return _CONSONANTS[offset - 0x15]


def _glides(sounds: str) -> str:
    """The glide of ওয়া and উয়া is w; at the beginning of a word ওয়া is wa, ইয়া ya, উই wi."""
    for written, heard in (("oya", "owa"), ("uya", "uwa"), ("oye", "owe"), ("uye", "uwe")):
        sounds = sounds.replace(written, heard)
    if sounds.startswith(("owa", "owe", "iya", "iyu")):
        return sounds[1:]
    return "w" + sounds[1:] if sounds.startswith("ui") else sounds
