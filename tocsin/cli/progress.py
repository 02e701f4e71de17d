"""Progress bars of offline work, drawn only when something is reported: no thread runs beside the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from producers.importers.csv_table import CsvTable
from tocsin.cli.terminal import plain

_EVERY = 0.1
"""Seconds between two drawings."""


@contextmanager
def bytes_read(console: Console, table: CsvTable, name: str) -> Iterator[Callable[[int], None]]:
    """A bar of how far `table` is read; what is called with the rows that were done since."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console, transient=True, auto_refresh=False, disable=not console.is_terminal)
    with bar:
        task = bar.add_task(plain(name), total=table.size or None, rows=0)
        done, drawn = 0, 0.0

        def advance(rows: int) -> None:
            nonlocal done, drawn
            done += rows
            if (now := time.monotonic()) - drawn >= _EVERY:
                drawn = now
                bar.update(task, completed=table.position, rows=done, refresh=True)

        yield advance


@contextmanager
def counted(console: Console, name: str, what: str) -> Iterator[Callable[[], None]]:
    """A line that counts what is read where nobody knows how much it is; what is called after each."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} " + what))
    bar = Progress(*columns, console=console, transient=True, auto_refresh=False, disable=not console.is_terminal)
    with bar:
        task = bar.add_task(plain(name), total=None)
        done, drawn = 0, 0.0

        def advance() -> None:
            nonlocal done, drawn
            done += 1
            if (now := time.monotonic()) - drawn >= _EVERY:
                drawn = now
                bar.update(task, completed=done, refresh=True)

        yield advance
