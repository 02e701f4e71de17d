"""Order of arrival does not matter; and the schedules notice when a rule of the join protocol is broken."""

from __future__ import annotations

import pytest

from tests.schedules.breaks import BREAKS
from tests.schedules.comparison import complaints
from tests.schedules.symptoms import is_symptom
from tests.schedules.world import Build


def test_150_histories_end_as_the_oracle_says() -> None:
    wrong = {seed: said for seed in range(150) if (said := complaints(seed, Build()))}
    assert not wrong


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_a_broken_rule_is_noticed(rule: str) -> None:
    said = next(filter(None, (complaints(seed, BREAKS[rule]()) for seed in range(1000))), [])
    assert is_symptom(said, BREAKS[rule].shows), said or f"{rule} shows in none of 1000 histories"


def test_a_seed_replays_the_same_history_and_schedule() -> None:
    seed = next(seed for seed in range(100) if complaints(seed, BREAKS["noanswer"]()))
    assert complaints(seed, BREAKS["noanswer"]()) == complaints(seed, BREAKS["noanswer"]())
