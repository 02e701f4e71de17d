"""Values from outside as the texts they should be: whatever stands there, one line of text or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

CLIPPED = 4_000
"""Characters of remarks; an entry may have 64 KiB, its alerts show the remarks to everybody concerned."""
_NOTHING = frozenset({"", "-", "--", "n/a", "null", "none", "unknown"})
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ufffe\uffff]")
"""Controls and overrides of the writing direction: the gate refuses texts that hold them."""


def one_line(text: str) -> str:
    """`text` on one line, without surplus blanks and without what is no text."""
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", text)
    return " ".join(text.split())


def text_of(value: object) -> str:
    """`value` on one line; empty for None, for what stands for nothing (`-`), and for lists and objects."""
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    text = one_line(str(value))
    return "" if text.casefold() in _NOTHING else text


def texts_of(value: object) -> list[str]:
    """The texts in `value`, a list or a single one; of objects nothing."""
    found = value if isinstance(value, list) else [value]
    return [text for one in found if (text := text_of(one))]


def objects_of(value: object) -> Iterator[dict[str, object]]:
    """The objects in `value`, a list or a single one."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def labelled(label: str, texts: Iterable[str]) -> str:
    """`Label: one; two`, each text once; empty without any."""
    present = list(dict.fromkeys(text for text in texts if text))
    return f"{label}: {'; '.join(present)}" if present else ""


def clipped(lines: Iterable[str]) -> str:
    """The lines that hold something, as one text that is clipped with a mark."""
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= CLIPPED else text[: CLIPPED - 1] + "…"
