"""How a name looks at a border: reordered, misspelt. Pure; the generator is passed in."""

from __future__ import annotations

from random import Random

from producers.simulate.plan import Difficulty

_HABITS = (
    ("ee", "i"),
    ("oo", "u"),
    ("ou", "u"),
    ("ph", "f"),
    ("q", "k"),
    ("w", "v"),
    ("y", "i"),
    ("z", "s"),
    ("mm", "m"),
    ("ss", "s"),
    ("u", "o"),
    ("e", "i"),
    ("o", "u"),
    ("sh", "s"),
    ("kh", "k"),
    ("dh", "d"),
)
"""Habits of romanisation: the same sound written another way. Each is used in both directions."""
_SHORTEST = 4
_LONG_NAME = 16


def reordered(random: Random, name: str) -> str:
    """The words in another order: family name first with a comma, or rotated. One word stays as it is."""
    words = name.split()
    if len(words) < 2:
        return name
    if random.random() < 0.5:
        return f"{words[-1]}, {' '.join(words[:-1])}"
    turn = random.randrange(1, len(words))
    return " ".join(words[turn:] + words[:turn])


def misspelt(random: Random, name: str) -> str:
    """One slip, two in a long name, in words of four letters or more; a name without such words stays as it is."""
    listed = name
    slips = 2 if len(name) > _LONG_NAME and random.random() < 0.3 else 1
    for _ in range(slips):
        words = name.split()
        places = [place for place, word in enumerate(words) if can_be_misspelt(word)]
        if not places:
            return name
        place = random.choice(places)
        words[place] = _slip(random, words[place])
        slipped = " ".join(words)
        if slipped != listed:  # a second slip may not undo the first
            name = slipped
    return name


def can_be_misspelt(name: str) -> bool:
    """Has `name` a word long enough to slip in?"""
    return any(len(word) >= _SHORTEST for word in name.split())


def varied(random: Random, name: str, difficulty: Difficulty) -> str:
    """`name` as it appears at this difficulty."""
    if difficulty is Difficulty.REORDERED:
        return reordered(random, name)
    if difficulty is Difficulty.MISSPELT:
        return misspelt(random, name)
    return name


def _slip(random: Random, word: str) -> str:
    kinds = [_by_habit, _doubled, _transposed, _dropped]
    random.shuffle(kinds)
    for kind in kinds:
        changed = kind(random, word)
        if changed != word:
            return changed
    return word


def _by_habit(random: Random, word: str) -> str:
    habits = [pair for known in _HABITS for pair in (known, known[::-1])]
    found = [(old, new) for old, new in habits if old in word[1:].lower()]
    if not found:
        return word
    old, new = random.choice(found)
    place = word.lower().index(old, 1)
    return word[:place] + (new.upper() if word.isupper() else new) + word[place + len(old) :]


def _doubled(random: Random, word: str) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + word[place] + word[place:] if word[place].isalpha() else word


def _transposed(random: Random, word: str) -> str:
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _dropped(random: Random, word: str) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + word[place + 1 :] if word[place].isalpha() else word
