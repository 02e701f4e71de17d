"""What must be so inside, whatever went wrong: no number missing or repeated, every store equal to its changelog."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from consumers.auditor.verifying import Chains, chains_of
from deploy.stack.running import Stack
from schemas import topics
from schemas.participants import Participants
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Place, Record
from streams.tasks.position import stored_counters
from streams.tasks.sequences import origin
from streams.tasks.store import MemoryStore, RocksStore
from tests.chaos.hearing import Reading
from tocsin.runtime.settings import connect

_OF_THE_STORE = b"\0\0"


def numbers(stack: Stack, participants: Participants) -> tuple[list[str], list[str]]:
    """Holes and repeats in what the tasks say to each partition, each message numbered by its sender."""
    said = _said(stack)  # first: what is said while we read comes on top
    names = [*topics.STAGES, topics.PERSONS, topics.AUDIT]
    names += [topic(code) for code in participants.codes for topic in (topics.alerts, topics.rejects)]
    with closing(Reading(connect("admin", stack.settings), names)) as reading:
        return gaps(reading.all(), said)


def gaps(records: Iterable[Record], said: Mapping[tuple[Place, str], int]) -> tuple[list[str], list[str]]:
    """Holes and repeats in the numbers of `records`; `said` are the last numbers that each sender remembers."""
    last: dict[tuple[Place, str], int] = defaultdict(int)
    holes, repeats = [], []
    for record in records:
        source, number = origin(record.headers)
        if source is None:
            continue
        before = last[record.place, source]
        if number > before + 1 and record.place.topic != topics.PERSONS:  # which is compacted
            holes.append(f"{record.place}/{record.offset}: {source} says {number} after {before}")
        elif number <= before:
            repeats.append(f"{record.place}/{record.offset}: {source} says {number} after {before}")
        last[record.place, source] = max(before, number)
    for (place, source), number in said.items():
        if number > last[place, source] and place.topic != topics.PERSONS:
            holes.append(f"{place}: {source} has said {number}, the last that is there is {last[place, source]}")
    return holes, repeats


def _said(stack: Stack) -> dict[tuple[Place, str], int]:
    """The last number of each sender to each partition, as its own state has it."""
    found: dict[tuple[Place, str], int] = {}
    for place, state in _changelogs(stack).items():
        stage = next(stage for stage in topics.STAGES if topics.changelog(stage) == place.topic)
        for destination, number in _counters(state).items():
            found[_place(destination), f"{stage}-{place.partition}"] = number
    return found


def _place(text: str) -> Place:
    """What `str` made of a place."""
    topic, _, partition = text.rpartition("-")
    return Place(topic, int(partition))


def _counters(state: Mapping[bytes, bytes]) -> dict[str, int]:
    store = MemoryStore()
    store.write(state, 0)
    return stored_counters(store)[0]


def quarantined(stack: Stack) -> int:
    """Records that were set aside."""
    with closing(Reading(connect("admin", stack.settings), [topics.QUARANTINE])) as reading:
        return sum(1 for _ in reading.all())


def audit_chain(stack: Stack, participants: Participants) -> list[str]:
    """The first record of each chain of the audit that does not follow from those before it."""
    chains = Chains(known=chains_of(participants.partitions))
    with closing(Reading(connect("admin", stack.settings), [topics.AUDIT])) as reading:
        for record in reading.all():
            chains.take(record.offset, record.key, record.value, record.headers)
    return [f"audit: {broken}" for broken in chains.broken.values()] + ([] if chains.heads else ["audit: no record"])


def held_back(stack: Stack, participants: Participants) -> list[str]:
    """Partitions of which something is not visible for readers of committed records."""
    log = KafkaLog(connect("admin", stack.settings).as_librdkafka() | {"log_level": 0}, "chaos")
    places = [Place(it.name, number) for it in topics.all_topics(participants) for number in range(it.partitions)]
    return [f"{place}: {at.stable} of {at.end}" for place, at in log.bounds(places).items() if at.stable != at.end]


def stop_workers(stack: Stack, names: list[str]) -> None:
    """SIGTERM to all at once; returns when they have ended."""
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(stack.stop, names))


def _changelogs(stack: Stack) -> dict[Place, dict[bytes, bytes]]:
    """The newest value of each key of each changelog partition."""
    changelogs = [topics.changelog(stage) for stage in topics.STAGES]
    found: dict[Place, dict[bytes, bytes]] = defaultdict(dict)
    with closing(Reading(connect("admin", stack.settings), changelogs)) as reading:
        for record in reading.all():
            assert record.key is not None
            found[record.place].pop(record.key, None)
            if record.value is not None:
                found[record.place][record.key] = record.value
    return found


def stores(stack: Stack) -> Iterator[str]:
    """Differences between the most advanced local store of each partition and its changelog; workers are stopped."""
    wanted = _changelogs(stack)
    best: dict[Place, tuple[int, dict[bytes, bytes]]] = {}
    for folder in sorted((stack.state / "stores").glob("*/*/*")):
        task = _place(folder.name)
        place = Place(topics.changelog(task.topic), task.partition)
        why: list[str] = []
        with closing(RocksStore(folder, max_age=1e9, clock=time.time, discarded=why.append)) as store:
            if why or store.changelog_offset <= best.get(place, (-1,))[0]:
                continue
            kept = {key: value for key, value in store.scan(b"") if not key.startswith(_OF_THE_STORE)}
            best[place] = (store.changelog_offset, kept)
    for place, content in wanted.items():
        _, kept = best.get(place, (0, {}))
        different = [key for key in content.keys() | kept.keys() if content.get(key) != kept.get(key)]
        if different:
            yield f"{place}: {len(different)} of {len(content)} keys differ, {sorted(different)[0]!r} among them"
