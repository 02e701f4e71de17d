"""Quality of name matching: ``python -m benchmarks.quality [--errors] [--only hebrew latin]``.

Prints JSON lines: for each set of pairs precision, recall, F1 at the one threshold there is (matched = POSSIBLE or
better), apart for the rows that may be fitted on (`fit`) and those that nothing was fitted on (`held out`, a quarter
of the rows by a hash); then the screening of the UN list. `--errors` prints every error below its set. Shared data lie
in `../shared/data`; sets that need them are left out, with a line that says so, where they are not. Beside each line
that of nomenklatura's logic-v2 at 0.7, the threshold that yente screens at (`make setup-oracle`; `--alone` without it).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from anyascii import anyascii
from rapidfuzz import fuzz, process

from benchmarks.oracle import ABSENT, ENGINE, THRESHOLD, Oracle, named, oracle
from benchmarks.pairs import bengali, latin, shared
from benchmarks.pairs.rows import Row
from benchmarks.pairs.travellers import travellers
from schemas.codes import Band, Sex
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Name, Place, Subject
from streams.matching import PersonIndex, compare_pair, decide

_SEXES = {"male": Sex.M, "female": Sex.F}


def say(**facts: object) -> None:
    """One JSON line."""
    print(json.dumps(facts, ensure_ascii=False), flush=True)


def _part(of: int, whole: int) -> float | None:
    return round(of / whole, 4) if whole else None


def measure(name: str, rows: list[Row], errors: bool, other: Oracle | None) -> None:
    """Recall, precision and F1 of one set of pairs."""
    pairs = [(named(row.left), named(row.right)) for row in rows]
    compared = [compare_pair(*pair) for pair in pairs]
    kinds = _counted(name, "tocsin", rows, [made.band is not None for made in compared])
    if other is not None:
        _counted(name, f"{ENGINE} {other.version}, {THRESHOLD}", rows, other.matched(pairs))
    if len(kinds) > 2:
        say(set=name, by_kind={kind: dict(sorted(count.items())) for kind, count in sorted(kinds.items())})
    for row, made in zip(rows, compared, strict=True):
        if errors and (made.band is not None) is not row.same:
            what = "missed" if row.same else "false alarm"
            say(
                set=name, error=what, kind=row.kind, left=row.left, right=row.right, score=made.score,
                held_out=row.held_out,
            )  # fmt: skip


def _counted(name: str, engine: str, rows: list[Row], found: list[bool]) -> dict[str, Counter[str]]:
    """Prints the figures of both splits; how each kind of pair fared."""
    counts: dict[str, Counter[str]] = {"fit": Counter(), "held out": Counter()}
    kinds: dict[str, Counter[str]] = {}
    for row, it in zip(rows, found, strict=True):
        what = ("found" if it else "missed") if row.same else ("false" if it else "refused")
        counts["held out" if row.held_out else "fit"][what] += 1
        kinds.setdefault(row.kind, Counter())[what] += 1
    for split, count in counts.items():
        hit, missed, false, refused = (count[key] for key in ("found", "missed", "false", "refused"))
        say(
            engine=engine, set=name, split=split, pairs=hit + missed, recall=_part(hit, hit + missed),
            negatives=false + refused, false_alarms=_part(false, false + refused),
            precision=_part(hit, hit + false), f1=_part(2 * hit, 2 * hit + missed + false),
        )  # fmt: skip
    return kinds


def _birth(text: str) -> tuple[BirthDate, ...]:
    parts = [int(part) if part.isdecimal() else None for part in text.split("-")] if text else []
    parts += [None] * (3 - len(parts))
    return (BirthDate(year=parts[0], month=parts[1], day=parts[2]),) if parts[0] else ()


def _queries(file: Path) -> list[tuple[str, Subject]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            (
                row.get("un_dataid") or "",
                Subject(
                    subject_id="1",
                    names=(Name(full=row["full_name"]),),
                    births=_birth(row["date_of_birth"]),
                    sex=_SEXES.get(row["gender"], Sex.U),
                    nationalities=(row["nationality"],) if row["nationality"] else (),
                    birth_place=Place(text=row["place_of_birth"]) if row["place_of_birth"] else None,
                ),
            )
            for row in csv.DictReader(lines)
        ]


class Screening:
    """The UN list in an index, and what screening against it gives."""

    def __init__(self, entries: list[WatchlistEntry], other: Oracle | None) -> None:
        self.entries = {entry.entry_id: entry for entry in entries}
        self.listed = {entry.entry_id: entry.subject for entry in entries if entry.subject is not None}
        self.index = PersonIndex()
        self.other = other
        self._rows, self._names = [], []  # type: tuple[list[str], list[str]]
        for key, subject in self.listed.items():
            for name in subject.names:
                self._rows.append(key)
                self._names.append(anyascii(name.full).lower())
        for key, subject in self.listed.items():
            self.index.put(key, subject)

    def hits(self, met: Subject) -> dict[str, Band]:
        """Band by entry."""
        found = ((key, decide(met, self.entries[key])) for key in self.index.search(met))
        return {key: match.band for key, match in found if match is not None}

    def _oracle(self, name: str, people: list[tuple[str, Subject]]) -> None:
        """What logic-v2 says of the entry wanted, of what we found and of the thirty names most alike to each query."""
        if self.other is None:
            return
        pairs: list[tuple[int, str]] = []
        for number, (wanted, met) in enumerate(people):
            asked = anyascii(met.names[0].full).lower()
            alike = process.extract(asked, self._names, scorer=fuzz.token_sort_ratio, limit=30)
            keys = (
                {self._rows[at] for _, _, at in alike} | set(self.index.search(met)) | ({wanted} if wanted else set())
            )
            pairs += [(number, key) for key in sorted(keys)]
        scored = self.other.matched((people[number][1], self.listed[key]) for number, key in pairs)
        hits = [pair for pair, it in zip(pairs, scored, strict=True) if it]
        right = sum(people[number][0] == key for number, key in hits)
        engine = f"{ENGINE} {self.other.version}, {THRESHOLD}"
        if people[0][0]:
            say(engine=engine, set=name, queries=len(people), recall=_part(right, len(people)),
                other_entries=len(hits) - right)  # fmt: skip
        else:
            stopped = len({number for number, _ in hits})
            say(engine=engine, set=name, travellers=len(people), matched=stopped,
                matched_part=_part(stopped, len(people)))  # fmt: skip

    def positives(self, name: str, queries: list[tuple[str, Subject]], errors: bool) -> None:
        """Queries that should find one entry."""
        bands: Counter[str] = Counter()
        others = 0
        for wanted, met in queries:
            hits = self.hits(met)
            band = hits.get(wanted)
            bands[band.value if band else "missed"] += 1
            others += len(hits) - (band is not None)
            if errors and band is None:
                score = compare_pair(met, self.entries[wanted].subject or met).score
                listed = [one.full for one in (self.entries[wanted].subject or met).names]
                say(set=name, error="missed", left=met.names[0].full, right=listed[:6], score=score)
        say(
            engine="tocsin", set=name, queries=len(queries), recall=_part(len(queries) - bands["missed"], len(queries)),
            bands=dict(bands), other_entries=others,
        )  # fmt: skip
        self._oracle(name, queries)

    def strangers(self, name: str, people: list[Subject], errors: bool) -> None:
        """People who should find nothing."""
        bands: Counter[str] = Counter()
        count = len(people)
        for met in people:
            hits = self.hits(met)
            best = Band.STRONG if Band.STRONG in hits.values() else Band.POSSIBLE if hits else None
            bands[best.value if best else "none"] += 1
            if errors:
                for key in hits:
                    match = decide(met, self.entries[key])
                    if match is not None:
                        why = [f"{one.feature}: {one.left} / {one.right} {one.weight}" for one in match.evidence]
                        say(set=name, error=match.band.value, score=match.score, evidence=why)
        say(
            engine="tocsin", set=name, travellers=count, possible=bands["POSSIBLE"], strong=bands["STRONG"],
            possible_part=_part(bands["POSSIBLE"], count), strong_part=_part(bands["STRONG"], count),
        )  # fmt: skip
        self._oracle(name, [("", met) for met in people])


def _without_originals(entries: list[WatchlistEntry]) -> tuple[list[WatchlistEntry], list[tuple[str, Subject]]]:
    """The persons' entries without the names in original scripts, and those names as queries without a date."""
    bare, queries = [], []
    for entry in entries:
        subject = entry.subject
        if subject is None:
            continue
        kept = tuple(name for name in subject.names if name.script in (None, "Latn"))
        others = [name for name in subject.names if name.script not in (None, "Latn")]
        bare.append(entry.model_copy(update={"subject": subject.model_copy(update={"names": kept})}))
        if others and kept and subject.kind != "ORGANISATION":
            queries.append((entry.entry_id, Subject(subject_id="1", names=(others[0],))))
    return bare, queries


