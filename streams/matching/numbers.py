"""Numbers of documents, vehicles, firearms, vessels and works of art: how they are written, folded and refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from schemas.codes import DocumentType, Mode
from schemas.subjects import Object, Subject

_CONFUSABLE = str.maketrans("OISBZ", "01582")
"""Characters that are read for each other (domain rule 10)."""

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")

_FILLERS = """
NA NONE NULL NIL NO NONUMBER NOTAVAILABLE NOTAPPLICABLE NOTKNOWN NOTGIVEN NOTSTATED UNK UNKN UNKNOWN UNKNWN
UNDEFINED UNSPECIFIED MISSING BLANK EMPTY TBA TBC TBD TEST DUMMY SAMPLE SPECIMEN EXAMPLE PENDING REFUSED
NOPLATE NOTREGISTERED INCONNU NEANT SANS DESCONOCIDO UNBEKANNT NUMBER PASSPORT
"""
_WORDS = frozenset(_FILLERS.split())
_RUNS = ("01234567890123456789", "98765432109876543210", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ZYXWVUTSRQPONMLKJIHGFEDCBA")
_SHORTEST_NUMBER = 3


@lru_cache(maxsize=65_536)
def exact(number: str) -> str:
    """The number in capitals without separators or MRZ fillers; digits and letters of any script become Latin."""
    return _NOT_ALPHANUMERIC.sub("", (number if number.isascii() else anyascii(number)).upper())


def folded(number: str) -> str:
    """The number with O/0, I/1, S/5, B/8 and Z/2 merged (domain rule 10)."""
    return exact(number).translate(_CONFUSABLE)


def meaningless(number: str) -> bool:
    """Does it identify nothing: empty, a filler such as UNKNOWN or XXXX, one repeated character, a run (123456)?"""
    text = exact(number)
    if len(text) < _SHORTEST_NUMBER or text in _WORDS or len(set(text)) == 1:
        return True
    if len(text) >= 4 and any(text in run for run in _RUNS):
        return True
    return not (set(text) - set("X0"))


@dataclass(frozen=True, slots=True)
class Number:
    """One identifier of an item. `kind` is that of the reference key; `issuer` says who gave it, None if unknown."""

    kind: str
    text: str
    issuer: str | None = None
    type: DocumentType = DocumentType.UNKNOWN


def numbers_of(item: Subject | Object) -> Iterator[Number]:
    """Every identifier of an item that means something, in the item's order."""
    for number in _all_numbers(item):
        if not meaningless(number.text):
            yield number


def _all_numbers(item: Subject | Object) -> Iterator[Number]:
    if isinstance(item, Subject):
        for document in item.documents:
            yield Number("document", document.number, document.country, document.type)
        return
    if (document_ := item.document) is not None:
        yield Number("document", document_.number, document_.country, document_.type)
    if (vehicle := item.vehicle) is not None:
        if vehicle.vin:
            yield Number("vin", vehicle.vin)
        if vehicle.plate:
            yield Number("plate", vehicle.plate, vehicle.country)
    if (firearm := item.firearm) is not None and firearm.serial:
        yield Number("firearm", firearm.serial, firearm.make)
    if (vessel := item.vessel) is not None:
        if vessel.imo:
            yield Number("imo", imo_digits(vessel.imo))
        if vessel.mmsi:
            yield Number("mmsi", vessel.mmsi, vessel.flag)
    if (artwork := item.artwork) is not None and artwork.reference:
        yield Number("artwork", artwork.reference)


def imo_digits(imo: str) -> str:
    """The number without the letters IMO that many write before it."""
    text = exact(imo)
    return text.removeprefix("IMO") or text


def imo_is_valid(imo: str) -> bool:
    """Seven digits, the last the check digit: the first six weighted 7 to 2, modulo 10 (IMO Res. A.1117(30))."""
    text = imo_digits(imo)
    if len(text) != 7 or not text.isdecimal():
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, range(7, 1, -1), strict=False)) % 10 == int(text[6])


def vin_is_wellformed(vin: str) -> bool:
    """Seventeen characters without I, O and Q (ISO 3779). The check digit binds in North America alone: not asked."""
    text = exact(vin)
    return len(text) == 17 and not set(text) & set("IOQ")


def reference_numbers(mode: Mode, item: Subject | Object) -> frozenset[str]:
    """Keys ``MODE|kind|FOLDED`` under which two items that share an identifier find each other.

    Issuer, document type and exact spelling are not in the key: `decide` grades them.
    """
    return frozenset(f"{mode.value}|{number.kind}|{folded(number.text)}" for number in numbers_of(item))
