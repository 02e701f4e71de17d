"""CSV that we write: whole or not at all, and no cell of ours that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from tocsin.cli.terminal import visible
from tocsin.runtime.errors import TocsinError

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_SURROGATES = re.compile("[\ud800-\udfff]")

WriteRow = Callable[[Sequence[object]], object]


class Unwritable(TocsinError):
    """The output cannot be written."""


def harmless(text: str) -> str:
    """`text` as a cell of ours: on one line, without control characters, and never a formula (`=`, `+`, `-`, `@`)."""
    text = _SURROGATES.sub("\ufffd", visible(text))
    return f"'{text}" if _FORMULA.match(text) else text


@contextmanager
def csv_file(out: Path, delimiter: str = ",") -> Iterator[WriteRow]:
    """What writes a row to `out`, which is replaced when all was written and left alone otherwise (Unwritable)."""
    try:
        if out.exists() and not out.is_file():  # a pipe, /dev/stdout
            with out.open("w", encoding="utf-8", errors="replace", newline="") as stream:
                yield csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerow
            return
        with NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="replace",
            newline="",
            dir=out.parent,
            prefix=f".{out.name}.",
            delete=False,
        ) as stream:
            try:
                yield csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerow
                stream.flush()
                mask = os.umask(0)
                os.umask(mask)
                Path(stream.name).chmod(0o666 & ~mask)
                Path(stream.name).replace(out)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise Unwritable(f"{out}: {error.strerror or error}") from error
