"""Numbers, dates and countries out of what people write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.importers.countries import country_code
from producers.importers.dates import is_possible, read_date, without_impossible
from producers.importers.documents import identifies, is_number, read_number
from producers.importers.scripts import script_of
from schemas.codes import DocumentType
from schemas.subjects import BirthDate
from streams.matching import meaningless


@pytest.mark.parametrize(
    ("text", "number", "country", "kind"),
    [
        ("OB 0243318", "OB 0243318", None, None),
        ("CAR diplomatic passport no. D00000898", "D00000898", "cf", DocumentType.PASSPORT),
        ("Laissez-passer no. N°235/MISPAT", "235/MISPAT", None, DocumentType.TRAVEL_DOCUMENT),
        ("No34409/129", "34409/129", None, None),
        ("381110042 (Expired 25 Jan. 2016)", "381110042", None, None),
        ("Libya B/002210", "B/002210", "ly", None),
        ("R00012098, South Sudan", "R00012098", "ss", None),
        ("403062567 (US)", "403062567", "us", None),
        ("Social Security Number 423-31-3021 (US)", "423-31-3021", "us", DocumentType.NATIONAL_ID),
        ("Russian passport number 8208 No. 555627", "8208 555627", "ru", DocumentType.PASSPORT),
        ("German travel document (“Reiseausweis”) A 0139243", "A 0139243", "de", DocumentType.TRAVEL_DOCUMENT),
        ("Counterfeit Danish driving licence number 20645897", "20645897", "dk", DocumentType.DRIVING_LICENCE),
        ("Tunisian passport number L 191609 issued on 28 Feb. 1996", "L 191609", "tn", DocumentType.PASSPORT),
    ],
)
def test_a_number_is_found_in_a_sentence_with_its_issuer(
    text: str, number: str, country: str | None, kind: DocumentType | None
) -> None:
    found = read_number(text)

    assert found is not None
    assert (found.number, found.country, found.type) == (number, country, kind)


@pytest.mark.parametrize("text", ["", "UNKNOWN", "000000", "123456", "N/A", "issued in 1993, under name X", "XXXX"])
def test_what_identifies_nothing_is_no_number(text: str) -> None:
    assert read_number(text) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    found = read_number(text)

    assert found is None or is_number(found.number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1969-7-16", BirthDate(year=1969, month=7, day=16)),
        ("1965", BirthDate(year=1965)),
        ("1965-03", BirthDate(year=1965, month=3)),
        ("1965-00-00", BirthDate(year=1965)),
        ("16/07/1969", BirthDate(year=1969, month=7, day=16)),
        ("16 July 1969", BirthDate(year=1969, month=7, day=16)),
        ("tomorrow", None),
    ],
)
def test_dates_are_read_as_they_are_written(text: str, expected: BirthDate | None) -> None:
    assert read_date(text) == expected


def test_an_impossible_day_leaves_month_and_year() -> None:
    assert without_impossible(BirthDate(year=1974, month=1, day=32)) == BirthDate(year=1974, month=1)
    assert without_impossible(BirthDate(year=1974, month=2, day=29)) == BirthDate(year=1974, month=2)
    assert without_impossible(BirthDate(year=1974, month=13, day=1)) == BirthDate(year=1974)
    assert without_impossible(BirthDate(year=974)) is None
    assert without_impossible(BirthDate(year=datetime.now(UTC).year, month=12)) is not None
    assert without_impossible(BirthDate(year=datetime.now(UTC).year + 1)) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    read = read_date(text)
    kept = without_impossible(read) if read else None

    assert kept is None or is_possible(kept.year, kept.month, kept.day)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Iran (Islamic Republic of)", "ir"),
        ("Democratic Republic of the Congo", "cd"),
        ("State of Palestine", "ps"),
        ("Turkey", "tr"),
        ("Türkiye", "tr"),
        ("Ivory Coast", "ci"),
        ("South Korea", "kr"),
        ("East Timor", "tl"),
        ("Bangladeshi", "bd"),
        ("af", "af"),
        ("PAK", "pk"),
        ("D", "de"),
        ("RKS", "xk"),
        ("UNO", "un"),
        ("former Soviet Union", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_are_known_by_name_code_and_demonym(name: str, code: str | None) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("José", "Latn"),
        ("صدام حسين", "Arab"),
        ("Ислам", "Cyrl"),
        ("রহমান", "Beng"),
        ("अहमद", "Deva"),
        ("金铁三", "Hani"),
        ("김정은", "Hang"),
        ("山田 はなこ", "Jpan"),
        ("ނަޝީދު", "Thaa"),
        ("123", None),
    ],
)
def test_scripts_are_told_by_their_letters(text: str, script: str | None) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    "number",
    [
        "UNKNOWN",
        "0000",
        "XXX",
        "12345678",
        "AAAA",
        "A",
        "A1",
        "AB1",
        "KA-01",
        "IMO 9074729",
        "000X",
        "no plate",
        "9876",
    ],
)
def test_what_identifies_nothing_is_what_the_gate_refuses(number: str) -> None:
    assert identifies(number) is not meaningless(number)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("U.S.A.", "us"),
        ("U.K.", "gb"),
        ("St. Lucia", "lc"),
        ("St Kitts & Nevis", "kn"),
        ("Bosnia & Herzegovina", "ba"),
        ("Korea, South", "kr"),
        ("DR Congo", "cd"),
        ("BGD", "bd"),
        ("bangladeshi", "bd"),
        ("Türkiye", "tr"),
        ("CÔTE D’IVOIRE", "ci"),
        ("D", "de"),
        ("XXA", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_are_understood_by_name_and_by_code(name: str, code: str | None) -> None:
    assert country_code(name) == code
