"""Names of importers are those that the gate takes."""

from __future__ import annotations

from pathlib import Path

from producers.importers import Note
from producers.importers.dates import read_date
from producers.importers.un_consolidated import read_un_list
from producers.importers.usable_names import (
    MOST_COMPARED,
    MOST_NAMES,
    MOST_WORDS,
    MOST_WORDS_IN_ALL,
    most_compared,
    usable_names,
)
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Name, Subject
from streams.matching.nameforms import forms
from streams.stages import checks_items

UN_LIST = Path(__file__).parents[2] / "examples/un/consolidated-2026-02-27.xml"


def used(*names: str) -> tuple[list[str], list[Note]]:
    notes: list[Note] = []
    found = usable_names((Name(full=name) for name in names), "name", "row 1", notes)
    return [name.full for name in found], notes


def test_the_limits_are_those_of_the_gate() -> None:
    gates = (checks_items.MOST_NAMES, checks_items.MOST_WORDS, checks_items.MOST_WORDS_IN_ALL)
    assert gates == (MOST_NAMES, MOST_WORDS, MOST_WORDS_IN_ALL)
    assert MOST_COMPARED == checks_items.MOST_COMPARED


def test_a_name_of_too_many_words_is_left_out_or_cut() -> None:
    long = " ".join(["word"] * 25)

    assert used(long, "Karim") == (["Karim"], [Note("row 1", "name", "names of more than 20 words are left out")])
    assert used(long) == ([" ".join(["word"] * 20)], [Note("row 1", "name", "names of more than 20 words are cut")])


def test_names_are_kept_once_in_order_up_to_the_limit() -> None:
    assert used("Karim", "4711", "KARIM", "Rahim") == (["Karim", "Rahim"], [])
    names, notes = used(*(f"Karim {'x' * number}" for number in range(1, 70)))
    assert len(names) == MOST_NAMES
    assert len(notes) == 1


def test_names_are_kept_in_order_up_to_so_many_words_as_the_gate_compares() -> None:
    long = [f"Abdul{'x' * number} " + " ".join(["Karim"] * 8) for number in range(1, 50)]
    names, notes = used(*long)

    assert names == long[:30]
    assert notes == [Note("row 1", "name", "49 names of more than 300 words, of which the first 30 are taken")]
    subject = Subject(subject_id="1", names=tuple(Name(full=name) for name in names))
    assert not list(checks_items.subject(subject, "subject.", 0))


def test_no_name_has_more_words_compared_than_it_is_counted_for() -> None:
    entries = [it for it in read_un_list(UN_LIST) if isinstance(it, WatchlistEntry) and it.subject]
    full = {name.full for entry in entries if entry.subject for name in entry.subject.names}
    full |= {
        "Abdulabdulkarim",
        "Абдулрахман Иванов",
        "عبدالرحمن",
        "अब्दुलकरीम",
        "김정은",
        "习近平",
        "Jean-Pierre O'Neill",
        "רחמן",
    }

    assert len(full) > 3_000
    assert [name for name in full if most_compared(name) < len(forms(Name(full=name))[0].words)] == []


def test_dates_in_the_ways_that_exports_write_them() -> None:
    whole = BirthDate(year=1969, month=7, day=16)

    for text in ("1969-07-16", "19690716", "16/07/1969", "16.7.1969", "16 July 1969", "16-Jul-1969", "16. Jul 1969"):
        assert read_date(text) == whole, text
