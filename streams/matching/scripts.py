"""Letters of the world's scripts as sounds in one small alphabet, so that words can be compared across scripts.

The alphabet is a-z and some capitals for sounds that Latin spells with two letters: S sh, C ch, X kh, T th, Z zh,
G gh, N ng, E Korean eo, U Korean eu, A ayn. Sources of the tables: Unicode's names of the letters; ICAO Doc 9303 part 3
section 6 (Arabic in the machine-readable zone); Unicode chapter 3.12 for taking Hangul syllables apart. The scripts of
India are read in `indic.py`; what has no table here is read by anyascii.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache

from anyascii import anyascii

from streams.matching.indic import sound_of_indic

ALPHABET = "abcdefghijklmnopqrstuvwxyzSCXTZGNEUA"


class Script(IntEnum):
    """What a word was written in, as far as it matters for how exactly its sounds are known."""

    LATIN = 0
    CYRILLIC = 1
    """And Greek, Georgian, Armenian: vowels are written."""
    ARABIC = 2
    """Short vowels are not written. Also Arabic in the MRZ (MXHMD)."""
    HEBREW = 3
    HANGUL = 4
    HAN = 5
    """Read as Mandarin, the only reading that can be had of characters alone."""
    KANA = 6
    INDIC = 7
    OTHER = 8
    """Read by anyascii, vowels not to be trusted (Thai, Khmer, ...)."""
    KOREAN = 9
    """A Korean's name in Hangul, not a foreigner's: few syllables, romanised in a few ways."""
    CHINESE = 10
    """A Chinese name in Han characters, not a foreigner's."""


_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "Z", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "X", "ц": "c", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "w", "ј": "y", "љ": "l", "њ": "n", "ћ": "C", "ђ": "j", "џ": "j",
    "қ": "k", "ғ": "G", "ө": "o", "ү": "u", "ұ": "u", "ң": "N", "һ": "h", "ә": "a", "ҳ": "h", "ҷ": "j", "ӣ": "i",
    "ӯ": "u", "ѓ": "g", "ќ": "k", "ѕ": "z",
}  # fmt: skip
_IOTATED = re.compile("[ьъ](?=[еэиіо])")
"""A sign before a vowel is heard as a y: Лорье, Ильин, Вильом."""
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "T", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "i", "φ": "f",
    "χ": "X", "ψ": "ps", "ω": "o",
}  # fmt: skip
_GREEK_PAIRS = {"ου": "u", "μπ": "b", "ντ": "d", "γκ": "g", "γγ": "ng", "αυ": "av", "ευ": "ev", "αι": "e", "ει": "i",
                "οι": "i", "τζ": "j", "τσ": "C"}  # fmt: skip
_ARABIC = {
    "ا": "a", "أ": "a", "إ": "a", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "T", "ج": "j", "ح": "h", "خ": "X",
    "د": "d", "ذ": "T", "ر": "r", "ز": "z", "س": "s", "ش": "S", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "A",
    "غ": "G", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w", "ي": "y", "ى": "a",
    "ة": "h", "ئ": "y", "ؤ": "w", "ء": "", "پ": "p", "چ": "C", "ژ": "Z", "گ": "g", "ک": "k", "ی": "y", "ٹ": "t",
    "ڈ": "d", "ڑ": "r", "ں": "n", "ھ": "h", "ہ": "h", "ۃ": "h", "ے": "y", "ۓ": "y", "ټ": "t", "ډ": "d", "ړ": "r",
    "ږ": "g", "ښ": "S", "ځ": "z", "څ": "s", "ڼ": "n", "ې": "y", "ۍ": "y", "ۀ": "h", "ە": "h", "ڤ": "v", "ڭ": "N",
    "ۇ": "w", "ۆ": "w", "ۈ": "w", "ۋ": "w", "ګ": "g", "ڕ": "r", "ڵ": "l", "ێ": "y", "ڨ": "g",
}  # fmt: skip
_HEBREW = {
    "א": "a", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "w", "ז": "z", "ח": "X", "ט": "t", "י": "y", "כ": "k",
    "ך": "X", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "A", "פ": "p", "ף": "f", "צ": "c",
    "ץ": "c", "ק": "k", "ר": "r", "ש": "S", "ת": "t", "ײ": "y", "װ": "w",
}  # fmt: skip
_HEBREW_GERESH = {"ג": "j", "ז": "Z", "צ": "C", "ץ": "C", "ת": "T", "ח": "X", "ד": "d", "ע": "G", "ר": "G"}
_INITIALS: tuple[str, ...] = tuple("gkndtrmbpss-jjCktph")
_MEDIALS = (
    "a", "e", "ya", "ye", "E", "e", "yE", "ye", "o", "wa", "we", "we", "yo", "u", "wE", "we", "wi", "yu", "U", "wi",
    "i",
)  # fmt: skip
_FINALS: tuple[str, ...] = ("", *"kkknnntlkmlllplmppttNttktpt")


