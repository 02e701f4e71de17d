"""Builds the overview from its panels, with Grafana's own types."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar

from grafana_foundation_sdk.builders import common as look
from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import ROWS, Panel, Row, Shape

FILE = Path(__file__).with_name("overview.json")
CALM, WARN, BAD = "#5794f2", "#ffb357", "#c4162a"
"""Blue, amber, red: no green beside red, which one man in twelve cannot tell apart."""
_SOURCE = model.DataSourceRef(type_val="prometheus", uid="${source}")
_REDUCED = look.ReduceDataOptions().calcs(["lastNotNull"])
P = TypeVar("P", stat.Panel, timeseries.Panel)


def as_json() -> str:
    """The dashboard, as Grafana imports it."""
    return JSONEncoder(sort_keys=True, indent=1).encode(_dashboard().build()) + "\n"


def _dashboard() -> dashboard.Dashboard:
    made = (
        dashboard.Dashboard("Tocsin overview")
        .uid("tocsin-overview")
        .description("Is somebody needed, and where: the pipeline from the bureaus' events to the alerts delivered.")
        .tags(["tocsin"])
        .timezone("utc")
        .time("now-3h", "now")
        .refresh("10s")
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus"))
    )
    ids = count(1)
    for row in ROWS:
        made = _with_row(made, row, ids)
    return made


def _with_row(made: dashboard.Dashboard, row: Row, ids: Iterator[int]) -> dashboard.Dashboard:
    titled = dashboard.Row(row.title).collapsed(row.folded).id(next(ids))
    panels = [_panel(panel).id(next(ids)) for panel in row.panels]
    if row.folded:
        for panel in panels:
            titled = titled.with_panel(panel)
        return made.with_row(titled)
    made = made.with_row(titled)
    for panel in panels:
        made = made.with_panel(panel)
    return made


def _panel(panel: Panel) -> stat.Panel | timeseries.Panel:
    return _number(panel) if panel.shape is Shape.NUMBER else _lines(panel)


def _number(panel: Panel) -> stat.Panel:
    made = (
        stat.Panel()
        .color_mode(looks.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(looks.BigValueGraphMode.NONE)
        .reduce_options(_REDUCED)
        .no_value("none yet")
    )
    return _common(made, panel)


def _lines(panel: Panel) -> timeseries.Panel:
    stacked = panel.shape is Shape.STACKED
    made = (
        timeseries.Panel()
        .line_width(1)
        .fill_opacity(40 if stacked else 8)
        .show_points(looks.VisibilityMode.NEVER)
        .axis_soft_min(0)
        .legend(
            look.VizLegendOptions()
            .display_mode(looks.LegendDisplayMode.LIST)
            .placement(looks.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(look.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING))
    )
    if stacked:
        made = made.stacking(look.StackingConfig().mode(looks.StackingMode.NORMAL))
    if panel.bad is not None:
        made = made.thresholds_style(look.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED))
    return _common(made, panel)


def _common(made: P, panel: Panel) -> P:
    made = (
        made.title(panel.title)
        .description(panel.description)
        .datasource(_SOURCE)
        .unit(panel.unit)
        .span(panel.width)
        .height(panel.height)
        .thresholds(_limits(panel))
    )
    if panel.decimals is not None:
        made = made.decimals(panel.decimals)
    for number, query in enumerate(panel.queries):
        target = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(chr(ord("A") + number))
        made = made.with_target(target.instant() if panel.shape is Shape.NUMBER else target.range())
    return made


def _limits(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [model.Threshold(value=None, color=CALM)]
    if panel.warn is not None:
        steps.append(model.Threshold(value=panel.warn, color=WARN))
    if panel.bad is not None:
        steps.append(model.Threshold(value=panel.bad, color=BAD))
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)
