"""What it costs, in hundredths of a bit, to take one sound for another: a table a script.

A cost of c says that the change is met 2**-(c/100) times as often as the sound kept. Rows are sounds of the word in
the other script (or of either word, where both are Latin), columns sounds of the Latin word; 0 is no sound. Further
rows hold two sounds for one, one for two, and sounds that the end of a word drops: across scripts only.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streams.matching.scripts import ALPHABET, Script

SIZE = len(ALPHABET) + 1
CODE = {letter: number for number, letter in enumerate(ALPHABET, start=1)}
GAP = 0
NEVER = 16000
"""The cost of what is not met."""
ONE_FOR_TWO = SIZE
"""A table's rows from here on: a sound for two Latin ones; row ONE_FOR_TWO + sound * SIZE + first, column second."""
TWO_FOR_ONE = ONE_FOR_TWO + SIZE * SIZE
"""Two sounds for one Latin: row TWO_FOR_ONE + first * SIZE + second, column the Latin one."""
SILENT_LAST = TWO_FOR_ONE + SIZE * SIZE
"""Last sounds of a word that the Latin word has not: a column each; in the next row, the Latin word's last."""
ROWS = SILENT_LAST + 2

SAME_SCRIPT = len(Script)
"""Mode of two words of one script that is not Latin: nothing was lost, so differences weigh as in Latin."""
MODES = SAME_SCRIPT + 1

TYPO = 330
"""A wrong, missing or added consonant that sounds quite different: one word in ten is typed wrongly at some letter."""
DROPPED = 260
SWAPPED = 220
"""Two neighbours exchanged."""
PAIR = 15
"""One sound spelt with two letters."""

_VOWELS = "aeiouEU"

_NEAR = """
        y i 10 / y e 40 / y j 30 / i j 90 / w v 20 / w u 20 / w o 40 / v f 40 / v b 60 / f p 90 / b p 90
        d t 80 / g k 60 / g G 20 / G k 70 / G q 40 / G h 80 / G r 120 / k q 10 / k c 10 / q c 25 / k X 40
        X h 40 / X C 60 / C S 40 / C c 40 / C k 60 / C j 40 / C t 120 / S s 40 / S j 80 / Z z 20 / Z j 20
        Z s 60 / Z S 60 / z s 50 / z j 60 / s c 40 / T t 20 / T s 60 / T d 40 / T z 60 / T f 120 / d z 90
        j g 40 / j d 90 / x k 70 / x s 70 / x X 50 / x z 60 / x S 60 / x h 80 / l r 160 / m n 150 / n N 30
        c z 60 / q g 50 / q X 60 / q C 60 / q h 90 / h j 90 / g h 110 / f w 80 / r G 120 / y l 160 / u v 60
        k h 110 / a e 45 / e i 40 / o u 35 / a o 60 / E o 20 / E u 30 / E e 30 / U u 20 / U e 30 / U i 30
        U o 30 / U a 40
"""

