"""A line is alive when its broker answers, and dead when it does not, whatever the topic holds."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tocsin.runtime.line import line_trouble

ALIVE = {
    "brokers": {
        "b:1/1": {"nodeid": 1, "state": "UP", "rxidle": 480_000},
        "b:1/bootstrap": {"nodeid": -1, "state": "UP"},
    },
    "topics": {
        "alerts.bd": {"partitions": {"0": {"leader": 1, "fetchq_cnt": 0, "fetchq_size": 0}, "-1": {"leader": -1}}}
    },
}
PLACES = {("alerts.bd", 0)}


def changed(**changes):
    statistics = deepcopy(ALIVE)
    statistics["brokers"]["b:1/1"] |= changes.get("broker", {})
    statistics["topics"]["alerts.bd"]["partitions"]["0"] |= changes.get("partition", {})
    return statistics


def test_a_broker_that_answers_is_a_line_however_silent_the_topic():
    assert line_trouble(ALIVE, PLACES) is None


@pytest.mark.parametrize(
    ("statistics", "why"),
    [
        (changed(broker={"state": "TRY_CONNECT"}), "no connection to the broker (try connect)"),
        (changed(broker={"rxidle": 12_000_000}), "the broker has not answered for 12 seconds"),
        (changed(partition={"leader": -1}), "no broker leads the topic at present"),
        (changed(partition={"leader": 7}), "no broker leads the topic at present"),
        ({}, "the broker has not said yet where the topic is"),
    ],
)
def test_what_keeps_records_away_is_told(statistics, why):
    assert line_trouble(statistics, PLACES) == why


def test_a_full_queue_is_no_dead_line():
    full = {"fetchq_cnt": 5, "fetchq_size": 2_048}
    assert line_trouble(changed(broker={"rxidle": 99_000_000}, partition=full), PLACES) is None


def test_an_error_in_the_queue_makes_no_dead_line_alive():
    """Seen with a stopped broker: the queue then holds the error of a request for metadata, of no bytes."""
    an_error = {"fetchq_cnt": 1, "fetchq_size": 0}
    assert line_trouble(changed(broker={"rxidle": 13_000_000}, partition=an_error), PLACES) is not None


def test_one_dead_partition_is_enough():
    assert line_trouble(ALIVE, PLACES | {("alerts.bd", 1)}) is not None
