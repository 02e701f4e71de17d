"""`tocsin publish`: files of watchlist entries and of incidents into a participant's topics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from producers.errors import UnknownColumn, UnknownFormat
from producers.first_published import FirstPublished
from producers.importers import (
    EnvelopeDefaults,
    Format,
    IncidentDefaults,
    Kind,
    ListDefaults,
    Result,
    format_of,
    read_incidents_csv,
    read_incidents_jsonl,
    read_mrz_incidents,
    read_watchlist,
)
from producers.importers.columns import read_mapping
from producers.importers.entries_csv import COLUMNS as ENTRY_COLUMNS
from producers.importers.travellers_csv import COLUMNS as TRAVELLER_COLUMNS
from producers.publishing import publish_results
from schemas.codes import Action, CrossingMode, IncidentType, Mode, NoticeType
from tocsin.cli.csv_options import ColumnsOption, Delimiter, delimiter_of
from tocsin.cli.publish_list import Stepping, publish_in_step
from tocsin.cli.publishing_access import publishing_as
from tocsin.cli.publishing_account import SOME_NOT_TAKEN, SOME_ROWS_REFUSED, as_dict, progress, send, show
from tocsin.runtime.settings import Settings

_LONGEST = 200
"""Characters of a text that the gate takes."""
TIMES = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]
_EXIT_CODES = (
    "Exit code 0: every row was published and taken by the broker; 3: some rows were refused (the others are"
    " published); 4: the broker did not take some events; 1: nothing could be done, or it was broken off."
)
_AGAIN = (
    "Published again with the same options, a file says the same: its rows are counted as duplicates and change"
    " nothing. A row that says something else than before is refused as VERSION_CONFLICT (tocsin rejects shows it):"
    " correct it with a higher --incident-version."
)
_WATCHLIST_EXAMPLE = f"""Examples: the UN list; stolen things of bd (without --dry-run they are published).

    tocsin publish watchlist --as un examples/un/consolidated-2026-02-27.xml --dry-run

    tocsin publish watchlist --as bd examples/stolen.csv --dry-run --notes

On a running stack, a list kept in step with its file, first looking at what would change:

    tocsin publish watchlist --as bd --list stolen examples/stolen.csv --dry-run

    tocsin publish watchlist --as bd --list stolen examples/stolen.csv

{_EXIT_CODES}"""
_INCIDENTS_EXAMPLE = f"""Examples: travellers; what a document reader read (without --dry-run they are published).

    tocsin publish incidents --as bd --point Benapole examples/travellers.csv --dry-run

    tocsin publish incidents --as bd --point Benapole examples/zones.mrz --dry-run --notes

{_AGAIN}

