"""Speed of name matching: ``python -m benchmarks.matching [--entries 10000 100000 1000000] [--seconds 5] [--seed 1]``.

Prints JSON lines and, with `--out`, keeps them in a file, so that a run that was broken off goes on with the next size.
Traffic and entries are synthetic and seeded: names of eighteen countries out of Faker, one to three names a person,
misspelt, reordered or shortened for a hit; 27 % of the queries are of persons listed, then 1 %. One thread. `tocsin` is
the whole way: normalise, find, score, and explain up to 20 hits by `decide`; figures are medians of `--runs`. The
baselines are logic-v2 over as many candidates, where `make setup-oracle` has been run, and rapidfuzz's
token_sort_ratio over every entry.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import psutil
from faker import Faker
from rapidfuzz import fuzz, process

from benchmarks import oracle
from schemas.codes import Action, Instrument, NameType, Sex
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Name, Subject
from streams.matching import PersonIndex, decide
from streams.matching.warming import warm

_COUNTRIES = (
    "en_US en_GB en_IN bn_BD hi_IN ar_SA fa_IR ru_RU uk_UA tr_TR fr_FR de_DE es_MX pt_BR ko_KR zh_CN id_ID ha_NG"
)
LOCALES = tuple(_COUNTRIES.split())
HITS = 0.27
BASELINE = "rapidfuzz token_sort_ratio over all"
"""The last line about a size."""
_SYLLABLES = "ba be bi da di fa ga gu ha ja ka ki la li ma mi na ni pa ra ri sa si ta ti va wa ya za zo"


class People:
    """Makes persons out of pools of given and family names."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.pools: list[tuple[list[str], list[str]]] = []
        for locale in LOCALES:
            fake = Faker(locale)
            fake.seed_instance(seed)
            given = sorted({fake.first_name() for _ in range(1200)})
            family = sorted({fake.last_name() for _ in range(1200)})
            self.pools.append((given, family))
        self.syllables = _SYLLABLES.split()

    def name(self) -> str:
        given, family = self.random.choice(self.pools)
        parts = [self.random.choice(given) for _ in range(self.random.choice((1, 1, 2)))]
        if self.random.random() < 0.5:
            # Pools are small against a real population: half of the family names are made up.
            parts.append("".join(self.random.choices(self.syllables, k=self.random.choice((2, 3, 3, 4)))).title())
        else:
            parts.append(self.random.choice(family))
        return " ".join(parts)

    def born(self) -> tuple[BirthDate, ...]:
        year, kind = self.random.randint(1940, 2006), self.random.random()
        if kind < 0.1:
            return ()
        if kind < 0.3:
            return (BirthDate(year=year),)
        return (BirthDate(year=year, month=self.random.randint(1, 12), day=self.random.randint(1, 28)),)

    def listed(self) -> Subject:
        full = self.name()
        names = [Name(full=full)]
        if self.random.random() < 0.3:
            names.append(Name(full=self.altered(full), type=NameType.ALIAS))
        return Subject(subject_id="1", names=tuple(names), births=self.born(), sex=self.random.choice((Sex.F, Sex.M)))

    def altered(self, full: str) -> str:
        parts = full.split()
        kind = self.random.random()
        if kind < 0.4:
            self.random.shuffle(parts)
        elif kind < 0.8:
            at = self.random.randrange(len(parts))
            word = parts[at]
            spot = self.random.randrange(len(word))
            parts[at] = word[:spot] + word[spot + 1 :] if len(word) > 3 else word
        elif len(parts) > 2:
            parts.pop(self.random.randrange(1, len(parts) - 1))
        return " ".join(parts)

    def met(self, listed: Subject) -> Subject:
        return Subject(
            subject_id="q", names=(Name(full=self.altered(listed.names[0].full)),), births=listed.births, sex=listed.sex
        )

    def stranger(self) -> Subject:
        return Subject(subject_id="q", names=(Name(full=self.name()),), births=self.born() or self.born())


def timed(work: Callable[[Subject], object], items: Iterable[Subject], seconds: float) -> dict[str, float | int]:
    """Calls `work` until the items or the seconds are used up."""
    taken: list[float] = []
    spent: list[float] = []
    ends = time.perf_counter() + seconds
    gc.disable()
    for item in items:
        began, processor = time.perf_counter(), time.thread_time()
        work(item)
        spent.append(time.thread_time() - processor)
        now = time.perf_counter()
        taken.append(now - began)
        if now > ends:
            break
    gc.enable()
    times, processor_times = np.array(taken), np.array(spent)
    return {
        "calls": len(taken),
        "searches_per_s": round(len(taken) / times.sum(), 1),
        # What others on the machine take does not count here.
        "searches_per_processor_s": round(len(taken) / processor_times.sum(), 1),
        "p99_processor_ms": round(float(np.percentile(processor_times, 99)) * 1000, 4),
        "p50_ms": round(float(np.percentile(times, 50)) * 1000, 4),
        "p99_ms": round(float(np.percentile(times, 99)) * 1000, 4),
    }


