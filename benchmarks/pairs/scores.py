"""Kept scores of a few hundred pairs: ``python -m benchmarks.pairs.scores [--accept]`` prints what changed."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from benchmarks.pairs import bengali, latin
from schemas.subjects import Name, Subject
from streams.matching import compare_pair

FILE = Path(__file__).resolve().parents[2] / "tests" / "streams" / "matching" / "scores.csv"
SCRIPTS = (
    ("김정은", "Kim Jong Un"), ("조지 워싱턴", "George Washington"), ("장경환", "Jeong Gyeong-sun"),
    ("毛泽东", "Mao Zedong"), ("ג'ורג' וושינגטון", "George Washington"), ("ויקטור פוקס", "Victor Fuchs"),
    ("محمد شفيق محمدي", "Mohammad Shafiq Mohammadi"), ("عبد الرحمن المكي", "Abdul Rahman Makki"),
    ("Рустам Магомедович Асельдеров", "Rustam Magomedovich Aselderov"), ("Ελένη Παπαδοπούλου", "Eleni Papadopoulou"),
    ("नरेन्द्र शर्मा", "Narendra Sharma"), ("MXHMD HSN", "Muhammad Hasan"),
)  # fmt: skip

Scored = tuple[str, str, str, str]


def scored() -> list[Scored]:
    """Both names, the band and the score in bits of every kept pair."""
    pairs = [*SCRIPTS, *((row.left, row.right) for row in latin.pairs([], count=150) + bengali.pairs(count=50))]
    found = []
    for left, right in dict.fromkeys(pairs):
        one, two = (Subject(subject_id="1", names=(Name(full=full),)) for full in (left, right))
        made = compare_pair(one, two)
        found.append((left, right, made.band.value if made.band else "NONE", f"{made.score:.2f}"))
    return found


def kept() -> list[Scored]:
    """The accepted scores."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [(row[0], row[1], row[2], row[3]) for row in csv.reader(lines)]


def changed() -> list[str]:
    """What is not as it was accepted, a line a pair."""
    before = {row[:2]: row[2:] for row in (kept() if FILE.exists() else [])}
    now = {row[:2]: row[2:] for row in scored()}
    return [
        f"{' | '.join(pair)}: {before.get(pair, 'new')} -> {now.get(pair, 'gone')}"
        for pair in dict.fromkeys([*before, *now])
        if before.get(pair) != now.get(pair)
    ]


def main() -> int:
    """Print the changes; with --accept, keep the scores of now."""
    for line in changed():
        print(line)
    if "--accept" in sys.argv[1:]:
        with FILE.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(scored())
    return 0


if __name__ == "__main__":
    sys.exit(main())
