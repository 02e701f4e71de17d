"""Compound names of Muslims, however they are divided: with Abd (servant of), -ullah (of God), -uddin (of the faith).

Abd and the name of God after it are two words, whether written as one or not, whatever vowel stands between them and
whether its article is assimilated (Abdur Rahman, Abdelrahman, Abd al-Rahman); -ullah and -uddin belong to the word
before them and are spelt in one way.
"""

from __future__ import annotations

import re
from functools import lru_cache

from streams.matching.families import endings, family
from streams.matching.particles import words_of
from streams.matching.scripts import Script, is_mrz_arabic, script_of, sound
from streams.matching.words import Word, make

_VOWELS = re.compile(r"[aiou]")
_ABD = words_of("""
    abd abdul abdel abdal abdol abdoul abdoel abdil abdur abdar abder abdor abdus abdas abdes abdun abdan abduz abdu
    abdou abdi abed ebd
""")
_ABD_JOINED = re.compile(r"^abd[aeiou]{1,2}(?:l|r(?=r)|s(?=s)|n(?=n)|z(?=z)|d(?=d)|t(?=t))?(?P<rest>[a-z]{3,})$")
_ULLAH_ENDS, _UDDIN_ENDS = ("la", "lah"), ("in", "en", "yn", "ne")
"""How what the next two find ends; most names do not."""
_ABDULLAH = re.compile(r"^abd[aeou]{1,2}l{1,2}ah?$")
_ULLAH = re.compile(r"^(?P<stem>[a-z]{3,}?)(?:(?:u|ou|oo)l{1,2}ah?|[aeo]l{1,2}ah)$")
_ULLAH_WORDS = words_of("ullah ulla ulah ula allah alah lah llah ollah oullah")
_UDDIN = re.compile(r"^(?P<stem>[a-z]{3,}?)(?:(?:u|ou|oo)d{1,2}|odd|[ae]{1,2}[ld]d|uld|ed)(?:in|een|ine|ien|yn|ene)$")
_UDDIN_WORDS = words_of("""
    din deen dine dien dyn uddin udin eddine eddin aldin aldeen eldin eldeen uddeen udeen addin adin
""")
_ALLAH = frozenset(["الله", "اللّٰه", "لله"])
_NATIVE = {Script.HANGUL: Script.KOREAN, Script.HAN: Script.CHINESE}
_PERSIAN = str.maketrans("یکہھۀ", "يكههه")
"""Letters of Persian and Urdu that are Arabic ones in another shape."""
_DIN, _AL_DIN = "دين", "الدين"
"""An Arabic word that is an ending after another, without its article and with it."""
_SHORT_WITH_ARTICLE = 4
"""Letters of an Arabic word that has an article after Abd alone."""
_BY_SOUND = (Script.INDIC, Script.CYRILLIC)
"""Scripts that write the vowels, so that the rules of Latin hold for their sounds."""


_ENDINGS = endings()


def add_words(found: list[Word], kept: list[str], mrz: bool, native: bool) -> None:
    """Put the words of a name one after the other, see :func:`add_word`."""
    for text in kept:
        same = None if mrz else alone(text, native)
        if same is None or (found and completes(text)):
            add_word(found, text, mrz, native)
        else:
            found += same


def completes(text: str) -> bool:
    """May a word complete the one before it to a known name?"""
    return text in _ENDINGS


def read_alone(text: str, native: bool) -> tuple[Word, ...] | None:
    """What a word is wherever in a name it stands, unless it completes a known one; None if that depends on the words
    before it."""
    if text.isascii():
        return None if text in _ULLAH_WORDS or text in _UDDIN_WORDS else _latin_alone(text)
    script = script_of(text)
    heard = sound(text, script) if script in _BY_SOUND else text
    if heard in _ULLAH_WORDS or heard in _UDDIN_WORDS or text in _ALLAH:
        return None
    if script is Script.ARABIC:
        letters = text.translate(_PERSIAN)
        short = letters.startswith("ال") and len(letters) == _SHORT_WITH_ARTICLE
        if short or letters in _ALLAH or letters in (_DIN, _AL_DIN):
            return None
    found: list[Word] = []
    add_word(found, text, False, native)
    return tuple(found)


alone = lru_cache(maxsize=65_536)(read_alone)
"""The same, kept for a while."""


