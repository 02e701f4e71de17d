"""Learns how scripts are written in Latin: ``python -m streams.matching.transliteration_build FOLDER``.

Prints `transliteration.txt`.
FOLDER holds pairs of names in two scripts (`hebrew.csv`, `korean.csv`: full names; `arabic-tokens.csv` and others:
single words) and, if it is there, the UN list; names in Indian scripts, Greek names and common Arabic and Persian
ones are in `transliteration_names.txt`, and the spelling families of `families.py` are learnt from, too. For each
script the joint probabilities of sounds (one for one, one for two, two for one, one for none, and what is silent at
the end) are fitted by expectation and maximisation (Ristad and Yianilos 1998, a stochastic transducer without
memory), beginning with the hand-made tables of `costs.py`, which stay as prior counts. Pairs that are no
transliterations (translations, other names) are left out once the first rounds can tell. A quarter of the rows is
held out, and never learnt from unless all are asked for.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import csv
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas.subjects import Name
from streams.matching import costs
from streams.matching.compiled import allocating
from streams.matching.costs import CODE, NEVER, ONE_FOR_TWO, ROWS, SILENT_LAST, SIZE, TWO_FOR_ONE
from streams.matching.families import FAMILIES
from streams.matching.nameforms import forms, words
from streams.matching.scripts import ALPHABET, Script
from streams.matching.transliteration_contrast import BOUNDARY, contrast
from streams.matching.words import Word

Pair = tuple[str, str]
FULL = {Script.HEBREW: "hebrew.csv", Script.HANGUL: "korean.csv", Script.KOREAN: "korean.csv"}
SINGLE = {
    Script.ARABIC: "arabic-tokens.csv",
    Script.HAN: "chinese-tokens.csv",
    Script.KANA: "japanese-tokens.csv",
    Script.CYRILLIC: "russian-tokens.csv",
}
_NAMES = Path(__file__).with_name("transliteration_names.txt")
ROUNDS = 8
PRIOR = 500.0
"""Weight of the hand-made table, in sounds."""
RARE = 0.3
"""How often two sounds stand for one, before anything is learnt, against what chance would make of their shares."""
SEEN = 3.0
"""Expected times that two sounds must have stood for one to be kept."""
LEAST_GAIN = 40
"""Hundredths of a bit that a step of two for one must save to be written down."""
STEEPNESS = 1.6
"""How many times likelier the hand-made table makes a change for each bit of its cost."""


@allocating
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
            for step in range(5):
                used, row, column = _step(one, two, i, j, step)
                if used:
                    ahead[i, j] += ahead[i - _OWN[step], j - _OTHER[step]] * joint[row, column]
    total = ahead[n, m]
    if total <= 0.0:
        return -1e9
    back[n, m] = 1.0
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            for step in range(5):
                used, row, column = _step(one, two, i, j, step)
                if used:
                    through = joint[row, column] * back[i, j]
                    back[i - _OWN[step], j - _OTHER[step]] += through
                    counts[row, column] += ahead[i - _OWN[step], j - _OTHER[step]] * through / total
    return np.log2(total)


_OWN = (1, 1, 0, 1, 2)
_OTHER = (1, 0, 1, 2, 1)


@allocating
def _step(one: NDArray[np.uint8], two: NDArray[np.uint8], i: int, j: int, step: int) -> tuple[bool, int, int]:
    """Can this kind of step end at (i, j), and where is it in the table?"""
    n, m = len(one), len(two)
    if i < _OWN[step] or j < _OTHER[step]:
        return False, 0, 0
    a, b = np.int64(one[i - 1]) if i else np.int64(0), np.int64(two[j - 1]) if j else np.int64(0)
    if step == 0:
        return True, a, b
    if step == 1:
        return (True, SILENT_LAST, a) if i == n else (True, a, np.int64(0))
    if step == 2:
        return (True, SILENT_LAST + 1, b) if j == m else (True, np.int64(0), b)
    if step == 3:
        return True, ONE_FOR_TWO + a * SIZE + np.int64(two[j - 2]), b
    return True, TWO_FOR_ONE + np.int64(one[i - 2]) * SIZE + a, b


def _codes(sounds: str) -> NDArray[np.uint8]:
    return np.array([CODE[letter] for letter in sounds], np.uint8)


def _joined(found: Iterable[Word]) -> str:
    return "".join(word.sounds for word in found)


def held_out(seed: str) -> bool:
    """Is this row of the data kept from every fit? A quarter is, by a hash."""
    return zlib.crc32(seed.encode()) & 3 == 3


def _rows(path: Path, split: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if split == "all" or not held_out(f"{path.stem} {row['latin']}"):
                yield row


def _of_full(path: Path, other: str, split: str) -> Iterator[tuple[str, Pair]]:
    """Each word of a full name with the script that it is read as, and its Latin spelling."""
    for row in _rows(path, split):
        (native,), (latin,) = _forms_of(row[other]), _forms_of(row["latin"])
        if native[0].script is Script.KOREAN and 2 <= len(latin) <= 3:
            yield Script.KOREAN.name, (native[0].sounds, latin[0].sounds)
            yield Script.KOREAN.name, (_joined(native[1:]), _joined(latin[1:]))
        elif len(native) == len(latin):
            for one, two in zip(native, latin, strict=True):
                yield one.script.name, (one.sounds, two.sounds)


def _forms_of(full: str) -> list[tuple[Word, ...]]:
    return [form.words for form in forms(Name(full=full))[:1]]


def _of_single(path: Path, other: str, split: str) -> Iterator[Pair]:
    for row in _rows(path, split):
        yield _joined(words(row[other])), _joined(words(row["latin"]))


def _of_names(script: Script) -> Iterator[Pair]:
    """Names written down for this, and the spelling families."""
    lines = [line for line in _NAMES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    groups = [item.split() for line in lines for item in line.split("/")]
    known = [line.split() for line in FAMILIES.replace("\n ", " ").strip().split("\n")]
    for group in groups + known:
        native = [word for text in group if (word := _joined(words(text))) and words(text)[0].script is script]
        latin = [_joined(words(text)) for text in group if text.isascii()]
        # A family of twenty spellings weighs no more than a few.
        yield from list(product(native, latin))[:: max(1, len(native) * len(latin) // 6)]


def _of_list(path: Path) -> Iterator[Pair]:
    for person in ElementTree.parse(path).getroot().iter("INDIVIDUAL"):
        latin = words(
            " ".join(person.findtext(f"{part}_NAME") or "" for part in ("FIRST", "SECOND", "THIRD", "FOURTH"))
        )
        native = words(person.findtext("NAME_ORIGINAL_SCRIPT") or "")
        if native and len(native) == len(latin) and native[0].script is Script.ARABIC:
            yield from ((one.sounds, two.sounds) for one, two in zip(native, latin, strict=True))


def pairs_of(folder: Path, script: Script, split: str) -> list[Pair]:
    """Every pair of words for a script: its sounds, the sounds of its Latin spelling."""
    found: list[Pair] = []
    if script in FULL:
        read = _of_full(folder / "names" / FULL[script], FULL[script].split(".")[0], split)
        found += [pair for name, pair in read if name == script.name]
    if script in SINGLE:
        found += _of_single(folder / "names" / SINGLE[script], SINGLE[script].split("-")[0], split)
    found += _of_names(script)
    if script is Script.ARABIC:
        for path in sorted((folder / "un").glob("*.xml")):
            found += 3 * list(_of_list(path))
    return [(one, two) for one, two in found if one and two and len(one) <= 24 and len(two) <= 24]


def _prior(script: Script, own: NDArray[np.float64], latin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Joint probabilities that the hand-made table stands for, shape (ROWS, SIZE); two sounds for one are rare."""
    table = np.zeros((ROWS, SIZE))
    single = 2.0 ** (-STEEPNESS * costs.handmade(script).astype(np.float64) / 100)
    single[0, 0] = 0.0
    single[1:, :] *= own[1:, None]
    single[0, :] *= 0.03
    table[:SIZE] = single
    table[SILENT_LAST] = single[:, 0] * 0.3
    table[SILENT_LAST + 1] = single[0, :] * 0.3
    both = np.einsum("a,b,c->abc", own, latin, latin).reshape(SIZE * SIZE, SIZE)
    table[ONE_FOR_TWO:TWO_FOR_ONE] = both * RARE * single.sum()
    both = np.einsum("a,b,c->abc", own, own, latin).reshape(SIZE * SIZE, SIZE)
    table[TWO_FOR_ONE:SILENT_LAST] = both * RARE * single.sum()
    return table / table.sum()