class Report:
    """Prints JSON lines, and keeps them in a file if one is given."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.lines: list[str] = []
        self.whole: set[object] = set()
        if path is not None and path.exists():
            kept = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            self.whole = {line["entries"] for line in kept if line["engine"] == BASELINE}
            for line in kept:
                if line.get("entries") in self.whole:
                    self(**line)

    def __call__(self, **facts: object) -> None:
        self.lines.append(json.dumps(facts))
        print(self.lines[-1], flush=True)
        if self.path is not None:
            self.path.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")


def progress(text: str) -> None:
    """Says on standard error what takes long."""
    print(text, file=sys.stderr, flush=True)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return psutil.Process().memory_info().rss


def median(runs: list[dict[str, float | int]]) -> dict[str, float | int]:
    """Of each figure its median over the runs."""
    return {name: round(statistics.median(run[name] for run in runs), 4) for name in runs[0]}


def record(key: str, subject: Subject) -> WatchlistEntry:
    """The entry of a listed person."""
    return WatchlistEntry.model_construct(
        entry_id=key,
        entry_version=1,
        instrument=Instrument.NOTICE,
        action=Action.LOCATE,
        subject=subject,
        object=None,
    )


def queries_of(people: People, listed: dict[str, Subject], hits: float, count: int) -> list[Subject]:
    """Persons met, of whom this part is listed."""
    keys = list(listed)
    return [
        people.met(listed[people.random.choice(keys)]) if people.random.random() < hits else people.stranger()
        for _ in range(count)
    ]


def measure_traffic(
    say: Report,
    index: PersonIndex,
    records: dict[str, WatchlistEntry],
    met: list[Subject],
    asked: argparse.Namespace,
    name: str,
) -> None:
    """Searches with their explanations, searches alone, decisions alone."""
    found = compared = read = 0
    for one in met[:2000]:
        for key, said in list(index.weigh(one).items())[:20]:
            found += 1
            decide(one, records[key], said)
        work = index.last_work()
        read, compared = read + work[0], compared + work[1]
    common = {"entries": len(records), "traffic": name}

    def whole(one: Subject) -> None:
        for key, said in list(index.weigh(one).items())[:20]:
            decide(one, records[key], said)

    # No query comes twice: what a search keeps of its words must not flatter the next measurement. And they take turns,
    # lest the later one be measured when more is kept, or when the machine is quieter.
    size, seconds = (len(met) - 2000) // (2 * asked.runs), asked.seconds / asked.runs
    parts = [met[2000 + size * run : 2000 + size * (run + 1)] for run in range(2 * asked.runs)]
    runs = [
        (timed(whole, part, seconds), timed(index.search, other, seconds))
        for part, other in zip(parts[::2], parts[1::2], strict=True)
    ]
    explained, alone = median([run for run, _ in runs]), median([run for _, run in runs])
    say(
        engine="tocsin",
        **common,
        candidates=round(read / 2000, 1),
        scored=round(compared / 2000, 1),
        hits=round(found / 2000, 2),
        **explained,
    )
    say(**common, **oracle.speed(index, records, met, explained["searches_per_s"], asked.runs))
    say(engine="tocsin, search without explanation", **common, **alone)


def measure(say: Report, entries: int, asked: argparse.Namespace) -> None:
    """Everything about one size of list."""
    people = People(asked.seed)
    progress(f"making {entries:,} entries ...")
    listed = {f"e{i}": people.listed() for i in range(entries)}
    index = PersonIndex()
    gc.collect()
    gc.freeze()  # what is made here to be put in is nothing that an index would have collected with its own
    before, began, processor = resident(), time.perf_counter(), time.thread_time()
    for number, (key, subject) in enumerate(listed.items(), start=1):
        index.put(key, subject)
        if number % 100_000 == 0:
            progress(f"{number:,} indexed after {time.perf_counter() - began:.0f} s")
    build, processor = time.perf_counter() - began, time.thread_time() - processor
    stats = index.stats()
    say(
        engine="tocsin, index",
        entries=entries,
        build_s=round(build, 2),
        insert_us=round(processor / entries * 1e6, 1),
        bytes_an_entry=round((resident() - before) / entries),
        array_bytes_an_entry=round(stats.bytes / entries),
        words=stats.words,
        keys=stats.keys,
        postings=stats.postings,
        hot_keys=stats.hot_keys,
        longest_key=stats.longest_key,
    )
    records = {key: record(key, subject) for key, subject in listed.items()}
    for hits in (HITS, 0.01):
        met = queries_of(people, listed, hits, 22_000)
        measure_traffic(say, index, records, met, asked, f"{hits:.0%} hits, seed {asked.seed}")
    some = people.random.sample(list(listed), min(5000, entries))
    began = time.thread_time()
    for key in some:
        index.remove(key)
    removed = time.thread_time()
    for key in some:
        index.put(key, listed[key])
    say(
        engine="tocsin, changes",
        entries=entries,
        remove_us=round((removed - began) / len(some) * 1e6, 1),
        put_again_us=round((time.thread_time() - removed) / len(some) * 1e6, 1),
    )
    names = [subject.names[0].full.lower() for subject in listed.values()]

    def baseline(one: Subject) -> None:
        process.extract(one.names[0].full.lower(), names, scorer=fuzz.token_sort_ratio, score_cutoff=80, limit=20)

    base = timed(baseline, met, min(asked.seconds, 3.0))
    say(engine=BASELINE, entries=entries, traffic=f"1% hits, seed {asked.seed}", **base)


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=10.0, help="for all runs of one figure")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, help="file that keeps the lines; sizes that are whole in it are not measured again"
    )
    asked = parser.parse_args()
    say = Report(asked.out)
    began = time.perf_counter()
    warm()
    say(engine="tocsin, start", warm_start_s=round(time.perf_counter() - began, 2))
    for entries in asked.entries:
        if entries not in say.whole:
            measure(say, entries, asked)


if __name__ == "__main__":
    main()
