"""A name as people bear it, in the words that are compared: compounds split, particles and titles left out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from schemas.codes import NameQuality, NameType, SubjectKind
from schemas.subjects import Name, Subject
from streams.matching.scripts import Script, is_mrz_arabic, script_of, sound
from streams.matching.words import Word, make

MOST_WORDS = 10
"""Words of a name that are compared; of a longer one the rarest are kept."""

_PARTICLES = frozenset(
    [
        "al",
        "el",
        "ul",
        "ur",
        "as",
        "ar",
        "at",
        "an",
        "bin",
        "ben",
        "bint",
        "ibn",
        "ibnu",
        "bn",
        "bte",
        "binti",
        "binte",
        "ould",
        "wuld",
        "ag",
        "ap",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "du",
        "del",
        "della",
        "des",
        "la",
        "le",
        "los",
        "las",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "zu",
        "zur",
        "y",
        "e",
        "and",
        "of",
        "the",
        "i",
        "u",
        "wa",
        "бин",
        "ибн",
        "бинт",
        "оглы",
        "кызы",
        "аль",
        "эль",
        "фон",
        "ван",
        "де",
        "дер",
        "بن",
        "ابن",
        "بنت",
        "ال",
        "آل",
        "بنو",
        "و",
        "בן",
        "בת",
        "אבן",
        "אל",
        "ফর",
        "بنت",
        "اول",
    ]
)
"""Words between names: they tell nobody apart."""
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "doctor",
        "prof",
        "professor",
        "sir",
        "haji",
        "hajji",
        "hadji",
        "haj",
        "hajj",
        "alhaj",
        "alhaji",
        "mullah",
        "mulla",
        "molla",
        "mawlawi",
        "maulavi",
        "maulvi",
        "moulavi",
        "mawlavi",
        "sheikh",
        "shaykh",
        "sheik",
        "cheikh",
        "shaikh",
        "shekh",
        "sayyidina",
        "capt",
        "captain",
        "col",
        "colonel",
        "gen",
        "general",
        "maj",
        "major",
        "lt",
        "brigadier",
        "qari",
        "hafiz",
        "hafez",
        "hafeez",
        "ustad",
        "ostad",
        "الشيخ",
        "شيخ",
        "الحاج",
        "حاج",
        "ملا",
        "مولوي",
        "مولوی",
        "حاجي",
        "حاجی",
        "قاري",
        "دكتور",
        "الدكتور",
        "мулла",
        "хаджи",
        "шейх",
        "জনাব",
        "ড",
        "ডাঃ",
        "আলহাজ্ব",
        "শ্রী",
        "श्री",
    ]
)
"""Honorifics: evidence of nothing."""
_LEGAL = frozenset(
    [
        "ltd",
        "limited",
        "llc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "gmbh",
        "ag",
        "sa",
        "sarl",
        "plc",
        "pvt",
        "pte",
        "llp",
        "fze",
        "est",
        "establishment",
        "foundation",
        "organization",
        "organisation",
        "group",
        "the",
        "of",
        "and",
        "for",
        "de",
        "la",
        "le",
        "du",
        "des",
        "al",
        "el",
    ]
)
"""What an organisation is, and not what it is called."""

_SEPARATORS = re.compile(r"[\s,;/\\<=·・•‧\-‐‑–—_.()\"“”«»\[\]]+")
_APOSTROPHES = re.compile(r"['’‘`´ʼʻʿʾ′ʹ]")
_MARKS = re.compile("[\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060\u0591-\u05c7]")
_VOWELS = re.compile(r"[aiou]")
_NOT_LATIN = re.compile(r"[^a-z]+")

_ABD = frozenset(
    [
        "abd",
        "abdul",
        "abdel",
        "abdal",
        "abdol",
        "abdoul",
        "abdoel",
        "abdil",
        "abdur",
        "abdar",
        "abder",
        "abdor",
        "abdus",
        "abdas",
        "abdes",
        "abdun",
        "abdan",
        "abduz",
        "abdu",
        "abdou",
        "abdi",
        "abed",
        "ebd",
    ]
)
_ABD_JOINED = re.compile(r"^abd[aeiou]{1,2}(?:l|r(?=r)|s(?=s)|n(?=n)|z(?=z)|d(?=d)|t(?=t))?(?P<rest>[a-z]{3,})$")
_ABDULLAH = re.compile(r"^abd[aeou]{1,2}l{1,2}ah?$")
_ULLAH = re.compile(r"^(?P<stem>[a-z]{3,}?)[aeou]{1,2}l{1,2}ah?$")
_ULLAH_WORDS = frozenset(["ullah", "ulla", "allah", "lah", "llah", "ollah", "oullah"])
_UDDIN = re.compile(r"^(?P<stem>[a-z]{3,}?)(?:[aeou]{1,2}[ld]?|l)?d{1,2}(?:in|een|ine|ien|yn|ene)$")
_UDDIN_WORDS = frozenset(
    [
        "din",
        "deen",
        "dine",
        "dien",
        "dyn",
        "uddin",
        "eddine",
        "eddin",
        "aldin",
        "aldeen",
        "eldin",
        "eldeen",
        "uddeen",
        "addin",
    ]
)
_ALLAH = frozenset(["الله", "اللّٰه", "لله"])
_COMPOUND_SURNAMES = frozenset(
    [
        "남궁",
        "황보",
        "제갈",
        "사공",
        "선우",
        "서문",
        "독고",
        "歐陽",
        "欧阳",
        "司馬",
        "司马",
        "諸葛",
        "诸葛",
        "上官",
        "夏侯",
        "東方",
        "东方",
        "皇甫",
        "尉遲",
    ]
)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to read one name."""

    full: str
    words: tuple[Word, ...]
    low_quality: bool
    truncated: bool


