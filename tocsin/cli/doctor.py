"""`tocsin doctor`: what is wrong with a stack, from outside, in one screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli.declaration import declared
from tocsin.cli.reading import settings_in
from tocsin.cli.terminal import plain
from tocsin.runtime.settings import connect

if TYPE_CHECKING:
    from deploy.doctor import Finding

_MARKS = {"fine": "ok", "warning": "[yellow]warn[/]", "wrong": "[bold red]WRONG[/]"}
_EXAMPLE = """Examples:

    tocsin doctor

    tocsin doctor --json

    tocsin doctor --targets /etc/prometheus/tocsin.json      # processes that tocsin up did not start"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", epilog=_EXAMPLE)(_doctor)


def _doctor(
    state: Annotated[
        Path | None, typer.Option(help="State folder of the stack. Default: TOCSIN_STATE, else .tocsin.")
    ] = None,
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The processes, as Prometheus' file_sd has them."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what is wrong: broker, registry, processes, transactions, lag, list, deliveries, certificates, keys, disk.

    Looks from outside, as a client of each, and changes nothing. Each line that is not ok says what to do and which
    page of docs/runbooks has more. Exit code 1 when something is wrong; a warning alone is 0. Connects as `admin`, or
    as TOCSIN_USER, who may describe the cluster.
    """
    from deploy.doctor import Level, judge, look

    settings = settings_in(state)
    findings = judge(look(connect("admin", settings), declared(settings), settings.state.resolve(), targets))
    wrong = any(finding.level is Level.WRONG for finding in findings)
    if as_json:
        typer.echo(json.dumps({"wrong": wrong, "findings": [asdict(finding) for finding in findings]}))
    else:
        Console(highlight=False).print(_table(findings))
    if wrong:
        raise typer.Exit(1)


def _table(findings: Sequence[Finding]) -> Table:
    """A line each; below what is not fine: what to do, and the page."""
    made = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(2):
        made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    before = ""
    for one in findings:
        made.add_row(_MARKS[one.level], "" if one.area == before else one.area, plain(one.what))
        before = one.area
        page = f"docs/runbooks/{one.page}.md" if one.page else ""
        if follow := "; ".join(filter(None, (one.do, page))):
            made.add_row("", "", f"[dim]→ {plain(follow)}[/]")
    return made
