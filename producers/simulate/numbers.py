"""Numbers of documents, vehicles, weapons and ships as they look, check digits included, and how they are misread."""

from __future__ import annotations

import string
from random import Random

_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", "12345678123457923456789" + string.digits, strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_SIGNS = "".join(_VIN_VALUES)
MAKES = (("MA3", "Maruti Suzuki"), ("MAT", "Tata"), ("MA1", "Mahindra"), ("JTD", "Toyota"), ("VF1", "Renault"))
"""World manufacturer identifiers and makes."""
WEAPONS = (("Beretta", "92FS", "9x19"), ("Glock", "17", "9x19"), ("Norinco", "Type 56", "7.62x39"))
"""Make, model, calibre."""
_MARITIME = {"bd": "405", "in": "419", "lk": "417", "mv": "455", "pk": "463", "mm": "506", "th": "567", "fr": "226"}
"""Maritime identification digits (ITU table)."""
MISREAD = {"0": "O", "1": "I", "5": "S", "8": "B", "2": "Z"}
"""Signs that are taken for each other (domain rule 10)."""


def draw_document_number(random: Random) -> str:
    """Two letters that are not confusable and seven digits, one of them confusable."""
    digits = [random.choice(string.digits) for _ in range(7)]
    digits[random.randrange(7)] = random.choice(list(MISREAD))
    return "".join(random.choices("ACEFGHJKLMNPRTUVWXY", k=2)) + "".join(digits)


def draw_vin(random: Random, maker: str) -> str:
    """A VIN of 17 signs with its check digit (ISO 3779, 49 CFR 565.15)."""
    signs = list(maker + "".join(random.choices(_VIN_SIGNS, k=14)))
    signs[-1] = random.choice(list(MISREAD))
    signs[8] = vin_check_digit("".join(signs))
    return "".join(signs)


def vin_check_digit(vin: str) -> str:
    """What the ninth sign of `vin` must be, whatever it is."""
    weighted = (int(_VIN_VALUES[sign]) * weight for sign, weight in zip(vin, _VIN_WEIGHTS, strict=True))
    rest = sum(weighted) % 11
    return "X" if rest == 10 else str(rest)


def draw_plate(random: Random) -> str:
    """Two letters, two digits, two letters, four digits."""
    letters = "ACEFGHJKLMNPRTUVWXY"
    return (
        "".join(random.choices(letters, k=2))
        + f"{random.randrange(1, 99):02}"
        + "".join(random.choices(letters, k=2))
        + f"{random.randrange(1000, 10000)}"
    )


def draw_serial(random: Random) -> str:
    """A firearm's serial number."""
    return random.choice("ACEFGHJKLMNPRT") + f"{random.randrange(10**6, 10**7)}" + random.choice(list(MISREAD))


def draw_imo(random: Random) -> str:
    """An IMO number: six digits and a check digit (IMO resolution A.1117)."""
    digits = [int(digit) for digit in f"{random.randrange(700_000, 999_999)}"]
    return "".join(map(str, digits)) + str(sum(d * w for d, w in zip(digits, range(7, 1, -1), strict=True)) % 10)


def draw_mmsi(random: Random, flag: str) -> str:
    """A ship station's MMSI of the flag, or of India's block where the flag has no coast."""
    return _MARITIME.get(flag, "419") + f"{random.randrange(10**6):06}"


def misread(random: Random, number: str) -> str:
    """`number` with one confusable sign taken for its like; unchanged where it has none."""
    places = [place for place, sign in enumerate(number) if sign in MISREAD]
    if not places:
        return number
    place = random.choice(places)
    return number[:place] + MISREAD[number[place]] + number[place + 1 :]


def spaced(random: Random, number: str) -> str:
    """`number` in lower case with one or two separators."""
    separator = random.choice((" ", "-"))
    places = sorted(random.sample(range(1, len(number)), 2 if len(number) > 6 else 1), reverse=True)
    for place in places:
        number = number[:place] + separator + number[place:]
    return number.lower()


def confusable_free(number: str) -> str:
    """`number` with like signs made one and separators dropped: two that agree here could be taken for each other."""
    signs = "".join(sign for sign in number.upper() if sign.isalnum())
    return "".join(MISREAD.get(sign, sign) for sign in signs)
