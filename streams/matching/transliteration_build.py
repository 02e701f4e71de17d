"""Learns how scripts are written in Latin: ``python -m streams.matching.transliteration_build FOLDER``.

Prints `transliteration.txt`.
FOLDER holds pairs of names in two scripts (`hebrew.csv`, `korean.csv`: full names; `arabic-tokens.csv` and others:
single words) and, if it is there, the UN list. For each script the joint probabilities of sounds (sound and sound,
sound and nothing, nothing and sound) are fitted by expectation and maximisation (Ristad and Yianilos 1998, a stochastic
transducer without memory), beginning with the hand-made tables of `costs.py`, which stay as prior counts. Pairs that
are no transliterations (translations, other names) are left out once the first rounds can tell.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

import csv
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator
from math import log2
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streams.matching import costs
from streams.matching.compiled import compiled
from streams.matching.costs import CODE
from streams.matching.nameforms import words
from streams.matching.scripts import ALPHABET, Script
from streams.matching.words import Word

Pair = tuple[str, str]
FULL = {Script.HEBREW: "hebrew.csv", Script.HANGUL: "korean.csv"}
SINGLE = {
    Script.ARABIC: "arabic-tokens.csv",
    Script.HAN: "chinese-tokens.csv",
    Script.KANA: "japanese-tokens.csv",
    Script.CYRILLIC: "russian-tokens.csv",
}
ROUNDS = 12
PRIOR = 400.0
"""Weight of the hand-made table, in sounds."""
STEEPNESS = 1.6
"""How many times likelier the hand-made table makes a change for each bit of its cost."""


@compiled
def _expect(
    one: NDArray[np.uint8], two: NDArray[np.uint8], joint: NDArray[np.float64], counts: NDArray[np.float64]
) -> float:
    """Adds the expected counts of a pair; returns the logarithm (base 2) of its probability."""
    n, m = len(one), len(two)
    ahead = np.zeros((n + 1, m + 1))
    back = np.zeros((n + 1, m + 1))
    ahead[0, 0] = 1.0
    for i in range(n + 1):
        for j in range(m + 1):
            if i:
                ahead[i, j] += ahead[i - 1, j] * joint[one[i - 1], 0]
            if j:
                ahead[i, j] += ahead[i, j - 1] * joint[0, two[j - 1]]
            if i and j:
                ahead[i, j] += ahead[i - 1, j - 1] * joint[one[i - 1], two[j - 1]]
    total = ahead[n, m]
    if total <= 0.0:
        return -1e9
    back[n, m] = 1.0
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            if i < n:
                step = joint[one[i], 0] * back[i + 1, j]
                back[i, j] += step
                counts[one[i], 0] += ahead[i, j] * step / total
            if j < m:
                step = joint[0, two[j]] * back[i, j + 1]
                back[i, j] += step
                counts[0, two[j]] += ahead[i, j] * step / total
            if i < n and j < m:
                step = joint[one[i], two[j]] * back[i + 1, j + 1]
                back[i, j] += step
                counts[one[i], two[j]] += ahead[i, j] * step / total
    return np.log2(total)


def _codes(sounds: str) -> NDArray[np.uint8]:
    return np.array([CODE[letter] for letter in sounds], np.uint8)


def _joined(found: Iterable[Word]) -> str:
    return "".join(word.sounds for word in found)


def _of_full(path: Path, other: str) -> Iterator[Pair]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            latin, native = row["latin"].split(), row[other].split()
            if len(native) == 2 and native[0].endswith(","):
                native = [native[1], native[0].rstrip(",")]
            if len(native) == 1 and len(latin) == 2 and 2 <= len(native[0]) <= 4:
                native = [native[0][0], native[0][1:]]
            if len(native) == len(latin):
                for one, two in zip(native, latin, strict=True):
                    yield _joined(words(one)), _joined(words(two))


def _of_single(path: Path, other: str) -> Iterator[Pair]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield _joined(words(row[other])), _joined(words(row["latin"]))


def _of_list(path: Path) -> Iterator[Pair]:
    for person in ElementTree.parse(path).getroot().iter("INDIVIDUAL"):
        latin = words(
            " ".join(person.findtext(f"{part}_NAME") or "" for part in ("FIRST", "SECOND", "THIRD", "FOURTH"))
        )
        native = words(person.findtext("NAME_ORIGINAL_SCRIPT") or "")
        if native and len(native) == len(latin) and native[0].script is Script.ARABIC:
            yield from ((one.sounds, two.sounds) for one, two in zip(native, latin, strict=True))


def pairs_of(folder: Path, script: Script) -> list[Pair]:
    """Every pair of words for a script: its sounds, the sounds of its Latin spelling."""
    found: list[Pair] = []
    if script in FULL:
        found += _of_full(folder / "names" / FULL[script], FULL[script].split(".")[0])
    if script in SINGLE:
        found += _of_single(folder / "names" / SINGLE[script], SINGLE[script].split("-")[0])
    if script is Script.ARABIC:
        for path in sorted((folder / "un").glob("*.xml")):
            found += 3 * list(_of_list(path))
    return [(one, two) for one, two in found if one and two and len(one) <= 24 and len(two) <= 24]


def _prior(script: Script, marginal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Joint probabilities that the hand-made table stands for."""
    table = 2.0 ** (-STEEPNESS * costs.handmade(script).astype(np.float64) / 100)
    table[0, 0] = 0.0
    table[1:, :] *= marginal[1:, None]
    table[0, :] *= 0.03
    return table / table.sum()


