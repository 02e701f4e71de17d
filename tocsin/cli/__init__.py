"""The command line: one typer application, one module an area."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from schemas.errors import SchemaError
from tocsin.cli.terminal import visible
from tocsin.runtime.errors import TocsinError

_INTERRUPTED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {version('tocsin')}")
        raise typer.Exit


AREAS = {
    "demo": ("demo",),
    "stack": ("up", "status", "down"),
    "doctor": ("doctor",),
    "transactions": ("transactions",),
    "prepare": ("prepare",),
    "provision": ("provision",),
    "add_bureau": ("add-bureau",),
    "key": ("key",),
    "rotate_password": ("rotate-password",),
    "publish": ("publish",),
    "conform": ("conform",),
    "check_message": ("check-message",),
    "simulate": ("simulate",),
    "watch": ("watch", "rejects", "replay", "screening-report", "consumer"),
    "cases": ("alerts", "show", "answer", "operation"),
    "subscriptions": ("subscribe", "subscriptions", "unsubscribe", "rotate-secret"),
    "deliveries": ("deliveries", "redeliver", "resume"),
    "worker": ("worker",),
    "compare": ("compare",),
    "screen": ("screen",),
    "audit": ("audit",),
    "forgetting": ("erase", "forget"),
    "find_subject": ("find-subject",),
}
"""The commands of each module, in the order of `tocsin --help`, which shows groups of commands last."""


def build(asked: str | None = None) -> typer.Typer:
    """The application with every command; where a command is `asked` for by its name, with those of its module alone.

    A module brings what its commands need: all of them together take two seconds to import, one takes a half.
    """
    app = typer.Typer(
        name="tocsin",
        help="Early warning for police cooperation across borders: watchlists and incidents in, match alerts out.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def _root(
        show_version: Annotated[
            bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
        ] = False,
    ) -> None:
        pass

    for area in [area for area, commands in AREAS.items() if asked in commands] or AREAS:
        import_module(f"tocsin.cli.{area}").register(app)
    return app


def main() -> None:
    """Run the command line. An error that we raise on purpose is one line and exit code 1."""
    try:
        build(*sys.argv[1:2])()
    except (TocsinError, SchemaError) as error:
        typer.echo(f"tocsin: {visible(str(error))}", err=True)  # it may repeat what stands in a file
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
