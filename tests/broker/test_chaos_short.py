"""One short seed of chaos (`make chaos`) on the shared pipeline: everything is killed once under load."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from deploy.stack.processes import BROKER
from tests.broker.pipeline import Pipeline
from tests.chaos.plan import Fault, Kind
from tests.chaos.report import Wanted
from tests.chaos.running import prepare, run_on, written

_PLAN = (
    Fault(1.0, Kind.KILL, "joins-1"),
    Fault(1.5, Kind.KILL, "cases"),
    Fault(2.0, Kind.KILL, "gate"),
    Fault(3.0, Kind.KILL, BROKER),
)


@pytest.mark.broker
def test_everything_killed_under_load_loses_and_doubles_no_alert(pipeline: Pipeline) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # a fork of a Kafka client crashes
        wanted, start = Wanted(seed=3, incidents=600, seconds=5), round(time.time() * 1000)
        history = written(wanted.seed, wanted.incidents, start)
        prepared = prepare(wanted, history, start, pool, _PLAN)
        report = run_on(pipeline.stack, pipeline.participants, prepared, print, shared=True)

    assert report.differences == []
    assert report.equal
    assert report.alerts > 30
    assert report.answers > 0
    assert len(report.faults) == len(_PLAN)