def add_word(found: list[Word], text: str, mrz: bool, native: bool = False) -> None:
    """Put a word of a name after those `found` before it: as one, as two, or as the ending of the last.

    Two that spell one known name together (Abu Bakr) are one.

    `mrz`: a word of the name is Arabic as the MRZ has it, so that others without vowels are, too. `native`: the name
    is one of a Korean or Chinese, see :class:`Script`.
    """
    script = Script.LATIN if text.isascii() else script_of(text)
    if found and found[-1].script is script and family(found[-1].text + text):
        text = found.pop().text + text
    if script is Script.LATIN:
        arabic = mrz and (is_mrz_arabic(text) or not _VOWELS.search(text))
        found += _made(text, Script.ARABIC) if arabic else _latin(text, found)
    elif script is Script.ARABIC:
        found += _arabic(text, found)
    elif script in _BY_SOUND:
        found += _by_sound(text, script, found)
    else:
        found += _made(text, _NATIVE.get(script, script) if native else script)


def _made(text: str, script: Script, sounds: str | None = None) -> list[Word]:
    word = make(text, script, sounds)
    return [] if word is None else [word]


def _join(before: list[Word], text: str, ending: str) -> list[Word]:
    """Put the ending of a compound (-ullah, -uddin) on the word before it."""
    last = before.pop()
    return _made(f"{last.text} {text}", last.script, last.sounds + ending)


def _is_abd(word: Word) -> bool:
    return word.sounds in ("abd", "Abd")


def _latin(text: str, before: list[Word]) -> list[Word]:
    if before and text in _ULLAH_WORDS:
        if _is_abd(before[-1]):
            before.pop()
            return _made("abdullah", Script.LATIN)
        return _join(before, text, "ula")
    if before and text in _UDDIN_WORDS:
        return _join(before, text, "udin")
    return list(_latin_alone(text))


def _latin_alone(text: str) -> tuple[Word, ...]:
    """A Latin word by itself: compounds with Abd are two words, with -ullah and -uddin one spelling."""
    if text.startswith("abd"):
        if _ABDULLAH.match(text):
            return tuple(_made("abdullah", Script.LATIN))
        if text in _ABD:
            return tuple(_made(text, Script.LATIN, "abd"))
        if (found := _ABD_JOINED.match(text)) is not None:
            return (*_made(text[: found.start("rest")], Script.LATIN, "abd"), *_latin_alone(found["rest"]))
    if text.endswith(_ULLAH_ENDS) and (found := _ULLAH.match(text)) is not None:
        return tuple(_made(text, Script.LATIN, sound(found["stem"], Script.LATIN) + "ula"))
    if text.endswith(_UDDIN_ENDS) and (found := _UDDIN.match(text)) is not None:
        return tuple(_made(text, Script.LATIN, sound(found["stem"], Script.LATIN) + "udin"))
    return tuple(_made(text, Script.LATIN))


def _by_sound(text: str, script: Script, before: list[Word]) -> list[Word]:
    """A word of a script that writes its vowels."""
    heard = sound(text, script)
    if before and heard in _ULLAH_WORDS and before[-1].script is script:
        if _is_abd(before[-1]):
            before.pop()
            return _made(text, script, "abdula")
        return _join(before, text, "ula")
    if before and heard in _UDDIN_WORDS and before[-1].script is script:
        return _join(before, text, "udin")
    if heard.startswith("abd"):
        if _ABDULLAH.match(heard):
            return _made(text, script, "abdula")
        if heard in _ABD:
            return _made(text, script, "abd")
        if (found := _ABD_JOINED.match(heard)) is not None:
            return [*_made(text, script, "abd"), *_made(text, script, found["rest"])]
    if (found := _ULLAH.match(heard)) is not None:
        return _made(text, script, found["stem"] + "ula")
    if (found := _UDDIN.match(heard)) is not None:
        return _made(text, script, found["stem"] + "udin")
    return _made(text, script)


def _arabic(written: str, before: list[Word]) -> list[Word]:
    text = written.translate(_PERSIAN)
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
    if before and text == _DIN:
        return _join(before, text, "udin")
    if text.endswith("الدين") and len(text) > 7:
        return _made(text, Script.ARABIC, sound(text[:-5], Script.ARABIC) + "udin")
    if text.endswith("الله") and len(text) > 6:
        return _made(text, Script.ARABIC, sound(text[:-4], Script.ARABIC) + "ula")
    return _made(text, Script.ARABIC)
