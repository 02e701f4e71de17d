"""Hostile files, made from good ones: bytes changed, or only what stands between commas, tags and quotation marks."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from producers.importers.mrz import check_digit
from tests.fuzz.hostile import mutated
from tests.fuzz.twisting import NUMBERS, TEXTS

Inputs = Callable[[random.Random], Iterator[bytes]]
_MRZ = "ABCZ0189<"
_ENTRY = re.compile(rb"<(INDIVIDUAL|ENTITY)>.*?</\1>", re.DOTALL)
_TEXT = re.compile(r">([^<>]+)<")
_VALUES: tuple[Any, ...] = (None, True, [], {}, [[]], "", 0.5, -1, float("1e300"), [None], {"": ""})


def inputs(files: Sequence[Path], changed: Callable[[random.Random, bytes], bytes]) -> Inputs:
    """Half of them with bytes changed, half by `changed`, which leaves the file's form alone."""

    def made(rng: random.Random) -> Iterator[bytes]:
        good = [path.read_bytes() for path in files]
        while True:
            data = changed(rng, rng.choice(good)) if (form := rng.random()) < 0.7 else rng.choice(good)[:20_000]
            yield data if form < 0.5 else mutated(rng, [data])

    return made


def table(rng: random.Random, data: bytes) -> bytes:
    """A CSV file with other cells, and now and then other columns."""
    rows = [row for row in csv.reader(io.StringIO(data.decode())) if row]
    for _ in range(rng.randint(1, 6)):
        row = rng.choice(rows[1:] if rng.random() < 0.9 else rows)
        cell = rng.randrange(len(row))
        row[cell] = rng.choice((*TEXTS, *map(str, NUMBERS), row[cell] * 2, "1980-02-31", "31/12/80", "19801231"))
        if rng.random() < 0.05:
            row.append(rng.choice(TEXTS))
    out = io.StringIO()
    csv.writer(out, delimiter=rng.choice(",,,,;\t|"), lineterminator=rng.choice(("\n", "\r\n"))).writerows(rows)
    return out.getvalue().encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")), "replace")


def json_lines(rng: random.Random, data: bytes) -> bytes:
    """JSON with other values in some places."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        whole = [json.loads(text)]
    except ValueError:
        whole = [json.loads(line) for line in text.split("\n") if line.strip()]
    lines = []
    for one in rng.choices(whole, k=rng.randint(1, 4)):
        lines.append(json.dumps(_twisted(rng, json.loads(json.dumps(one))), ensure_ascii=rng.random() < 0.5))
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _twisted(rng: random.Random, value: Any, depth: int = 0) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.95 ** (depth + 1):
        name = rng.choice(list(value))
        if rng.random() < 0.05:
            value[rng.choice(TEXTS)] = value.pop(name)
        else:
            value[name] = _twisted(rng, value[name], depth + 1)
        return value
    if isinstance(value, list) and value and rng.random() < 0.8:
        if rng.random() < 0.2:
            return value * rng.choice((2, 30, 400))
        at = rng.randrange(len(value))
        value[at] = _twisted(rng, value[at], depth + 1)
        return value
    return rng.choice((*TEXTS, *NUMBERS, *_VALUES, "\ud800", "1980-02-31", "1980-13", f"{value}{value}"))


def un_list(rng: random.Random, data: bytes) -> bytes:
    """Some entries of a list of the United Nations, with other texts."""
    found = _entries(data)
    kept = [_retold(rng, rng.choice(found)) for _ in range(rng.randint(1, 3))]
    people = "".join(one for one in kept if one.startswith("<INDIVIDUAL>"))
    others = "".join(one for one in kept if one.startswith("<ENTITY>"))
    body = f"<INDIVIDUALS>{people}</INDIVIDUALS><ENTITIES>{others}</ENTITIES>"
    return f'<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09Z">{body}</CONSOLIDATED_LIST>'.encode()


_FOUND: dict[int, list[str]] = {}


def _entries(data: bytes) -> list[str]:
    if (size := len(data)) not in _FOUND:
        _FOUND[size] = [match[0].decode() for match in _ENTRY.finditer(data)]
    return _FOUND[size]


def _retold(rng: random.Random, entry: str) -> str:
    for _ in range(rng.randint(0, 4)):
        texts = list(_TEXT.finditer(entry))
        place = rng.choice(texts)
        text = rng.choice((*TEXTS, *map(str, NUMBERS), place[1] * 20, "1980-02-31", "between 1 and 9", "Arabic: عمر"))
        text = escape("".join(sign for sign in text if sign >= " " and sign not in "\ufffe\uffff"))
        entry = entry[: place.start(1)] + text + entry[place.end(1) :]
    return entry


def zones(rng: random.Random, data: bytes) -> bytes:
    """Machine-readable zones with other signs, their check digits right again in most."""
    lines = [zone.splitlines() for zone in data.decode().split("\n\n") if zone.strip()]
    zone = list(rng.choice(lines))
    for _ in range(rng.randint(1, 8)):
        row = rng.randrange(len(zone))
        at = rng.randrange(len(zone[row]))
        zone[row] = zone[row][:at] + rng.choice(_MRZ) + zone[row][at + 1 :]
    if len(zone) == 2 and rng.random() < 0.8:
        zone[1] = _checked(zone[1])
    return "\n".join(zone).encode()


def _checked(line: str) -> str:
    signs = list(line)
    for begin, end in ((0, 9), (13, 19), (21, 27), (28, 42)):
        if end < len(signs):
            signs[end] = str(check_digit("".join(signs[begin:end])))
    if len(signs) == 44:
        signs[43] = str(check_digit("".join(signs[:10] + signs[13:20] + signs[21:43])))
    return "".join(signs)
