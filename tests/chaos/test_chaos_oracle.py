"""The oracle of chaos knows what must be alerted and refused: held against the one that asks of every pair."""

from __future__ import annotations

from collections import Counter

from tests.chaos.in_order import InOrder
from tests.chaos.traffic import traffic
from tests.schedules.comparison import differences, refusals
from tests.schedules.histories import START
from tests.schedules.oracle import expected, matches


def test_the_stages_in_order_end_as_every_pair_asked_for_itself() -> None:
    history = traffic(7, 600, START, bad=0.2)
    oracle = InOrder(history, START)

    live = oracle.run()

    assert len(live) > 20
    assert differences(live, Counter(), expected(matches(history))) == []
    assert any(record.refused for records in history.feeds.values() for record in records)
    assert refusals(history, oracle.rejects) == []


def test_a_seed_writes_the_same_events_again() -> None:
    assert traffic(3, 100, START).feeds == traffic(3, 100, START).feeds
    assert traffic(3, 100, START).feeds != traffic(4, 100, START).feeds
