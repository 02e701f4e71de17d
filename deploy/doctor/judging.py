"""What is wrong, judged over plain values: the worst of each area, with what to do and where to read on.

Limits are those of the alerting rules (deploy/prometheus/rules.yml) wherever there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from deploy.doctor.seen import Seen

LAG_BAD, LAG_WARN = 120.0, 10.0
"""Seconds."""
WAITING = 1_000
"""Records of one topic that may wait without a word."""
LIST_APART, LIST_OLD = 60.0, 172_800.0
"""Seconds between two workers' copies; since the newest change."""
STILL = 30.0
"""Seconds for which a partition may be held back, as its worker says."""
ENDS_BAD, ENDS_WARN = 7, 21
"""Days that a certificate still holds, or that the key counts for which somebody signs with."""
FREE_BAD, FREE_WARN = 0.05, 0.15
"""Share of a disk that is free."""
DELIVERY_OLD = 900.0
"""Seconds for which a message may wait."""
PAGES_OF_ITS_OWN = ("CertificateEnds", "DiskFull")
"""Runbook pages of what no metric of ours tells, and so no alerting rule."""
ROLES = ("gate", "joins", "cases")
"""Without one of each there are no alerts."""
_DAY = 86_400.0
_LISTED = 5
_SHOWN_HOURS = 172_800


