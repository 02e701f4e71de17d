"""Every metric of the forwarder, declared once. The labels are participants and closed lists of codes."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)
_DELAYS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 3600, 21_600, 86_400)


class Figures:
    """The metrics, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.attempts = Counter(
            "tocsin_forwarder_attempts",
            "Attempts to deliver a message to a participant's endpoint. outcome: DELIVERED, or the fault (CONNECTION,"
            " TIMEOUT, REFUSED, ...).",
            ("participant", "outcome"),
            registry=registry,
        )
        self.given_up = Counter(
            "tocsin_forwarder_given_up",
            "Messages that are not tried any more: they failed for a day, or their endpoint was disabled.",
            ("participant",),
            registry=registry,
        )
        self.duration = Histogram(
            "tocsin_forwarder_attempt_seconds",
            "How long attempts took, failed ones too.",
            ("participant",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.delay = Histogram(
            "tocsin_forwarder_delivery_delay_seconds",
            "From the time a message was queued to its delivery, retries included.",
            ("participant",),
            buckets=_DELAYS,
            registry=registry,
        )
        self.depth = Gauge(
            "tocsin_forwarder_queue_depth",
            "Messages that wait for delivery.",
            ("participant",),
            registry=registry,
        )
        self.oldest = Gauge(
            "tocsin_forwarder_oldest_undelivered_seconds",
            "Age of the oldest message that waits; 0 when none does.",
            ("participant",),
            registry=registry,
        )
        self.disabled = Gauge(
            "tocsin_forwarder_disabled_endpoints",
            "Endpoints that get nothing until their bureau enables them.",
            ("participant",),
            registry=registry,
        )
        self.read = Counter(
            "tocsin_forwarder_alerts_read",
            "Alert records read from a participant's topic.",
            ("participant",),
            registry=registry,
        )
        self.unreadable = Counter(
            "tocsin_forwarder_records_unreadable",
            "Records of an alert topic that hold no alert for its participant; they are passed over. If rising:"
            " somebody else writes there, or this program is older than the schema.",
            ("participant",),
            registry=registry,
        )
        self.defects = Counter(
            "tocsin_forwarder_defects",
            "Times that the forwarder's own code failed while it worked for a participant's endpoint. The log says"
            " where; that endpoint is tried again with growing pauses, the others go on. Anything but 0 is to be"
            " reported.",
            ("participant",),
            registry=registry,
        )
        self.database_trouble = Counter(
            "tocsin_forwarder_database_trouble",
            "Times that the database did not answer. Nothing is lost: it is asked again.",
            registry=registry,
        )

    def begin(self, participants: Iterable[str]) -> None:
        """Have counters begin with 0: an alerting rule sees no step in a series that begins with 1."""
        for code in participants:
            for counter in (self.given_up, self.read, self.unreadable, self.defects):
                counter.labels(code)
