"""What tasks tell Prometheus. Labels are closed sets: stages, topics, partitions, participants, codes of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from prometheus_client import Counter, Gauge, Histogram

from schemas.participants import Participants
from streams.tasks.log import Place

RECORDS = Counter("tocsin_task_records", "Input records that were processed.", ["stage"])
BATCHES = Counter(
    "tocsin_task_batches", "Batches by outcome: committed, idle (nothing to write), aborted.", ["stage", "outcome"]
)
TRANSACTION_SECONDS = Histogram(
    "tocsin_task_transaction_seconds",
    "Time from begin to committed.",
    ["stage"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 90),
)
RESTORE_SECONDS = Histogram(
    "tocsin_task_restore_seconds",
    "Time from assignment to ready: fencing, changelog, indexes.",
    ["stage"],
    buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300),
)
RESTORED_RECORDS = Counter("tocsin_task_restored_records", "Changelog records read while taking over.", ["stage"])
DISCARDED_STORES = Counter(
    "tocsin_task_discarded_stores",
    "Local stores thrown away and rebuilt, by reason: age, format, corrupt, marked, range, replaced.",
    ["stage", "reason"],
)
LAG_EVENTS = Gauge(
    "tocsin_task_lag_events",
    "Offsets between what was processed and the end of the input. One that stays is a transaction's marker.",
    ["topic", "partition"],
)
LAG_SECONDS = Gauge(
    "tocsin_task_lag_seconds",
    "How old what is being processed is while records wait, else 0. At the gate: the oldest record in hand.",
    ["topic", "partition"],
)
CLOCK_AHEAD_SECONDS = Gauge(
    "tocsin_task_clock_ahead_seconds",
    "By how much the next record was appended ahead of this worker's clock while the partition waits for that, else 0.",
    ["topic", "partition"],
)
GATE_RECORDS = Counter(
    "tocsin_gate_records", "Records of country topics that the gate has taken in.", ["kind", "participant"]
)
REJECTS = Counter("tocsin_rejects", "Events refused, by the participant that sent them.", ["stage", "participant"])
REJECT_REASONS = Counter("tocsin_reject_reasons", "The same events refused, by reason.", ["stage", "reason"])
QUARANTINED = Counter("tocsin_task_quarantined", "Records that could not be processed and were set aside.", ["stage"])
WAITING = Gauge(
    "tocsin_gate_waiting_partitions",
    "Partitions of country topics that stand still: the registry is away and a record's schema is not known, or a clock"
    " is wrong (tocsin_task_clock_ahead_seconds).",
)
SLOWED = Gauge(
    "tocsin_gate_slowed_partitions",
    "Partitions of country topics that are read on at a pace, because too much in them is refused (tocsin_rejects).",
)
KEYS_END = Gauge(
    "tocsin_signing_keys_end_timestamp_seconds",
    "When the newest key ends that a participant signs with, or a service of it if that is sooner, Unix time; +Inf when"
    " none ends. As this gate read it when it was started.",
    ["participant"],
)
KEYS_KNOWN = Gauge(
    "tocsin_signing_keys",
    "Public keys that a participant and its services are declared with, as this gate read them when it was started.",
    ["participant"],
)
MUST_SIGN = Gauge(
    "tocsin_signing_required",
    "1 where a participant's messages are refused unsigned, 0 where this gate takes them without a signature.",
    ["participant"],
)
FAILED_TRIES = Counter("tocsin_task_failed_tries", "Times that processing a record raised.", ["stage"])
REPEATS = Counter("tocsin_task_repeats", "Records whose sequence number had been heard before.", ["stage"])
HOLES = Counter("tocsin_task_holes", "Gaps found in what must be whole; the process ends at once.", ["stage"])
STABLE_STILL_SECONDS = Gauge(
    "tocsin_task_stable_offset_still_seconds",
    "For how long a partition has had records that read_committed cannot see, without moving.",
    ["topic", "partition"],
)
WATCHLIST_PERSONS = Gauge("tocsin_watchlist_persons", "Persons and organisations on this worker's copy of the list.")
WATCHLIST_HOT_KEYS = Gauge(
    "tocsin_watchlist_hot_keys",
    "Name keys that more than 10,000 persons of the list share. Whoever has such a name is compared with them all.",
)
WATCHLIST_NEWEST = Gauge(
    "tocsin_watchlist_newest_timestamp_seconds", "When the newest change of the list was written, Unix time."
)


def begin(stage: str) -> None:
    """Have the counters of `stage` begin with 0: an alerting rule sees no step in a series that begins with 1."""
    for counter in (RECORDS, QUARANTINED, FAILED_TRIES, REPEATS, HOLES):
        counter.labels(stage)
    for outcome in ("committed", "idle", "aborted"):
        BATCHES.labels(stage, outcome)


def show_keys(participants: Participants) -> None:
    """Show who must sign, with how many keys, and when they end, as it is when the process starts."""
    for code, member in participants.members.items():
        end = member.keys_end
        KEYS_END.labels(code).set(inf if end is None else end.timestamp())
        KEYS_KNOWN.labels(code).set(member.keys_known)
        MUST_SIGN.labels(code).set(participants.must_sign(code))


class ByPartition:
    """Gauges that have one value a partition held: those of a partition that left are forgotten, not left standing."""

    def __init__(self, *gauges: Gauge) -> None:
        self._gauges = gauges
        self._shown: set[tuple[str, str]] = set()

    def show(self, values: Mapping[Place, tuple[float, ...]]) -> None:
        """Set each partition's values (one a gauge), forget all other partitions."""
        now = {(topic, str(partition)): each for (topic, partition), each in values.items()}
        for gone in self._shown - now.keys():
            for gauge in self._gauges:
                gauge.remove(*gone)
        for labels, each in now.items():
            for gauge, value in zip(self._gauges, each, strict=True):
                gauge.labels(*labels).set(value)
        self._shown = set(now)
