"""Scores of a few hundred pairs, kept, so that no change of the matcher goes unseen: ``python -m benchmarks.scores``.

Prints each pair whose score or band is no longer the one in `pairs/scores.csv`, those that changed their band first,
and fails if there is any; `--accept` writes the new scores into the file, to be reviewed and committed with the change
that caused them. New pairs are added by writing them into the file without score and band.

The names are invented, or stand on the UN's consolidated list of 2026-02-27. They are no measure of quality (that is
`benchmarks.quality`): they only notice.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from schemas.subjects import BirthDate, Name, Subject
from streams.matching import compare_pair

FILE = Path(__file__).parent / "pairs" / "scores.csv"
FIELDS = ("kind", "left", "right", "left_born", "right_born", "score", "band")


@dataclass(frozen=True, slots=True)
class Change:
    """A pair that is scored otherwise than the file says."""

    row: dict[str, str]
    """As it is in the file."""
    score: str
    band: str

    @property
    def moved(self) -> bool:
        """Has it another band?"""
        return self.band != self.row["band"]

    def __str__(self) -> str:
        was = f"{self.row['score'] or 'new'} {self.row['band']}".strip()
        sides = (
            f"{self.row[side]} {born}".strip()
            for side, born in (("left", self.row["left_born"]), ("right", self.row["right_born"]))
        )
        return f"{was} -> {self.score} {self.band}  {' | '.join(sides)}  ({self.row['kind']})"


def _person(full: str, born: str) -> Subject:
    parts: list[int | None] = [int(part) for part in born.split("-")] if born else []
    parts += [None] * (3 - len(parts))
    births = (BirthDate(year=parts[0], month=parts[1], day=parts[2]),) if born else ()
    return Subject(subject_id="1", names=(Name(full=full),), births=births)


def rows() -> list[dict[str, str]]:
    """The pairs, with the scores and bands that were last accepted (the band is NONE below POSSIBLE)."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [dict(row) for row in csv.DictReader(lines)]


def changes(pairs: list[dict[str, str]]) -> list[Change]:
    """What scores otherwise now; those with another band first."""
    found = []
    for row in pairs:
        made = compare_pair(_person(row["left"], row["left_born"]), _person(row["right"], row["right_born"]))
        score, band = f"{made.score:.2f}", made.band.value if made.band else "NONE"
        if (score, band) != (row["score"], row["band"]):
            found.append(Change(row, score, band))
    return sorted(found, key=lambda change: not change.moved)


def accept(pairs: list[dict[str, str]], found: list[Change]) -> None:
    """Write what scores otherwise now into the file."""
    for change in found:
        change.row["score"], change.row["band"] = change.score, change.band
    with FILE.open("w", encoding="utf-8", newline="") as lines:
        out = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        out.writeheader()
        out.writerows(pairs)


def main() -> int:
    """Show what changed; accept it if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="write the new scores into the file")
    asked = parser.parse_args()
    pairs = rows()
    found = changes(pairs)
    for change in found:
        print(change)
    moved = sum(change.moved for change in found)
    print(f"{len(pairs)} pairs: {len(found)} score otherwise, {moved} of them in another band")
    if found and asked.accept:
        accept(pairs, found)
        print("accepted: review the file's difference, and commit it with its cause")
    return 1 if found and not asked.accept else 0


if __name__ == "__main__":
    sys.exit(main())
