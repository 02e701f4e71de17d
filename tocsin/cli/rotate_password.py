"""`tocsin rotate-password`: a new password for a Kafka user, without stopping anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.provision.rights import APPS, READERS
from deploy.provision.rotating import rotate
from deploy.stack import local, rolling
from tocsin.cli.admin_access import As, Bootstrap, CaFile, PasswordFile, Protocol, admin_connection, settings_with

_EXAMPLE = """Examples: a bureau's, whose new password is then handed over; a worker's, which is restarted by itself.

    tocsin rotate-password bd

    tocsin rotate-password worker-cases
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rotate-password", epilog=_EXAMPLE)(_rotate_password)


def _rotate_password(
    user: Annotated[str, typer.Argument(metavar="USER", help="The Kafka user: bd, worker-gate, ...")],
    bootstrap: Bootstrap = None,
    admin: As = None,
    password_file: PasswordFile = None,
    protocol: Protocol = None,
    ca_file: CaFile = None,
    state: Annotated[Path | None, typer.Option(help="State folder. Default: TOCSIN_STATE, else .tocsin.")] = None,
) -> None:
    """Give a Kafka user a new password while everything runs; it goes to the state folder and is never shown.

    Whoever connects from now on needs the new password; connections that are open stay open for an hour at most, as
    the broker is configured. Processes of the local stack that use it are restarted one after the other, each ready
    before the next. Elsewhere: hand the file over, and restart what uses it within the hour. (Endpoints' signing
    secrets: tocsin rotate-secret.)
    """
    settings = settings_with(state=state, bootstrap=bootstrap, user=admin, security_protocol=protocol, ca_file=ca_file)
    path = rotate(admin_connection(settings, password_file), settings.state, user)
    typer.echo(f"{user} has a new password: {path}")
    stack = local.find(settings.state)
    if stack is None or user not in (*APPS, *READERS):
        return
    role = user.partition("-")[2]
    for name in rolling.in_turn([one.name for one in stack.processes]):
        if name.split("-")[0] == role and stack.pid(name) is not None:
            typer.echo(f"restarting {name} ...", err=True)
            stack.restart(name)
