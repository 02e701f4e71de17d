"""The oracle of the benchmarks: nomenklatura's logic-v2, in a virtual environment of its own (`make setup-oracle`).

It is no dependency of the product: where `.venv-oracle` is absent, :func:`oracle` gives None, and the benchmarks say so
and leave the ratio out. Matched = a score of :data:`THRESHOLD`, the one that yente screens at unless told otherwise,
declared here before anything is measured.
"""

from __future__ import annotations

import functools
import itertools
import json
import random
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from schemas.codes import NameQuality, NameType, Sex, SubjectKind
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Name, Subject
from streams.matching import PersonIndex

ENGINE = "nomenklatura logic-v2"
ABSENT = "not measured: `make setup-oracle` makes .venv-oracle; it needs a C++ compiler and the headers of libicu"
THRESHOLD = 0.7
_PLACE = Path(__file__).resolve().parents[1]
_BATCH = 4000
_SEXES = {Sex.M: "male", Sex.F: "female"}


def _date(born: BirthDate) -> str:
    parts = itertools.takewhile(lambda part: part is not None, (born.year, born.month, born.day))
    return "-".join(f"{part:02}" for part in parts)


def _entity(subject: Subject) -> dict[str, Any]:
    """A subject as a FollowTheMoney entity."""
    names: dict[str, list[str]] = {"name": [], "alias": [], "weakAlias": []}
    for number, name in enumerate(subject.names):
        if name.type is not NameType.MISUSED:
            kind = "name" if number == 0 else "alias" if name.quality is NameQuality.GOOD else "weakAlias"
            names[kind].append(name.full)
    if subject.kind is SubjectKind.ORGANISATION:
        return {"schema": "Organization", "properties": names}
    facts = {
        "birthDate": [_date(born) for born in subject.births if born.year is not None],
        "gender": [_SEXES[subject.sex]] if subject.sex in _SEXES else [],
        "nationality": list(subject.nationalities),
        "birthPlace": [subject.birth_place.text] if subject.birth_place and subject.birth_place.text else [],
    }
    return {"schema": "Person", "properties": names | facts}


class Oracle:
    """A running logic-v2, fed with JSON lines."""

    def __init__(self, python: Path) -> None:
        worker = _PLACE / "benchmarks" / "oracle_worker.py"
        self._process = subprocess.Popen(
            [str(python), str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._ids: dict[int, tuple[str, Subject]] = {}
        self.version = str(self._read()["version"])
        self.seconds = 0.0
        """Spent on comparing, all calls together; building entities and carrying them over is not in it."""

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the oracle ended; run `make setup-oracle` anew")
        read: dict[str, Any] = json.loads(line)
        return read

    def scores(self, pairs: Iterable[tuple[Subject, Subject]]) -> list[float]:
        """Score of each pair (met, listed) between 0 and 1."""
        assert self._process.stdin is not None
        made: list[float] = []
        rest = iter(pairs)
        while batch := list(itertools.islice(rest, _BATCH)):
            fresh: dict[str, dict[str, Any]] = {}
            for subject in itertools.chain.from_iterable(batch):
                if id(subject) not in self._ids:
                    # The subject is kept with its number, so that no other can come to have the same `id`.
                    self._ids[id(subject)] = (f"s{len(self._ids)}", subject)
                    fresh[self._ids[id(subject)][0]] = _entity(subject)
            asked = [[self._ids[id(left)][0], self._ids[id(right)][0]] for left, right in batch]
            self._process.stdin.write(json.dumps({"entities": fresh, "pairs": asked}) + "\n")
            self._process.stdin.flush()
            answer = self._read()
            made += answer["scores"]
            self.seconds += answer["seconds"]
        return made

    def matched(self, pairs: Iterable[tuple[Subject, Subject]]) -> list[bool]:
        """Is it a match, by the pre-declared threshold?"""
        return [score >= THRESHOLD for score in self.scores(pairs)]


@functools.cache
def oracle() -> Oracle | None:
    """The one of this process; None where it is not installed. It ends with this process."""
    python = _PLACE / ".venv-oracle" / "bin" / "python"
    return Oracle(python) if python.is_file() else None


def named(full: str) -> Subject:
    """A person of whom only the name is known."""
    return Subject(subject_id="1", names=(Name(full=full),))


def speed(
    index: PersonIndex, records: dict[str, WatchlistEntry], met: Sequence[Subject], ours: float, runs: int
) -> dict[str, object]:
    """Pairs a second of logic-v2, its searches a second over as many candidates as `index` compares, and how many times
    as many `ours` are. Facts for a JSON line.

    Each query is compared with what the index finds for it, filled up with others of the list to as many as the index
    compared (strangers are the quicker pairs); listed names are analysed before the clock runs.
    """
    engine = oracle()
    if engine is None:
        return {"engine": ENGINE, "absent": ABSENT}
    listed = {key: record.subject for key, record in records.items() if record.subject is not None}
    drawn = random.Random(5)
    others = drawn.sample(list(listed), min(1000, len(listed)))
    speeds, pairs_made = [], 0
    for run in range(runs):
        pairs = []
        for one in met[run * 40 : run * 40 + 40]:
            found = index.search(one)
            _, compared = index.last_work()
            keys = [*found, *drawn.choices(others, k=compared)][:compared]
            pairs += [(one, listed[key]) for key in keys]
        engine.scores([(met[0], right) for right in {id(right): right for _, right in pairs}.values()])
        before = engine.seconds
        engine.scores(pairs)
        speeds.append(len(pairs) / (engine.seconds - before))
        pairs_made += len(pairs)
    a_second = statistics.median(speeds)
    searches = a_second * 40 * runs / pairs_made
    return {
        "engine": f"{ENGINE} {engine.version}",
        "pairs_per_s": round(a_second, 1),
        "candidates": round(pairs_made / 40 / runs, 1),
        "searches_per_s": round(searches, 1),
        "ratio": round(ours / searches, 1),
    }