_BY_SCRIPT = {
    Script.CYRILLIC: """
        w v 10 / X h 10 / X k 30 / y i 5 / y j 10 / i y 5 / e o 40 / g h 40 / s z 30 / s c 30 / k c 5
        Z j 5 / Z g 30 / Z z 15 / C t 60 / e a 40 / i e 30 / u w 10 / v w 5 / t T 5 / f T 40 / k q 5
        k x 30
    """,
    Script.ARABIC: """
        w u 5 / w o 5 / w v 20 / w e 50 / y i 5 / y e 5 / y a 40 / y j 20 / a e 5 / a i 10 / a o 10 / a u 10
        j g 20 / j d 40 / q g 30 / q k 5 / q c 10 / k c 5 / k x 30 / T z 10 / T d 10 / T s 20 / d z 30
        s c 20 / f v 20 / b p 20 / b v 40 / k g 30 / G g 5 / X h 20 / X k 10 / h a 40 / t T 10 / z d 30
        h e 40 / s z 30 / G j 60 / f p 30 / S C 40
    """,
    Script.HEBREW: """
        w u 5 / w o 5 / w v 5 / w w 10 / y i 5 / y e 5 / y a 30 / y j 20 / a e 5 / a i 10 / a o 10 / a u 10
        b v 10 / p f 10 / X h 10 / X C 15 / X k 30 / k c 5 / k X 15 / k q 5 / c z 10 / c s 20 / c t 20
        S s 10 / t T 5 / j g 5 / Z j 10 / h a 20 / h e 20 / h o 40 / s c 10 / s z 30 / k x 30 / C c 30
        z s 30 / z Z 20
    """,
    Script.HANGUL: """
        g k 5 / k g 10 / k c 5 / k q 20 / d t 5 / t T 5 / s T 20 / s S 5 / s z 20 / s c 10 / b p 5 / b v 10
        p f 5 / p b 20 / j C 5 / j z 10 / j g 10 / j Z 10 / C t 20 / C k 60 / r l 5 / l r 10 / n N 10
        N n 10 / E u 5 / E o 5 / E e 20 / E a 40 / U e 15 / U u 5 / o u 20 / h f 60 / h X 30 / k X 30
        t s 40 / t d 30 / n m 80 / m n 80 / l n 60 / y j 20 / y l 60 / i y 5 / u w 5 / w v 20 / e a 20
        a e 40 / E a 30 / j d 40 / t C 60 / s x 30
    """,
    Script.HAN: """
        j k 30 / j g 30 / q k 40 / q C 10 / x S 10 / x h 30 / x s 20 / z c 20 / z t 30 / Z j 10 / Z C 20
        b p 20 / d t 10 / g k 10 / s c 20 / k c 10 / l r 10 / r l 60 / w v 20 / f v 30 / f p 50 / h X 20
        y j 20 / N n 5 / n N 10 / b v 40 / h g 50 / k X 20 / e o 20 / e u 20 / C t 30 / S s 10 / s T 20
        x C 40 / z s 20 / c s 20 / p b 30 / t d 40 / n m 60
    """,
    Script.KANA: """
        r l 5 / b v 10 / z T 40 / s T 20 / z d 40 / f h 20 / h f 20 / k c 5 / k q 20 / s c 20 / j z 20
        C t 30 / S s 10 / a e 20 / u o 20 / n m 20 / j g 20 / w v 20 / j d 20 / k x 30 / a u 30 / a o 40
    """,
    Script.INDIC: """
        j z 20 / j y 30 / b v 15 / v w 5 / v b 20 / S s 10 / s S 20 / C c 20 / k c 5 / k q 5 / p f 15
        d r 40 / t T 5 / a o 15 / a u 25 / o a 15 / a e 30 / e i 20 / i e 20 / i y 5 / y i 5 / g G 5
        k X 20 / T s 40 / o u 15 / u o 15 / u w 10 / b w 40 / C S 40 / r l 120 / S C 60 / j g 20 / d t 50
        b p 60 / g k 50 / s z 40
    """,
    Script.OTHER: """
        y i 5 / y e 20 / w o 10 / w u 10 / j C 20 / k g 20 / t d 20 / p b 20 / r l 40 / S C 20 / l r 60
    """,
}
"""What a script leaves open, beyond what holds everywhere."""

_GAPS = {
    None: """
        vowel+ 80 / vowel- 80 / y+ 60 / y- 60 / w+ 70 / w- 70 / h+ 60 / h- 60 / E+ 80 / U+ 60 / U- 50
    """,
    Script.CYRILLIC: """
        vowel+ 60 / vowel- 60 / y+ 20 / y- 20 / h+ 30 / g+ 200 / w- 30
    """,
    Script.ARABIC: """
        vowel+ 12 / a- 15 / y- 50 / w- 50 / h- 30 / h+ 40 / y+ 60 / w+ 60 / g+ 200
    """,
    Script.HEBREW: """
        vowel+ 12 / a- 15 / y- 35 / w- 40 / h- 30 / h+ 40 / y+ 60 / w+ 60 / g+ 200
    """,
    Script.HANGUL: """
        vowel+ 50 / U- 5 / i- 40 / vowel- 60 / E- 50 / r+ 20 / l+ 60 / h+ 30 / y- 25 / w- 25 / y+ 30 / w+ 30
        g+ 120
    """,
    Script.HAN: """
        vowel+ 40 / vowel- 20 / U- 10 / r+ 30 / l+ 70 / h+ 30 / y- 20 / w- 20 / s+ 90 / t+ 100 / d+ 100
        n- 80 / N- 80 / h- 60 / y+ 30 / k+ 130
    """,
    Script.KANA: """
        vowel+ 50 / u- 5 / o- 20 / i- 40 / vowel- 50 / r+ 20 / h+ 20 / y- 25 / y+ 30 / w- 40 / t- 100
    """,
    Script.INDIC: """
        vowel+ 30 / a- 15 / vowel- 50 / y- 40 / y+ 40 / h+ 30 / h- 40 / n- 150 / w+ 60
    """,
    Script.OTHER: """
        vowel+ 20 / vowel- 30 / y- 40 / w- 40 / h- 30 / h+ 20 / r+ 60
    """,
}
"""`+`: the Latin word has a sound more; `-`: one less."""


