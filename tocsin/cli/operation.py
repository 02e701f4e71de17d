"""`tocsin operation`: what came of a joint operation, for the coordinator."""

from __future__ import annotations

from typing import Annotated

import typer

from consumers.duty.operation import OUTCOMES, OperationBook, counted
from consumers.reading import Got
from consumers.watch.card import Tone
from schemas.codes import Mode
from tocsin.cli.reading import Json, State, alert_steps, quiet, settings_in
from tocsin.cli.showing import Screen, json_line
from tocsin.cli.terminal import visible
from tocsin.runtime.consuming import AtEnd


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("operation", epilog="Example: tocsin operation 'Round-up 2026'")(_operation)


def _operation(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The joint operation, as its entries name it.")],
    mode: Annotated[Mode, typer.Option(help="ACTUAL, EXERCISE or TEST.")] = Mode.ACTUAL,
    as_json: Json = False,
    state: State = None,
) -> None:
    """Count what came of a joint operation by country: met, located, arrested, seized, protected.

    Reads alerts.ccc as ccc (90 days). Each person or thing met counts once, however many alerts there are about it.
    """
    settings = settings_in(state)
    with quiet(settings), Screen() as screen:
        book = OperationBook()
        with alert_steps("ccc", settings) as steps:
            for step in steps:
                if isinstance(step, Got):
                    book.take(step.message)
                elif isinstance(step, AtEnd):
                    break
        rows = {
            country: count
            for (of_mode, operation, country), count in sorted(counted(book.tallies()).items())
            if operation == name and of_mode is mode
        }
        if as_json:
            for country, count in rows.items():
                outcomes = {outcome.lower(): count.outcomes[outcome] for outcome in OUTCOMES}
                line = {"operation": name, "mode": mode.value, "country": country, "met": count.met} | outcomes
                typer.echo(json_line(line))
            return
        if not rows:
            screen.line(f"no alert of operation {visible(name)} ({mode}) within 90 days")
            return
        screen.line(f"{'country':<9}{'met':>8}" + "".join(f"{outcome.lower():>11}" for outcome in OUTCOMES), Tone.TITLE)
        for country, count in rows.items():
            cells = "".join(f"{count.outcomes[outcome]:>11}" for outcome in OUTCOMES)
            screen.line(f"{visible(country):<9}{count.met:>8}{cells}")
        total = "".join(f"{sum(count.outcomes[outcome] for count in rows.values()):>11}" for outcome in OUTCOMES)
        screen.line(f"{'all':<9}{sum(count.met for count in rows.values()):>8}{total}")
