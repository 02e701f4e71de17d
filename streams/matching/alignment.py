"""How well two names agree: their words aligned in any order, each pair weighted by how rare the word is."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import OSA

from streams.matching.names import NameForm

RARITY_VERSION = "flat-1"
"""Version of the table of word rarity that weights are made with."""

_RARE = 10.0
_CONFLICT = -8.0
_EXTRA = -1.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Score in bits of two names, and the words that have no partner."""

    score: float
    left: NameForm
    right: NameForm
    changed: tuple[tuple[str, str], ...]
    left_alone: tuple[str, ...]
    right_alone: tuple[str, ...]


def _information(word: str) -> float:
    return min(_RARE, 3.0 + 1.2 * len(word))


def _pair(a: str, b: str) -> float:
    if a == b:
        return _information(a)
    distance = OSA.distance(a, b)
    longest = max(len(a), len(b))
    if distance * 3 > longest:
        return 0.0
    return min(_information(a), _information(b)) - 3.0 * distance


def align(left: NameForm, right: NameForm) -> Alignment:
    """The best pairs first, until none is left that says more for than against."""
    pairs = sorted(
        (
            (-_pair(a, b), min(a, b), max(a, b), i, j)
            for i, a in enumerate(left.words)
            for j, b in enumerate(right.words)
        ),
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    score = 0.0
    changed: list[tuple[str, str]] = []
    for negative, _, _, i, j in pairs:
        if negative >= 0 or i in used_left or j in used_right:
            continue
        used_left.add(i)
        used_right.add(j)
        score -= negative
        if left.words[i] != right.words[j]:
            changed.append((left.words[i], right.words[j]))
    alone_left = tuple(sorted(word for i, word in enumerate(left.words) if i not in used_left))
    alone_right = tuple(sorted(word for j, word in enumerate(right.words) if j not in used_right))
    conflicts = min(len(alone_left), len(alone_right))
    score += conflicts * _CONFLICT + (max(len(alone_left), len(alone_right)) - conflicts) * _EXTRA
    if left.low_quality or right.low_quality:
        score -= 2.0
    return Alignment(score, left, right, tuple(sorted(changed)), alone_left, alone_right)
