"""How rare a word of a name is, in hundredths of a bit: the frozen table that scores are made with.

The table (`rarity.txt`) holds the sounds of words that are commoner than a word of their length would be. It is made
by ``python -m streams.matching.rarity_build`` and changes only with its version, which every alert states.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).with_name("rarity.txt")

_BY_LENGTH = (0, 300, 500, 700, 850, 1000, 1100, 1200)
RAREST = 1250
"""No word says more than this: relatives share names, and clerks copy them."""


@lru_cache(maxsize=1)
def _load() -> tuple[str, dict[str, int], dict[int, int]]:
    version, words, families = "none", {}, {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# version "):
            version = line.removeprefix("# version ").strip()
        elif line and not line.startswith("#"):
            word, bits = line.split()
            if word.isdecimal():
                families[int(word)] = int(bits)
            else:
                words[word] = int(bits)
    return version, words, families


def version() -> str:
    """Version of the table."""
    return _load()[0]


def information(sounds: str, family: int) -> int:
    """What it says, in hundredths of a bit, that two people both bear this word."""
    _, words, families = _load()
    by_length = _BY_LENGTH[len(sounds)] if len(sounds) < len(_BY_LENGTH) else RAREST
    known = families.get(family) if family else None
    return min(by_length, known if known is not None else words.get(sounds, by_length))
