"""Labels of metrics are few and known, and no page but the coordinator's own tells which two participants met."""

from __future__ import annotations

import pytest

from tocsin.cli.metrics_page import Declared, declared

CLOSED = {
    *("stage", "outcome", "reason", "what", "work", "kind"),  # words of ours
    *("topic", "partition", "participant", "owner", "country", "operation"),  # as the declaration has them, or other
    *("mode", "instrument", "threat", "band", "status", "retrospective"),  # codes of the schemas, yes and no
}
NAMING = {"participant", "topic", "owner", "country"}
"""Labels whose value is, or ends with, a participant's code."""
COORDINATORS = "`tocsin consumer metrics`"
METRICS = [(page, metric) for page, metrics in declared().items() for metric in metrics]


@pytest.mark.parametrize(("page", "metric"), METRICS, ids=[metric.name for _, metric in METRICS])
def test_every_label_is_one_of_a_closed_list(page: str, metric: Declared) -> None:
    assert set(metric.labels) <= CLOSED


@pytest.mark.parametrize(("page", "metric"), METRICS, ids=[metric.name for _, metric in METRICS])
def test_rule_2_no_series_is_about_a_pair_of_participants_where_not_all_matches_are_known(
    page: str, metric: Declared
) -> None:
    assert page == COORDINATORS or len(NAMING & set(metric.labels)) <= 1


def test_the_coordinators_page_alone_tells_owners_and_countries() -> None:
    assert {page for page, metric in METRICS if {"owner", "country"} & set(metric.labels)} == {COORDINATORS}
