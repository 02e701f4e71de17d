"""`tocsin provision`: topics, users, rights and schemas from the declaration of the participants."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

import deploy
from deploy.provision import LOCAL, PRODUCTION, Change, Plan, provision
from deploy.stack import local
from schemas.participants import load_participants
from tocsin.cli.terminal import visible
from tocsin.runtime.settings import Settings, connect

COLOURS = {"+": "green", "~": "yellow", "-": "red"}
DECLARATION = Path(deploy.__file__).with_name("bureaus.toml")
_EXAMPLE = """Example: what a new participant would bring, then the real thing.

    tocsin provision --bureaus deploy/bureaus.toml --dry-run

    tocsin provision --bureaus deploy/bureaus.toml
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("provision", epilog=_EXAMPLE)(_provision)


def _provision(
    bureaus: Annotated[
        Path | None,
        typer.Option(
            help="Declaration of the participants. Default: TOCSIN_BUREAUS, else the one shipped with Tocsin."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    rotate: Annotated[
        bool,
        typer.Option("--rotate", help="New passwords for users that are there and have no secret file in the state."),
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option(help="State folder; passwords go to its folder secrets. Default: TOCSIN_STATE, else .tocsin."),
    ] = None,
    replicated: Annotated[
        bool,
        typer.Option("--replicated", help="Three replicas, two in sync, for clusters of three brokers or more."),
    ] = False,
    patience: Annotated[float, typer.Option(help="Seconds to wait for a broker or registry that is away.")] = 60.0,
) -> None:
    """Make topics, users, rights and registry subjects from the declaration, as `admin` (or TOCSIN_USER).

    Shows what it changes before it does; a second run has nothing to change. Never deletes a topic. Passwords are
    made into files that only you can read, and are never shown. A user that was not made from this state folder is
    never removed, and gets a new password only with --rotate.
    """
    settings = Settings() if state is None else Settings(state=state)
    participants = load_participants(bureaus or settings.bureaus or DECLARATION)
    connection = connect("admin", settings)
    console = Console(highlight=False)

    def writable() -> AbstractContextManager[None]:
        running = local.find(settings.state)
        return running.writable_registry() if running and running.registry == connection.registry else nullcontext()

    report = provision(
        participants,
        connection,
        connection.registry,
        settings.state,
        dry_run=dry_run,
        rotate=rotate,
        durability=PRODUCTION if replicated else LOCAL,
        on_plan=lambda plan: show(plan, console),
        writable_registry=writable,
        patience=patience,
        on_waiting=lambda why: typer.echo(f"waiting, {patience:.0f} s at most: {visible(why)}", err=True),
    )
    if report.applied and report.plan.changes:
        console.print(f"{len(report.plan.changes)} changes made; passwords are in {settings.state / 'secrets'}")
    elif report.plan.changes:
        console.print(f"dry run: {len(report.plan.changes)} changes not made")


def show(plan: Plan, console: Console) -> None:
    """Print what `plan` changes, a line a change, then what it leaves alone and what it cannot do."""
    if plan.changes:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        for change in plan.changes:
            table.add_row(*_row(change))
        console.print(table)
    elif not plan.refused:
        console.print("nothing to change")
    for note in plan.notes:
        console.print(Text(f"note: {visible(note)}", style="dim"))
    for refusal in plan.refused:
        console.print(Text(f"refused: {visible(refusal)}", style="bold red"))


def _row(change: Change) -> tuple[Text, Text]:
    colour = COLOURS[change.sign]
    return (
        Text(f"{change.sign} {change.kind} {visible(change.name)}", style=colour, no_wrap=True),
        Text(visible(change.detail)),
    )
