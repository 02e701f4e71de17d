"""Text from outside on a terminal: names, remarks and file contents that must not steer it or scramble a line."""

from __future__ import annotations

import re
import unicodedata

from rich.markup import escape

_SEQUENCES = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # operating system command: titles, links, clipboard
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # device control and other strings
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # control sequence: colours, cursor
    r"|\x1b[ -/]*[0-~]?"  # the short ones
)
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_JOINERS = frozenset("\u200c\u200d")
"""ZWNJ and ZWJ: Persian, Bengali and other names are misspelt without them."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs"))
_ARABIC_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def visible(text: str) -> str:
    """`text` without what a terminal would obey or hide: one line, no escape sequences, no direction overrides.

    Line breaks and tabs become spaces. For output that is not read as rich markup; otherwise `plain`.
    """
    text = _SEQUENCES.sub("", text)
    return "".join(" " if char in _BREAKS else char for char in text if char in _BREAKS or _is_shown(char))


def plain(text: str) -> str:
    """`visible` text with rich markup escaped: safe in anything that rich or typer print."""
    return escape(visible(text))


def isolated(text: str) -> str:
    """`visible` text in a direction isolate (FSI, PDI) where it has right-to-left letters.

    Without it the rest of the line is laid out around an Arabic or Hebrew name as if it belonged to it.
    """
    text = visible(text)
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return f"{_ISOLATE}{text}{_END_ISOLATE}"
    return text


def _is_shown(char: str) -> bool:
    if char in _JOINERS or char in _ARABIC_SIGNS:
        return True
    return unicodedata.category(char) not in _HIDDEN
