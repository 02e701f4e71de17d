"""The command line: one typer application, one module an area."""

from __future__ import annotations

import sys
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


def build() -> typer.Typer:
    """The application with every command. Areas are imported here, so that `--help` of one says what is there."""
    from tocsin.cli import (
        add_bureau,
        audit,
        cases,
        check_message,
        compare,
        conform,
        deliveries,
        demo,
        doctor,
        find_subject,
        forgetting,
        key,
        prepare,
        provision,
        publish,
        rotate_password,
        screen,
        simulate,
        stack,
        subscriptions,
        transactions,
        watch,
        worker,
    )

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

    areas = (
        demo,
        stack,
        doctor,
        transactions,
        prepare,
        provision,
        add_bureau,
        key,
        rotate_password,
        publish,
        conform,
        check_message,
        simulate,
        watch,
        cases,
        subscriptions,
        deliveries,
        worker,
        compare,
        screen,
        audit,
        forgetting,
        find_subject,
    )
    for area in areas:
        area.register(app)
    return app


def main() -> None:
    """Run the command line. An error that we raise on purpose is one line and exit code 1."""
    try:
        build()()
    except (TocsinError, SchemaError) as error:
        typer.echo(f"tocsin: {visible(str(error))}", err=True)  # it may repeat what stands in a file
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
