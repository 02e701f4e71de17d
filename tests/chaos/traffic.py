"""What is published in a run: incidents and entries of a few bureaus, corrected, withdrawn, said twice, some bad."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.schedules.histories import History, Pools, Writer

_ENTRIES_EVERY = 11
"""Of so many good events one is of an entry."""
_LISTED = 0.05
"""Share of names and numbers that incidents draw from which entries draw from as well."""
_BAD = 0.03
_CONSONANTS = ("b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "ch", "sh", "th")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")


def traffic(seed: int, incidents: int, start: int, bad: float = _BAD) -> History:
    """At least so many incidents, and a tenth as many changes of entries, by `start` (milliseconds since 1970).

    `bad`: share of events beside which something wrong, or the same again, is published.
    """
    rng = random.Random(seed)
    size = max(200, incidents)
    pool = max(200, size // 3)
    names, numbers, plates = (_some(rng, pool, make) for make in (_name, _number, _plate))
    few = max(20, int(pool * _LISTED))
    writer = Writer(
        rng,
        {
            "incidents": Pools(rng, names, numbers, max(10, size // 3), plates, start),
            "watchlist": Pools(rng, names[:few], numbers[:few], max(5, size // 40), plates[:few], start),
        },
        kinds=("incidents",) * (_ENTRIES_EVERY - 1) + ("watchlist",),
        bad=bad,
    )
    while published(writer.made, "incidents") < incidents:
        writer.write(1)
    return writer.made


def published(history: History, kind: str) -> int:
    """How many records of one kind of country topic there are."""
    return sum(len(records) for (topic, _), records in history.feeds.items() if topic.startswith(kind))


def _some(rng: random.Random, count: int, make: Callable[[random.Random], str]) -> tuple[str, ...]:
    made = dict.fromkeys(make(rng) for _ in range(count * 2))
    return tuple(made)[:count]


def _word(rng: random.Random) -> str:
    return "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(rng.choice((2, 3, 3)))).title()


def _name(rng: random.Random) -> str:
    return " ".join(_word(rng) for _ in range(3))


def _number(rng: random.Random) -> str:
    return rng.choice("ABCDEFGHJKLMNPRTUVWXY") + "".join(rng.choice("234679") for _ in range(8))


def _plate(rng: random.Random) -> str:
    return f"KA{rng.randrange(10, 100)}{rng.choice('ABCDEFGH')}{rng.choice('KLMNPRT')}{rng.randrange(1000, 10000)}"
