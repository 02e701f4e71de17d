"""`tocsin rejects --export` and `tocsin replay`: what was refused, repaired, and put back once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from producers.importers import RefusedRow
from producers.publishing import Account
from producers.repairs import RefusedEvent, read_refused, written
from producers.repairs.own_topics import OwnRecords
from producers.repairs.replaying import Replay, Standing
from schemas.events import Incident, Response, WatchlistEntry
from tocsin.cli.progress import counted
from tocsin.cli.publishing_access import publishing_as
from tocsin.cli.publishing_account import SOME_NOT_TAKEN, SOME_ROWS_REFUSED, send, show
from tocsin.cli.reading import Code, State, member, now, quiet, settings_in
from tocsin.cli.terminal import plain
from tocsin.runtime.settings import Settings, connect

_EXAMPLE = """Example: repair `event` in the file's lines, leave the rest of each alone, and look before you act.

    tocsin rejects bd --export refused.jsonl

    tocsin replay bd refused.jsonl --dry-run

    tocsin replay bd refused.jsonl

Exit code 0: everything that was repaired stands in the topics; 3: some lines are no event as they stand, or were
refused again (the others are published); 4: the broker did not take some; 1: nothing could be done, or it was broken
off, and may be done again."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", epilog=_EXAMPLE)(_replay)


def export(code: str, settings: Settings, file: Path) -> None:
    """Write what was refused of `code` into a new file. Raises UnusableExport when it is there."""
    console = Console(stderr=True, highlight=False)
    with _records(code, settings, None, console) as own:
        found, codec = own.collected()
    count = written(file, found.lines(codec.readable))
    back = f"; {found.replayed} more were put back already" if found.replayed else ""
    what = "1 refused event" if count == 1 else f"{count} refused events"
    typer.echo(f"{file}: {what}{back}")


def _replay(
    code: Code,
    file: Annotated[Path, typer.Argument(help="A repaired export.", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be published, and publish nothing.")
    ] = False,
    unrepaired_too: Annotated[
        bool, typer.Option("--unrepaired", help="Also lines whose event says what it said when it was refused.")
    ] = False,
    patience: Annotated[
        float | None, typer.Option(help="Give up after so many seconds without an answer. Default: never.")
    ] = None,
    go_on: Annotated[bool, typer.Option("--go-on", help="Go on however many are refused again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What became of the lines, as one line of JSON.")] = False,
    state: State = None,
) -> None:
    """Put repaired events back into CC's own topics, each once: run it again after whatever went wrong.

    An event is put back under an event_id that follows from where it was refused. What stands in the topics already
    under that id is not published again, on whatever machine that was done; should two do it at the same moment, they
    say the same bytes, which counts as a duplicate. Lines that were not repaired are left alone, unless what was wrong
    is mended by others (NOT_PROCESSED, UNKNOWN_SCHEMA, UNKNOWN_PARTICIPANT). Rejects are kept for 30 days, and so long
    is known what was put back.
    """
    settings = settings_in(state)
    member(settings, code)
    console = Console(stderr=True, highlight=False)
    lines = list(read_refused(file))
    with quiet(settings):
        with _records(code, settings, patience, console) as records:
            own = records.own(lines)
        replay = Replay(code, own, now(), unrepaired_too=unrepaired_too)
        results = list(_results(replay, lines))
        if dry_run:
            account = Account()
            for result in results:
                if isinstance(result, RefusedRow):
                    account.refuse(result)
                else:
                    account.published += 1
            show(account, [], console, dry_run=True)
        else:
            connection = publishing_as(code, settings)
            account = send(code, iter(results), connection, file.name, console, patience=patience, go_on=go_on)
    for standing in Standing:
        if standing is not Standing.PUBLISHED and replay.counts[standing]:
            console.print(f"{standing.value}: {replay.counts[standing]}")
    if as_json:
        counts = {standing.name.lower(): replay.counts[standing] for standing in Standing}
        typer.echo(json.dumps(counts | {"published": account.delivered, "unusable": account.refused}))
    if account.undelivered:
        raise typer.Exit(SOME_NOT_TAKEN)
    if account.refused or replay.counts[Standing.REFUSED_AGAIN]:
        raise typer.Exit(SOME_ROWS_REFUSED)


def _results(replay: Replay, lines: list[RefusedEvent]) -> Iterator[Incident | WatchlistEntry | Response | RefusedRow]:
    for event in replay.events(lines):
        if isinstance(event, Incident | WatchlistEntry | Response | RefusedRow):
            yield event


@contextmanager
def _records(code: str, settings: Settings, patience: float | None, console: Console) -> Iterator[OwnRecords]:
    with counted(console, f"topics of {code}", "records read") as advance:
        yield OwnRecords(
            code,
            connect(code, settings),
            patience,
            on_waiting=lambda why: console.print(f"waiting: {plain(why)}", soft_wrap=True),
            on_record=advance,
        )
