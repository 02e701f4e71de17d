"""Speed of name matching: ``python -m benchmarks.matching [--entries 10000 100000] [--seconds 5] [--seed 1]``.

Prints JSON lines. Traffic and entries are synthetic and seeded: names of eighteen countries out of Faker, one to three
names a person, misspelt, reordered or shortened for a hit. One thread. `search+explain` is the whole way: normalise,
find, score, and explain up to 20 hits by `decide`. The baseline is rapidfuzz's token_sort_ratio over every entry.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from collections.abc import Callable, Iterable

import numpy as np
from faker import Faker
from rapidfuzz import fuzz, process

from schemas.codes import Action, Instrument, NameType, Sex
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Name, Subject
from streams.matching import PersonIndex, decide

_COUNTRIES = (
    "en_US en_GB en_IN bn_BD hi_IN ar_SA fa_IR ru_RU uk_UA tr_TR fr_FR de_DE es_MX pt_BR ko_KR zh_CN id_ID ha_NG"
)
LOCALES = tuple(_COUNTRIES.split())
HITS = 0.27
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
    ends = time.perf_counter() + seconds
    gc.disable()
    for item in items:
        began = time.perf_counter()
        work(item)
        now = time.perf_counter()
        taken.append(now - began)
        if now > ends:
            break
    gc.enable()
    times = np.array(taken)
    return {
        "calls": len(taken),
        "per_s": round(len(taken) / times.sum(), 1),
        "p50_ms": round(float(np.percentile(times, 50)) * 1000, 4),
        "p99_ms": round(float(np.percentile(times, 99)) * 1000, 4),
    }


def say(**facts: object) -> None:
    """One JSON line."""
    print(json.dumps(facts), flush=True)


def measure(entries: int, seconds: float, seed: int) -> None:
    """Everything about one size of list."""
    people = People(seed)
    listed = {f"e{i}": people.listed() for i in range(entries)}
    index = PersonIndex()
    index.put("warm", people.listed())
    index.remove("warm")
    index.search(people.stranger())
    began = time.perf_counter()
    for key, subject in listed.items():
        index.put(key, subject)
    build = time.perf_counter() - began
    keys = list(listed)
    queries = [
        people.met(listed[people.random.choice(keys)]) if people.random.random() < HITS else people.stranger()
        for _ in range(20_000)
    ]
    records = {
        key: WatchlistEntry.model_construct(
            entry_id=key,
            entry_version=1,
            instrument=Instrument.NOTICE,
            action=Action.LOCATE,
            subject=subject,
            object=None,
        )
        for key, subject in listed.items()
    }
    decide(queries[0], records[keys[0]])
    index.search(queries[0])
    common = {"entries": entries, "traffic": f"27 % hits, seed {seed}"}

    def whole(met: Subject) -> None:
        for key in index.search(met)[:20]:
            decide(met, records[key])

    work = np.array([[len(index.search(met)), *index.last_work()] for met in queries[:2000]])
    stats = index.stats()
    say(
        engine="tocsin index",
        **common,
        build_s=round(build, 2),
        insert_us=round(build / entries * 1e6, 1),
        bytes_an_entry=round(stats.bytes / entries),
        words=stats.words,
        keys=stats.keys,
        postings=stats.postings,
        hot_keys=stats.hot_keys,
        longest_key=stats.longest_key,
    )
    say(
        engine="tocsin search+explain",
        **common,
        postings_read=round(float(work[:, 1].mean()), 1),
        compared=round(float(work[:, 2].mean()), 1),
        found=round(float(work[:, 0].mean()), 2),
        **timed(whole, queries[2000:], seconds),
    )
    say(engine="tocsin search", **common, **timed(index.search, queries[2000:], seconds))
    pairs = [(met, records[key]) for met in queries[:4000] for key in index.search(met)[:3]]
    feed = iter(pairs)
    say(engine="tocsin decide", **common, **timed(lambda _: decide(*next(feed)), queries[: len(pairs)], seconds))
    some = people.random.sample(keys, min(5000, entries))
    began = time.perf_counter()
    for key in some:
        index.remove(key)
    removed = time.perf_counter()
    for key in some:
        index.put(key, listed[key])
    say(
        engine="tocsin changes",
        **common,
        remove_us=round((removed - began) / len(some) * 1e6, 1),
        put_again_us=round((time.perf_counter() - removed) / len(some) * 1e6, 1),
    )
    names = [subject.names[0].full.lower() for subject in listed.values()]

    def baseline(met: Subject) -> None:
        process.extract(met.names[0].full.lower(), names, scorer=fuzz.token_sort_ratio, score_cutoff=80, limit=20)

    say(engine="rapidfuzz token_sort_ratio over all", **common, **timed(baseline, queries[2000:], seconds))


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for entries in asked.entries:
        measure(entries, asked.seconds, asked.seed)


if __name__ == "__main__":
    main()
