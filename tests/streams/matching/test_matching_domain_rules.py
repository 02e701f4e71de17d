"""Rules of the domain that matching keeps: 10 (identifiers), 11 (dates), 12 (names)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.codes import Action, Band, DocumentType, Instrument, Verdict
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document, Name, Object, Subject
from streams.matching import decide, reference_numbers

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BORN = BirthDate(year=1980, month=5, day=17)


def listed(item):
    about = {"subject": item} if isinstance(item, Subject) else {"object": item}
    return WatchlistEntry(
        event_id="e",
        producer="fr",
        occurred_at=NOW,
        recorded_at=NOW,
        entry_id="E1",
        instrument=Instrument.NOTICE,
        action=Action.ARREST,
        **about,
    )


def person(name, *births, documents=()):
    return Subject(subject_id="s1", names=(Name(full=name),), births=births, documents=documents)


def passport(number, country):
    return Document(type=DocumentType.PASSPORT, number=number, country=country)


def band(met, wanted):
    match = decide(met, listed(wanted))
    return match.band if match else None


def holding(number, country):
    return Subject(subject_id="s1", names=(Name(full="Somebody Else"),), documents=(passport(number, country),))


def lost(number, country):
    return Object(object_id="o1", document=passport(number, country))


@pytest.mark.parametrize(
    ("met", "wanted", "found"),
    [
        (("K7704418", "fr"), ("K7704418", "fr"), Band.EXACT),
        (("K7704418", "fr"), ("K7704418", None), Band.POSSIBLE),
        (("K77O4418", "fr"), ("K7704418", "fr"), Band.POSSIBLE),
        (("K7704418", "bd"), ("K7704418", "fr"), None),
    ],
)
def test_rule_10_a_number_is_exact_with_its_issuer_alone(met, wanted, found):
    assert band(holding(*met), lost(*wanted)) is found


def test_rule_10_numbers_meet_by_what_is_left_when_confusable_characters_are_folded():
    numbers = [reference_numbers(listed(lost(number, "fr")).exercise, lost(number, "fr")) for number in ("O1S", "015")]
    assert numbers[0] == numbers[1]


def test_rule_11_an_unknown_day_or_month_is_no_mismatch():
    for known in (BirthDate(year=1980), BirthDate(year=1980, month=5)):
        match = decide(person("Qandilzada Zubayr", BORN), listed(person("Qandilzada Zubayr", known)))
        assert match is not None
        assert Verdict.DIFFERS not in {piece.verdict for piece in match.evidence}


def test_rule_11_a_placeholder_is_never_the_only_evidence_of_a_conflict():
    placeholder, other = BirthDate(year=1980, month=1, day=1), BirthDate(year=1980, month=9, day=23)
    match = decide(person("Qandilzada Zubayr", placeholder), listed(person("Qandilzada Zubayr", other)))
    assert match is not None
    assert Verdict.DIFFERS not in {piece.verdict for piece in match.evidence}


@pytest.mark.parametrize(
    ("met", "wanted"),
    [
        ("Zubayr Qandilzada", "Qandilzada Zubayr"),  # order is free
        ("Sukarnoputro", "Sukarnoputro"),  # no surname is required
        ("Md Zubayr Qandilzada", "Mohammad Zubayr Qandilzada"),  # MD is a name, not a title
        ("Zubayr Karimi Qandilzada", "Zubayr Qandilzada"),  # the father's name need not be shared
        ("QANDILZADA ZUBAYR MOHAMMADRAHIMOVI", "Qandilzada Zubayr Mohammadrahimovich"),  # cut in the machine zone
    ],
)
def test_rule_12_names_are_met_whatever_form_they_take(met, wanted):
    assert band(person(met, BORN), person(wanted, BORN)) is Band.STRONG


def test_rule_12_a_name_alone_is_never_more_than_possible():
    assert band(person("Zubayr Qandilzada"), person("Zubayr Qandilzada")) is Band.POSSIBLE
