"""`tocsin screening-report`: recall and false alerts of a screening, read back from the alert topics."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from consumers.reading import Got, messages
from consumers.screening import Report, Share, judge, read_incident_ids, read_truth
from consumers.watch.book import AlertBook
from schemas.alerts import Alert
from schemas.topics import alerts
from tocsin.cli.reading import Json, State, codec, member, quiet, reader, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.terminal import plain
from tocsin.runtime.consuming import LineBack, LineLost
from tocsin.runtime.settings import Settings

_SHOWN_MISSED = 20
_EXAMPLE = """Example: the list of un, travellers published by bd.

    tocsin screening-report --owner un --as bd --truth positives.csv --negatives negatives.csv

Published with --source: add --source NAME for --truth, --negatives-source NAME for each of --negatives.

Simulated traffic brings its own truth: tocsin screening-report --truth truth.jsonl"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("screening-report", epilog=_EXAMPLE)(_report)


def _report(
    truth: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What had to be found: truth.jsonl of `tocsin simulate`, or the CSV that was published, with a column"
            " entry_id or un_dataid.",
        ),
    ],
    owner: Annotated[
        list[str] | None,
        typer.Option(help="Owner of the entries; may be repeated. Default: un for a CSV, all owners of a truth.jsonl."),
    ] = None,
    publisher: Annotated[str, typer.Option("--as", help="The bureau that published the CSV files.")] = "bd",
    negatives: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, dir_okay=False, help="Published incidents that had to find nothing (CSV or JSON Lines)."
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="The --source that the CSV of --truth was published with. Default: the file's name."),
    ] = None,
    negatives_source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The --source of each CSV of --negatives, in their order. Default: the files' names.",
        ),
    ] = None,
    until_idle: Annotated[
        float, typer.Option(metavar="S", min=0, help="Wait until no alert came for so many seconds.")
    ] = 10.0,
    as_json: Json = False,
    state: State = None,
) -> None:
    """Print recall on those who had to be found and false alerts on those who had not.

    Reads alerts.OWNER back from the beginning, with each owner's own secret; alerts that were retracted count for
    nothing. A CSV must be told with the source that it was published with: a row's incident_id follows from it.
    """
    files: list[Path] = negatives or []
    names: list[str] | list[None] = negatives_source or [None] * len(files)
    if len(names) != len(files):
        raise typer.BadParameter(
            f"{len(names)} names for {len(files)} files of --negatives", param_hint="--negatives-source"
        )
    settings = settings_in(state)
    expected = read_truth(truth, publisher=publisher, owner=(owner or ["un"])[0], source=source)
    owners = owner or sorted({match.owner for match in expected})
    innocent = [
        one
        for file, name in zip(files, names, strict=True)
        for one in read_incident_ids(file, publisher=publisher, source=name)
    ]
    standing: list[Alert] = []
    with quiet(settings):
        for code in owners:
            member(settings, code)
            standing.extend(_alerts_of(settings, code, until_idle))
    report = judge([match for match in expected if match.owner in owners], innocent, standing)
    if as_json:
        typer.echo(json_line(_plain(report)))
    else:
        _show(report, owners)


def _alerts_of(settings: Settings, code: str, until_idle: float) -> list[Alert]:
    book = AlertBook()
    with reader(alerts(code), settings, code, "screening", from_beginning=True) as source:
        for step in messages(source, codec(settings, code).decode, Alert, until_idle=until_idle):
            match step:
                case Got(message=alert) if alert.recipient == code:
                    book.take(alert)
                case LineLost(why=why):
                    typer.echo(f"line lost: {why}; trying again", err=True)
                case LineBack():
                    typer.echo("line back", err=True)
    return list(book.oldest_first())


def _plain(report: Report) -> dict[str, Any]:
    def shared(share: Share) -> dict[str, Any]:
        return {"part": share.part, "whole": share.whole, "share": share.value}

    missed = [{"incident_id": m.incident_id, "entry_id": m.entry_id, "row": m.row} for m in report.missed]
    return asdict(report) | {
        "recall": shared(report.recall),
        "recall_by_difficulty": {name: shared(share) for name, share in report.recall_by_difficulty.items()},
        "false_incidents": shared(report.false_incidents),
        "missed": missed,
    }


def _show(report: Report, owners: list[str]) -> None:
    console = Console(highlight=False)
    table = Table(title=f"Screening against {plain(', '.join(owners))}", title_justify="left")
    for column in ("what", "count", "of", "share"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("found of those that had to be (recall)", *_cells(report.recall))
    for difficulty, share in report.recall_by_difficulty.items():
        table.add_row(f"  difficulty: {plain(difficulty)}", *_cells(share))
    for band, count in report.found_by_band.items():
        table.add_row(f"  found as {band}", *_cells(Share(count, report.recall.part)))
    table.add_row("incidents with a false alert", *_cells(report.false_incidents))
    for band, count in report.false_by_band.items():
        table.add_row(f"  false alerts as {band}", str(count), str(report.false_alerts), "")
    table.add_row("false alerts an incident", *_cells(Share(report.false_alerts, report.negatives)))
    table.add_row("alerts on the right persons for other entries", str(report.other_alerts), "", "")
    table.add_row("alerts for incidents of no file", str(report.unknown_alerts), "", "")
    console.print(table)
    for missed in report.missed[:_SHOWN_MISSED]:
        console.print(
            f"missed: incident {plain(missed.incident_id)} ({plain(missed.row)}), entry {plain(missed.entry_id)}"
        )
    if len(report.missed) > _SHOWN_MISSED:
        console.print(f"and {len(report.missed) - _SHOWN_MISSED} more missed; --json names them all")


def _cells(share: Share) -> tuple[str, str, str]:
    value = share.value
    return str(share.part), str(share.whole), "-" if value is None else f"{value:.2%}"
