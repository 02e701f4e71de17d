"""`tocsin transactions`: find transactions that hang, and end them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tocsin.cli import stack_view
from tocsin.cli.reading import settings_in
from tocsin.cli.terminal import plain
from tocsin.runtime.settings import connect

_EXAMPLE = """Examples:

    tocsin transactions

    tocsin transactions --end
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("transactions", epilog=_EXAMPLE)(_transactions)


def _transactions(
    end: Annotated[bool, typer.Option("--end", help="Abort them: readers go on at once.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="State folder of the stack. Default: TOCSIN_STATE, else .tocsin.")
    ] = None,
) -> None:
    """Find transactions that hang: open in a partition, unknown to the broker, so that nobody will ever end them.

    They hold back every reader of committed records. A transaction that is merely open is none: the broker ends it
    within a minute. What was written in one that is ended is never seen; its writer, a worker, has done that work
    again under another. Runs Kafka's own tool, as `admin` or as TOCSIN_USER, who may alter the cluster.

    Exit codes: 0 none hangs (any more), 1 some do, or it could not be found out.
    """
    from deploy.doctor.hanging import Transactions
    from deploy.stack.artifacts import obtain

    with stack_view.downloads(Console(stderr=True)) as progress:
        artifacts = obtain(progress=progress)
    transactions = Transactions(connect("admin", settings_in(state)), artifacts)
    found = transactions.hanging()
    for one in found:
        place = f"{plain(one.topic)}/{one.partition}"
        typer.echo(f"{place}: hangs since offset {one.start}, of producer {one.producer}")
        if end:
            transactions.end(one)
            typer.echo(f"{place}: ended")
    if not found:
        typer.echo("no transaction hangs")
    elif not end:
        typer.echo("end them with: tocsin transactions --end", err=True)
        raise typer.Exit(1)
