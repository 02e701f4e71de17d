"""A drawn plan of faults holds everything that can go wrong, and can be carried out."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.chaos.plan import SCENARIOS, Kind


@pytest.mark.parametrize("seed", range(20))
def test_a_drawn_plan_has_every_kind_of_fault_and_hits_nobody_twice_at_once(seed: int) -> None:
    faults = SCENARIOS["drawn"].faults(random.Random(seed), 150)

    kinds = {fault.kind for fault in faults}
    assert kinds == {Kind.KILL, Kind.SLEEP, Kind.RESTART, Kind.AWAY, Kind.ADD}
    for target in {fault.target for fault in faults}:
        times = [(fault.at, fault.at + fault.lasts) for fault in faults if fault.target == target]
        assert all(before[1] <= after[0] + 0.1 for before, after in itertools.pairwise(times))
