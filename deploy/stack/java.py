"""Java as the local stack starts it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path


def command(java: Path, arguments_file: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    """`java @file`, with the arguments written to that file: class paths are too long for readable process lists."""
    arguments_file.write_text("".join(f"{_quoted(one)}\n" for one in arguments))
    return (str(java), f"@{arguments_file}")


def _quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def shown(command_line: Sequence[str]) -> str:
    """A command line as a shell (and supervisord, which splits likewise) would take it."""
    return shlex.join(command_line)
