"""Options that say how a CSV file is to be read."""

from __future__ import annotations

from typing import Annotated

import typer

ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--columns", help="Which column of the file is which of ours: ours=theirs,ours=theirs. May be repeated."
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="What divides the file's columns, such as ';' or tab. Default: told from its header."),
]


def delimiter_of(option: str | None) -> str | None:
    """The delimiter that an option states. Raises BadParameter."""
    if option is None:
        return None
    stated = {"tab": "\t", "\\t": "\t"}.get(option, option)
    if len(stated) != 1 or stated in '"\r\n':
        raise typer.BadParameter("a delimiter is one character (or the word tab)", param_hint="--delimiter")
    return stated