def _hangul(char: str) -> str:
    code = ord(char) - 0xAC00
    initial = _INITIALS[code // 588]
    return initial.strip("-") + _MEDIALS[code % 588 // 28] + _FINALS[code % 28]


_MRZ_ARABIC = (
    ("XTH", "T"), ("XKH", "X"), ("XDH", "T"), ("XSH", "S"), ("XSS", "s"), ("XDZ", "d"), ("XTT", "t"), ("XZZ", "z"),
    ("XTA", "h"), ("XAH", "h"), ("XAA", "a"), ("XAY", "a"), ("XAE", "a"), ("XAI", "a"), ("XWE", "w"), ("XH", "h"),
    ("XE", ""), ("XX", ""), ("A", "a"), ("E", "A"), ("G", "G"), ("W", "w"), ("Y", "y"),
)  # fmt: skip
"""ICAO Doc 9303 part 3 section 6.B: how Arabic letters are written in the machine-readable zone."""
_IS_MRZ_ARABIC = re.compile(r"X(?:TH|KH|DH|SH|SS|DZ|TT|ZZ|TA|AH|AA|AY|H)(?![AIOU]{2})")
_FEW_VOWELS = re.compile(r"[IOU]")


def is_mrz_arabic(word: str) -> bool:
    """Is this Latin word Arabic as the MRZ has it, such as MXHMD? It has no I, O or U: short vowels are not written."""
    capitals = word.upper()
    return _IS_MRZ_ARABIC.search(capitals) is not None and _FEW_VOWELS.search(capitals) is None


def _mrz_arabic(word: str) -> str:
    text = word.upper()
    for written, sound in _MRZ_ARABIC:
        text = text.replace(written, sound if len(written) == 1 else f"\0{sound}\0")
    return "".join(char.lower() if char in "BTJDRZSFQKLMNHPCV" and part % 2 == 0 else char
                   for part, piece in enumerate(text.split("\0")) for char in piece)  # fmt: skip


_DIGRAPHS = {
    "tsch": "C", "sch": "S", "tch": "C", "dzh": "j", "shch": "S", "sh": "S", "ch": "C", "kh": "X", "gh": "G", "th": "T",
    "zh": "Z", "ph": "f", "ck": "k", "dj": "j", "dh": "d", "bh": "b", "jh": "j", "rh": "r", "cz": "C", "sz": "S",
    "oo": "u", "ee": "i", "ou": "u",
}  # fmt: skip
_UMLAUTS = {"oe": "o", "ue": "u", "ae": "e"}
"""How German and its neighbours write what anyascii makes o, u and a of."""
_DOUBLED = re.compile(r"(.)\1+")
_FINAL_H = re.compile(r"(?<=[aeiou])h$")
_NG = re.compile(r"ng(?![aeiouy])")
_ARABIC_NG = re.compile(r"(?<!^)nG(?![aAwy])")
"""As Arabic spells it: رينغ, Ring."""
_FRENCH_O = re.compile(r"eaux?|(?:aux|aul[dt]x?s?|auds|auts|(?<=[bcghlnpr])(?<!tr)aud)$")
"""What French spells of o, with the consonants that are silent after it: Beaumont, Renault, Michaud; not Saud, Daud and
Gertraud."""


_JOINED_ARTICLE = re.compile(r"^[ae]l(?=gh|q(?!u)|(?:kh|sh|[hjmnrswyz])[a-z]{3,}ie?$)")
"""The article written as one with an Arabic name, which has none where it is written apart: Alghamdi, Elqarni, and
names of origin, which end in i (Almansouri); not before letters with which Italian names go on (Alberti, Alfieri)."""


def _any_of(written: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(written, key=len, reverse=True)))


_PLAIN = _any_of(_DIGRAPHS)
_WITH_UMLAUTS = _any_of(_DIGRAPHS | _UMLAUTS)
_SPELLINGS = _DIGRAPHS | _UMLAUTS


def latin_sound(word: str, umlauts: bool = False) -> str:
    """Sounds of a word in Latin small letters."""
    # Most words have none of these; what is looked for first is in all that the patterns find.
    text = _JOINED_ARTICLE.sub("", word) if word.startswith(("al", "el")) else word
    if "au" in text:
        text = _FRENCH_O.sub("o", text)
    text = (_WITH_UMLAUTS if umlauts else _PLAIN).sub(_spelt, text)
    if "ng" in text:
        text = _NG.sub("N", text)
    if text.endswith("h"):
        text = _FINAL_H.sub("", text)
    return _DOUBLED.sub(r"\1", text)


def _spelt(found: re.Match[str]) -> str:
    return _SPELLINGS[found.group()]


@lru_cache(maxsize=65_536)
def script_of(word: str) -> Script:
    """The script of a word: that of its first letter that is not Latin."""
    for char in word:
        code = ord(char)
        if code < 0x250 or 0x1E00 <= code < 0x1F00:
            continue
        for first, last, script in _RANGES:
            if first <= code <= last:
                return script
    return Script.LATIN


_RANGES = (
    (0x0370, 0x058F, Script.CYRILLIC),
    (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x077F, Script.ARABIC),
    (0x08A0, 0x08FF, Script.ARABIC),
    (0x0900, 0x0D7F, Script.INDIC),
    (0x0D80, 0x109F, Script.OTHER),
    (0x10A0, 0x10FF, Script.CYRILLIC),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1200, 0x2BFF, Script.OTHER),
    (0x2C00, 0x303F, Script.OTHER),
    (0x3040, 0x30FF, Script.KANA),
    (0x31F0, 0x31FF, Script.KANA),
    (0x3400, 0x9FFF, Script.HAN),
    (0xAC00, 0xD7AF, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB50, 0xFEFF, Script.ARABIC),
    (0x20000, 0x3FFFF, Script.HAN),
)


