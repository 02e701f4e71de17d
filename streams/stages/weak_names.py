"""Names that alone identify nobody (domain rule 15): an entry with nothing else would flood everybody with alerts."""

from __future__ import annotations

import re

from anyascii import anyascii

from schemas.codes import NameType
from schemas.subjects import Subject

_COMMON = """
    abdul abdullah abdulla abdallah abdel ahmad ahmed ahmet akbar ali alam amin amir anwar aziz begum bibi chan chen
    das devi fatima ghulam gul hamid haji hasan hassan hossain hosein hussain hussein hussien ibrahim iqbal islam
    ismail jan john jose kamal karim kaur khan kim kumar lal lee li lin liu mahmood mahmud maria mary md miah mohamad
    mohamed mohammad mohammed mohamud muhammad muhammed mehmet mustafa nasir nguyen noor nur omar osman park patel
    prasad rahim rahman ram rana rashid raza sahib said saeed salah saleh salim sayed shah sharma sheikh singh sultan
    sunil syed tamang thapa tran umar usman uddin wang wei yusuf yousef zhang zahid
"""
COMMON = frozenset(_COMMON.split())
"""Single names, in Latin small letters, that very many people bear."""


def too_weak(subject: Subject) -> bool:
    """Is there nothing to find the subject by but one common word: no year of birth, no number, no other name?"""
    names = [name for name in subject.names if name.type is not NameType.MISUSED]
    if subject.documents or any(birth.year is not None for birth in subject.births):
        return not names and not subject.documents
    return all(_is_common_word(name.full) for name in names)


def _is_common_word(full: str) -> bool:
    words = re.findall("[a-z]+", anyascii(full).lower())
    if len(words) != 1:
        return not words
    return words[0] in COMMON or (not full.isascii() and _consonants(words[0]) in _COMMON_CONSONANTS)


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiouy]", "", word))


_COMMON_CONSONANTS = frozenset(bare for word in COMMON if len(bare := _consonants(word)) > 2)
"""For scripts that write no vowels."""
