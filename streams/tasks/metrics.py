"""What tasks tell Prometheus. `stage` is a stage's name and `partition` a number: both are closed sets."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

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
    "tocsin_task_lag_events", "Offsets between the task and the end of its input.", ["topic", "partition"]
)
LAG_SECONDS = Gauge(
    "tocsin_task_lag_seconds",
    "Age of the newest record that was processed while others wait, else 0.",
    ["topic", "partition"],
)
QUARANTINED = Counter("tocsin_task_quarantined", "Records that could not be processed and were set aside.", ["stage"])
WAITING = Gauge(
    "tocsin_gate_waiting_partitions",
    "Partitions of country topics that stand still because the registry is away and a record's schema is not known.",
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
WATCHLIST_NEWEST = Gauge(
    "tocsin_watchlist_newest_timestamp_seconds", "When the newest change of the list was written, Unix time."
)
