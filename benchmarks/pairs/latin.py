"""Latin name pairs made from Faker's names and the UN list: the ways in which one person's name comes out twice.

Negatives are hard: they share a surname, a given name or a rare word, or are the most alike of all.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

from benchmarks.pairs.fakers import fakers
from benchmarks.pairs.rows import Row, nearest

_LOCALES = (
    "en_US en_GB fr_FR de_DE es_ES es_MX pt_BR it_IT tr_TR pl_PL nl_NL id_ID en_IN ro_RO cs_CZ sv_SE hu_HU hr_HR fi_FI"
    " en_NG yo_NG sw az_AZ vi_VN en_PK"
)
_NICKNAMES = {
    "william": "bill", "robert": "bob", "richard": "dick", "james": "jim", "john": "jack", "margaret": "peggy",
    "elizabeth": "betty", "katherine": "kate", "michael": "mike", "christopher": "chris", "joseph": "joe",
    "thomas": "tom", "david": "dave", "daniel": "dan", "anthony": "tony", "patricia": "pat", "jennifer": "jenny",
    "steven": "steve", "edward": "ted", "charles": "chuck", "andrew": "andy", "samuel": "sam", "joshua": "josh",
    "matthew": "matt", "nicholas": "nick", "rebecca": "becky", "deborah": "debbie", "susan": "sue", "pamela": "pam",
    "benjamin": "ben", "gregory": "greg", "timothy": "tim", "alexander": "alex", "francisco": "paco", "jose": "pepe",
    "alexandra": "sandra", "victoria": "vicky", "jeffrey": "jeff", "kenneth": "ken", "ronald": "ron", "donald": "don",
    "jessica": "jess", "kimberly": "kim", "stephanie": "steph", "amanda": "mandy", "abigail": "abby", "barbara": "barb",
    "raymond": "ray", "walter": "walt", "lawrence": "larry", "theodore": "ted", "frederick": "fred", "gerald": "gerry",
    "ignacio": "nacho", "guadalupe": "lupe", "dolores": "lola", "giuseppe": "beppe", "johannes": "hans",
    "friedrich": "fritz", "heinrich": "heinz", "josef": "sepp", "franz": "franzl", "mehmet": "memo",
}  # fmt: skip
_RESPELT = (
    ("ph", "f"), ("oo", "u"), ("ee", "i"), ("ou", "u"), ("ck", "k"), ("sch", "sh"), ("sh", "ch"), ("ch", "sh"),
    ("kh", "h"), ("gh", "g"), ("q", "k"), ("k", "c"), ("c", "k"), ("y", "i"), ("i", "y"), ("w", "v"), ("v", "w"),
    ("j", "dj"), ("dj", "j"), ("z", "s"), ("th", "t"), ("ai", "ay"), ("ei", "ey"), ("u", "ou"), ("ah", "a"),
    ("ss", "s"), ("tt", "t"), ("nn", "n"), ("ll", "l"), ("mm", "m"), ("e", "i"), ("o", "u"), ("a", "e"),
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _long_word(words: list[str], drawn: random.Random, least: int = 4) -> int | None:
    fit = [i for i, word in enumerate(words) if len(word) >= least]
    return drawn.choice(fit) if fit else None


def _typo(words: list[str], drawn: random.Random) -> list[str] | None:
    i = _long_word(words, drawn)
    if i is None:
        return None
    word, kind = words[i], drawn.random()
    at = drawn.randrange(1, len(word))
    if kind < 0.34:
        word = word[:at] + drawn.choice(_LETTERS) + word[at + 1 :]
    elif kind < 0.67:
        word = word[:at] + word[at + 1 :]
    else:
        word = word[:at] + drawn.choice(_LETTERS) + word[at:]
    return [*words[:i], word, *words[i + 1 :]]


def _two_typos(words: list[str], drawn: random.Random) -> list[str] | None:
    if sum(map(len, words)) < 14:
        return None
    once = _typo(words, drawn)
    return _typo(once, drawn) if once else None


def _transposed(words: list[str], drawn: random.Random) -> list[str] | None:
    i = _long_word(words, drawn)
    if i is None:
        return None
    word = words[i]
    at = drawn.randrange(len(word) - 1)
    if word[at] == word[at + 1]:
        return None
    return [*words[:i], word[:at] + word[at + 1] + word[at] + word[at + 2 :], *words[i + 1 :]]


def _initial(words: list[str], drawn: random.Random) -> list[str] | None:
    if len(words) < 2:
        return None
    i = 0 if len(words) == 2 else drawn.randrange(len(words) - 1)
    return [*words[:i], words[i][0] + drawn.choice(("", ".")), *words[i + 1 :]]


def _nickname(words: list[str], drawn: random.Random) -> list[str] | None:
    short = _NICKNAMES.get(words[0].lower())
    return [short.title(), *words[1:]] if short else None


def _joined(words: list[str], drawn: random.Random) -> list[str] | None:
    if len(words) < 3:
        return None
    i = drawn.randrange(len(words) - 1)
    return [*words[:i], words[i] + words[i + 1].lower(), *words[i + 2 :]]


def _split(words: list[str], drawn: random.Random) -> list[str] | None:
    i = _long_word(words, drawn, 7)
    if i is None or len(words) < 2:
        return None
    at = drawn.randrange(3, len(words[i]) - 2)
    return [*words[:i], words[i][:at], words[i][at:].title(), *words[i + 1 :]]


def _misplaced_space(words: list[str], drawn: random.Random) -> list[str] | None:
    i = drawn.randrange(len(words) - 1)
    if len(words[i]) < 5 or len(words) < 2:
        return None
    return [*words[:i], words[i][:-1], words[i][-1] + words[i + 1].lower(), *words[i + 2 :]]


def _dropped_middle(words: list[str], drawn: random.Random) -> list[str] | None:
    if len(words) < 3:
        return None
    i = drawn.randrange(1, len(words) - 1)
    return [*words[:i], *words[i + 1 :]]


def _respelt(words: list[str], drawn: random.Random) -> list[str] | None:
    found = [
        (i, old, new)
        for i, word in enumerate(words)
        if len(word) >= 4
        for old, new in _RESPELT
        if old in word.lower()[1:]
    ]
    if not found:
        return None
    i, old, new = drawn.choice(found)
    word = words[i].lower()
    return [*words[:i], (word[0] + word[1:].replace(old, new, 1)).title(), *words[i + 1 :]]


def _respelt_twice(words: list[str], drawn: random.Random) -> list[str] | None:
    once = _respelt(words, drawn)
    return _respelt(once, drawn) if once else None


def _reordered(words: list[str], drawn: random.Random) -> list[str] | None:
    return [words[-1] + ",", *words[:-1]]


def _plain(words: list[str], drawn: random.Random) -> list[str] | None:
    flat = ["".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) for word in words]
    return flat if flat != words else None


def _umlauts(words: list[str], drawn: random.Random) -> list[str] | None:
    table = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "Oe", "Ü": "Ue", "Ä": "Ae"})
    flat = [word.translate(table) for word in words]
    return flat if flat != words else None


def _machine_readable(words: list[str], drawn: random.Random) -> list[str] | None:
    plain = [re.sub("[^A-Z]", "", word.upper()) for word in (_plain(words, drawn) or words)]
    return ["<<".join((plain[-1], "<".join(plain[:-1])))[:39]]


def _titled(words: list[str], drawn: random.Random) -> list[str] | None:
    return [drawn.choice(("Mr", "Dr.", "Prof.", "Haji", "Sheikh")), *words]


def _married(words: list[str], drawn: random.Random) -> list[str] | None:
    return [*words[:-1], f"{words[-1]}-{drawn.choice(('Meyer', 'Lopez', 'Silva', 'Novak', 'Rossi', 'Dubois'))}"]


Alteration = Callable[[list[str], random.Random], "list[str] | None"]
ALTERATIONS: dict[str, Alteration] = {
    "typo": _typo,
    "two typos": _two_typos,
    "letters exchanged": _transposed,
    "initial": _initial,
    "nickname": _nickname,
    "joined words": _joined,
    "split word": _split,
    "misplaced space": _misplaced_space,
    "middle name dropped": _dropped_middle,
    "respelt": _respelt,
    "respelt twice": _respelt_twice,
    "family name first": _reordered,
    "marks left out": _plain,
    "umlauts as two letters": _umlauts,
    "machine-readable": _machine_readable,
    "title": _titled,
    "second family name": _married,
}


def invented(count: int, seed: int) -> list[tuple[str, str, str]]:
    """Full names: given, middle or none, family."""
    drawn = random.Random(seed)
    makers = fakers(_LOCALES, seed)
    found = []
    while len(found) < count:
        fake = drawn.choice(makers)
        given, family = fake.first_name(), fake.last_name()
        middle = fake.first_name() if drawn.random() < 0.45 else ""
        if all(not part or all(ord(char) < 0x250 for char in part) for part in (given, middle, family)):
            found.append((given, middle, family))
    return found


def pairs(listed: list[str], count: int = 3000, seed: int = 11) -> list[Row]:
    """`count` invented names and the names of a list, each altered in one way, and as many negatives."""
    drawn = random.Random(seed)
    people = invented(count, seed)
    rows: list[Row] = []
    full = [" ".join(part for part in parts if part) for parts in people] + listed
    kinds = list(ALTERATIONS)
    for name in full:
        words = name.split()
        for _ in range(20):
            kind = drawn.choice(kinds)
            altered = ALTERATIONS[kind](list(words), drawn) if len(words) > 1 else None
            if altered and altered != words:
                rows.append(Row(" ".join(altered), name, True, kind, name))
                break
    for given, middle, family in people[: count // 3]:
        other = drawn.choice(people)
        if other[0] != given:
            rows.append(_negative((given, middle, family), (other[0], other[1], family), "family name shared"))
    for given, middle, family in people[count // 3 : 2 * count // 3]:
        other = drawn.choice(people)
        if other[2] != family:
            rows.append(_negative((given, middle, family), (given, other[1], other[2]), "given name shared"))
    for i, j in enumerate(nearest(full)):
        if j >= 0 and (i >= len(people) or i % 3 == 0):
            rows.append(Row(full[i], full[j], False, "nearest other name", full[i]))
    return rows


def _negative(one: tuple[str, str, str], two: tuple[str, str, str], kind: str) -> Row:
    left, right = (" ".join(part for part in parts if part) for parts in (one, two))
    return Row(left, right, False, kind, left)