{_EXIT_CODES}"""

As = Annotated[str, typer.Option("--as", help="Participant that publishes: its code, such as bd.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file.")]
FormatOption = Annotated[Format, typer.Option("--format", help="Format of the file; auto: told from its beginning.")]


def _known(value: StrEnum) -> StrEnum:
    """UNKNOWN is what readers see for a symbol that is newer than they are; nobody publishes it."""
    if value.value == "UNKNOWN" and not isinstance(value, CrossingMode):
        raise typer.BadParameter("UNKNOWN cannot be published")
    return value


def _list_name(name: str | None) -> str | None:
    if name is not None and not (0 < len(name.strip()) <= _LONGEST and name.isprintable()):
        raise typer.BadParameter(f"a list's name has 1 to {_LONGEST} characters")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(f"no IANA time zone is called {name!r}") from error
    return name


KindOption = Annotated[
    Kind | None, typer.Option("--type", help="What the rows of a CSV file are about, where they do not say.")
]
ActionOption = Annotated[
    Action | None, typer.Option(callback=lambda value: value and _known(value), help="What is asked for (ftm, csv).")
]
NoticeTypeOption = Annotated[
    NoticeType | None,
    typer.Option(callback=lambda value: value and _known(value), help="Colour of notices that do not tell theirs."),
]
Exercise = Annotated[
    Mode,
    typer.Option(callback=_known, help="ACTUAL, or EXERCISE or TEST: only equal modes ever match."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check the file, publish nothing.")]
Notes = Annotated[bool, typer.Option("--notes", help="Show every note, not only how many there are.")]
AsJson = Annotated[bool, typer.Option("--json", help="The account as one line of JSON on standard output.")]
Patience = Annotated[
    float | None, typer.Option(help="Give up after so many seconds without an answer of the broker. Default: never.")
]
GoOn = Annotated[
    bool,
    typer.Option(
        "--go-on",
        help="Go on however many are refused. Without it publishing stops when more than 20 of them, and more than 5 %,"
        " come back as rejects meanwhile.",
    ),
]
State = Annotated[Path | None, typer.Option(help="State folder of the stack. Default: TOCSIN_STATE, else .tocsin.")]
At = Annotated[
    datetime | None,
    typer.Option(
        formats=TIMES,
        help="When it happened, where the file does not say; without a zone in UTC. Default: now. Lines without a time"
        " that are published again say another one: give the same --at, or they are refused as VERSION_CONFLICT.",
    ),
]
Happened = Annotated[
    datetime | None,
    typer.Option(
        formats=TIMES,
        help="When it happened, where the file does not say; without a zone in UTC. Default: when the row was first"
        " published from this state folder under its --source; now for a new row.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Publish a file of watchlist entries or of incidents.")
    group.command("watchlist", epilog=_WATCHLIST_EXAMPLE)(_watchlist)
    group.command("incidents", epilog=_INCIDENTS_EXAMPLE)(_incidents)
    app.add_typer(group, name="publish")


def _watchlist(
    file: File,
    as_: As,
    format_: FormatOption = Format.AUTO,
    list_name: Annotated[
        str | None,
        typer.Option(
            "--list",
            metavar="NAME",
            callback=_list_name,
            help="Keep the list of this name in step with the file: only what changed is published, what is not in the"
            " file is withdrawn. What is published is read back from the own topic.",
        ),
    ] = None,
    allow_withdraw: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="With --list: withdraw up to N entries. Without it at most 5 % of the list and 50."
        ),
    ] = None,
    despite_refused: Annotated[
        bool,
        typer.Option(
            "--despite-refused",
            help="With --list: publish the other rows although some were refused, and withdraw nothing. A damaged or"
            " cut file is never published.",
        ),
    ] = False,
    entry_version: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Version of every entry, where the file does not say; with --list the next higher one of each entry is"
            " taken. Default: 1.",
        ),
    ] = None,
    type_: KindOption = None,
    action: ActionOption = None,
    notice_type: NoticeTypeOption = None,
    columns: ColumnsOption = None,
    delimiter: Delimiter = None,
    exercise: Exercise = Mode.ACTUAL,
    at: At = None,
    dry_run: DryRun = False,
    notes: Notes = False,
    as_json: AsJson = False,
    patience: Patience = None,
    go_on: GoOn = False,
    state: State = None,
) -> None:
    """Publish watchlist entries: the UN consolidated list (XML), FollowTheMoney entities, INTERPOL notices (JSON), CSV
    of persons, documents, vehicles, firearms, vessels and works of art, or JSON Lines of entries."""
    defaults = ListDefaults(
        as_,
        _time(at),
        exercise,
        list_name,
        entry_version,
        action,
        notice_type,
        type_,
        delimiter_of(delimiter),
        read_mapping(columns or [], ENTRY_COLUMNS),
    )
    results = read_watchlist(file, defaults, format_)
    if list_name is None:
        if allow_withdraw is not None or despite_refused:
            raise typer.BadParameter("--allow-withdraw and --despite-refused are for a list kept in step: --list NAME")
        _publish(as_, results, file.name, dry_run, notes, as_json, patience, go_on, state)
        return
    stepping = Stepping(list_name, exercise, allow_withdraw, despite_refused, dry_run, notes, as_json, patience, go_on)
    publish_in_step(as_, results, file.name, stepping, Settings() if state is None else Settings(state=state))


def _incidents(
    file: File,
    as_: As,
    format_: FormatOption = Format.AUTO,
    type_: Annotated[
        IncidentType, typer.Option("--type", callback=_known, help="What happened, where the file does not say.")
    ] = IncidentType.BORDER_CHECK,
    at: Happened = None,
    point: Annotated[str | None, typer.Option(help="Border point, station or town (CSV, MRZ).")] = None,
    mode: Annotated[
        CrossingMode, typer.Option(help="By what the border was crossed (CSV, MRZ).")
    ] = CrossingMode.UNKNOWN,
    zone: Annotated[str, typer.Option(callback=_zone, help="IANA time zone of the place (CSV, MRZ).")] = "UTC",
    source: Annotated[
        str | None,
        typer.Option(
            help="Name of the source; with the row's number it gives each incident its lasting id. Default: file name."
        ),
    ] = None,
    incident_version: Annotated[
        int, typer.Option(min=1, help="Version of every incident (CSV, MRZ): a higher one corrects what was published.")
    ] = 1,
    columns: ColumnsOption = None,
    delimiter: Delimiter = None,
    exercise: Exercise = Mode.ACTUAL,
    dry_run: DryRun = False,
    notes: Notes = False,
    as_json: AsJson = False,
    patience: Patience = None,
    go_on: GoOn = False,
    state: State = None,
) -> None:
    """Publish incidents: CSV with one person a row (full_name, date_of_birth, nationality, ...), machine-readable zones
    of documents (TD1, TD2, TD3, visas), or JSON Lines."""
    known = format_of(file) if format_ is Format.AUTO else format_
    mapping, divider = read_mapping(columns or [], TRAVELLER_COLUMNS), delimiter_of(delimiter)
    if mapping and known is not Format.CSV:
        raise UnknownColumn(f"--columns says how CSV is to be read, and {file.name} is {known}")
    defaults = IncidentDefaults(as_, _time(at), type_, point, mode, zone, exercise, incident_version)
    with _first_published(as_, exercise, source or file.name, at, dry_run, state) as happened:
        if known is Format.CSV:
            results = read_incidents_csv(
                file, defaults, source=source, columns=mapping, delimiter=divider, happened=happened
            )
        elif known is Format.MRZ:
            results = read_mrz_incidents(file, defaults, source=source, happened=happened)
        elif known is Format.JSONL:
            plain_defaults = EnvelopeDefaults(as_, _time(at), exercise)
            results = read_incidents_jsonl(file, plain_defaults, source=source, happened=happened)
        else:
            raise UnknownFormat(f"{file}: incidents are read from csv, mrz and jsonl, not from {known}")
        _publish(as_, results, file.name, dry_run, notes, as_json, patience, go_on, state)


@contextmanager
def _first_published(
    code: str, exercise: Mode, source: str, at: datetime | None, dry_run: bool, state: Path | None
) -> Iterator[Callable[[int], datetime] | None]:
    """When each row happened that does not say so, as far as that is not said by `at`."""
    if at is not None or dry_run:
        yield None
        return
    settings = Settings() if state is None else Settings(state=state)
    with FirstPublished(settings.state, code, exercise, source) as first:
        yield first.at


def _time(at: datetime | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _publish(
    code: str,
    results: Iterator[Result],
    name: str,
    dry_run: bool,
    notes: bool,
    as_json: bool,
    patience: float | None,
    go_on: bool,
    state: Path | None,
) -> None:
    console = Console(stderr=True, highlight=False)
    if dry_run:
        with progress(console, name) as (advance, _):
            account = publish_results(results, None, advance)
        show(account, [], console, dry_run=True, notes=notes)
    else:
        connection = publishing_as(code, Settings() if state is None else Settings(state=state))
        account = send(code, results, connection, name, console, patience=patience, notes=notes, go_on=go_on)
    if as_json:
        typer.echo(json.dumps(as_dict(account)))
    if account.undelivered:
        raise typer.Exit(SOME_NOT_TAKEN)
    if account.refused:
        raise typer.Exit(SOME_ROWS_REFUSED)
