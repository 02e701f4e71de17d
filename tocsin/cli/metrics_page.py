"""Every metric, from where it is declared; writes docs/metrics.md: `python -m tocsin.cli.metrics_page`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.metrics import MetricWrapperBase

from consumers.forwarder.figures import Figures as ForwarderFigures
from consumers.metrics.figures import Figures as AlertFigures
from streams.stages.cases.records import Totals
from streams.tasks import metrics
from streams.tasks.stage_metrics import StageCollector
from tocsin.runtime import upkeep

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
_HEAD = """# Metrics

Made from the declarations by `make schemas`. Every process serves these at `/metrics` of its port, which
`tocsin status` shows; `tocsin up` writes `prometheus/prometheus.yml` in the state folder, with every process as a
target. Labels hold codes, topics, partitions and participants, never anything about a person, a document or a single
event. A counter is asked for as `name_total`, a histogram as `name_bucket`, `name_sum` and `name_count`.

These pages are for operator and coordinator alone. They count every match, also one that its owner hides from the
bureau that met the person: the workers in all, the metrics consumer by owner and country, as `ccc` sees them. So they
listen on loopback unless told otherwise; show neither them nor a dashboard over them to a bureau.
"""


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric. `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which its values are asked for."""
        return tuple(self.name + suffix for suffix in _SUFFIXES[self.kind])


def declared() -> dict[str, list[Declared]]:
    """Every metric, by the processes that serve it."""
    return {
        "Workers: gate, joins, cases": [*_of(vars(metrics).values()), *map(_described, StageCollector().collect())],
        "`tocsin consumer metrics`": _of(vars(AlertFigures(CollectorRegistry())).values()),
        "`tocsin consumer forwarder`": _of(vars(ForwarderFigures(CollectorRegistry())).values()),
        "`tocsin forget` and `tocsin audit sign`, where they stay (`--every`)": _of(vars(upkeep).values()),
        "Every process": [_described(one) for one in ProcessCollector(registry=CollectorRegistry()).collect()],
    }


def page() -> str:
    """The page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    for title, found in declared().items():
        yield from (f"## {title}", "| metric | kind | labels | meaning |", "|---|---|---|---|")
        for one in found:
            labels = ", ".join(f"`{label}`" for label in one.labels)
            yield f"| `{one.name}` | {one.kind} | {labels} | {one.help.replace('|', chr(92) + '|')} |"
        yield ""
    yield from ("## What the stage `cases` holds (`tocsin_stage_state`)", "| what | meaning |", "|---|---|")
    for name, field in Totals.model_fields.items():
        yield f"| `{name}` | {field.description} |"
    yield ""


def _of(values: Iterable[object]) -> list[Declared]:
    return [
        _described(family, value._labelnames)
        for value in values
        if isinstance(value, MetricWrapperBase)
        for family in value.describe()
    ]


def _described(family: Metric, labels: Iterable[str] | None = None) -> Declared:
    """prometheus_client shows the names of labels nowhere but in this attribute."""
    names = getattr(family, "_labelnames", ()) if labels is None else labels
    return Declared(family.name, family.type, family.documentation, tuple(names))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