def _put_pairs(table: NDArray[np.int16], text: str, both: bool) -> None:
    for triple in text.replace("\n", " / ").split("/"):
        parts = triple.split()
        if len(parts) == 3:
            one, two, cost = CODE[parts[0]], CODE[parts[1]], int(parts[2])
            table[one, two] = cost if both else min(cost, table[one, two])
            if both:
                table[two, one] = cost


def _put_gaps(table: NDArray[np.int16], text: str) -> None:
    for item in text.strip().replace("\n", "/").split("/"):
        what, cost = item.split()
        letters = _VOWELS if what[:-1] == "vowel" else what[:-1]
        for letter in letters:
            if what.endswith("+"):
                table[GAP, CODE[letter]] = int(cost)
            else:
                table[CODE[letter], GAP] = int(cost)


def _build(script: Script | None) -> NDArray[np.int16]:
    table = np.full((SIZE, SIZE), TYPO, dtype=np.int16)
    table[GAP, :] = table[:, GAP] = DROPPED
    for one in _VOWELS:
        for two in _VOWELS:
            table[CODE[one], CODE[two]] = 70
    _put_pairs(table, _NEAR, both=True)
    _put_gaps(table, _GAPS[None])
    if script is not None:
        _put_pairs(table, _BY_SCRIPT[script], both=False)
        _put_gaps(table, _GAPS[script])
        for vowel in _VOWELS:
            for other in _VOWELS:
                table[CODE[vowel], CODE[other]] = min(table[CODE[vowel], CODE[other]], 50)
    for sound in range(SIZE):
        # An ayn is mostly not written in Latin, else as a vowel.
        table[CODE["A"], sound] = table[CODE["a"], sound]
        table[sound, CODE["A"]] = table[sound, CODE["a"]]
    table[CODE["A"], CODE["a"]] = table[CODE["a"], CODE["A"]] = 5
    np.fill_diagonal(table, 0)
    if script is Script.HEBREW:
        table[CODE["w"], CODE["w"]] = 10
    return table


def handmade(script: Script) -> NDArray[np.int16]:
    """The table of a script as it was before anything was learnt."""
    return _build({Script.KOREAN: Script.HANGUL, Script.CHINESE: Script.HAN}.get(script, script))


MOST_SLACK = 260
SLACK = {Script.HANGUL: 200, Script.KOREAN: 200}
"""What a true pair of words costs at most for each sound, in the place of a table that stands for no sound at all
(GAP, GAP). What the sounds of a long word say beyond its rarity and this does not make up for changes: they are not
independent, least of all in Korean syllables."""


def slack(script: Script) -> int:
    """What a true pair of words of this script and Latin costs at most for each sound."""
    return SLACK.get(script, MOST_SLACK)


_TABLE = Path(__file__).with_name("transliteration.txt")


@lru_cache(maxsize=1)
def _learnt() -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Tables by script, and half the information of each sound by script."""
    made = np.full((MODES, ROWS, SIZE), NEVER, np.int16)
    halves = np.zeros((len(Script), SIZE), np.int16)
    script = Script.LATIN
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        first, *rest = line.split()
        if first == "#":
            continue
        if first in Script.__members__:
            script = Script[first]
            halves[script] = [int(value) for value in rest]
        elif first == "=":
            row, *values = (int(value) for value in rest)
            made[script, row] = values
        else:
            made[script, int(first), int(rest[0])] = int(rest[1])
    for script in Script:
        made[script, GAP, GAP] = slack(script)
    # Within a script neither side is the original: what a change costs does not depend on which is which.
    own = _build(None)
    made[Script.LATIN, :SIZE] = made[SAME_SCRIPT, :SIZE] = np.minimum(own, own.T)
    return made, halves


def tables() -> NDArray[np.int16]:
    """Cost tables by mode: shape (MODES, ROWS, SIZE)."""
    return _learnt()[0]


def halves() -> NDArray[np.int16]:
    """Half of what a sound says, by script: what two words' spellings say together is the sum less their distance."""
    return _learnt()[1]


_SPELT = {"N": "ng", "x": "ks", "S": "sh", "c": "ts", "X": "kh", "T": "th", "f": "ph", "j": "dz"}  # fmt: skip


@lru_cache(maxsize=1)
def pairs() -> NDArray[np.int16]:
    """The sound that two letters in a row may spell, 0 for none: shape (2, SIZE, SIZE), first within a script, second
    across scripts, where learnt tables need no second spellings."""
    table = np.zeros((2, SIZE, SIZE), dtype=np.int16)
    for one, two in _SPELT.items():
        if len(two) == 2 and one != "C":
            table[0, CODE[two[0]], CODE[two[1]]] = CODE[one]
    return table
