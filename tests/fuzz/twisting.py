"""Events with something hostile somewhere in them: right by their schema, and by nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from schemas.field_types import is_model, items_of, unwrapped

M = TypeVar("M", bound=BaseModel)
TEXTS = (
    *("", " ", "\0", "\x1b[2J\x1b]0;x\x07", "\u202eNAS", "=HYPERLINK(1)", "A" * 3_000, "-roll-", "ACTUAL:fr:E1", "bd"),
    *("<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "𝕬𝖓𝖓𝖆", "ﷺ" * 200, "0000-00-00", "9" * 400, "../../etc/passwd", "a\nb\rc"),
    *(
        "' OR 1=1 --",
        "\ud7ff\ue000",
        "e\u0301" * 50,
        "\u200d" * 40,
        "x " * 900,
        "İıßŒ",
        "٣٤٥٦٧٨٩",
        "\U0010ffff",
        "ａｂｃ",
    ),
    *(
        "Mohammed bin Abdul al-Rahman ibn " * 8,
        "محمد " * 60,
        "王" * 120,
        "²",
        "①",
        "9" * 5_000,
        "A. B. C. D. E. F. G. H. I. J. K. L.",
        "Kim",
    ),
)
NUMBERS = (0, 1, -1, 12, 13, 31, 32, 1_800, 9_999, 10_000, 2**31 - 1, 2**48 - 1, 2**48, 2**62, 2**63 - 1, -(2**63))
TIMES = (
    *(datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
    *(datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
    datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
)
_REPETITIONS = (2, 3, 20, 150, 1_200)


def twisted(rng: random.Random, event: M) -> M:
    """`event` with another value in one place."""
    name = rng.choice(list(type(event).model_fields))
    kind, optional = unwrapped(type(event).model_fields[name].annotation)
    return event.model_copy(update={name: _other(rng, kind, optional, getattr(event, name))})


def _other(rng: random.Random, kind: Any, optional: bool, now: Any) -> Any:
    if optional and now is not None and rng.random() < 0.2:
        return None
    if (item := items_of(kind)) is not None:
        return _items(rng, item, now)
    if is_model(kind):
        if now is not None:
            return twisted(rng, now)
        return None if optional else now
    if issubclass(kind, StrEnum):
        return rng.choice(list(kind))
    if issubclass(kind, datetime):
        if now is None or rng.random() < 0.3:
            return rng.choice(TIMES)
        return _shifted(now, rng)
    if kind is bool:
        return not now
    if kind is int:
        return rng.choice(NUMBERS) if now is None or rng.random() < 0.7 else now + rng.choice((-1, 1))
    if kind is str:
        return rng.choice(TEXTS) if not now or rng.random() < 0.6 else _misspelt(rng, now)
    return now


def _items(rng: random.Random, item: Any, now: tuple[Any, ...]) -> tuple[Any, ...]:
    match rng.randrange(5):
        case 0:
            return ()
        case 1 if now:
            return now * rng.choice(_REPETITIONS)
        case 2 if now:
            return (*now, now[0])
        case 3 if item is str:
            return (*now, rng.choice(TEXTS))
    if not now:
        return (rng.choice(list(item)),) if isinstance(item, type) and issubclass(item, StrEnum) else now
    at = rng.randrange(len(now))
    return (*now[:at], _other(rng, item, optional=False, now=now[at]), *now[at + 1 :])


def _shifted(now: datetime, rng: random.Random) -> datetime:
    by = timedelta(milliseconds=rng.choice((1, 60_000, 300_001, 86_400_000, 30 * 86_400_000, 400 * 86_400_000)))
    try:
        return now + by * rng.choice((1, -1))
    except OverflowError:
        return now


def _misspelt(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((*TEXTS, "x", "\u0301", " ", text)) + text[at + rng.randrange(2) :]
