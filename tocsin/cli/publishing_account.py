"""What became of a file that was published: a progress line while it runs, the account behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from producers.country import CountryProducer
from producers.importers import Note, RefusedRow, Result
from producers.own_refusals import Bound, RefusalWatch
from producers.publishing import KEPT, Account, publish_results
from schemas.events import Response
from tocsin.cli.terminal import plain
from tocsin.runtime.producing import Undelivered
from tocsin.runtime.settings import Connection

SOME_ROWS_REFUSED = 3
SOME_NOT_TAKEN = 4
_SHOWN = 20


@contextmanager
def progress(console: Console, name: str) -> Iterator[tuple[Callable[[Account], None], Callable[[str], None]]]:
    """A progress line, and what to call after each row and when broker or registry is away."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(plain(name), total=None)

        def advance(account: Account) -> None:
            bar.update(task, completed=account.read)

        def waiting(text: str) -> None:
            console.print(f"waiting: {plain(text)}", soft_wrap=True)

        yield advance, waiting


def send(
    code: str,
    results: Iterable[Result | Response],
    connection: Connection,
    name: str,
    console: Console,
    *,
    patience: float | None,
    notes: bool = False,
    go_on: bool = False,
) -> Account:
    """Publish `results` as `code` and print the account, also when it is broken off: what is published is published.

    Raises TooManyRefused while it publishes, unless told to `go_on` however many are refused.
    """
    account = Account()
    undelivered: list[Undelivered] = []

    def keep(event: Undelivered) -> None:
        if len(undelivered) < KEPT:
            undelivered.append(event)

    watch = RefusalWatch(code, connection, None if go_on else Bound())
    with progress(console, name) as (advance, waiting), watch:
        producer = CountryProducer(
            code,
            connection,
            patience=patience,
            on_refused=keep,
            on_delivered=watch.own.delivered,
            on_waiting=waiting,
        )

        def on_row(account: Account) -> None:
            advance(account)
            watch.look()

        whole = False
        try:
            with producer:
                publish_results(_watched(results, watch), producer, on_row, account)
                watch.look(now=True)
            whole = True
        finally:
            account.delivered = producer.delivered
            account.undelivered = Counter(producer.refused)
            show(account, undelivered, console, notes=notes, broken_off=not whole)
    if refused := watch.own.reasons.total():
        were = "1 of these was" if refused == 1 else f"{refused} of these were"
        console.print(f"{were} refused so far: tocsin rejects {plain(code)} --from-beginning")
    return account


def _watched(results: Iterable[Result | Response], watch: RefusalWatch) -> Iterator[Result | Response]:
    """`results`, and the watch started when there is something to publish."""
    for result in results:
        if not isinstance(result, RefusedRow | Note):
            watch.start()
        yield result


def show(
    account: Account,
    undelivered: list[Undelivered],
    console: Console,
    *,
    dry_run: bool = False,
    notes: bool = False,
    broken_off: bool = False,
) -> None:
    """Print the account: counts first, then what was refused, with row, field and reason."""
    if broken_off:
        console.print(f"broken off after {account.published + account.refused} rows")
    done = f"would be published {account.published}" if dry_run else f"published {account.delivered}"
    console.print(f"{done}, refused {account.refused}, not taken by the broker {account.undelivered.total()}")
    _show_refused(account, console)
    for reason, count in account.undelivered.items():
        console.print(f"not taken, {reason.value}: {count}")
    if undelivered:
        table = _table("Not taken by the broker", "topic", "key", "reason", "said")
        for event in undelivered[:_SHOWN]:
            table.add_row(plain(event.topic), plain(event.key), event.reason.value, plain(event.text))
        console.print(table)
        _more(account.undelivered.total(), console)
    _show_noted(account, console, notes=notes)


def show_rows(account: Account, console: Console, *, notes: bool = False) -> None:
    """Print what of a file was refused and left out."""
    _show_refused(account, console)
    _show_noted(account, console, notes=notes)


def _show_refused(account: Account, console: Console) -> None:
    if account.refused:
        table = _table("Refused rows", "row", "field", "why")
        for row in account.refused_rows[:_SHOWN]:
            table.add_row(plain(row.row), plain(row.field), plain(row.why))
        console.print(table)
        _more(account.refused, console)


def _show_noted(account: Account, console: Console, *, notes: bool) -> None:
    if account.noted and notes:
        table = _table("Published without", "row", "field", "why")
        for note in account.notes:
            table.add_row(plain(note.row), plain(note.field), plain(note.why))
        console.print(table)
        _more(account.noted, console, len(account.notes))
    elif account.noted:
        left_out = "1 detail was" if account.noted == 1 else f"{account.noted} details were"
        console.print(f"{left_out} left out of what was published (--notes shows them)")


def as_dict(account: Account) -> dict[str, object]:
    """The account for machines."""
    return {
        "read": account.read,
        "published": account.delivered,
        "refused": account.refused,
        "refused_rows": [vars(row) for row in account.refused_rows],
        "not_taken": {reason.name: count for reason, count in account.undelivered.items()},
        "notes": account.noted,
    }


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _more(count: int, console: Console, shown: int = _SHOWN) -> None:
    if count > shown:
        console.print(f"... and {count - shown} more")
