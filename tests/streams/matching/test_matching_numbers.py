"""Reference numbers: what finds each other, and what identifies nothing."""

import pytest
from matching_cases import entry, passport, person, thing

from schemas.codes import Band, DocumentType, Mode
from streams.matching import decide, meaningless, reference_numbers
from streams.matching.issuers import issuer
from streams.matching.numbers import imo_is_valid


@pytest.mark.parametrize(
    "number", ["", "000000", "UNKNOWN", "N/A", "xxxx", "123456", "X0X0", "-", "n.a.", "AAAAAAA", "987654"]
)
def test_a_filler_is_meaningless(number):
    assert meaningless(number)


@pytest.mark.parametrize("number", ["A1234567", "AB850901", "1-78-09-44621-80", "৪৫৬৭১২৩", "100200"])
def test_a_number_is_not_meaningless(number):
    assert not meaningless(number)


def test_confusables_and_separators_share_a_key_and_modes_do_not():
    one, two = person(documents=(passport("AB-O15 8Z"),)), person(documents=(passport("ab0i5b2"),))
    assert reference_numbers(Mode.ACTUAL, one) == reference_numbers(Mode.ACTUAL, two) == {"ACTUAL|document|A801582"}
    assert reference_numbers(Mode.ACTUAL, one).isdisjoint(reference_numbers(Mode.EXERCISE, one))


def test_a_document_record_and_a_traveller_share_a_key():
    record, traveller = thing(document=passport("12AB34567")), person(documents=(passport("12AB34567", None),))
    assert reference_numbers(Mode.ACTUAL, record) == reference_numbers(Mode.ACTUAL, traveller)


def test_every_kind_of_thing_has_its_keys():
    kinds = {
        "vin": thing(vehicle={"vin": "WVWZZZ1JZXW000101"}),
        "plate": thing(vehicle={"plate": "AB-123-CD", "country": "fr"}),
        "firearm": thing(firearm={"serial": "BER 55512"}),
        "imo": thing(vessel={"imo": "IMO 9074729"}),
        "mmsi": thing(vessel={"mmsi": "232003556"}),
        "artwork": thing(artwork={"reference": "2003/8812"}),
    }
    for kind, item in kinds.items():
        (key,) = reference_numbers(Mode.TEST, item)
        assert key.startswith(f"TEST|{kind}|")
    assert "TEST|imo|9074729" in reference_numbers(Mode.TEST, kinds["imo"])


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("D", "de"),
        ("d<<", "de"),
        ("BGD", "bd"),
        ("fr", "fr"),
        ("GBN", "gb"),
        ("UNO", "un"),
        ("EUE", "eu"),
        ("XBA", "xba"),
        ("XPO", "xpo"),
        ("XXA", None),
        (None, None),
        ("", None),
    ],
)
def test_issuers_of_icao_are_mapped(code, means):
    assert issuer(code) == means


CASES = [
    ("type, issuer and number", passport("12AB34567", "fr"), passport("12ab 34567", "FRA"), Band.EXACT),
    ("issuer of ICAO", passport("C01X00T47", "D"), passport("C01X00T47", "de"), Band.EXACT),
    ("issuer unknown on one side", passport("12AB34567", None), passport("12AB34567", "fr"), Band.POSSIBLE),
    ("issuer unknown on both sides", passport("12AB34567", None), passport("12AB34567", None), Band.POSSIBLE),
    ("folded only", passport("12AB3456O", "fr"), passport("12AB34560", "fr"), Band.POSSIBLE),
    ("another issuer", passport("12AB34567", "fr"), passport("12AB34567", "it"), None),
    ("another type", passport("12AB34567", "fr", DocumentType.ID_CARD), passport("12AB34567", "fr"), Band.POSSIBLE),
    ("type unknown", passport("12AB34567", "fr", DocumentType.UNKNOWN), passport("12AB34567", "fr"), Band.STRONG),
    ("another number", passport("12AB34567", "fr"), passport("12AB34568", "fr"), None),
]


