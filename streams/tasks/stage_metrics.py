"""What the stages count of themselves (their `stats()`), summed over the partitions of this worker, for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.stages.contract import Stage

S = TypeVar("S", bound=Stage)
HORIZON = "horizon"
"""The one figure that is a time in milliseconds, not a count."""


class StageCollector(Collector):
    """One gauge a figure that a stage names; a stage that left the worker is no longer counted."""

    def __init__(self) -> None:
        self._stages: WeakSet[Stage] = WeakSet()

    def add(self, stage: Stage) -> None:
        """Count this stage as well."""
        self._stages.add(stage)

    def collect(self) -> Iterator[Metric]:
        sums: Counter[tuple[str, str]] = Counter()
        horizon = 0
        for stage in list(self._stages):
            figures: Callable[[], Iterable[tuple[str, object]]] | None = getattr(stage, "stats", None)
            for name, value in dict(figures() if figures else ()).items():
                if name == HORIZON and isinstance(value, int):
                    horizon = max(horizon, value)
                elif isinstance(value, int):
                    sums[stage.name, name] += value
        family = GaugeMetricFamily(
            "tocsin_stage_state",
            "What a stage holds or has counted since its partitions were taken over, by the stage's own word for it.",
            labels=["stage", "what"],
        )
        for (stage_name, name), value in sorted(sums.items()):
            family.add_metric([stage_name, name], value)
        yield family
        yield GaugeMetricFamily(
            "tocsin_window_horizon_timestamp_seconds",
            "Entries find incidents back to this Unix time: of this worker's windows the one that reaches least far.",
            value=horizon / 1000,
        )


_collector = StageCollector()
_registered = False


def export(make: Callable[[int], S]) -> Callable[[int], S]:
    """The same factory, with every stage that it makes counted in /metrics."""
    global _registered
    if not _registered:
        REGISTRY.register(_collector)
        _registered = True

    def making(partition: int) -> S:
        stage = make(partition)
        _collector.add(stage)
        return stage

    return making
