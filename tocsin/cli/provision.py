"""`tocsin provision`: topics, users, rights and schemas from the declaration of the participants."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.provision import LOCAL, PRODUCTION, Change, Durability, Plan, Report, provision
from deploy.stack import local
from schemas.participants import Participants
from tocsin.cli.admin_access import (
    As,
    Bootstrap,
    CaFile,
    PasswordFile,
    Protocol,
    Registry,
    admin_connection,
    settings_with,
)
from tocsin.cli.declaration import declared, keys_file, taken_unsigned
from tocsin.cli.terminal import visible
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Connection, Settings

DIFFERS = 3
"""Exit code: something differs and was not changed."""
COLOURS = {"+": "green", "~": "yellow", "-": "red"}
_NOTES = 20
"""Notes that are shown: on a cluster of others everything is one."""
_EXAMPLE = """Example: what a new participant would bring, then the real thing.

    tocsin provision --bureaus deploy/bureaus.toml --dry-run

    tocsin provision --bureaus deploy/bureaus.toml --yes

A cluster of others:

    tocsin provision --bootstrap kafka.example:9093 --protocol SASL_SSL --registry https://registry.example/apis/ccompat/v7 --as ops --password-file ops.secret --replicated --shared-registry
"""  # noqa: E501 (one command a line)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before something is changed.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("provision", epilog=_EXAMPLE)(_provision)


def _provision(
    bureaus: Annotated[
        Path | None,
        typer.Option(
            help="Declaration of the participants. Default: TOCSIN_BUREAUS, else bureaus.toml in the state folder, else"
            " the one shipped with Tocsin."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    yes: Yes = False,
    bootstrap: Bootstrap = None,
    registry: Registry = None,
    user: As = None,
    password_file: PasswordFile = None,
    protocol: Protocol = None,
    ca_file: CaFile = None,
    shared_registry: Annotated[
        bool,
        typer.Option("--shared-registry", help="The registry holds subjects of others: leave its own level alone."),
    ] = False,
    replicated: Annotated[
        bool,
        typer.Option("--replicated", help="Three replicas, two in sync, for clusters of three brokers or more."),
    ] = False,
    rotate: Annotated[
        bool,
        typer.Option("--rotate", help="New passwords for users that are there and have no secret file in the state."),
    ] = False,
    signing_keys: Annotated[
        bool | None,
        typer.Option(
            "--signing-keys/--no-signing-keys",
            help="Make a pair of keys to sign with for whoever has none declared. Default: on the local stack;"
            " elsewhere each makes its own (tocsin key new --out).",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="State folder; passwords go to its folder secrets. Default: TOCSIN_STATE, else .tocsin."),
    ] = None,
    patience: Annotated[float, typer.Option(help="Seconds to wait for a broker or registry that is away.")] = 60.0,
) -> None:
    """Make topics, users, rights and registry subjects from the declaration: of the local stack, or of any cluster.

    Shows what differs and asks before it changes anything; a second run has nothing to change. Never deletes a topic.
    Passwords are made into files that only you can read, and are never shown. A user that was not made from this state
    folder is never removed, and gets a new password only with --rotate.

    Exit codes: 0 nothing differs (any more), 3 something differs and was not changed, 1 it could not be done.
    """
    settings = settings_with(
        state=state,
        bureaus=bureaus,
        bootstrap=bootstrap,
        registry=registry,
        user=user,
        security_protocol=protocol,
        ca_file=ca_file,
    )
    report = run(
        declared(settings),
        admin_connection(settings, password_file),
        settings,
        dry_run=dry_run,
        yes=yes,
        rotate=rotate,
        durability=PRODUCTION if replicated else LOCAL,
        shared_registry=shared_registry,
        signing_keys=signing_keys,
        patience=patience,
    )
    if report.plan.changes and not report.applied:
        raise typer.Exit(DIFFERS)


def run(
    participants: Participants,
    connection: Connection,
    settings: Settings,
    *,
    dry_run: bool = False,
    yes: bool = False,
    rotate: bool = False,
    durability: Durability = LOCAL,
    shared_registry: bool = False,
    signing_keys: bool | None = None,
    patience: float = 60.0,
) -> Report:
    """Show what differs, ask unless `yes`, make it, and say what was done. Raises as `deploy.provision.provision`.

    `signing_keys`: whether pairs of keys are made here; None: where the stack runs here.
    """
    console = Console(highlight=False)
    running = local.find(settings.state)
    own = running if running and running.registry == connection.registry else None
    makes_keys = own is not None if signing_keys is None else signing_keys

    def writable() -> AbstractContextManager[None]:
        return own.writable_registry() if own else nullcontext()

    report = provision(
        participants,
        connection,
        connection.registry,
        settings.state,
        dry_run=dry_run,
        rotate=rotate,
        durability=durability,
        shared_registry=shared_registry,
        signing_keys=makes_keys,
        keys_file=keys_file(settings),
        on_plan=lambda plan: show(plan, console),
        agree=(lambda plan: True) if yes else _asking(connection),
        writable_registry=writable,
        patience=patience,
        on_waiting=lambda why: typer.echo(f"waiting, {patience:.0f} s at most: {visible(why)}", err=True),
    )
    count = len(report.plan.changes)
    if report.applied and count:
        console.print(f"{count} changes made; passwords and private keys are in {settings.state / 'secrets'}")
    elif count:
        console.print(f"{'dry run: ' if dry_run else ''}{count} changes not made")
    if not makes_keys:
        if mute := participants.mute:
            console.print(
                f"note: nothing that {', '.join(mute)} publish passes the gate before a key is declared for them:"
                " each makes a pair (tocsin key new CC --out FILE), you take in the public half (tocsin key add CC"
                " FILE.pub)",
                soft_wrap=True,
            )
        if said := taken_unsigned(participants, settings):
            console.print(f"warning: {said}", style="yellow", markup=False, soft_wrap=True)
    return report


def _asking(connection: Connection) -> Callable[[Plan], bool]:
    def agree(plan: Plan) -> bool:
        if not sys.stdin.isatty():
            raise NotConfigured("nothing was changed: nobody can be asked here; to change it without asking: --yes")
        return typer.confirm(
            f"Make these {len(plan.changes)} changes at {visible(connection.bootstrap)} and"
            f" {visible(connection.registry)}?"
        )

    return agree


def show(plan: Plan, console: Console) -> None:
    """Print what `plan` changes, a line a change, then what it leaves alone and what it cannot do."""
    if plan.changes:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        for change in plan.changes:
            table.add_row(*_row(change))
        console.print(table)
    elif not plan.refused:
        console.print("nothing to change")
    for note in plan.notes[:_NOTES]:
        console.print(Text(f"note: {visible(note)}", style="dim"))
    if (more := len(plan.notes) - _NOTES) > 0:
        console.print(Text(f"note: and {more} more that are left alone", style="dim"))
    for refusal in plan.refused:
        console.print(Text(f"refused: {visible(refusal)}", style="bold red"))


def _row(change: Change) -> tuple[Text, Text]:
    colour = COLOURS[change.sign]
    return (
        Text(f"{change.sign} {change.kind} {visible(change.name)}", style=colour, no_wrap=True),
        Text(visible(change.detail)),
    )
