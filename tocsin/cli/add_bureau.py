"""`tocsin add-bureau`: one participant more, while everything runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.provision.declaration import durability_on, fingerprint
from deploy.provision.joining import bureau, with_bureau
from deploy.stack import local, rolling
from deploy.stack.errors import StackError
from schemas.participants import load_participants
from tocsin.cli.admin_access import admin_connection, settings_with
from tocsin.cli.declaration import declaration_file, keys_file, own_declaration
from tocsin.cli.provision import DIFFERS, Yes, run
from tocsin.runtime.settings import private_key_of

_EXAMPLE = """Example: Kenya joins the local stack.

    tocsin add-bureau ke --zone Africa/Nairobi
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("add-bureau", epilog=_EXAMPLE)(_add_bureau)


def _add_bureau(
    code: Annotated[str, typer.Argument(metavar="CC", help="Its country: ISO 3166-1 alpha-2.", show_default=False)],
    zone: Annotated[str, typer.Option(help="IANA time zone that its officers live in.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="Its name in English. Default: its country's.")] = None,
    partitions: Annotated[int, typer.Option(min=1, max=64, help="Partitions of each of its topics.")] = 1,
    yes: Yes = False,
    state: Annotated[
        Path | None, typer.Option(help="State folder of the stack. Default: TOCSIN_STATE, else .tocsin.")
    ] = None,
) -> None:
    """Add a bureau to the running local stack: declaration, topics, users, rights, and every worker learns of it.

    Shows what it will make and asks first. Then it writes the declaration (TOCSIN_BUREAUS, else bureaus.toml in the
    state folder) and restarts the workers and consumers one after the other; what arrives meanwhile waits in the
    topics, nothing is lost. Run it again after an interruption: it goes on. On another cluster: add it to the
    declaration, run tocsin provision, then restart cases, joins and consumers, gate last.

    Exit codes: 0 it takes part, 3 nothing was changed, 1 it could not be done.
    """
    settings = settings_with(state=state)
    stack = local.find(settings.state)
    if stack is None:
        raise StackError(f"no stack is running in {settings.state}; start one with: tocsin up")
    text = with_bureau(declaration_file(settings).read_text(), bureau(code.lower(), name, zone, partitions))
    own = own_declaration(settings)
    told = rolling.told_declaration(stack)
    if told != (settings.bureaus.absolute() if settings.bureaus else None):
        started = f"TOCSIN_BUREAUS={told}" if told else "no TOCSIN_BUREAUS"
        raise StackError(f"the stack was started with {started}: do so here as well")
    durability = durability_on(len(stack.brokers))
    with tempfile.TemporaryDirectory(dir=own.parent) as staging:  # beside it: then it can be moved there, whole
        written = Path(staging) / own.name
        written.write_text(text)
        participants = load_participants(written, keys_file(settings))
        report = run(participants, admin_connection(settings), settings, yes=yes, durability=durability)
        if not report.applied:
            raise typer.Exit(DIFFERS)
        written.replace(own)
    (settings.state / "provisioned").write_text(fingerprint(participants, durability))
    rolling.restart(stack, lambda process: typer.echo(f"restarting {process} ...", err=True))
    typer.echo(
        f"{code.lower()} takes part; its password is in {settings.state / 'secrets' / code.lower()},"
        f" the key that it signs with in {private_key_of(code.lower(), settings.state)}"
    )
