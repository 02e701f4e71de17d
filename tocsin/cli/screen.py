"""`tocsin screen`: a list held against travellers before it is published: whom it finds, how many alarms it raises."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from producers.importers.columns import read_mapping
from producers.importers.csv_table import CsvRow, CsvTable
from producers.importers.entries_csv import COLUMNS as ENTRY_COLUMNS
from producers.importers.entry_items import Kind
from producers.importers.formats import Format
from producers.importers.results import Note, RefusedRow
from producers.importers.travellers_csv import COLUMNS, TRUTH, Traveller, traveller, traveller_columns, unread
from producers.importers.watchlists import ListDefaults, read_watchlist
from schemas.codes import Band, Mode, NoticeType
from schemas.events import WatchlistEntry
from streams.screening import Hit, ScreenedList
from tocsin.cli.compare import Jobs, show_notes
from tocsin.cli.csv_options import ColumnsOption, Delimiter, delimiter_of
from tocsin.cli.csv_out import csv_file, harmless
from tocsin.cli.declaration import declared
from tocsin.cli.parallel import chunks, cores, in_order, nothing_collected
from tocsin.cli.progress import bytes_read, counted
from tocsin.cli.publish import TIMES, ActionOption, Exercise, FormatOption, NoticeTypeOption
from tocsin.cli.terminal import plain
from tocsin.runtime.errors import TocsinError
from tocsin.runtime.settings import Settings

OUT_COLUMNS = ("query_row", "entry_id", "score", "band", "explanation")
BANDS = (Band.EXACT, Band.STRONG, Band.POSSIBLE)
_CHUNK = 200
_SHOWN = 20
_EXAMPLE = """Examples: the UN list against travellers; columns of other names.

    tocsin screen --watchlist examples/un/consolidated-2026-02-27.xml --queries examples/travellers.csv --out hits.csv

    tocsin screen --watchlist examples/watchlist.jsonl --queries examples/pairs.csv --out hits.csv --columns "full_name=Passenger,date_of_birth=left_dob,nationality=left_country"
