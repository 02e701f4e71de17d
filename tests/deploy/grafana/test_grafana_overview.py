"""The dashboard: made from its panels, on metrics that exist, every panel explained, in a unit, in its grid."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from deploy.grafana.overview import FILE, as_json
from deploy.grafana.panels import RATE, ROWS, Panel
from tests.deploy.prometheus.declarations import assert_declared

PANELS = [panel for row in ROWS for panel in row.panels]
BY_TITLE = [pytest.param(panel, id=panel.title) for panel in PANELS]


def drawn() -> list[dict[str, Any]]:
    """Panels of the file, those of folded rows too, without the rows' titles."""
    panels = json.loads(FILE.read_text(encoding="utf-8"))["panels"]
    every = [one for panel in panels for one in (panel, *panel.get("panels", ()))]
    return [one for one in every if one["type"] != "row"]


def test_the_file_is_what_the_panels_say() -> None:
    assert FILE.read_text(encoding="utf-8") == as_json(), "make schemas"


def test_every_panel_is_drawn_once_under_an_id_of_its_own_and_inside_the_grid() -> None:
    panels = drawn()
    assert [panel["title"] for panel in panels] == [panel.title for panel in PANELS]
    assert len({panel["title"] for panel in panels}) == len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
    for row in ROWS:
        assert sum(panel.width for panel in row.panels) % 24 == 0, f"{row.title} leaves a gap"


@pytest.mark.parametrize("panel", BY_TITLE)
def test_a_panel_asks_for_what_processes_show_and_says_what_it_is(panel: Panel) -> None:
    assert panel.description.endswith(".")
    assert panel.warn is None or panel.bad is None or panel.warn < panel.bad
    for query in panel.queries:
        assert_declared(query.expr.replace(RATE, "1m"))
        assert not re.search(r"(rate|increase)\([^[]*\)", query.expr), "a counter without its window"
        assert query.legend or len(panel.queries) == 1
