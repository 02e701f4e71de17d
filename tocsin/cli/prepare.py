"""`tocsin prepare`: what servers in containers need before their first start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.stack import preparing
from tocsin.cli.admin_access import settings_with

_EXAMPLE = """Example: for deploy/compose.yaml, whose broker the bureaus know as kafka.example.

    tocsin prepare kafka.example --server registry --state deploy/compose/state
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prepare", epilog=_EXAMPLE)(_prepare)


def _prepare(
    broker: Annotated[str, typer.Argument(metavar="HOST", help="Name by which clients reach the broker.")],
    server: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another server's name. May be repeated.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Folder to fill. Default: TOCSIN_STATE, else .tocsin.", show_default=False)
    ] = None,
) -> None:
    """Make passwords, certificates and the broker's configuration for servers that run in containers.

    In the state folder: secrets/admin and secrets/controller, tls/ (an authority and one server certificate that names
    every server), auditor.pem (signs the heads of the audit), broker/server.properties, and the folders that containers
    write. Nothing that is there is replaced, but a server certificate that ends within 30 days, or that lacks a name.
    """
    where = settings_with(state=state).state.absolute()
    preparing.prepare(where, broker, server or ())
    typer.echo(f"prepared in {where}: clients trust tls/ca.pem there; keep tls/ca.key and secrets/ to yourself")
