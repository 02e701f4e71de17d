"""Machine-readable zones (ICAO Doc 9303): TD1 cards (part 5), TD2 (part 6), TD3 passports (part 4), visas (part 7).

A document number of a TD1 or TD2 that is longer than nine characters goes on in the optional data: a filler stands in
the place of its check digit, and the rest of the number and then the check digit at the beginning of the optional
data. Check digits (part 3, section 4.9): weights 7, 3, 1; digits count as themselves, A to Z as 10 to 35, `<` as 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIGNS = re.compile("[A-Z0-9<]+")


class Size(StrEnum):
    """Which kind of zone it is."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRV_A = "MRV-A"
    MRV_B = "MRV-B"


LINES = {Size.TD1: (30, 3), Size.TD2: (36, 2), Size.TD3: (44, 2), Size.MRV_A: (44, 2), Size.MRV_B: (36, 2)}
"""Characters of a line, and lines."""


class NoMrz(ValueError):
    """The lines are no machine-readable zone; the message says why."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says, field by field, without fillers at the ends."""

    size: Size
    code: str
    """Kind of document: P, I, A, C or V and a letter of the issuer's."""
    issuer: str
    number: str
    birth: str
    """YYMMDD; what is not known is `<`."""
    sex: str
    """M, F, or `<` (X in the document)."""
    expiry: str
    nationality: str
    primary: str
    """The primary identifier (usually the family name), with blanks; the whole name where nothing divides it."""
    secondary: str
    """The secondary identifiers (given names)."""
    truncated: bool
    """The name fills its field: it may have been cut."""
    optional: tuple[str, ...]
    wrong: tuple[str, ...]
    """Fields whose check digit is wrong: number, birth, expiry, personal number, composite."""


def check_digit(text: str) -> int:
    """The check digit of `text`, which holds digits, A to Z and `<` alone."""
    return sum((0 if sign == "<" else _ALPHABET.index(sign)) * w for sign, w in zip(text, cycle((7, 3, 1)))) % 10


def read_mrz(lines: Sequence[str]) -> Mrz:
    """The zone in two or three lines (or in one, without its line breaks). Raises NoMrz."""
    text = [line.strip().upper() for line in lines]
    if len(text) == 1:
        text = _divided(text[0])
    for line in text:
        if _SIGNS.fullmatch(line) is None:
            raise NoMrz("other signs than A to Z, 0 to 9 and <")
    lengths = [len(line) for line in text]
    visa = text[0].startswith("V")
    if lengths == [30, 30, 30]:
        return _td1(text)
    if lengths == [36, 36]:
        return _two_lines(text, Size.MRV_B if visa else Size.TD2)
    if lengths == [44, 44]:
        return _two_lines(text, Size.MRV_A if visa else Size.TD3)
    raise NoMrz(f"lines of {', '.join(map(str, lengths))} characters; there are 3 of 30, 2 of 36 or 2 of 44")


def _divided(text: str) -> list[str]:
    for length, count in ((30, 3), (36, 2), (44, 2)):
        if len(text) == length * count:
            return [text[at : at + length] for at in range(0, len(text), length)]
    return [text]


def _td1(lines: list[str]) -> Mrz:
    first, second, third = lines
    number, optional, number_is_right = _number(first[5:14], first[14], first[15:30])
    checks = {
        "number": number_is_right,
        "birth": _right(second[0:6], second[6]),
        "expiry": _right(second[8:14], second[14]),
        "composite": _right(first[5:30] + second[0:7] + second[8:15] + second[18:29], second[29]),
    }
    primary, secondary, truncated = _names(third)
    return Mrz(
        size=Size.TD1,
        code=first[0:2].strip("<"),
        issuer=first[2:5].strip("<"),
        number=number,
        birth=second[0:6],
        sex=second[7],
        expiry=second[8:14],
        nationality=second[15:18].strip("<"),
        primary=primary,
        secondary=secondary,
        truncated=truncated,
        optional=_filled(optional, second[18:29]),
        wrong=tuple(name for name, right in checks.items() if not right),
    )


def _two_lines(lines: list[str], size: Size) -> Mrz:
    first, second = lines
    extra = second[28:35] if size is Size.TD2 else second[28:42] if size is Size.TD3 else second[28:]
    if size is Size.TD2:
        number, extra, number_is_right = _number(second[0:9], second[9], extra)
    else:
        number, number_is_right = second[0:9].strip("<"), _right(second[0:9], second[9])
    checks = {
        "number": number_is_right,
        "birth": _right(second[13:19], second[19]),
        "expiry": _right(second[21:27], second[27]),
    }
    body = second[0:10] + second[13:20]
    if size is Size.TD3:
        checks["personal number"] = _right(extra, second[42]) or (not extra.strip("<") and second[42] == "<")
        checks["composite"] = _right(body + second[21:43], second[43])
    elif size is Size.TD2:
        checks["composite"] = _right(body + second[21:35], second[35])
    primary, secondary, truncated = _names(first[5:])
    return Mrz(
        size=size,
        code=first[0:2].strip("<"),
        issuer=first[2:5].strip("<"),
        number=number,
        birth=second[13:19],
        sex=second[20],
        expiry=second[21:27],
        nationality=second[10:13].strip("<"),
        primary=primary,
        secondary=secondary,
        truncated=truncated,
        optional=_filled(extra),
        wrong=tuple(name for name, right in checks.items() if not right),
    )


def _number(number: str, digit: str, optional: str) -> tuple[str, str, bool]:
    """The whole number, what is left of the optional data, and whether the check digit is right."""
    if digit != "<" or not optional.strip("<"):
        return number.strip("<"), optional, _right(number, digit)
    rest, _, left = optional.partition("<")
    whole = number + rest[:-1]
    return whole.strip("<"), left, _right(whole, rest[-1:])


def _right(text: str, digit: str) -> bool:
    return digit.isdigit() and check_digit(text) == int(digit)


def _names(field: str) -> tuple[str, str, bool]:
    primary, _, secondary = field.strip("<").partition("<<")
    words = [" ".join(part.replace("<", " ").split()) for part in (primary, secondary)]
    return words[0], words[1], not field.endswith("<")


def _filled(*texts: str) -> tuple[str, ...]:
    return tuple(text.strip("<") for text in texts if text.strip("<"))