"""  # noqa: E501


class NothingToScreen(TocsinError):
    """The list holds no entry that the pipeline would take."""


@dataclass
class Tally:
    """What the travellers found."""

    queries: int = 0
    matched: int = 0
    """Travellers with a match at least."""
    matches: Counter[Band] = field(default_factory=Counter)
    travellers: Counter[Band] = field(default_factory=Counter)
    """By the best band that they were matched with."""
    listed: int = 0
    """Travellers of whom the file says which entry they are."""
    found: int = 0
    """Of them, those whose entry was found."""
    unlisted_matched: int = 0
    """Travellers of whom it says no such thing, with a match at least."""
    refused: int = 0
    refused_rows: list[RefusedRow] = field(default_factory=list)
    noted: int = 0
    notes: list[Note] = field(default_factory=list)

    def per_10_000(self, count: int, of: int | None = None) -> float:
        """`count` for so many of `of` (default: all) travellers."""
        whole = self.queries if of is None else of
        return 10_000 * count / whole if whole else 0.0

    @property
    def false_per_10_000(self) -> float:
        """Travellers with a match, of those of whom the file does not say that they are listed."""
        return self.per_10_000(self.unlisted_matched, self.queries - self.listed)

    def note(self, note: Note) -> None:
        """Count a detail that was left out."""
        self.noted += 1
        if len(self.notes) < _SHOWN:
            self.notes.append(note)

    def refuse(self, row: RefusedRow) -> None:
        """Count a query that cannot be screened."""
        self.refused += 1
        if len(self.refused_rows) < _SHOWN:
            self.refused_rows.append(row)


@dataclass(frozen=True, slots=True)
class Screened:
    """What became of one query."""

    row: int
    hits: list[Hit]
    truth: str = ""
    """The entry to be found, where the file says so."""
    refused: RefusedRow | None = None
    notes: tuple[Note, ...] = ()


class Screening:
    """Rows of travellers to their hits; what the processes share."""

    def __init__(self, held: ScreenedList, places: Mapping[str, int], width: int) -> None:
        self._held = held
        self._places = places
        self._width = width

    def __call__(self, rows: list[CsvRow]) -> list[Screened]:
        return [self._screened(row) for row in rows]

    def _screened(self, row: CsvRow) -> Screened:
        first, *notes = traveller(row, self._places, self._width)
        if not isinstance(first, Traveller):
            refused = first if isinstance(first, RefusedRow) else None
            return Screened(row.number, [], refused=refused)
        problem = self._held.refuses(first.subject)
        if problem is not None:
            refused = RefusedRow(f"row {row.number}", problem.place, problem.detail)
            return Screened(row.number, [], refused=refused)
        kept = tuple(note for note in notes if isinstance(note, Note))
        truth = next((text for column in TRUTH if (text := row.text(self._places.get(column)))), "")
        return Screened(row.number, self._held.search(first.subject), truth, notes=kept)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("screen", epilog=_EXAMPLE)(_screen)


def _screen(
    watchlist: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The list, of any format that is read.")],
    queries: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="CSV of travellers: full_name, date_of_birth, ...")
    ],
    out: Annotated[Path, typer.Option(help="File for the matches.")],
    columns: ColumnsOption = None,
    delimiter: Delimiter = None,
    format_: FormatOption = Format.AUTO,
    list_columns: Annotated[
        list[str] | None, typer.Option(help="As --columns, for a list that is a CSV file.", metavar="OURS=THEIRS")
    ] = None,
    as_: Annotated[str, typer.Option("--as", help="Participant that would publish the list.")] = "un",
    list_type: Annotated[
        Kind | None, typer.Option(help="What the rows of a list that is a CSV file are about, where they do not say.")
    ] = None,
    action: ActionOption = None,
    notice_type: NoticeTypeOption = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=TIMES,
            help="When the travellers are met: entries that are not valid then raise nothing. Default: now.",
        ),
    ] = None,
    exercise: Exercise = Mode.ACTUAL,
    jobs: Jobs = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The summary as one line of JSON on standard output.")
    ] = False,
) -> None:
    """Hold a watchlist against travellers offline, with the pipeline's own checks, index and decision.

    First come the entries that the pipeline would refuse, with the rule. The output has the columns query_row (from 1),
    entry_id, score (0 to 1), band and explanation: one row a match of POSSIBLE or better, best first within a query.
    The summary says how many alarms such travellers would raise.

    Columns of the queries: full_name (or first_name, middle_name, last_name), gender, date_of_birth, place_of_birth,
    nationality, document_number, document_type, document_country. A column entry_id or un_dataid may say which entry a
    traveller is: it is never matched, but the summary then says how many were found.
    """
    console = Console(stderr=True, highlight=False)
    now = datetime.now(UTC)
    met = now if at is None else at if at.tzinfo else at.replace(tzinfo=UTC)
    mapping = read_mapping(columns or [], COLUMNS)
    mapped = read_mapping(list_columns or [], ENTRY_COLUMNS)
    colour = notice_type or NoticeType.BLUE  # of notices that do not tell theirs: here it makes no difference
    defaults = ListDefaults(as_, now, exercise, action=action, notice_type=colour, kind=list_type, columns=mapped)
    held = ScreenedList(met, exercise, declared(Settings()), now=now)
    of_list = _load(held, watchlist, format_, defaults, console)
    if not len(held):
        raise NothingToScreen(f"{watchlist.name}: no entry of it would raise an alert now")
    tally = _run(held, queries, out, mapping, delimiter_of(delimiter), jobs or cores(), console)
    _show(tally, console)
    if as_json:
        typer.echo(json.dumps(of_list | _as_dict(tally)))


def _load(
    held: ScreenedList, file: Path, format_: Format, defaults: ListDefaults, console: Console
) -> dict[str, object]:
    unread_rows = Table("row", "field", "why", title="Rows of the list that cannot be read", box=None, pad_edge=False)
    refused = Table(
        "entry", "reason", "field", "rule", title="Entries that the pipeline would refuse", box=None, pad_edge=False
    )
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with counted(console, file.name, "entries") as advance, nothing_collected():
        for result in read_watchlist(file, defaults, format_):
            if isinstance(result, RefusedRow):
                counts["unread"] += 1
                if counts["unread"] <= _SHOWN:
                    unread_rows.add_row(plain(result.row), plain(result.field), plain(result.why))
            elif isinstance(result, WatchlistEntry):
                counts["read"] += 1
                problem = held.put(result)
                if problem is not None:
                    reasons[problem.reason] += 1
                    if reasons.total() <= _SHOWN:
                        cells = (result.entry_id, problem.reason, problem.place, problem.detail)
                        refused.add_row(*(plain(cell) for cell in cells))
                elif not held.raises_alerts(result):
                    counts["silent"] += 1
                advance()
    for table, count in ((unread_rows, counts["unread"]), (refused, reasons.total())):
        if count:
            table.title_justify = "left"
            console.print(table)
            if count > _SHOWN:
                console.print(f"... and {count - _SHOWN} more")
    console.print(
        f"list: {counts['read']} entries read, {counts['unread']} rows unreadable, {reasons.total()} refused"
        + "".join(f" ({reason} {count})" for reason, count in sorted(reasons.items()))
        + f", {counts['silent']} raise no alert now; {len(held)} are screened"
    )
    return {
        "entries": counts["read"],
        "entries_unreadable": counts["unread"],
        "entries_refused": dict(sorted(reasons.items())),
        "entries_silent": counts["silent"],
        "entries_screened": len(held),
    }


def _run(
    held: ScreenedList,
    queries: Path,
    out: Path,
    mapping: Mapping[str, str],
    delimiter: str | None,
    jobs: int,
    console: Console,
) -> Tally:
    tally = Tally()
    with CsvTable(queries, known=(*COLUMNS, *mapping.values()), delimiter=delimiter) as table:
        places = traveller_columns(table.header, mapping)
        for note in unread(table.header, places):
            tally.note(note)
        work = Screening(held, places, len(table.header))
        with csv_file(out) as write, bytes_read(console, table, queries.name) as advance:
            write(OUT_COLUMNS)
            for screened in in_order(work, chunks(table, _CHUNK), jobs):
                for one in screened:
                    _count(tally, one)
                    for hit in one.hits:
                        cells = (harmless(hit.entry_id), f"{hit.score:.6f}", hit.band, harmless(hit.explanation))
                        write((one.row, *cells))
                advance(len(screened))
    return tally


def _count(tally: Tally, one: Screened) -> None:
    for note in one.notes:
        tally.note(note)
    if one.refused is not None:
        tally.refuse(one.refused)
        return
    tally.queries += 1
    if one.truth:
        tally.listed += 1
        tally.found += any(hit.entry_id == one.truth for hit in one.hits)
    elif one.hits:
        tally.unlisted_matched += 1
    if one.hits:
        tally.matched += 1
        tally.travellers[one.hits[0].band] += 1
        tally.matches.update(hit.band for hit in one.hits)


def _show(tally: Tally, console: Console) -> None:
    if tally.refused:
        table = Table("row", "field", "why", title=f"Queries that cannot be screened: {tally.refused}", box=None)
        table.title_justify = "left"
        for row in tally.refused_rows:
            table.add_row(plain(row.row), plain(row.field), plain(row.why))
        console.print(table)
    show_notes(console, tally.notes, tally.noted, "Details of queries that were not used")
    table = Table(box=None, pad_edge=False, title="Travellers by their best match", title_justify="left")
    for column in ("band", "travellers", "matches", "travellers per 10,000"):
        table.add_column(column, justify="left" if column == "band" else "right")
    for band in BANDS:
        found = tally.travellers[band]
        table.add_row(band.value, str(found), str(tally.matches[band]), f"{tally.per_10_000(found):.1f}")
    total = tally.per_10_000(tally.matched)
    table.add_row("all", str(tally.matched), str(tally.matches.total()), f"{total:.1f}")
    console.print(table)
    console.print(f"{tally.queries} travellers screened, {tally.matched} matched")
    if tally.listed:
        share = tally.found / tally.listed
        console.print(f"of {tally.listed} who are listed as the file says, {tally.found} were found ({share:.2%})")
    others, matched = tally.queries - tally.listed, tally.unlisted_matched
    if not others:
        return
    console.print(
        f"of the {others} {'others' if tally.listed else 'travellers'}, {matched} matched: if none of them is listed,"
        f" that is {tally.false_per_10_000:.1f} false alarms per 10,000 travellers"
    )


def _as_dict(tally: Tally) -> dict[str, object]:
    return {
        "queries": tally.queries,
        "queries_refused": tally.refused,
        "matched": tally.matched,
        "matches_by_band": {band.value: tally.matches[band] for band in BANDS},
        "travellers_by_band": {band.value: tally.travellers[band] for band in BANDS},
        "matched_per_10000": round(tally.per_10_000(tally.matched), 2),
        "listed": tally.listed,
        "found": tally.found,
        "false_per_10000": round(tally.false_per_10_000, 2),
    }
