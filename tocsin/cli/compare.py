"""`tocsin compare`: are two names one person's? One pair, or a file of pairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from producers.importers.columns import read_mapping
from producers.importers.csv_table import CsvRow, CsvTable
from producers.importers.pairs_csv import COLUMNS, Pair, pair_columns, read_pair
from producers.importers.results import Note
from streams.matching import Comparison, compare_pair
from streams.screening import explained
from tocsin.cli.csv_options import ColumnsOption, Delimiter, delimiter_of
from tocsin.cli.csv_out import csv_file, harmless
from tocsin.cli.parallel import chunks, cores, in_order
from tocsin.cli.progress import bytes_read
from tocsin.cli.terminal import isolated, plain, visible

NONE = "NONE"
"""The band of two that are no match."""
ADDED = ("score", "band", "explanation")
_CHUNK = 256
_SHOWN = 20
_EXAMPLE = """Examples: one pair, explained; a file of pairs with columns of its own names.

    tocsin compare "Karim Uddin Ahmed" "AHMAD, Kareem Udin" --left-dob 1980-04-03 --right-dob 1980

    tocsin compare examples/pairs.csv --out judged.csv --columns "left_name=Passenger,right_name=Listed"
"""

Jobs = Annotated[
    int | None, typer.Option(min=1, help="Processes. Default: one for each processor. The results are the same.")
]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is added to a row, and what of the row could not be used."""

    score: float
    band: str
    explanation: str
    notes: tuple[Note, ...]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", epilog=_EXAMPLE)(_compare)


def _compare(
    left: Annotated[str, typer.Argument(metavar="NAME|PAIRS.csv", help="A name; or alone, a file of pairs.")],
    right: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The other name.")] = None,
    left_dob: Annotated[str, typer.Option(help="Date of birth of the first: 1980-04-03, 1980-04, 1980.")] = "",
    right_dob: Annotated[str, typer.Option(help="Date of birth of the second.")] = "",
    left_country: Annotated[str, typer.Option(help="Nationality of the first: name or code.")] = "",
    right_country: Annotated[str, typer.Option(help="Nationality of the second.")] = "",
    out: Annotated[Path | None, typer.Option(help="File for the judged pairs.")] = None,
    columns: ColumnsOption = None,
    delimiter: Delimiter = None,
    jobs: Jobs = None,
) -> None:
    """Compare two names, or each pair of a CSV file, as the pipeline does.

    The file has columns left_name and right_name, and may have left_dob, right_dob, left_country, right_country.
    The output repeats its rows in order, with score (0 to 1; 0.5 and more: POSSIBLE or better), band (EXACT, STRONG,
    POSSIBLE or NONE) and explanation. A detail that cannot be used (no date, no country) is left out, said in the
    explanation, counted and shown with its row.
    """
    if right is not None:
        if out is not None or columns or delimiter or jobs:
            raise typer.BadParameter(
                "--out, --columns, --delimiter and --jobs are for a file of pairs, not for two names"
            )
        texts = (left, right, left_dob, right_dob, left_country, right_country)
        _show_pair(read_pair(dict(zip(COLUMNS, texts, strict=True)), "this pair"))
        return
    if out is None:
        raise typer.BadParameter("give two names, or a file of pairs and --out FILE.csv")
    if left_dob or right_dob or left_country or right_country:
        raise typer.BadParameter("dates of birth and countries of a file are columns of it")
    compare_file(Path(left), out, columns or [], delimiter_of(delimiter), jobs or cores())


def compare_file(file: Path, out: Path, columns: list[str], delimiter: str | None, jobs: int) -> None:
    """Judge every pair of `file` into `out` and print what came of it."""
    console = Console(stderr=True, highlight=False)
    mapping = read_mapping(columns, COLUMNS)
    bands: Counter[str] = Counter()
    notes: list[Note] = []
    noted = 0
    with CsvTable(file, known=(*COLUMNS, *mapping.values()), delimiter=delimiter) as table:
        places = pair_columns(table.header, mapping)
        width = len(table.header)
        judge = partial(_judged, places, width)
        with csv_file(out, table.delimiter) as write, bytes_read(console, table, file.name) as advance:
            write([*table.header, *ADDED])
            for rows, judged in in_order(judge, chunks(table, _CHUNK), jobs):
                for row, found in zip(rows, judged, strict=True):
                    write(_written(row, width, found))
                    bands[found.band] += 1
                    noted += len(found.notes)
                    notes += found.notes[: max(0, _SHOWN - len(notes))]
                advance(len(rows))
    _show_account(console, bands, notes, noted)