def _marginal(sounds: Iterable[str]) -> NDArray[np.float64]:
    counts = Counter("".join(sounds))
    found = np.array([0.0] + [counts.get(letter, 0) + 3.0 for letter in ALPHABET])
    return found / found.sum()


def learn(pairs: list[Pair], script: Script) -> NDArray[np.float64]:
    """Joint probabilities of sounds, shape (SIZE, SIZE), 0 being no sound."""
    prior = _prior(script, _marginal(one for one, _ in pairs) if pairs else _marginal([ALPHABET * 3]))
    coded = [(_codes(one), _codes(two)) for one, two in pairs]
    joint, kept = prior, coded
    for turn in range(ROUNDS if pairs else 0):
        counts = prior * PRIOR
        scores = [_expect(one, two, joint, counts) / (len(one) + len(two)) for one, two in kept]
        joint = counts / counts.sum()
        if turn in (1, 4):
            least = float(np.percentile(scores, 8))
            kept = [pair for pair, score in zip(kept, scores, strict=True) if score > least]
    return joint


def main(folder: str) -> None:
    """Print the tables."""
    place = Path(folder)
    learnt = {script: pairs_of(place, script) for script in Script if script is not Script.LATIN}
    latin = _marginal(two for pairs in learnt.values() for _, two in pairs)
    out = ["# Costs in hundredths of a bit, row by row; first line of each: half the information of each sound.",
           f"# Sounds in this order: none, then {ALPHABET}. See transliteration_build.py."]  # fmt: skip
    out += [f"LATIN {' '.join(str(round(-50 * log2(value))) if value else '0' for value in latin)}"]
    for script, pairs in learnt.items():
        joint = learn(pairs, script)
        own = joint.sum(axis=1)
        own[0] = 1.0
        own /= own[1:].sum()
        half = np.array([0.0, *(-50 * np.log2(own[1:]))])
        half_latin = np.array([0.0, *(-50 * np.log2(latin[1:]))])
        table = -100 * np.log2(np.maximum(joint, 1e-7)) - half[:, None] - half_latin[None, :]
        table[0, 0] = 0
        out.append(f"{script.name} {' '.join(str(round(value)) for value in half)}")
        out += [" ".join(str(max(0, round(value))) for value in row) for row in table]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
