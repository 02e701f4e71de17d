"""Names of importers are those that the gate takes."""

from __future__ import annotations

from producers.importers import Note
from producers.importers.dates import read_date
from producers.importers.usable_names import MOST_NAMES, MOST_WORDS, usable_names
from schemas.subjects import BirthDate, Name
from streams.stages import checks_items


def used(*names: str) -> tuple[list[str], list[Note]]:
    notes: list[Note] = []
    found = usable_names((Name(full=name) for name in names), "name", "row 1", notes)
    return [name.full for name in found], notes


def test_the_limits_are_those_of_the_gate() -> None:
    assert (MOST_NAMES, MOST_WORDS) == (checks_items.MOST_NAMES, checks_items.MOST_WORDS)


def test_a_name_of_too_many_words_is_left_out_or_cut() -> None:
    long = " ".join(["word"] * 25)

    assert used(long, "Karim") == (["Karim"], [Note("row 1", "name", "names of more than 20 words are left out")])
    assert used(long) == ([" ".join(["word"] * 20)], [Note("row 1", "name", "names of more than 20 words are cut")])


def test_names_are_kept_once_in_order_up_to_the_limit() -> None:
    assert used("Karim", "4711", "KARIM", "Rahim") == (["Karim", "Rahim"], [])
    names, notes = used(*(f"Karim {'x' * number}" for number in range(1, 70)))
    assert len(names) == MOST_NAMES
    assert len(notes) == 1


def test_dates_in_the_ways_that_exports_write_them() -> None:
    whole = BirthDate(year=1969, month=7, day=16)

    for text in ("1969-07-16", "19690716", "16/07/1969", "16.7.1969", "16 July 1969", "16-Jul-1969", "16. Jul 1969"):
        assert read_date(text) == whole, text
