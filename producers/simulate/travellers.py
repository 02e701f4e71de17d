"""Travellers who are on no list: names from Faker's locales, drawn until they equal no listed name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

from faker import Faker

from producers.importers.scripts import script_of
from producers.simulate.numbers import confusable_free, draw_document_number
from schemas.codes import DocumentType, Sex
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document, Name, Subject

_LOCALES = {
    "bd": ("bn_BD", "en_IN"),
    "in": ("hi_IN", "en_IN", "ta_IN"),
    "np": ("ne_NP", "en_IN"),
    "bt": ("ne_NP", "en_IN"),
    "lk": ("si_LK", "ta_IN", "en_IN"),
    "mv": ("en_PK", "en_IN"),
    "pk": ("en_PK",),
    "af": ("fa_IR", "en_PK"),
    "mm": ("en_TH",),
    "th": ("th_TH", "en_TH"),
    "fr": ("fr_FR",),
}
_DEFAULT_LOCALES = ("en_GB",)
_WORDS = re.compile(r"\w+")


class Strangers:
    """Draws travellers of whom none is listed and no two share a name or a number.

    That they are not listed is so by construction: a drawn name whose words equal those of a listed name, in whatever
    order, is thrown away, and so is a number that could be taken for a listed one. No matcher is asked.
    """

    def __init__(self, random: Random, listed: Iterable[WatchlistEntry]) -> None:
        self._random = random
        self._fakers: dict[str, Faker] = {}
        listed = tuple(listed)
        self._names = listed_words(listed)
        self._numbers = {confusable_free(number) for entry in listed for number in numbers_of(entry)}

    def number(self) -> str:
        """A document number that nobody else has."""
        while True:
            number = draw_document_number(self._random)
            if confusable_free(number) not in self._numbers:
                self._numbers.add(confusable_free(number))
                return number

    def traveller(self, country: str, subject_id: str) -> Subject:
        """Somebody from `country`."""
        sex = self._random.choice((Sex.F, Sex.M))
        given, family = self._name(country, sex)
        full = f"{given} {family}"
        return Subject(
            subject_id=subject_id,
            names=(Name(full=full, given=given, family=family, script=script_of(full)),),
            births=(draw_birth(self._random),),
            sex=sex,
            nationalities=(country,),
            documents=(Document(type=DocumentType.PASSPORT, number=self.number(), country=country),),
        )

    def _name(self, country: str, sex: Sex) -> tuple[str, str]:
        while True:
            faker = self._faker(self._random.choice(_LOCALES.get(country, _DEFAULT_LOCALES)))
            given = faker.first_name_female() if sex is Sex.F else faker.first_name_male()
            family = faker.last_name()
            words = words_of(f"{given} {family}")
            if words not in self._names:
                self._names.add(words)
                return given, family

    def _faker(self, locale: str) -> Faker:
        if locale not in self._fakers:
            faker = self._fakers[locale] = Faker(locale)
            faker.seed_instance(self._random.getrandbits(64))
        return self._fakers[locale]


def listed_words(listed: Iterable[WatchlistEntry]) -> set[frozenset[str]]:
    """The words of every listed name."""
    return {words_of(name.full) for entry in listed if entry.subject for name in entry.subject.names}


def words_of(name: str) -> frozenset[str]:
    """The words of a name without regard to order and case."""
    return frozenset(_WORDS.findall(name.casefold()))


def numbers_of(entry: WatchlistEntry) -> list[str]:
    """Every document number of an entry."""
    documents = list(entry.subject.documents) if entry.subject else []
    if entry.object and entry.object.document:
        documents.append(entry.object.document)
    return [document.number for document in documents]


def draw_birth(random: Random) -> BirthDate:
    """A whole date of birth of an adult; never 1 January, which stands for unknown dates (domain rule 11)."""
    return BirthDate(year=random.randrange(1945, 2005), month=random.randrange(1, 13), day=random.randrange(2, 29))
