"""Whether an expression is built on series, labels and label values that the code declares."""

from __future__ import annotations

import re
from functools import cache

from schemas.codes import Mode, RejectReason
from streams.app import Role
from streams.stages.cases.records import Totals
from streams.stages.sightings import Sightings
from streams.stages.watchlist import Watchlist
from tests.deploy.prometheus.expressions import labels_used, selectors
from tocsin.cli.metrics_page import declared

STAGES = {"gate", "sightings", "identifiers", "cases"}
TARGET_LABELS = {"job", "instance", "role"}
"""What the scrape configuration adds to every series."""
CLOSED: dict[str, set[str]] = {
    "role": {*Role, "metrics", "forwarder"},
    "stage": STAGES,
    "topic": STAGES,
    "outcome": {"committed", "idle", "aborted"},
    "what": set(Totals.model_fields) | set(Sightings(0, Watchlist(), 1).stats()),
    "mode": set(Mode),
    "reason": set(RejectReason),
    "job": {"tocsin"},
}
"""Values of labels that an expression may name."""


@cache
def series() -> dict[str, set[str]]:
    """Labels of every series that a process can show, by its name."""
    found: dict[str, set[str]] = {"up": set(), "ALERTS": {"alertname", "alertstate", "severity"}}
    for metrics in declared().values():
        for metric in metrics:
            for name in metric.series:
                found[name] = set(metric.labels) | ({"le"} if name.endswith("_bucket") else set())
    return found


def assert_declared(expression: str) -> None:
    """Every series, label and label value of `expression` is declared in the code."""
    known = series()
    allowed = set(TARGET_LABELS)
    for selector in selectors(expression):
        assert selector.name in known, f"no process shows {selector.name}"
        allowed |= known[selector.name]
        for matcher in selector.matchers.matchers:
            assert matcher.name in known[selector.name] | TARGET_LABELS, f"{selector.name} has no {matcher.name}"
            if str(matcher.op) in ("=", "=~", "MatchOp.Equal", "MatchOp.Re") and matcher.name in CLOSED:
                wanted = set(re.split(r"\|", matcher.value.strip("()")))
                assert wanted <= CLOSED[matcher.name], f"{matcher.name} is never one of {wanted}"
    assert labels_used(expression) <= allowed
