"""`tocsin publish` and `tocsin simulate` without a broker: what they print, write and answer."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from producers import UnknownFormat
from producers.simulate import ImpossiblePlan
from tocsin.cli import publish, simulate
from tocsin.cli.publishing_account import SOME_ROWS_REFUSED
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.key_files import new_pair

ROOT = Path(__file__).parents[2]
UN_LIST = ROOT / "examples/un/consolidated-2026-02-27.xml"


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    publish.register(app)
    simulate.register(app)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_dry_run_reads_the_whole_un_list_and_sends_nothing() -> None:
    result = run("publish", "watchlist", "--as", "un", UN_LIST, "--dry-run", "--json", "--notes")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["read"] == 1003
    assert "would be published 1003, refused 0" in result.stderr
    assert "DATAID 6908703" in result.stderr


def test_refused_rows_are_shown_with_row_field_and_reason_and_give_exit_code_3(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("full_name,date_of_birth\nRahim Khan,1980\n,1981\n")

    result = run("publish", "incidents", "--as", "bd", file, "--dry-run", "--json")

    assert result.exit_code == SOME_ROWS_REFUSED
    assert "row 2" in result.stderr
    assert "full_name" in result.stderr
    assert json.loads(result.stdout)["refused_rows"] == [
        {"row": "row 2", "field": "full_name", "why": "no name", "broken": False}
    ]


def test_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"entry_id": "1", "\x1b]0;owned\x07[red]": 1}) + "\n")

    result = run("publish", "watchlist", "--as", "bd", file, "--dry-run")

    assert "\x1b]0" not in result.stderr
    assert "\x07" not in result.stderr
    assert result.exit_code == SOME_ROWS_REFUSED


def test_the_format_is_told_from_the_file_or_named(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("nothing that is known")

    with pytest.raises(UnknownFormat):
        run("publish", "watchlist", "--as", "bd", file, "--dry-run")
    with pytest.raises(UnknownFormat, match="incidents are read from"):
        run("publish", "incidents", "--as", "un", UN_LIST, "--dry-run")
    assert run("publish", "watchlist", "--as", "bd", ROOT / "examples/watchlist.jsonl", "--dry-run").exit_code == 0
    assert run("publish", "incidents", "--as", "bd", ROOT / "examples/incidents.jsonl", "--dry-run").exit_code == 0
    assert run("publish", "incidents", "--as", "bd", ROOT / "examples/travellers.csv", "--dry-run").exit_code == 0


def test_without_a_stack_publishing_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="tocsin up"):
        run("publish", "watchlist", "--as", "un", UN_LIST, "--state", tmp_path)


def test_simulate_writes_the_same_files_for_the_same_seed_and_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        common = ("--list", UN_LIST, "--seed", "7", "--at", "2026-03-01", "--incidents", "50", "--share", "0.2")
        result = run("simulate", *common, "--out", tmp_path / folder, "--json")
        assert result.exit_code == 0
        assert json.loads(result.stdout)["true_matches"] == 10
    names = sorted(file.name for file in (tmp_path / "a").iterdir())

    assert "truth.jsonl" in names
    assert "watchlist.un.jsonl" in names
    assert {name: (tmp_path / "a" / name).read_bytes() for name in names} == {
        name: (tmp_path / "b" / name).read_bytes() for name in names
    }


def test_simulate_says_what_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(ImpossiblePlan, match="--out"):
        run("simulate")
    with pytest.raises(ImpossiblePlan, match="zz"):
        run("simulate", "--among", "bd,zz", "--out", tmp_path)


@pytest.mark.parametrize("options", [("--type", "UNKNOWN"), ("--zone", "Mars/Olympus"), ("--exercise", "UNKNOWN")])
def test_what_the_gate_would_refuse_for_every_row_is_refused_before(options: tuple[str, str]) -> None:
    file = ROOT / "examples/incidents.jsonl"

    assert run("publish", "incidents", "--as", "bd", file, "--dry-run", *options).exit_code == 2


def test_publishing_that_is_broken_off_still_tells_how_far_it_came(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/bd").write_text("x")
    (tmp_path / "stack.json").write_text(json.dumps({"bootstrap": "127.0.0.1:9", "registry": "http://127.0.0.1:9"}))
    file = tmp_path / "rows.csv"
    file.write_text("full_name\n\n,\n")

    with pytest.raises(NotConfigured, match="bd must sign what it publishes"):
        run("publish", "incidents", "--as", "bd", file, "--state", tmp_path)
    new_pair(tmp_path / "secrets/signing/bd.pem")
    result = run("publish", "incidents", "--as", "bd", file, "--state", tmp_path)

    assert result.exit_code == SOME_ROWS_REFUSED
    assert "published 0, refused 1" in result.stderr


def test_the_examples_of_the_help_run_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    texts = (publish._WATCHLIST_EXAMPLE, publish._INCIDENTS_EXAMPLE)
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip().startswith("tocsin publish")]

    assert len(lines) == 6
    for line in lines:
        if "--list" in line:  # on a running stack: here it is understood, and the stack asked for
            with pytest.raises(NotConfigured):
                run(*shlex.split(line)[1:], "--state", tmp_path)
        else:
            assert run(*shlex.split(line)[1:]).exit_code == 0


def test_a_csv_of_any_delimiter_is_told_by_its_header(tmp_path: Path) -> None:
    file = tmp_path / "export.txt"
    file.write_text("full_name;date_of_birth\nRahim Khan;1980\n")

    assert run("publish", "watchlist", "--as", "bd", file, "--dry-run").exit_code == 0
    assert run("publish", "incidents", "--as", "bd", file, "--dry-run").exit_code == 0