@pytest.mark.parametrize(("left", "right", "band"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_documents_are_graded_by_type_issuer_and_spelling(left, right, band):
    for item in (person("Anyone", documents=(left,)), thing(document=left)):
        match = decide(item, entry(thing(document=right)))
        assert (match.band if match else None) == band
        if match and band is Band.POSSIBLE:
            assert match.evidence[0].note


THINGS = [
    ("VIN", {"vehicle": {"vin": "WVWZZZ1JZXW000101"}}, {"vehicle": {"vin": "wvwzzz1jzxw000101"}}, Band.EXACT),
    ("VIN folded", {"vehicle": {"vin": "WVWZZZ1JZXW0OO101"}}, {"vehicle": {"vin": "WVWZZZ1JZXW000101"}}, Band.POSSIBLE),
    (
        "plate and country",
        {"vehicle": {"plate": "AB 123 CD", "country": "fr"}},
        {"vehicle": {"plate": "AB-123-CD", "country": "fr"}},
        Band.EXACT,
    ),
    (
        "plate alone",
        {"vehicle": {"plate": "AB123CD"}},
        {"vehicle": {"plate": "AB-123-CD", "country": "fr"}},
        Band.POSSIBLE,
    ),
    (
        "plate of another country",
        {"vehicle": {"plate": "AB123CD", "country": "it"}},
        {"vehicle": {"plate": "AB-123-CD", "country": "fr"}},
        None,
    ),
    (
        "gun whole",
        {"firearm": {"serial": "A7766", "make": "Beretta", "model": "92 FS", "calibre": "9x19"}},
        {"firearm": {"serial": "A7766", "make": "Pietro Beretta", "model": "92FS", "calibre": "9x19"}},
        Band.EXACT,
    ),
    (
        "gun without calibre",
        {"firearm": {"serial": "A7766", "make": "Beretta", "model": "92"}},
        {"firearm": {"serial": "A7766", "make": "Beretta", "model": "92", "calibre": "9x19"}},
        Band.STRONG,
    ),
    (
        "gun's serial alone",
        {"firearm": {"serial": "A7766"}},
        {"firearm": {"serial": "A7766", "make": "Beretta"}},
        Band.POSSIBLE,
    ),
    (
        "gun of another maker",
        {"firearm": {"serial": "A7766", "make": "Colt"}},
        {"firearm": {"serial": "A7766", "make": "Beretta"}},
        None,
    ),
    ("IMO", {"vessel": {"imo": "9074729"}}, {"vessel": {"imo": "IMO9074729"}}, Band.EXACT),
    ("IMO with a wrong check digit", {"vessel": {"imo": "9074728"}}, {"vessel": {"imo": "9074728"}}, Band.POSSIBLE),
    (
        "MMSI and flag",
        {"vessel": {"mmsi": "232003556", "flag": "gb"}},
        {"vessel": {"mmsi": "232003556", "flag": "gb"}},
        Band.EXACT,
    ),
    ("MMSI alone", {"vessel": {"mmsi": "232003556"}}, {"vessel": {"mmsi": "232003556", "flag": "gb"}}, Band.STRONG),
    (
        "artwork",
        {"artwork": {"reference": "2003/8812", "title": "La Plage"}},
        {"artwork": {"reference": "2003-8812", "title": "La plage"}},
        Band.EXACT,
    ),
    (
        "artwork's reference alone",
        {"artwork": {"reference": "2003/8812"}},
        {"artwork": {"reference": "2003-8812"}},
        Band.STRONG,
    ),
]


@pytest.mark.parametrize(("left", "right", "band"), [case[1:] for case in THINGS], ids=[case[0] for case in THINGS])
def test_things_are_graded(left, right, band):
    match = decide(thing(**left), entry(thing(**right)))
    assert (match.band if match else None) == band


def test_a_changed_plate_is_listed_as_a_conflict_of_the_same_vehicle():
    met = thing(vehicle={"vin": "WVWZZZ1JZXW000101", "plate": "XX111YY", "country": "fr"})
    match = decide(met, entry(thing(vehicle={"vin": "WVWZZZ1JZXW000101", "plate": "AB123CD", "country": "fr"})))
    assert match.band is Band.EXACT
    assert [e.feature for e in match.evidence if e.verdict == "DIFFERS"] == ["registration plate"]


def test_the_check_digit_of_an_imo_number_is_checked():
    assert imo_is_valid("IMO 9074729")
    assert not imo_is_valid("9074728")
    assert not imo_is_valid("907472")


def test_a_passport_of_another_person_is_a_hit_on_the_document_with_the_conflicts_listed():
    met = person("Jean Dupont", born="1980-05-04", documents=(passport("12AB34567"),))
    match = decide(met, entry(person("Ahmed Karimi", born="1955-07-08", documents=(passport("12AB34567"),))))
    assert match.band is Band.EXACT
    assert {e.feature for e in match.evidence if e.verdict == "DIFFERS"} == {"name", "date of birth"}


def test_a_number_without_issuer_does_not_stand_against_another_name_and_date():
    met = person("Jean Dupont", born="1980-05-04", documents=(passport("12AB34567", None),))
    assert decide(met, entry(person("Ahmed Karimi", born="1955-07-08", documents=(passport("12AB34567"),)))) is None
