"""Bengali names with the Latin spellings that their bearers use, put together to full names.

`bengali.csv`: words and spellings are common knowledge of names in Bangladesh and West Bengal, written down for this
benchmark; nothing of the matcher is fitted on them.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from benchmarks.pairs.rows import Row

_TABLE = Path(__file__).with_name("bengali.csv")


def _words(part: str) -> list[tuple[str, list[str]]]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return [(row["bengali"], row["latin"].split()) for row in csv.DictReader(lines) if row["part"] == part]


def pairs(count: int = 3000, seed: int = 5) -> list[Row]:
    """Full Bengali names against their bearers' Latin spellings, and against others who share a word with them."""
    drawn = random.Random(seed)
    given, family = _words("given"), _words("family")
    rows: list[Row] = []
    seen: set[str] = set()
    while len(seen) < count:
        parts = [drawn.choice(given) for _ in range(drawn.choice((1, 1, 2)))] + [drawn.choice(family)]
        native = " ".join(part[0] for part in parts)
        if native in seen:
            continue
        seen.add(native)
        rows.append(Row(native, _latin(parts, drawn), True, "pair", native))
        at = drawn.randrange(len(parts))
        others = [
            part
            if i == at
            else drawn.choice([word for word in (family if i == len(parts) - 1 else given) if word != part])
            for i, part in enumerate(parts)
        ]
        rows.append(Row(native, _latin(others, drawn), False, "one word shared", native))
    return rows


def _latin(parts: list[tuple[str, list[str]]], drawn: random.Random) -> str:
    return " ".join(drawn.choice(part[1]) for part in parts)
