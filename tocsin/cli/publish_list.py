"""`tocsin publish watchlist --list`: a list kept in step with its file, found by reading the owner's own topic."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.table import Table

from producers.identity import new_event_id
from producers.importers import Note, RefusedRow, Result
from producers.list_steps import IncompleteList, Steps, TooManyWithdrawn, judge_withdrawals, steps
from producers.published_entries import published_entries
from producers.publishing import Account
from producers.repairs.own_topics import OwnRecords
from schemas.codes import Mode
from schemas.events import WatchlistEntry
from tocsin.cli.declaration import declared
from tocsin.cli.progress import counted
from tocsin.cli.publishing_access import believed, publishing_as
from tocsin.cli.publishing_account import SOME_NOT_TAKEN, SOME_ROWS_REFUSED, send, show_rows
from tocsin.cli.terminal import plain
from tocsin.runtime.settings import Settings, connect

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Stepping:
    """How a list is kept in step."""

    list_name: str
    exercise: Mode
    allow_withdraw: int | None
    despite_refused: bool
    dry_run: bool
    notes: bool
    as_json: bool
    patience: float | None
    go_on: bool = False


def publish_in_step(code: str, results: Iterable[Result], name: str, how: Stepping, settings: Settings) -> None:
    """Publish what differs between the file's `results` and what the topic holds of the list, and tell.

    Raises IncompleteList and TooManyWithdrawn before anything is published.
    """
    console = Console(stderr=True, highlight=False)
    connection = connect(code, settings) if how.dry_run else publishing_as(code, settings)
    account, wanted, broken = _read(results, name, console)
    show_rows(account, console, notes=how.notes)
    if broken or (account.refused and not how.despite_refused):
        raise IncompleteList(_why(name, account.refused, broken))
    with counted(console, f"topics of {code}", "records read") as advance:
        own = OwnRecords(
            code,
            connection,
            how.patience,
            on_waiting=lambda why: console.print(f"waiting: {plain(why)}", soft_wrap=True),
            on_record=advance,
        )
        published = published_entries(own, believed=believed(declared(settings), code, connection))
    made = steps(
        published,
        wanted,
        list_name=how.list_name,
        exercise=how.exercise,
        at=datetime.now(UTC),
        event_id=new_event_id,
    )
    if made.refused:
        of_list = Account()
        for row in made.refused:
            account.refuse(row)
            of_list.refuse(row)
        show_rows(of_list, console)
        if not how.despite_refused:
            raise IncompleteList(_why(name, len(made.refused), False))
    held_back = 0
    if account.refused:
        held_back, made.withdrawn = len(made.withdrawn), []
    _show_steps(made, how, held_back, console)
    if how.dry_run:
        _tell_limit(made, how, console)
        _finish(made, account, Account(), how)
        return
    judge_withdrawals(made, how.allow_withdraw)
    sent = send(code, made.events, connection, name, console, patience=how.patience, go_on=how.go_on)
    _finish(made, account, sent, how)


def _read(results: Iterable[Result], name: str, console: Console) -> tuple[Account, list[WatchlistEntry], bool]:
    account, wanted, broken = Account(), list[WatchlistEntry](), False
    with counted(console, name, "rows") as advance:
        for result in results:
            if isinstance(result, Note):
                account.note(result)
                continue
            account.read += 1
            if isinstance(result, RefusedRow):
                account.refuse(result)
                broken = broken or result.broken
            elif isinstance(result, WatchlistEntry):
                wanted.append(result)
            advance()
    return account, wanted, broken


def _why(name: str, refused: int, broken: bool) -> str:
    if broken:
        return f"{name} is damaged or cut: what it lacks would be withdrawn. Nothing was published; get the file anew"
    return (
        f"{refused} rows of {name} were refused, and their entries would be withdrawn. Nothing was published; mend the"
        " rows, or publish the others and withdraw nothing with --despite-refused"
    )


def _show_steps(made: Steps, how: Stepping, held_back: int, console: Console) -> None:
    console.print(
        f"list {plain(how.list_name)!r}: {len(made.added)} added, {len(made.changed)} changed,"
        f" {len(made.withdrawn)} withdrawn, {made.unchanged} unchanged"
        + (f", {len(made.again)} again, which were refused" if made.again else "")
        + (f"; {held_back} not withdrawn because rows were refused" if held_back else "")
    )
    if not how.dry_run:
        return
    for title, entries in (
        ("Added", made.added),
        ("Changed", made.changed),
        ("Withdrawn", made.withdrawn),
        ("Again", made.again),
    ):
        if entries:
            table = Table("entry_id", "version", title=title, title_justify="left", box=None, pad_edge=False)
            for entry in entries[:_SHOWN]:
                table.add_row(plain(entry.entry_id), str(entry.entry_version))
            console.print(table)
            if len(entries) > _SHOWN:
                console.print(f"... and {len(entries) - _SHOWN} more")


def _tell_limit(made: Steps, how: Stepping, console: Console) -> None:
    try:
        judge_withdrawals(made, how.allow_withdraw)
    except TooManyWithdrawn as error:
        console.print(f"publishing would be refused: {error}", markup=False)


def _finish(made: Steps, read: Account, sent: Account, how: Stepping) -> None:
    if how.as_json:
        typer.echo(
            json.dumps(
                {
                    "read": read.read,
                    "refused": read.refused,
                    "added": len(made.added),
                    "changed": len(made.changed),
                    "withdrawn": len(made.withdrawn),
                    "unchanged": made.unchanged,
                    "again": len(made.again),
                    "published": sent.delivered,
                    "not_taken": {reason.name: count for reason, count in sent.undelivered.items()},
                    "dry_run": how.dry_run,
                }
            )
        )
    if sent.undelivered:
        raise typer.Exit(SOME_NOT_TAKEN)
    if read.refused or sent.refused:
        raise typer.Exit(SOME_ROWS_REFUSED)