def sounds_of(word: str, script: Script) -> str:
    """The sounds of one word; empty if it has no letters."""
    if script is Script.LATIN:
        return latin_sound(word, umlauts=True)
    if script is Script.ARABIC and word.isascii():
        return _DOUBLED.sub(r"\1", _mrz_arabic(word))
    return _DOUBLED.sub(r"\1", _SOUNDS.get(script, _by_anyascii)(word))


sound = lru_cache(maxsize=65_536)(sounds_of)
"""The same, kept for a while."""


def _by_anyascii(word: str) -> str:
    return latin_sound(re.sub(r"[^a-z]", "", anyascii(word).lower()))


def _by_table(table: dict[str, str]) -> dict[int, str]:
    return {ord(letter): text for letter, text in table.items()}


_ALPHABETS = _by_table(_CYRILLIC | _GREEK)
_ABJADS = _by_table(_ARABIC)
_SQUARE = _by_table(_HEBREW)
_LETTERS = re.compile(r"[^a-zA-Z]")


def _strip_marks(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _of_cyrillic(word: str) -> str:
    text = word.lower()
    if any(0x0370 <= ord(char) < 0x0400 for char in text):
        text = _strip_marks(text)
        for written, heard in _GREEK_PAIRS.items():
            text = text.replace(written, heard)
    text = _IOTATED.sub("й", text).translate(_ALPHABETS)
    if not text.isascii():
        text = re.sub(r"[^a-zA-Z]", "", "".join(c if c.isascii() else latin_sound(anyascii(c).lower()) for c in text))
    return _NG.sub("N", text)


def _of_arabic(word: str) -> str:
    return _ARABIC_NG.sub("N", _LETTERS.sub("", word.replace("تش", "چ").translate(_ABJADS)))


_GERESH = re.compile(r"([גזצץתחדער])['׳’‘`´]")


def _of_hebrew(word: str) -> str:
    text = _GERESH.sub(lambda found: _HEBREW_GERESH[found.group(1)], word)
    text = text.replace("וו", "w").replace("יי", "y")
    if text.startswith("ו"):
        text = "v" + text[1:]
    return _LETTERS.sub("", text.translate(_SQUARE))


def _of_hangul(word: str) -> str:
    return "".join(_hangul(char) for char in word if "가" <= char <= "힣")


_KANA_M = re.compile("n(?=[bmp])")
"""Kana have one letter for n and m before another consonant; before these it is heard as m (Hepburn's romanisation of
1886), and foreigners' names have it for either: ハンブレン, Hamblen."""


def _of_kana(word: str) -> str:
    return _KANA_M.sub("m", latin_sound(re.sub(r"[^a-z]", "", anyascii(word).lower())))


_SOUNDS: dict[Script, Callable[[str], str]] = {
    Script.CYRILLIC: _of_cyrillic,
    Script.ARABIC: _of_arabic,
    Script.HEBREW: _of_hebrew,
    Script.HANGUL: _of_hangul,
    Script.HAN: _by_anyascii,
    Script.KANA: _of_kana,
    Script.INDIC: sound_of_indic,
    Script.OTHER: _by_anyascii,
    Script.KOREAN: _of_hangul,
    Script.CHINESE: _by_anyascii,
}