@lru_cache(maxsize=65_536)
def words(full: str) -> tuple[Word, ...]:
    """The words of a name that tell people apart, in their order; all of them if none does."""
    raw = _split(full)
    kept = [word for word in raw if word not in _PARTICLES and word not in _TITLES] or raw
    found: list[Word] = []
    mrz = any("x" in word and word.isascii() and is_mrz_arabic(word) for word in kept)
    for text in kept:
        found += _of_word(text, found, mrz)
    return tuple(_rarest(found))


def _split(full: str) -> list[str]:
    text = full if full.isascii() else _MARKS.sub("", unicodedata.normalize("NFKC", full))
    return [word for part in _SEPARATORS.split(text) if (word := _spelling(part))]


def _spelling(part: str) -> str:
    """One word in small letters; Latin without marks and apostrophes."""
    if part.isascii() and part.isalpha():
        return part.lower()
    script = script_of(part)
    if script is Script.LATIN:
        return _NOT_LATIN.sub("", anyascii(_APOSTROPHES.sub("", part)).lower())
    lowered = part.lower()
    return lowered if script is Script.HEBREW else _APOSTROPHES.sub("", lowered)


def _of_word(text: str, before: list[Word], mrz: bool) -> list[Word]:
    """`mrz`: a word of the name is Arabic as the MRZ has it, so that others without vowels are, too."""
    script = Script.LATIN if text.isascii() else script_of(text)
    if script is Script.LATIN:
        arabic = mrz and (is_mrz_arabic(text) or not _VOWELS.search(text))
        return _made(text, Script.ARABIC) if arabic else _latin(text, before)
    if script is Script.ARABIC and not text.isascii():
        return _arabic(text, before)
    return _made(text, script)


def _made(text: str, script: Script, sounds: str | None = None) -> list[Word]:
    word = make(text, script, sounds)
    return [] if word is None else [word]


def _join(before: list[Word], text: str, ending: str) -> list[Word]:
    """Put the ending of a compound (-ullah, -uddin) on the word before it."""
    last = before.pop()
    return _made(f"{last.text} {text}", last.script, last.sounds + ending)


def _is_abd(word: Word) -> bool:
    return word.sounds == "abd"


def _latin(text: str, before: list[Word]) -> list[Word]:
    if before and text in _ULLAH_WORDS:
        if _is_abd(before[-1]):
            before.pop()
            return _made("abdullah", Script.LATIN)
        return _join(before, text, "ula")
    if before and text in _UDDIN_WORDS:
        return _join(before, text, "udin")
    return list(_latin_alone(text))


