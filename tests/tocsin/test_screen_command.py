"""`tocsin screen`: the list is told what of it would be refused, the travellers whom they match, in order."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.cli import screen
from tocsin.cli.screen import NothingToScreen

ROOT = Path(__file__).parents[2]
LIST = ROOT / "examples/watchlist.jsonl"
WEAK = {"entry_id": "WEAK", "instrument": "NATIONAL", "action": "INFORM"}


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    screen.register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["screen", *map(str, arguments)], env={"COLUMNS": "220"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def screened(tmp_path: Path, travellers: str, *options: str, watchlist: Path = LIST) -> tuple[list[list[str]], Result]:
    queries, out = tmp_path / "queries.csv", tmp_path / "hits.csv"
    queries.write_text(travellers, encoding="utf-8")
    result = run("--watchlist", watchlist, "--queries", queries, "--out", out, "--json", *options)
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header == ["query_row", "entry_id", "score", "band", "explanation"]
    return rows, result


def test_matches_come_by_query_best_first_and_the_summary_counts_them(tmp_path: Path) -> None:
    rows, result = screened(
        tmp_path,
        "full_name,date_of_birth,nationality,document_number,document_type,document_country\n"
        "Nobody Known,1980-01-09,,,,\n"
        "MOREAU Jean Luc,1979-04-23,fr,19CK48213,passport,France\n"
        ",,,19CK48213,passport,fr\n"
        "Camille Perrin,1985,,,,\n",
    )

    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("2", "RED-1", "EXACT"),
        ("3", "RED-1", "EXACT"),
        ("4", "BLUE-1", "STRONG"),
    ]
    summary = json.loads(result.stdout)
    assert (summary["queries"], summary["matched"], summary["matched_per_10000"]) == (4, 3, 7500.0)
    assert summary["travellers_by_band"] == {"EXACT": 2, "STRONG": 1, "POSSIBLE": 0}
    assert "false alarms per 10,000 travellers" in result.stderr


def test_entries_that_the_pipeline_would_refuse_are_shown_with_the_rule(tmp_path: Path) -> None:
    watchlist = tmp_path / "list.jsonl"
    weak = WEAK | {"subject": {"subject_id": "1", "names": [{"full": "Kim"}]}}
    strong = WEAK | {"entry_id": "OK", "subject": {"subject_id": "1", "names": [{"full": "Jean-Luc Moreau"}]}}
    watchlist.write_text("\n".join(json.dumps(entry) for entry in (weak, strong)))

    rows, result = screened(tmp_path, "full_name\nKim\nMoreau Jean-Luc\n", watchlist=watchlist)

    assert [row[:2] for row in rows] == [["2", "OK"]]
    assert "TOO_WEAK" in result.stderr
    assert "common name of one word" in result.stderr
    assert json.loads(result.stdout)["entries_refused"] == {"TOO_WEAK": 1}


def test_queries_that_cannot_be_screened_are_shown_and_their_numbers_kept(tmp_path: Path) -> None:
    rows, result = screened(
        tmp_path, "full_name;date_of_birth\n;1980\n4711;\nCamille Perrin;31.12.1985\nCamille Perrin;1985-02-31\n"
    )

    assert [row[:2] for row in rows] == [["3", "BLUE-1"], ["4", "BLUE-1"]]
    assert json.loads(result.stdout)["queries_refused"] == 2
    assert "there is no such day: 1985-02-31" in result.stderr


def test_entries_are_screened_as_of_the_time_that_is_stated(tmp_path: Path) -> None:
    travellers = "full_name,date_of_birth\nMOREAU Jean Luc,1979-04-23\n"

    assert [row[1] for row in screened(tmp_path, travellers, "--at", "2030-12-31")[0]] == ["RED-1"]
    rows, result = screened(tmp_path, travellers, "--at", "2032-01-01")
    assert rows == []
    assert json.loads(result.stdout)["entries_silent"] == 1
    assert [row[1] for row in screened(tmp_path, travellers, "--at", "2026-02-01")[0]] == ["RED-1"]


def test_where_the_file_says_who_is_listed_the_summary_says_how_many_were_found(tmp_path: Path) -> None:
    rows, result = screened(
        tmp_path,
        "un_dataid,full_name,date_of_birth\n"
        "RED-1,MOREAU Jean Luc,1979-04-23\nRED-1,Peter Novak,1990\n,Camille Perrin,1985\n,Nobody Known,\n",
    )

    assert [row[:2] for row in rows] == [["1", "RED-1"], ["3", "BLUE-1"]]
    summary = json.loads(result.stdout)
    assert (summary["listed"], summary["found"], summary["false_per_10000"]) == (2, 1, 5000.0)
    assert "1 were found (50.00%)" in result.stderr


def test_columns_of_other_names_are_mapped(tmp_path: Path) -> None:
    rows, _ = screened(tmp_path, "Nom,Né le\nPerrin Camille,1985\n", "--columns", "full_name=Nom,date_of_birth=Né le")

    assert [row[:2] for row in rows] == [["1", "BLUE-1"]]


def test_the_output_is_the_same_for_any_number_of_jobs(tmp_path: Path) -> None:
    travellers = "full_name\n" + "Camille Perrin\nKarim Belkacem\nRahima Khatun\n" * 200
    screened(tmp_path, travellers, "--jobs", "1")
    alone = (tmp_path / "hits.csv").read_bytes()
    screened(tmp_path, travellers, "--jobs", "3")

    assert (tmp_path / "hits.csv").read_bytes() == alone
    assert alone.count(b"\n") > 400


def test_a_list_without_a_usable_entry_is_said(tmp_path: Path) -> None:
    watchlist = tmp_path / "list.jsonl"
    watchlist.write_text(json.dumps(WEAK) + "\n")
    with pytest.raises(NothingToScreen):
        screened(tmp_path, "full_name\nKim\n", watchlist=watchlist)


def test_the_examples_of_the_help_run_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    lines = [line.strip() for line in screen._EXAMPLE.splitlines() if line.strip().startswith("tocsin screen")]

    assert len(lines) == 2
    for line in lines:
        assert run(*shlex.split(line)[2:]).exit_code == 0
