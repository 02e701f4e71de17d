"""CSV as people send it: no row is lost or merged, whatever stands in the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers import UnknownColumn, UnreadableFile
from producers.importers.columns import located, read_mapping
from producers.importers.csv_table import DELIMITERS, CsvTable

KNOWN = ("full_name", "date_of_birth")


def read(tmp_path: Path, data: bytes, **options: str) -> tuple[list[str], list[list[str]], list[str | None]]:
    file = tmp_path / "rows.csv"
    file.write_bytes(data)
    with CsvTable(file, known=KNOWN, **options) as table:
        rows = list(table)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return table.header, [row.fields for row in rows], [row.problem for row in rows]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    text = f'full_name{delimiter}date_of_birth\n"Khan{delimiter} Rahim"{delimiter}1980\n'

    header, rows, _ = read(tmp_path, text.encode())

    assert header == ["full_name", "date_of_birth"]
    assert rows == [[f"Khan{delimiter} Rahim", "1980"]]


def test_marks_that_programs_put_before_a_file_are_no_part_of_it(tmp_path: Path) -> None:
    plain = "full_name;date_of_birth\r\nZoë;1980\r\n"

    for data in (b"\xef\xbb\xbf" + plain.encode(), plain.encode("utf-16"), b"sep=;\r\n" + plain.encode()):
        assert read(tmp_path, data)[:2] == (["full_name", "date_of_birth"], [["Zoë", "1980"]])


def test_a_quotation_mark_that_is_never_closed_swallows_no_row(tmp_path: Path) -> None:
    _, rows, problems = read(tmp_path, b'full_name,date_of_birth\n"Rahim,1980\nKarim,1981\n"Sali\nm",1982\n')
    assert rows == [['"Rahim', "1980"], ["Karim", "1981"], ["Sali\nm", "1982"]]
    assert [problem is None for problem in problems] == [False, True, True]

    _, rows, problems = read(tmp_path, b'full_name,date_of_birth\n"Rahim,1980\nKarim,1981\n')
    assert rows == [['"Rahim', "1980"], ["Karim", "1981"]]
    assert [problem is None for problem in problems] == [False, True]


def test_a_quoted_word_at_the_beginning_of_a_field_is_no_reason_to_lose_the_row(tmp_path: Path) -> None:
    _, rows, problems = read(tmp_path, b'full_name,date_of_birth\n"The Fox" Karim,1980\nA 5" pipe,1981\n')

    assert rows == [["The Fox Karim", "1980"], ['A 5" pipe', "1981"]]
    assert [problem is None for problem in problems] == [False, True]


def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_and_said(tmp_path: Path) -> None:
    _, rows, problems = read(tmp_path, b"full_name\nJos\xe9 \x81\nZo\xc3\xab\n\x00\n")

    assert rows == [["José \x81"], ["Zoë"], ["\x00"]]
    assert [problem is None for problem in problems] == [False, True, True]


def test_bytes_that_are_not_utf_16_are_said_and_end_nothing(tmp_path: Path) -> None:
    def utf_16(text: str) -> bytes:
        return text.encode("utf-16-le")

    whole = b"\xff\xfe" + utf_16("full_name\nJos\xe9\n") + b"\x00\xd8" + utf_16("Kim\nZo\xeb\n")
    _, rows, problems = read(tmp_path, whole + b"\x41")

    assert rows == [["José"], ["\ufffdKim"], ["Zoë"], ["\ufffd"]]
    assert [problem is None for problem in problems] == [True, False, True, False]
    assert read(tmp_path, b"\xff\xfe\x00\xd8" + utf_16("full_name\nKim\n"))[1] == [["Kim"]]


def test_an_empty_file_and_a_missing_one_are_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="header"):
        read(tmp_path, b"\n\n")
    with pytest.raises(UnreadableFile):
        CsvTable(tmp_path / "absent.csv")


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=2, max_size=2), max_size=5
    ),
    delimiter=st.sampled_from(DELIMITERS),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_a_csv_writer_writes_is_read_back(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["full_name", "date_of_birth"], *rows])

    assert read(tmp_path, out.getvalue().encode())[1] == rows


def test_columns_are_found_by_name_and_by_mapping() -> None:
    header = ["Full Name", "DOB", "Née, le"]

    assert located(header, KNOWN, {}) == {"full_name": 0}
    mapping = read_mapping(["date_of_birth=Née, le", "Full Name=full_name"], KNOWN)
    assert located(header, KNOWN, mapping) == {"full_name": 0, "date_of_birth": 2}


@pytest.mark.parametrize(
    ("option", "why"),
    [("shoe=DOB", "no column that is read"), ("full_name", "ours=theirs"), ("full_name=Nom", "has no column 'Nom'")],
)
def test_a_mapping_that_fits_nothing_says_what_there_is(option: str, why: str) -> None:
    with pytest.raises(UnknownColumn, match=why):
        located(["DOB"], KNOWN, read_mapping([option], KNOWN))


def test_a_file_that_ends_within_quotation_marks_was_cut(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    whole = 'id,number,name\n1,A1,"Sample, Anna"\n2,B2,"Sample, Somebody"\n'
    for end in range(whole.index('"Sample, Some') + 1, len(whole) - 2):
        file.write_text(whole[:end], encoding="utf-8")
        with CsvTable(file) as table:
            rows = list(table)
        assert rows[-1].cut, whole[:end]
        assert not rows[0].cut