@lru_cache(maxsize=65_536)
def _latin_alone(text: str) -> tuple[Word, ...]:
    """A Latin word by itself: compounds with Abd are two words, with -ullah and -uddin one spelling."""
    if text.startswith("abd"):
        if _ABDULLAH.match(text):
            return tuple(_made("abdullah", Script.LATIN))
        if text in _ABD:
            return tuple(_made(text, Script.LATIN, "abd"))
        if (found := _ABD_JOINED.match(text)) is not None:
            return (*_made(text[: found.start("rest")], Script.LATIN, "abd"), *_latin_alone(found["rest"]))
    if (found := _ULLAH.match(text)) is not None:
        return tuple(_made(text, Script.LATIN, sound(found["stem"], Script.LATIN) + "ula"))
    if (found := _UDDIN.match(text)) is not None:
        return tuple(_made(text, Script.LATIN, sound(found["stem"], Script.LATIN) + "udin"))
    return tuple(_made(text, Script.LATIN))


def _arabic(text: str, before: list[Word]) -> list[Word]:
    if text in _ALLAH and before:
        if _is_abd(before[-1]):
            before.pop()
            return _made("عبدالله", Script.ARABIC)
        return _join(before, text, "ula")
    if text == "عبدالله":
        return _made(text, Script.ARABIC)
    if text.startswith("عبدال") and len(text) >= 7:
        return [*_made("عبد", Script.ARABIC), *_made(text[5:], Script.ARABIC)]
    if text.startswith("ال") and len(text) >= (4 if before and _is_abd(before[-1]) else 5):
        text = text[2:]
    if before and text in ("دين", "دین"):
        return _join(before, text, "udin")
    if text.endswith("الدين") and len(text) > 7:
        return _made(text, Script.ARABIC, sound(text[:-5], Script.ARABIC) + "udin")
    if text.endswith("الله") and len(text) > 6:
        return _made(text, Script.ARABIC, sound(text[:-4], Script.ARABIC) + "ula")
    return _made(text, Script.ARABIC)


def _rarest(found: list[Word]) -> list[Word]:
    if len(found) <= MOST_WORDS:
        return found
    ranked = sorted(range(len(found)), key=lambda i: (-len(found[i].sounds), found[i].sounds, i))
    keep = sorted(ranked[:MOST_WORDS])
    return [found[i] for i in keep]


_RUN = frozenset((Script.HANGUL, Script.HAN))


def _runs(full: str) -> list[str]:
    """Other ways to divide a Korean or Chinese name that is written in one: family name and the rest."""
    if full.isascii():
        return []
    text = unicodedata.normalize("NFKC", full).strip()
    if not 2 <= len(text) <= 4 or any(script_of(char) not in _RUN for char in text):
        return []
    cut = 2 if text[:2] in _COMPOUND_SURNAMES and len(text) > 2 else 1
    return [f"{text[:cut]} {text[cut:]}"]


@lru_cache(maxsize=65_536)
def _forms(full: str, low_quality: bool, truncated: bool, organisation: bool) -> tuple[Form, ...]:
    made: list[Form] = []
    for text in _runs(full) or [full]:
        found = words(text)
        if organisation:
            found = tuple(word for word in found if word.text not in _LEGAL) or found
        if found:
            made.append(Form(full, found, low_quality, truncated))
    return tuple(made)


def forms(name: Name, organisation: bool = False) -> tuple[Form, ...]:
    """The ways to read one name; none if no word of it sounds."""
    return _forms(name.full, name.quality is NameQuality.LOW, name.truncated, organisation)


def borne(subject: Subject) -> list[Form]:
    """The names that the subject bears: never a MISUSED one, which is a victim's (domain rule 8)."""
    organisation = is_organisation(subject)
    return [form for name in subject.names if name.type is not NameType.MISUSED for form in forms(name, organisation)]


def is_organisation(subject: Subject) -> bool:
    """Organisations match organisations only; whose kind is not known counts as a person."""
    return subject.kind is SubjectKind.ORGANISATION
