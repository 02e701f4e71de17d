"""Is somebody in a message, whatever message it is? Pure: for whoever asks what is held about them.

Subjects are compared as the matcher compares (POSSIBLE and better is shown: a person decides). Beside that every text
of the message is looked through for the words of the name and for the numbers, so remarks, answers and numbers of
objects are found too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from schemas.subjects import Subject
from streams.matching import compare_pair

SHORTEST = 4
"""Characters of a number that is looked for: shorter ones are in everything."""
_NOT_WORDS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where somebody is in a message."""

    place: str
    """Path of the field."""
    why: str
    """A band (POSSIBLE, STRONG, EXACT), `name` or `number`, as it stands in a text."""


class SubjectSearch:
    """Looks for one person in messages."""

    def __init__(self, wanted: Subject, numbers: tuple[str, ...] = ()) -> None:
        """`wanted` has the names and what else is known; `numbers` are looked for in every text."""
        self._wanted = wanted
        self._names = [words for name in wanted.names if len(words := _words(name.full)) > 1]
        self._numbers = [folded for number in numbers if len(folded := _folded(number)) >= SHORTEST]

    def hits(self, message: BaseModel) -> list[Hit]:
        """Where the person may be; one hit a place."""
        found: dict[str, Hit] = {}
        for place, value in _values("", message):
            if isinstance(value, Subject):
                band = compare_pair(self._wanted, value).band if self._wanted.names else None
                if band is not None:
                    found[place] = Hit(place, band.value)
            elif (why := self._in_text(value)) and not any(place.startswith(f"{at}.") for at in found):
                found[place] = Hit(place, why)
        return list(found.values())

    def in_bytes(self, data: bytes) -> Hit | None:
        """The person in what cannot be read as a message."""
        why = self._in_text(data.decode("utf-8", "replace"))
        return Hit("", why) if why else None

    def _in_text(self, text: str) -> str | None:
        folded = _folded(text)
        if any(number in folded for number in self._numbers):
            return "number"
        if self._names:
            words = set(_words(text))
            if any(words.issuperset(name) for name in self._names):
                return "name"
        return None


def _values(place: str, value: object) -> Iterator[tuple[str, Subject | str]]:
    """Every subject and every text in a message, subjects before their texts."""
    if isinstance(value, Subject):
        yield place, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _values(f"{place}.{name}" if place else name, getattr(value, name))
    elif isinstance(value, tuple | list):
        for number, one in enumerate(value):
            yield from _values(f"{place}.{number}", one)
    elif isinstance(value, str):
        yield place, value


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return [word for word in _NOT_WORDS.split("".join(c for c in plain if not unicodedata.combining(c))) if word]


def _folded(text: str) -> str:
    return "".join(_words(text))