class Level(StrEnum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"
    """Somebody should look in working hours."""
    WRONG = "wrong"
    """Alerts are late or missing, or soon will be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the screen."""

    area: str
    level: Level
    what: str
    do: str = ""
    page: str = ""
    """The runbook page below docs/runbooks, without its ending."""


Check = Callable[[Seen], Iterator[Finding]]


def judge(seen: Seen) -> list[Finding]:
    """Everything that was looked at: what is wrong of each area, or one line that says that it is fine."""
    return [finding for check in _CHECKS for finding in check(seen)]


def _broker(seen: Seen) -> Iterator[Finding]:
    it = seen.broker
    if it.trouble:
        yield Finding("broker", Level.WRONG, it.trouble, "see whether it runs: tocsin status", "ProcessDown")
        return
    fine = True
    for level, names, what, do in (
        (Level.WRONG, () if it.has_controller else ("",), "no controller is elected", "see the brokers' logs"),
        (Level.WRONG, it.missing, "topics are missing: ", "make them: tocsin provision"),
        (Level.WRONG, it.offline, "partitions have no leader: ", "bring the broker back that holds them"),
        (Level.WARNING, it.thin, "replicas are not in step: ", "see which broker is away or slow"),
    ):
        if names:
            fine = False
            yield Finding("broker", level, what + _some(names), do, "PipelineStopped")
    if fine:
        yield Finding("broker", Level.FINE, f"answers; {it.brokers} in the cluster, every topic led and in step")


def _registry(seen: Seen) -> Iterator[Finding]:
    if trouble := seen.registry.trouble:
        yield Finding(
            "registry",
            Level.WRONG,
            trouble,
            "see whether it runs: tocsin status; schemas are registered by: tocsin provision",
            "GateWaitsForRegistry",
        )
    else:
        yield Finding("registry", Level.FINE, "answers, with every schema of ours")


def _processes(seen: Seen) -> Iterator[Finding]:
    down = [one for one in seen.processes if one.trouble]
    for one in down:
        do = f"read the end of its log: logs/{one.name}.log; it may be ended and started at any time"
        yield Finding("processes", Level.WRONG, f"{one.name}: {one.trouble}", do, "ProcessDown")
    missing = [role for role in ROLES if role not in {one.role for one in seen.processes}]
    if missing:
        what = f"nobody is known to do: {', '.join(missing)}"
        yield Finding("processes", Level.WRONG, what, "start them: tocsin up; or name them: --targets", "RoleMissing")
    if not down and not missing:
        yield Finding("processes", Level.FINE, f"all {len(seen.processes)} ready")
    aside = _by_label(seen, "tocsin_task_quarantined_total", "stage")
    if aside := {stage: count for stage, count in aside.items() if count}:
        what = "records were set aside: " + ", ".join(f"{count:.0f} by {stage}" for stage, count in aside.items())
        yield Finding("processes", Level.WARNING, what, "find their fingerprint in the log", "RecordsSetAside")


def _transactions(seen: Seen) -> Iterator[Finding]:
    if seen.broker.trouble:
        yield Finding("transactions", Level.WARNING, "not known while the broker is away")
        return
    still = {
        f"{labels['topic']}/{labels['partition']}": value
        for _, labels, value in _samples(seen, "tocsin_task_stable_offset_still_seconds")
        if value > STILL
    }
    looked = {f"{one.topic}/{one.partition}": one.seconds for one in seen.broker.held_back}
    held = looked | still
    if held:
        longest = max(held, key=lambda where: held[where])
        what = f"an open transaction holds back {_some(sorted(held))}, {longest} for {_span(held[longest])} at least"
        do = "the broker ends it after a minute; one that hangs: tocsin transactions --end"
        yield Finding("transactions", Level.WRONG, what, do, "TransactionHangs")
    else:
        yield Finding("transactions", Level.FINE, "none holds anybody back")


def _lag(seen: Seen) -> Iterator[Finding]:
    fine = not seen.broker.trouble
    ahead = max((value for *_, value in _samples(seen, "tocsin_task_clock_ahead_seconds")), default=0.0)
    if ahead:
        fine = False
        what = f"partitions wait: records were appended {_span(ahead)} ahead of their worker's clock"
        yield Finding("lag", Level.WRONG, what, "find which clock is wrong, set it right", "ClockAhead")
    elif waits := sum(value for *_, value in _samples(seen, "tocsin_gate_waiting_partitions")):
        fine = False
        what = f"{waits:.0f} partitions of the gate wait for the registry"
        yield Finding("lag", Level.WRONG, what, "bring the registry back", "GateWaitsForRegistry")
    if slowed := sum(value for *_, value in _samples(seen, "tocsin_gate_slowed_partitions")):
        fine = False
        what = f"{slowed:.0f} partitions of the gate are read on at a pace: too much in them is refused"
        yield Finding("lag", Level.WARNING, what, "see whose events are refused, and tell them", "RejectsHigh")
    ages: dict[str, float] = {}
    for _, labels, value in _samples(seen, "tocsin_task_lag_seconds"):
        ages[labels["topic"]] = max(ages.get(labels["topic"], 0.0), value)
    late = {topic: age for topic, age in ages.items() if age > LAG_WARN}
    if late:
        fine = False
        worst = max(late, key=lambda topic: late[topic])
        level = Level.WRONG if late[worst] > LAG_BAD else Level.WARNING
        what = f"{_some(sorted(late))} behind, {worst} by {_span(late[worst])}"
        yield Finding("lag", level, what, "see what that stage waits for", "LagSeconds")
    waiting = {topic: count for topic, count in seen.broker.waiting.items() if count > WAITING}
    if waiting:
        fine = False
        most = max(waiting, key=lambda topic: waiting[topic])
        what = f"records wait in {_some(sorted(waiting))}, {waiting[most]:,} of them in {most}"
        yield Finding("lag", Level.WARNING, what, "see whether it grows; add workers if it does", "LagGrowing")
    if fine:
        yield Finding("lag", Level.FINE, "nothing waits for long")
    elif seen.broker.trouble:
        yield Finding("lag", Level.WARNING, "how much waits is not known while the broker is away")


def _watchlist(seen: Seen) -> Iterator[Finding]:
    newest = {
        process: value for process, _, value in _samples(seen, "tocsin_watchlist_newest_timestamp_seconds") if value
    }
    persons = [value for *_, value in _samples(seen, "tocsin_watchlist_persons")]
    if not persons:
        yield Finding("watchlist", Level.WARNING, "not known: no worker that holds it answers")
        return
    if not newest:
        do = "publish a list: tocsin publish watchlist --help"
        yield Finding("watchlist", Level.WARNING, "nobody is on the list of persons", do, "WatchlistOld")
        return
    age, apart = seen.at - max(newest.values()), max(newest.values()) - min(newest.values())
    if apart > LIST_APART:
        oldest = min(newest, key=lambda process: newest[process])
        what = f"the copy of {oldest} is {_span(apart)} older than another's"
        yield Finding("watchlist", Level.WRONG, what, f"end {oldest}: it reads the list anew", "WatchlistBehind")
    if age > LIST_OLD:
        what = f"no person was listed, changed or withdrawn for {_span(age)}"
        yield Finding("watchlist", Level.WARNING, what, "see whose feed has stopped", "WatchlistOld")
    elif apart <= LIST_APART:
        yield Finding("watchlist", Level.FINE, f"{max(persons):,.0f} persons, last changed {_span(age)} ago")


def _deliveries(seen: Seen) -> Iterator[Finding]:
    if not any(one.role == "forwarder" and one.figures for one in seen.processes):
        return
    fine = True
    disabled = _by_label(seen, "tocsin_forwarder_disabled_endpoints", "participant")
    if off := sorted(code for code, count in disabled.items() if count):
        fine = False
        do = f"tell them; details: tocsin subscriptions {off[0]}"
        yield Finding("deliveries", Level.WARNING, f"endpoints of {_some(off)} are disabled", do, "EndpointDisabled")
    waits = _by_label(seen, "tocsin_forwarder_oldest_undelivered_seconds", "participant")
    if late := {code: age for code, age in waits.items() if age > DELIVERY_OLD}:
        fine = False
        worst = max(late, key=lambda code: late[code])
        what = f"alerts wait for {_some(sorted(late))}, for {worst} since {_span(late[worst])}"
        do = f"see why: tocsin deliveries {worst} --since 2h --failed"
        yield Finding("deliveries", Level.WARNING, what, do, "DeliveriesBehind")
    if fine:
        yield Finding("deliveries", Level.FINE, "nothing waits for long, no endpoint is disabled")


def _certificates(seen: Seen) -> Iterator[Finding]:
    for one in seen.certificates:
        if one.trouble:
            do = "see who issued it, for which names, and what TOCSIN_CA_FILE trusts"
            yield Finding("certificates", Level.WRONG, f"{one.where}: {one.trouble}", do, "CertificateEnds")
            continue
        days = (one.ends - seen.at) / _DAY
        level = Level.WRONG if days < ENDS_BAD else Level.WARNING if days < ENDS_WARN else Level.FINE
        what = f"{one.where}: holds for {days:.0f} days"
        if level is Level.FINE:
            yield Finding("certificates", level, what)
        else:
            yield Finding("certificates", level, what, "renew it; clients then need no change", "CertificateEnds")
    if not seen.certificates:
        yield Finding("certificates", Level.FINE, "no listener with TLS here")


def _signing_keys(seen: Seen) -> Iterator[Finding]:
    ends: dict[str, float] = {}
    for _, labels, value in _samples(seen, "tocsin_signing_keys_end_timestamp_seconds"):
        code = labels["participant"]  # of several gates the one that was started before a newer key came refuses
        ends[code] = min(ends.get(code, value), value)
    if not ends:
        yield Finding("signing keys", Level.WARNING, "not known: no gate answers")
        return
    unsigned = {labels["participant"] for _, labels, value in _samples(seen, "tocsin_signing_required") if not value}
    keyless = {labels["participant"] for _, labels, value in _samples(seen, "tocsin_signing_keys") if not value}
    for codes, what in (
        (unsigned, "is taken without a signature"),
        (keyless - unsigned, "is refused, as it must be signed"),
    ):
        if codes:
            what = f"no key is declared for {_some(sorted(codes))}: what they publish {what}"
            do = "have their keys declared, where the gate finds them: tocsin key list"
            yield Finding("signing keys", Level.WARNING, what, do, "SigningKeyMissing")
    soon = {code: days for code, end in ends.items() if (days := (end - seen.at) / _DAY) < ENDS_WARN}
    if not soon:
        if not unsigned | keyless:
            yield Finding("signing keys", Level.FINE, f"none ends within {ENDS_WARN} days")
        return
    first = min(soon, key=lambda code: soon[code])
    left = "has ended" if soon[first] <= 0 else f"ends in {_span(soon[first] * _DAY)}"
    what = f"{_some(sorted(soon))} need another key to sign with; that of {first} {left}"
    level = Level.WRONG if soon[first] < ENDS_BAD else Level.WARNING
    yield Finding("signing keys", level, what, "have it make the next one: tocsin key --help", "SigningKeyEnds")


def _disks(seen: Seen) -> Iterator[Finding]:
    for one in seen.disks:
        share = one.free / one.total if one.total else 0.0
        what = f"{one.free / 1e9:,.1f} GB ({share:.0%}) free for {one.folder}"
        level = Level.WRONG if share < FREE_BAD else Level.WARNING if share < FREE_WARN else Level.FINE
        do = "" if level is Level.FINE else "make room: the broker stops when it cannot write"
        yield Finding("disk", level, what, do, "" if level is Level.FINE else "DiskFull")


_CHECKS: tuple[Check, ...] = (
    _broker,
    _registry,
    _processes,
    _transactions,
    _lag,
    _watchlist,
    _deliveries,
    _certificates,
    _signing_keys,
    _disks,
)


def _samples(seen: Seen, name: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Process, labels and value of every sample with this name."""
    for process in seen.processes:
        for sample, labels, value in process.figures:
            if sample == name and (process.role == "joins" or not name.startswith("tocsin_watchlist")):
                yield process.name, dict(labels), value


def _by_label(seen: Seen, name: str, label: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for _, labels, value in _samples(seen, name):
        sums[labels[label]] = sums.get(labels[label], 0.0) + value
    return sums


def _some(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < _SHOWN_HOURS else f"{seconds / _DAY:.0f} days"
