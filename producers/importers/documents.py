"""Document numbers out of free text: lists write `Libyan passport No. 513519 (expired)` where a number belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from producers.importers.countries import country_code, country_named_in
from schemas.codes import DocumentType

_SHORTEST = 4
_KINDS: tuple[tuple[str, DocumentType], ...] = (
    (r"travel document|laissez-passer|reiseausweis", DocumentType.TRAVEL_DOCUMENT),
    (r"driv(er|ing)", DocumentType.DRIVING_LICENCE),
    (r"birth certificate|certificate of|ration card|voter|student|military|ex-serviceman|other id", DocumentType.OTHER),
    (r"residen(t|ce|tial)|alien registration", DocumentType.RESIDENCE_PERMIT),
    (r"passport|pasaporte|passeport", DocumentType.PASSPORT),
    (r"identity card|identification card|identity document|personalausweis|tazkira|\bid\b", DocumentType.ID_CARD),
    (r"national|identi|personal|social security|fiscal|tax|\bssn\b", DocumentType.NATIONAL_ID),
    (r"\bvisa\b", DocumentType.VISA),
)
_TAIL = re.compile(r"\s*\(([^()]*)\)\s*$")
_LATER = re.compile(r",\s|;|\b(?:issued|expire[sd]?|expiration|under (?:the )?name|valid|born)\b", re.IGNORECASE)
_MARK = re.compile(r"^(?:no\.?|n[°º]|number|num\.?)(?=\d)", re.IGNORECASE)
_MARKS = frozenset({"no", "no.", "no.:", "n°", "number", "number:"})
_LETTERS = re.compile(r"[A-Z]{1,3}-?|[A-Z]{1,3}-[A-Z]")
_ABBREVIATIONS = frozenset({"SSN", "ID", "US", "UK", "CAR", "NIF"})


@dataclass(frozen=True)
class NumberText:
    """A number and what the words around it said."""

    number: str
    country: str | None
    type: DocumentType | None


def document_type(text: str) -> DocumentType | None:
    """The kind of document that `text` speaks of; None where it names none."""
    lowered = " ".join(text.lower().split())
    return next((kind for pattern, kind in _KINDS if re.search(pattern, lowered)), None)


def read_number(text: str) -> NumberText | None:
    """The number in `text`; None where there is none that could identify a document.

    The number is the last run of words with digits, with the capitals before it (`SE 012820`); a country or kind of
    document may be named before it, after a comma or in brackets.
    """
    text = " ".join(text.split())
    country = None
    while tail := _TAIL.search(text):
        country = country or country_code(tail[1])
        text = text[: tail.start()]
    parts = _LATER.split(text, maxsplit=1)
    if len(parts) > 1:
        country = country or country_code(parts[1])
    words = parts[0].split()
    taken = _number_words(words)
    number = _MARK.sub("", " ".join(word for word in taken if word.lower() not in _MARKS)).strip(" .:,")
    before = " ".join(words[: len(words) - len(taken)]) if taken else parts[0]
    if not is_number(number):
        return None
    return NumberText(
        number, country or country_named_in(before.replace("(", " ").replace(")", " ")), document_type(before)
    )


def _number_words(words: list[str]) -> list[str]:
    start = len(words)
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        digits = any(c.isdigit() for c in word)
        before_number = start < len(words) or digits
        mark_between = word.lower() in _MARKS and place > 0 and any(c.isdigit() for c in words[place - 1])
        letters = before_number and _LETTERS.fullmatch(word) is not None and word not in _ABBREVIATIONS
        if not (digits or letters or (before_number and mark_between)):
            break
        start = place
    return words[start:]


def is_number(number: str) -> bool:
    """Could it identify a document? Four signs or more, a digit, and neither one sign repeated nor 1234...

    The gate refuses an event for a number that is none (000000, UNKNOWN), so importers leave such numbers out.
    """
    signs = [c for c in number.upper() if c.isalnum()]
    if len(signs) < _SHORTEST or not any(c.isdigit() for c in signs) or len(set(signs)) == 1:
        return False
    run = "".join(signs)
    return not (run.isdigit() and (run in "01234567890123" or run in "98765432109876"))


_FILLERS = frozenset({"UNKNOWN", "NONE", "NULL", "NA", "NIL", "NOTKNOWN", "NOTAVAILABLE", "NOPLATE", "UNK", "TEST"})


def identifies(number: str) -> bool:
    """Could it identify a thing (plate, serial number, IMO number)? Three signs or more that are not one repeated, no
    run and no filler: the gate refuses an event for a number that is none.
    """
    signs = "".join(c for c in number.upper() if c.isalnum())
    run = len(signs) > 3 and (signs in "01234567890123456789" or signs in "98765432109876543210")
    return (
        len(signs) >= 3
        and len(set(signs) - {"X", "0"}) > 0
        and len(set(signs)) > 1
        and not run
        and signs not in _FILLERS
    )
