"""INTERPOL notices as the public service gives them: every field is mapped or listed as ignored, and that is true."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from producers.importers import Format, ListDefaults, Note, RefusedRow, Result, format_of, read_watchlist
from producers.importers.interpol_notices import FIELDS
from schemas.codes import Action, DocumentType, NameQuality, NameType, NoticeType, Sex, SubjectKind
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document

SAMPLE = Path(__file__).parent / "samples/interpol-every-field.jsonl"
RED, YELLOW, UN, ORGANISATION = NOTICES = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
PUBLISHED = json.loads(SAMPLE.with_name("interpol-published-description.json").read_text("utf-8"))
DEFAULTS = ListDefaults("fr", datetime(2026, 3, 1, tzinfo=UTC))
BARE = {"entity_id": "2026/1", "name": "SAMPLE", "forename": "-"}


def read(tmp_path: Path, value: Any, **options: Any) -> list[Result]:
    file = tmp_path / "notices.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    defaults = ListDefaults(DEFAULTS.producer, DEFAULTS.at, **options)
    return list(read_watchlist(file, defaults, Format.INTERPOL, event_id=lambda: "e"))


def entries(results: list[Result]) -> dict[str, WatchlistEntry]:
    return {result.entry_id: result for result in results if isinstance(result, WatchlistEntry)}


def test_every_field_of_the_samples_is_known_and_every_known_one_is_in_them(tmp_path: Path) -> None:
    assert {field for notice in NOTICES for field in notice} == set(FIELDS)
    assert not [result for result in read(tmp_path, NOTICES) if isinstance(result, (RefusedRow, Note))]


@pytest.mark.parametrize("colour", PUBLISHED["fields"])
def test_every_field_of_the_published_description_is_mapped_or_listed_as_ignored(colour: str) -> None:
    assert set(PUBLISHED["fields"][colour]) - set(FIELDS) == set()


def test_the_published_example_is_read_without_a_word_left_over(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, PUBLISHED["example"])

    assert isinstance(entry, WatchlistEntry)
    assert (entry.entry_id, entry.notice_type, entry.action) == ("2022/9888", NoticeType.YELLOW, Action.PROTECT)
    assert entry.subject is not None
    assert [name.full for name in entry.subject.names] == ["MAX MAX"]
    assert entry.subject.births == (BirthDate(year=1958, month=11, day=5),)
    assert (entry.subject.sex, entry.subject.nationalities) == (Sex.F, ("de",))
    assert entry.remarks is not None
    for told in ("Missing since: 2021/02/01, KARLSRUHE, DE", "Birthmarks in the face", "PAULA MUSTERMANN", "1.65 m"):
        assert told in entry.remarks


@pytest.mark.parametrize(
    ("number", "field"),
    [(number, field) for number, notice in enumerate(NOTICES) for field, value in notice.items() if value],
)
def test_what_is_ignored_changes_nothing_and_everything_else_does(tmp_path: Path, number: int, field: str) -> None:
    less = deepcopy(NOTICES)
    del less[number][field]

    same = entries(read(tmp_path, NOTICES)) == entries(read(tmp_path, less))

    told_otherwise = field == "_links" and number != 3  # by arrest warrants, date of event, UN reference
    assert same == (FIELDS[field].startswith("ignored") or told_otherwise), f"{field}: {FIELDS[field]}"


def test_a_red_a_yellow_and_a_un_notice_in_our_terms(tmp_path: Path) -> None:
    found = entries(read(tmp_path, NOTICES))

    told = {key: (entry.notice_type, entry.action) for key, entry in found.items()}
    assert told == {
        "2026/4711": (NoticeType.RED, Action.ARREST),
        "2026/4712": (NoticeType.YELLOW, Action.PROTECT),
        "2026/4713": (NoticeType.UN_SPECIAL, Action.REFUSE_ENTRY),
        "2026/4714": (NoticeType.UN_SPECIAL, Action.INFORM),
    }
    subject = found["2026/4713"].subject
    assert subject is not None
    assert subject.births == (BirthDate(year=1966, month=5), BirthDate(year=1967))
    assert subject.documents == (Document(type=DocumentType.PASSPORT, number="LY0417723", country="ly"),)
    assert [(n.full, n.type) for n in subject.names[:3]] == [
        ("KARIM SAMPLE", NameType.CURRENT),
        ("KARIM HADDAD", NameType.BIRTH),
        ("كريم سامبل", NameType.CURRENT),
    ]
    assert subject.names[3].quality is NameQuality.LOW
    assert found["2026/4713"].occurred_at == datetime(2015, 9, 23, tzinfo=UTC)
    organisation = found["2026/4714"].subject
    assert organisation is not None
    assert organisation.kind is SubjectKind.ORGANISATION
    assert [name.full for name in organisation.names] == [
        "SAMPLE FOUNDATION",
        "مؤسسة سامبل",
        "SAMPLE CHARITY",
        "SC TRUST",
        "OLD SAMPLE FUND",
    ]


def test_lists_single_notices_and_lines_are_read_alike(tmp_path: Path) -> None:
    wanted = entries(read(tmp_path, NOTICES))

    pages = "\n".join(json.dumps({"total": 4, "_embedded": {"notices": half}}) for half in (NOTICES[:2], NOTICES[2:]))
    assert entries(read(tmp_path, pages)) == wanted
    assert entries(read(tmp_path, {"total": 4, "_embedded": {"notices": NOTICES}})) == wanted
    assert entries(read(tmp_path, "\n".join(json.dumps(notice) for notice in NOTICES))) == wanted
    assert set(entries(read(tmp_path, json.dumps(RED, indent=2)))) == {"2026/4711"}


def test_the_address_of_a_list_tells_the_colour_of_its_notices(tmp_path: Path) -> None:
    links = {"self": {"href": "https://ws-public.interpol.int/notices/v1/yellow?resultPerPage=160"}}
    (entry,) = read(tmp_path, {"total": 1, "_links": links, "_embedded": {"notices": [BARE]}})

    assert isinstance(entry, WatchlistEntry)
    assert (entry.notice_type, entry.action) == (NoticeType.YELLOW, Action.PROTECT)


def test_a_list_and_its_details_make_one_entry(tmp_path: Path) -> None:
    brief = {key: RED[key] for key in ("entity_id", "forename", "name", "date_of_birth", "nationalities")}
    listed = {"total": 1, "_embedded": {"notices": [brief | {"_links": RED["_links"]}]}}

    assert entries(read(tmp_path, [listed, RED])) == entries(read(tmp_path, RED))


def test_an_incomplete_list_or_file_is_refused_as_incomplete(tmp_path: Path) -> None:
    (short,) = [r for r in read(tmp_path, {"total": 200, "_embedded": {"notices": [RED]}}) if isinstance(r, RefusedRow)]
    assert (short.row, short.field) == ("the rest of the file", "total")
    cut = json.dumps(NOTICES)[:-200]
    assert [r.row for r in read(tmp_path, cut) if isinstance(r, RefusedRow)] == ["the rest of the file"]


def test_a_notice_of_unknown_colour_is_refused_unless_it_is_stated(tmp_path: Path) -> None:
    (refused,) = read(tmp_path, BARE)
    assert isinstance(refused, RefusedRow)
    assert (refused.row, refused.field) == ("notice 2026/1", "_links")

    (entry,) = read(tmp_path, BARE, notice_type=NoticeType.BLUE)
    assert isinstance(entry, WatchlistEntry)
    assert (entry.notice_type, entry.action) == (NoticeType.BLUE, Action.LOCATE)
    assert entry.subject is not None
    assert (entry.subject.names[0].full, entry.subject.sex) == ("SAMPLE", Sex.U)


def test_odd_values_refuse_no_more_than_they_must(tmp_path: Path) -> None:
    odd = RED | {"date_of_birth": "0000/00/00", "nationalities": ["BD", "ZZZ"], "height": None, "shoe_size": 44}
    results = read(tmp_path, [odd, {"name": "NOBODY"}, YELLOW | {"forename": None, "name": "-", "birth_name": None}])

    assert {(note.row, note.field) for note in results if isinstance(note, Note)} == {
        ("header", "shoe_size"),
        ("notice 2026/4711", "date_of_birth"),
        ("notice 2026/4711", "nationalities"),
    }
    assert [(row.row, row.field) for row in results if isinstance(row, RefusedRow)] == [
        ("notice 2", "entity_id"),
        ("notice 2026/4712", "name"),
    ]


def test_the_format_is_told_by_content(tmp_path: Path) -> None:
    assert format_of(SAMPLE) is Format.INTERPOL
    file = tmp_path / "list"
    file.write_text(json.dumps({"total": 0, "query": {}, "_embedded": {"notices": []}}))
    assert format_of(file) is Format.INTERPOL