def judged(pair: Pair) -> Judged:
    """A pair's score, band and explanation."""
    if not pair.left.names or not pair.right.names:
        return Judged(0.0, NONE, _with_notes("there is no name to compare", pair.notes), pair.notes)
    found: Comparison = compare_pair(pair.left, pair.right)
    words = explained(found.evidence) or "nothing in the two can be compared"
    return Judged(found.probability, found.band or NONE, _with_notes(words, pair.notes), pair.notes)


def _judged(places: dict[str, int], width: int, rows: list[CsvRow]) -> tuple[list[CsvRow], list[Judged]]:
    return rows, [judged(_pair(row, places, width)) for row in rows]


def _pair(row: CsvRow, places: dict[str, int], width: int) -> Pair:
    where = f"row {row.number}"
    pair = read_pair({column: row.text(place) for column, place in places.items()}, where)
    about = [Note(where, "row", row.problem)] if row.problem else []
    if len(row.fields) > width:
        about.append(Note(where, "row", "more fields than the header has columns"))
    return Pair(pair.left, pair.right, (*about, *pair.notes)) if about else pair


def _with_notes(words: str, notes: tuple[Note, ...]) -> str:
    return "; ".join((words, *(f"{note.field}: {note.why}" for note in notes)))


def _written(row: CsvRow, width: int, found: Judged) -> list[object]:
    own = row.fields[:width] + [""] * (width - len(row.fields))
    return [*own, f"{found.score:.6f}", found.band, harmless(found.explanation), *row.fields[width:]]


def _show_pair(pair: Pair) -> None:
    console = Console(highlight=False)
    found = judged(pair)
    console.print(f"{found.band}, score {found.score:.4f}" + _meaning(found.band), markup=False)
    if pair.left.names and pair.right.names:
        compared = compare_pair(pair.left, pair.right)
        table = Table(box=None, pad_edge=False, title=f"{compared.score:+.1f} bits in all", title_justify="left")
        for column in ("what", "left", "right", "verdict", "bits", "why"):
            table.add_column(column, justify="right" if column == "bits" else "left", overflow="fold")
        for reason in compared.evidence:
            table.add_row(
                reason.feature,
                plain(isolated(reason.left)),
                plain(isolated(reason.right)),
                reason.verdict.value.lower(),
                f"{reason.weight:+.1f}",
                plain(isolated(reason.note or "")),
            )
        console.print(table)
    for note in pair.notes:
        console.print(visible(f"not used: {note.field}: {note.why}"), markup=False)


def _meaning(band: str) -> str:
    return ": no match" if band == NONE else ": a match for a person to look at; only a person makes it a hit"


def _show_account(console: Console, bands: Counter[str], notes: list[Note], noted: int) -> None:
    total = sum(bands.values())
    counts = ", ".join(f"{band} {bands[band]}" for band in ("EXACT", "STRONG", "POSSIBLE", NONE))
    console.print(f"compared {total} pairs: {counts}")
    show_notes(console, notes, noted, "Details that could not be used")


def show_notes(console: Console, notes: list[Note], noted: int, title: str) -> None:
    """Print the first of `noted` details that were left out."""
    if not noted:
        return
    table = Table(title=f"{title}: {noted}", title_justify="left", box=None, pad_edge=False)
    for column in ("row", "field", "why"):
        table.add_column(column, overflow="fold")
    for note in notes[:_SHOWN]:
        table.add_row(plain(note.row), plain(note.field), plain(note.why))
    console.print(table)
    if noted > _SHOWN:
        console.print(f"... and {noted - _SHOWN} more")