def _sets(place: Path | None, entries: list[WatchlistEntry]) -> dict[str, Callable[[], list[Row]]]:
    listed = [
        entry.subject.names[0].full
        for entry in entries
        if entry.subject is not None and entry.subject.kind != "ORGANISATION" and entry.subject.names
    ]
    sets: dict[str, Callable[[], list[Row]]] = {
        "latin": lambda: latin.pairs(listed),
        "bengali": bengali.pairs,
    }
    if place is not None:
        here = place
        sets |= {name: lambda name=name: shared.full_names(here, name) for name in shared.FULL}  # type: ignore[misc]
        sets |= {f"{name}, two words": lambda name=name: shared.two_words(here, name) for name in shared.SINGLE}  # type: ignore[misc]
        sets |= {f"{name}, one word": lambda name=name: shared.single_words(here, name) for name in shared.SINGLE}  # type: ignore[misc]
        sets["un spellings"] = lambda: shared.spellings(entries)
    return sets


def main() -> None:
    """Measure everything, or the sets named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="print every error below its set")
    parser.add_argument("--only", nargs="+", help="sets whose name begins so")
    parser.add_argument("--alone", action="store_true", help="without logic-v2")
    asked = parser.parse_args()
    other = None if asked.alone else oracle()
    if other is None:
        say(engine=ENGINE, absent="not asked for" if asked.alone else ABSENT)
    place = shared.folder()
    if place is None:
        say(set="../shared/data", absent="not beside this checkout: only generated sets are measured")
    entries = shared.un_list(place) if place is not None else []

    def wanted(name: str) -> bool:
        return not asked.only or any(name.startswith(start) for start in asked.only)

    for name, rows in _sets(place, entries).items():
        if wanted(name):
            measure(name, rows(), asked.errors, other)
    if place is None or not wanted("un screening"):
        return
    screening = Screening(entries, other)
    screening.positives("un screening, positives", _queries(place / "screening" / "positives.csv"), asked.errors)
    bare, originals = _without_originals(entries)
    Screening(bare, other).positives("un screening, original scripts", originals, asked.errors)
    negatives = [met for _, met in _queries(place / "screening" / "negatives.csv")]
    screening.strangers("un screening, negatives", negatives, asked.errors)
    screening.strangers("un screening, other travellers", travellers(10_000, 3), asked.errors)


if __name__ == "__main__":
    sys.exit(main())
