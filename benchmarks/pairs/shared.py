"""Pairs out of `../shared/data`: names in two scripts, and the original scripts of the UN list."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pairs.rows import Row, nearest
from producers.importers.un_consolidated import read_un_list
from schemas.codes import NameQuality, NameType, SubjectKind
from schemas.events import WatchlistEntry
from streams.matching.transliteration_build import held_out

FULL = ("hebrew", "korean")
SINGLE = ("arabic", "chinese", "japanese", "russian")


def folder() -> Path | None:
    """Where the data lie, beside the checkout; None where they are not."""
    place = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return place if place.is_dir() else None


def _read(path: Path, other: str) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(row["latin"], row[other]) for row in csv.DictReader(lines)]


def full_names(place: Path, other: str) -> list[Row]:
    """Full names in two scripts; each original also against the Latin name most like its own."""
    found = _read(place / "names" / f"{other}.csv", other)
    return list(_with_negatives(found, [f"{other} {latin}" for latin, _ in found]))


def single_words(place: Path, other: str) -> list[Row]:
    """Words in two scripts by themselves."""
    found = _read(place / "names" / f"{other}-tokens.csv", other)
    return list(_with_negatives(found, [f"{other}-tokens {latin}" for latin, _ in found]))


def two_words(place: Path, other: str) -> list[Row]:
    """Two words of the same split as a full name; negatives share one, some have one most like the other."""
    found = _read(place / "names" / f"{other}-tokens.csv", other)
    near = nearest([latin for latin, _ in found])
    drawn = random.Random(7)
    rows: list[Row] = []
    for out in (False, True):
        part = [i for i, (latin, _) in enumerate(found) if held_out(f"{other}-tokens {latin}") is out]
        partners = list(part)
        drawn.shuffle(partners)
        for i, k in zip(part, partners, strict=True):
            native = f"{found[i][1]} {found[k][1]}"
            seed = f"{other}-tokens {found[i][0]}"
            rows.append(Row(native, f"{found[i][0]} {found[k][0]}", True, "pair", seed))
            stranger = drawn.choice([m for m in part if m not in (i, k)])
            rows.append(Row(native, f"{found[i][0]} {found[stranger][0]}", False, "one word shared", seed))
            if near[k] >= 0 and i % 4 == 0:
                rows.append(Row(native, f"{found[i][0]} {found[near[k]][0]}", False, "one shared, one alike", seed))
    return rows


def _with_negatives(found: list[tuple[str, str]], seeds: list[str]) -> Iterator[Row]:
    for i, j in enumerate(nearest([latin for latin, _ in found])):
        latin, native = found[i]
        yield Row(native, latin, True, "pair", seeds[i])
        if j >= 0:
            yield Row(native, found[j][0], False, "nearest other name", seeds[i])


def un_list(place: Path) -> list[WatchlistEntry]:
    """The UN list's entries."""
    (file,) = sorted((place / "un").glob("*.xml"))
    return [found for found in read_un_list(file) if isinstance(found, WatchlistEntry)]


def spellings(entries: list[WatchlistEntry]) -> list[Row]:
    """Good aliases of persons that spell the listed name another way (as most of their words tell)."""
    from rapidfuzz import fuzz

    rows: list[Row] = []
    listed: list[tuple[str, str]] = []
    for entry in entries:
        subject = entry.subject
        if subject is None or subject.kind is SubjectKind.ORGANISATION:
            continue
        latin = [name for name in subject.names if name.full.isascii() and name.quality is NameQuality.GOOD]
        if not latin:
            continue
        listed.append((entry.entry_id, latin[0].full))
        for name in latin[1:]:
            alike = fuzz.token_sort_ratio(name.full.lower(), latin[0].full.lower())
            if name.type is not NameType.MISUSED and 70 <= alike < 100:
                rows.append(Row(name.full, latin[0].full, True, "alias", entry.entry_id))
    for i, j in enumerate(nearest([full for _, full in listed])):
        if j >= 0:
            rows.append(Row(listed[i][1], listed[j][1], False, "nearest on the list", listed[i][0]))
    return rows
