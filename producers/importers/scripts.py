"""Which script a name is written in, as an ISO 15924 code, from the Unicode names of its letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

_SCRIPTS = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "HANGUL": "Hang",
    "CJK": "Hani",
    "HIRAGANA": "Hira",
    "KATAKANA": "Kana",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "GURMUKHI": "Guru",
    "GUJARATI": "Gujr",
    "ORIYA": "Orya",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "KANNADA": "Knda",
    "MALAYALAM": "Mlym",
    "SINHALA": "Sinh",
    "THAANA": "Thaa",
    "THAI": "Thai",
    "LAO": "Laoo",
    "KHMER": "Khmr",
    "MYANMAR": "Mymr",
    "TIBETAN": "Tibt",
    "MONGOLIAN": "Mong",
    "HEBREW": "Hebr",
    "GREEK": "Grek",
    "GEORGIAN": "Geor",
    "ARMENIAN": "Armn",
    "ETHIOPIC": "Ethi",
}


@lru_cache(maxsize=4096)
def script_of_letter(letter: str) -> str | None:
    """Script of one character; None for what is no letter or of a script that is not told apart."""
    if not letter.isalpha():
        return None
    return _SCRIPTS.get(unicodedata.name(letter, "").split(" ", 1)[0].split("-", 1)[0])


def script_of(text: str) -> str | None:
    """The script of most letters; Jpan and Kore for their usual mixtures with Han; None without a known letter."""
    found = Counter(script for letter in text if (script := script_of_letter(letter)))
    if not found:
        return None
    if found["Hani"] and (found["Hira"] or found["Kana"]):
        return "Jpan"
    if found["Hani"] and found["Hang"]:
        return "Kore"
    return found.most_common(1)[0][0]
