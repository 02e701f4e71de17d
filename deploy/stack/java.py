"""Java as the local stack starts it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def command(java: Path, arguments_file: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    """`java @file`, with the arguments written to that file: class paths are too long for readable process lists."""
    arguments_file.write_text("".join(f"{_quoted(one)}\n" for one in arguments))
    return (str(java), f"@{arguments_file}")


def _quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'
