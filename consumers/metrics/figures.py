"""Every metric of the metrics consumer, declared once. Labels come from closed lists: codes and participants."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.codes import Mode

KIND = ("mode", "owner", "country", "instrument", "threat", "band")
"""Labels of an alert: mode of the pair, owner of the entry, country of the incident, and codes of the entry."""

_SECONDS = (1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400)
"""Buckets up to a day; what is older was reported late."""
_HOP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30)


class Figures:
    """The metrics, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.alerts = Counter(
            "tocsin_alerts",
            "Alerts raised across borders, each counted once however often it is revised. ACTUAL, EXERCISE and TEST"
            " are told apart by mode; canaries are left out.",
            KIND,
            registry=registry,
        )
        self.taken_back = Counter(
            "tocsin_alerts_taken_back",
            "Times that an alert which stood was RETRACTED (the match no longer holds) or WITHDRAWN (the coordinator"
            " lost the right to it). An alert that stands again and is taken back again counts again.",
            ("mode", "owner", "country", "status"),
            registry=registry,
        )
        self.live = Gauge(
            "tocsin_alerts_live",
            "Alerts that stand now, of those changed within 90 days.",
            ("mode", "owner", "country", "band"),
            registry=registry,
        )
        self.incident_to_alert = Histogram(
            "tocsin_incident_to_alert_seconds",
            "From the time the incident happened, as its bureau reports it, to its alert. retrospective=yes: the entry"
            " came after the incident, so the time says nothing of the pipeline.",
            ("mode", "retrospective"),
            buckets=_SECONDS,
            registry=registry,
        )
        self.gate_to_alert = Histogram(
            "tocsin_gate_to_alert_seconds",
            "From the append time of an incident that passed the gate to that of its alert, for alerts that were raised"
            " by the incident (those that an entry raised later are left out). The pipeline's own time.",
            ("mode",),
            buckets=_HOP_SECONDS,
            registry=registry,
        )
        self.operation_met = Gauge(
            "tocsin_operation_met",
            "Persons and things met of a joint operation's entries, by country, within 90 days; each once, however many"
            " alerts there are about it. Operations that the declaration does not name are counted as other.",
            ("mode", "operation", "country"),
            registry=registry,
        )
        self.operation_outcomes = Gauge(
            "tocsin_operation_outcomes",
            "Of those met, how many were located, arrested, seized or protected, as their locators reported. Kept when"
            " the alert is retracted afterwards, as it is when the owner marks its entry as executed.",
            ("mode", "operation", "country", "outcome"),
            registry=registry,
        )
        self.last_hop = Histogram(
            "tocsin_alert_last_hop_seconds",
            "From the moment an alert's revision was decided (append time of the newest record that the stage had"
            " read) to its append in the alert topic.",
            ("mode",),
            buckets=_HOP_SECONDS,
            registry=registry,
        )
        self.unreadable = Counter(
            "tocsin_alerts_unreadable",
            "Records of the alert topic that hold no alert. If rising: somebody else writes there, or this program is"
            " older than the schema.",
            registry=registry,
        )
        self.uncounted_kinds = Counter(
            "tocsin_alerts_beyond_label_limit",
            "Alerts counted under the label value other, because there are too many combinations of labels already.",
            registry=registry,
        )
        # A rate sees no step in a series that begins with its first alert.
        for mode in set(Mode) - {Mode.UNKNOWN}:
            for histogram in (self.gate_to_alert, self.last_hop):
                histogram.labels(mode.value)
            for retrospective in ("yes", "no"):
                self.incident_to_alert.labels(mode.value, retrospective)