def _marginal(sounds: Iterable[str]) -> NDArray[np.float64]:
    counts = Counter("".join(sounds))
    found = np.array([0.0] + [counts.get(letter, 0) + 3.0 for letter in ALPHABET])
    return found / found.sum()


def learn(pairs: list[Pair], script: Script, latin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Joint probabilities of sounds, shape (ROWS, SIZE) as in `costs.py`; sound 0 is none."""
    own = _marginal(one for one, _ in pairs) if pairs else _marginal([ALPHABET * 3])
    prior = _prior(script, own, latin)
    coded = [(_codes(one), _codes(two)) for one, two in pairs]
    singly = prior.copy()
    singly[ONE_FOR_TWO:SILENT_LAST] = 0.0
    singly /= singly.sum()
    if not pairs:
        return singly
    joint, kept = singly, coded
    for turn in range(ROUNDS):
        counts = singly * PRIOR
        scores = [_expect(one, two, joint, counts) / (len(one) + len(two)) for one, two in kept]
        joint = counts / counts.sum()
        if turn in (1, 4):
            least = float(np.percentile(scores, 8))
            kept = [pair for pair, score in zip(kept, scores, strict=True) if score > least]
    alone, joint = joint, (joint + prior) / 2
    for turn in range(ROUNDS):
        counts = prior * PRIOR
        for one, two in kept:
            _expect(one, two, joint, counts)
        doubles = counts[ONE_FOR_TWO:SILENT_LAST]
        doubles[doubles < SEEN * turn / ROUNDS] = 0.0
        joint = counts / counts.sum()
    # What two letters for one sound explain is not met as single steps any more; where those two were not seen, it is.
    return (alone + joint) / 2


def _information(joint: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often each sound of the script is met in what was learnt: its share."""
    own = joint[:SIZE].sum(axis=1) + joint[SILENT_LAST]
    own += joint[ONE_FOR_TWO:TWO_FOR_ONE].reshape(SIZE, SIZE, SIZE).sum(axis=(1, 2))
    double = joint[TWO_FOR_ONE:SILENT_LAST].reshape(SIZE, SIZE, SIZE)
    own += double.sum(axis=(1, 2)) + double.sum(axis=(0, 2))
    own[0] = 0.0
    return own / own.sum()


def costs_of(joint: NDArray[np.float64], half: NDArray[np.float64], latin: NDArray[np.float64]) -> NDArray[np.int64]:
    """Hundredths of a bit: how much less likely each step is than its sounds would be by half of what they say.

    `latin`: what each Latin sound says among the Latin spellings of this script's names, less the half that every
    Latin word counts for it.
    """
    saved = np.zeros((ROWS, SIZE))
    saved[:SIZE] = half[:, None] + latin[None, :]
    saved[SILENT_LAST], saved[SILENT_LAST + 1] = half, latin
    saved[ONE_FOR_TWO:TWO_FOR_ONE] = (half[:, None, None] + latin[None, :, None] + latin[None, None, :]).reshape(
        SIZE * SIZE, SIZE
    )
    saved[TWO_FOR_ONE:SILENT_LAST] = (half[:, None, None] + half[None, :, None] + latin[None, None, :]).reshape(
        SIZE * SIZE, SIZE
    )
    found = np.where(joint > 0, -100 * np.log2(np.maximum(joint, 1e-7)) - saved, float(NEVER))
    return np.maximum(np.round(found), 0).astype(np.int64)


def _lines(script: Script, half: NDArray[np.float64], table: NDArray[np.int64]) -> Iterator[str]:
    """What `costs.py` reads: whole rows of single steps, and of the others those that are cheaper than single ones."""
    yield f"{script.name} {' '.join(str(round(value)) for value in half)}"
    table[0, 0] = table[SILENT_LAST, 0] = table[SILENT_LAST + 1, 0] = 0
    for row in (*range(SIZE), SILENT_LAST, SILENT_LAST + 1):
        yield f"= {row} {' '.join(str(min(value, NEVER)) for value in table[row])}"
    for row in range(ONE_FOR_TWO, SILENT_LAST):
        first, second = (row - ONE_FOR_TWO) % (SIZE * SIZE) // SIZE, (row - ONE_FOR_TWO) % SIZE
        for column in range(1, SIZE):
            if first and second and table[row, column] < NEVER:
                if row < TWO_FOR_ONE:
                    singly = min(table[first, second] + table[0, column], table[first, column] + table[0, second])
                else:
                    singly = min(table[first, column] + table[second, 0], table[second, column] + table[first, 0])
                if table[row, column] < singly - LEAST_GAIN:
                    yield f"{row} {column} {table[row, column]}"


def main(folder: str, split: str = "fit") -> None:
    """Print the tables. `split`: fit (the rows that are not held out) or all."""
    place = Path(folder)
    learnt = {script: pairs_of(place, script, split) for script in Script if script is not Script.LATIN}
    latin = _marginal(two for pairs in learnt.values() for _, two in pairs)
    half_latin = np.array([0.0, *(-50 * np.log2(latin[1:]))])
    out = ["# Costs in hundredths of a bit. After a script's name: half the information of each sound. = row costs;",
           f"# row column cost. Sounds: none, then {ALPHABET}. See costs.py and transliteration_build.py."]  # fmt: skip
    out.append(f"LATIN {' '.join(str(round(value)) for value in half_latin)}")
    for script, pairs in learnt.items():
        joint = learn(pairs, script, latin)
        half = np.array([0.0, *(-50 * np.log2(np.maximum(_information(joint)[1:], 1e-6)))])
        own = _marginal(two for _, two in pairs) if pairs else latin
        saved = np.array([0.0, *(-100 * np.log2(own[1:]))]) - half_latin
        table = costs_of(joint, half, saved)
        if script in BOUNDARY:
            table = contrast(pairs, script, table, np.round(half), np.round(half_latin))
        out += _lines(script, half, table)
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
