"""Lines of a watch on a terminal, or as plain text where there is none, or as JSON Lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from enum import Enum
from types import TracebackType
from typing import Any, Self, TextIO, TypeVar

from pydantic import BaseModel
from rich.console import Console
from rich.live import Live
from rich.text import Text

from consumers.watch.card import Line, Tone
from tocsin.cli.terminal import isolated

M = TypeVar("M", bound=BaseModel)
_STYLES = {
    Tone.TITLE: "bold",
    Tone.DANGER: "bold reverse",
    Tone.PLAIN: "",
    Tone.CONFLICT: "yellow",
    Tone.MUTED: "dim",
}


def cleaned(message: M) -> M:
    """`message` with every text in it made harmless to a terminal, and right-to-left text isolated.

    Done to the whole message before anything is worded, so that no field can be forgotten.
    """
    return type(message).model_validate(_cleaned(message.model_dump()))


def _cleaned(value: Any) -> Any:
    match value:
        case Enum():
            return value
        case str():
            return isolated(value)
        case dict():
            return {key: _cleaned(inner) for key, inner in value.items()}
        case tuple() | list():
            return tuple(_cleaned(inner) for inner in value)
        case _:
            return value


def json_line(value: Any) -> str:
    """`value` (plain JSON types) on one line, in ASCII: the same JSON to a program, and harmless to a terminal."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


class Screen:
    """Prints lines; on a terminal, with colours and one line at the bottom that says how things stand."""

    def __init__(self, out: TextIO | None = None) -> None:
        out = out or sys.stdout
        reconfigure = getattr(out, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
        self._out = out
        self._console = Console(file=out, highlight=False, markup=False, emoji=False)
        self._standing = ""
        self._live = (
            Live(console=self._console, auto_refresh=False, transient=True)
            if self._console.is_terminal and not self._console.is_dumb_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def card(self, lines: Iterable[Line]) -> None:
        """Print a card, with an empty line behind it."""
        if self._live:  # in one piece, or the bottom line is drawn anew under each line
            parts = [Text(f"{line.text}\n", style=_STYLES[line.tone]) for line in lines]
            self._console.print(Text.assemble(*parts), soft_wrap=True)
            return
        self._out.write("".join(f"{line.text}\n" for line in lines) + "\n")
        self._out.flush()

    def line(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Print one line; long ones are left to the terminal to wrap."""
        if self._live:
            self._console.print(Text(text, style=_STYLES[tone]), soft_wrap=True)
        else:
            self._out.write(f"{text}\n")
            self._out.flush()

    def standing(self, text: str, *, once: bool) -> None:
        """Replace the bottom line; where there is none, print it if it is worth a line of its own (`once`)."""
        if self._live:
            if text == self._standing:
                return
            self._standing = text
            self._live.update(Text(text, style="dim", no_wrap=True, overflow="ellipsis"), refresh=True)
        elif once:
            self.line(text)
