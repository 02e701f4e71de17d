"""The local stack on a terminal: its processes as a plain table, its downloads as bars."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from deploy.stack.artifacts import Progress as ArtifactProgress
from deploy.stack.running import Stack
from deploy.stack.supervision import State

_STYLES = {State.FAILED: "red", State.RESTARTING: "yellow", State.STOPPED: "yellow"}


@dataclass(frozen=True, slots=True)
class Row:
    """One process as it is shown."""

    process: str
    state: State
    ready: bool
    port: int
    pid: int | None
    up_s: int | None
    """For how many seconds it has been running."""
    log: str


def rows(stack: Stack) -> list[Row]:
    """Every process of the stack, in the order of its start. Raises StackError when the supervisor is gone."""
    seen = stack.seen()
    now = time.time()
    return [
        Row(
            process=one.name,
            state=seen[one.name].state,
            ready=stack.is_ready(one.name),
            port=one.port,
            pid=seen[one.name].pid,
            up_s=max(0, int(now - seen[one.name].started)) if seen[one.name].pid else None,
            log=str(stack.log(one.name)),
        )
        for one in stack.processes
    ]


def table(shown: Sequence[Row]) -> Table:
    """The rows as a table."""
    made = Table(box=None, pad_edge=False)
    for title in ("process", "state", "ready", "port", "pid", "up"):
        made.add_column(title, justify="right" if title in ("port", "pid", "up") else "left", no_wrap=True)
    for row in shown:
        made.add_row(
            row.process,
            f"[{_STYLES[row.state]}]{row.state}[/]" if row.state in _STYLES else row.state,
            "yes" if row.ready else "[yellow]no[/]",
            str(row.port),
            str(row.pid or "-"),
            "-" if row.up_s is None else f"{row.up_s // 3600}:{row.up_s // 60 % 60:02}:{row.up_s % 60:02}",
        )
    return made


@contextmanager
def live(console: Console) -> Iterator[Callable[[Sequence[Row]], None]]:
    """What shows the rows: a table that stays in place on a terminal, elsewhere one line for each change."""
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as screen:
            yield lambda shown: screen.update(table(shown), refresh=True)
        return
    before: dict[str, tuple[State, bool, int | None]] = {}

    def changes(shown: Sequence[Row]) -> None:
        for row in shown:
            now = (row.state, row.ready, row.pid)
            if before.get(row.process) != now:
                console.print(f"{row.process} {row.state}{', ready' if row.ready else ''} (pid {row.pid or '-'})")
            before[row.process] = now

    yield changes


@contextmanager
def downloads(console: Console) -> Iterator[ArtifactProgress]:
    """What shows downloads: a bar each on a terminal, elsewhere a line."""
    bars = Progress(
        TextColumn("fetching {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        transient=True,
    )

    @contextmanager
    def one(name: str, size: int) -> Iterator[Callable[[int], None]]:
        if not console.is_terminal:
            console.print(f"fetching {name} ({size / 1e6:.1f} MB)")
            yield lambda count: None
            return
        with bars:
            task = bars.add_task(name, total=size)
            yield lambda count: bars.advance(task, count)
            bars.remove_task(task)

    yield one
