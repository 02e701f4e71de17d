"""`tocsin compare`: every row comes back in order, judged; odd files are judged as far as they can be."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from producers import UnknownColumn
from tocsin.cli import compare
from tocsin.cli.csv_out import harmless

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    compare.register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["compare", *map(str, arguments)], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def compared(tmp_path: Path, data: bytes, *options: str) -> tuple[list[dict[str, str]], Result]:
    file, out = tmp_path / "pairs.csv", tmp_path / "out.csv"
    file.write_bytes(data)
    result = run(file, "--out", out, *options)
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines)), result


def test_one_pair_is_explained_on_the_terminal() -> None:
    result = run("Karim Uddin Ahmed", "AHMAD, Kareem Udin", "--left-dob", "1980-04-03", "--right-dob", "1980-13-01")

    assert result.exit_code == 0
    assert result.stdout.startswith(("STRONG", "POSSIBLE"))
    for words in ("name", "date of birth", "ahmed for ahmad", "not used: right_dob"):
        assert words in result.stdout


def test_a_name_cannot_steer_the_terminal() -> None:
    result = run("Karim \x1b]0;owned\x07 Ahmed", "[red]Karim Ahmed[/red]")

    assert "\x1b]" not in result.stdout
    assert "[red]" in result.stdout


def test_every_row_is_repeated_in_order_with_score_band_and_explanation(tmp_path: Path) -> None:
    rows, result = compared(
        tmp_path,
        b"id,left_name,right_name,left_dob,right_dob,left_country,right_country\n"
        b"7,Karim Uddin Ahmed,AHMAD Kareem Udin,1980-04-03,1980-04-03,Bangladesh,bd\n"
        b"8,Maria Santos,Peter Novak,,,,\n"
        b"9,,Peter Novak,,,,\n",
    )

    assert [row["id"] for row in rows] == ["7", "8", "9"]
    assert [row["band"] for row in rows] == ["STRONG", "NONE", "NONE"]
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    assert float(rows[0]["score"]) > 0.5 > float(rows[1]["score"])
    assert "nationality agrees" in rows[0]["explanation"]
    assert "left_name: empty" in rows[2]["explanation"]
    assert "compared 3 pairs: EXACT 0, STRONG 1, POSSIBLE 0, NONE 2" in result.stderr


def test_an_odd_file_is_judged_as_far_as_it_can_be_and_problems_are_counted(tmp_path: Path) -> None:
    rows, result = compared(
        tmp_path,
        b"\xef\xbb\xbfleft_name,right_name,left_dob,left_country\r\n"
        b"=HYPERLINK(1),Karim,1980-02-31,Atlantis\r\n"
        b'"Karim\nAhmed",Karim Ahmed,1980,\r\n'
        b"Jos\xe9 Karim,Karim,,,one,more\r\n"
        b"short\r\n",
    )

    assert [row["left_name"] for row in rows[:2]] == ["=HYPERLINK(1)", "Karim\nAhmed"]
    assert len(rows) == 4
    assert rows[1]["band"] == "POSSIBLE"
    assert "Details that could not be used: 5" in result.stderr
    assert "row 1" in result.stderr
    assert "there is no such day: 1980-02-31" in rows[0]["explanation"]
    assert not any(row["explanation"].startswith(("=", "+", "-", "@")) for row in rows)
    assert rows[2]["left_name"] == "José Karim"


def test_results_are_the_same_for_any_number_of_jobs(tmp_path: Path) -> None:
    data = b"left_name;right_name\n" + b"".join(b"Karim Ahmed %d;Ahmed Karim\n" % number for number in range(600))
    one, _ = compared(tmp_path, data, "--jobs", "1")
    alone = (tmp_path / "out.csv").read_bytes()
    compared(tmp_path, data, "--jobs", "3")

    assert (tmp_path / "out.csv").read_bytes() == alone
    assert alone.startswith(b"left_name;right_name;score;band;explanation\n")
    assert len(one) == 600


def test_columns_of_other_names_are_mapped_and_missing_ones_are_said(tmp_path: Path) -> None:
    data = b"Passenger\tListed\nKarim Ahmed\tAhmed Karim\n"
    compared(tmp_path, data, "--columns", "left_name=Passenger,right_name=Listed")
    with pytest.raises(UnknownColumn, match="the file has: Passenger, Listed"):
        compared(tmp_path, data)


def test_a_failure_leaves_an_earlier_output_alone(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("earlier")
    with pytest.raises(UnknownColumn):
        compared(tmp_path, b"a,b\n1,2\n")

    assert (tmp_path / "out.csv").read_text() == "earlier"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.csv", "pairs.csv"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1", "\t=1"])
def test_no_cell_of_ours_is_a_formula(text: str) -> None:
    assert harmless(text).startswith("'")


def test_the_examples_of_the_help_run_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    lines = [line.strip() for line in compare._EXAMPLE.splitlines() if line.strip().startswith("tocsin compare")]

    assert len(lines) == 2
    for line in lines:
        assert run(*shlex.split(line)[2:]).exit_code == 0
