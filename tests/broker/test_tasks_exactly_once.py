"""Two workers on a real broker: whatever happens to one of them, each record counts exactly once."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack.running import Stack
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Place
from tests.broker.tasks_on_kafka import PARTITIONS, STATE_KEYS, Campaign, damage
from tests.streams.tasks.counting_stage import Total
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

WHOLE = {"missing": 0, "doubled": 0, "wrong keys": 0}


@pytest.fixture
def campaign(stack: Stack, tmp_path: Path) -> Iterator[Campaign]:
    campaign = Campaign(connect("admin", stack.settings), tmp_path)
    yield campaign
    campaign.close()


def check_everything(campaign: Campaign, heard: dict[str, list[tuple[int, int]]]) -> None:
    """Outputs, changelog and the owners' stores, all of them against what was said."""
    expected = campaign.expected()
    assert damage(expected, heard) == WHOLE
    content = {
        key.removeprefix(STATE_KEYS).decode(): Total.model_validate(json.loads(value))
        for key, value in campaign.changelog_content().items()
    }
    assert {who: (total.count, total.total) for who, total in content.items()} == {
        who: said[-1] for who, said in expected.items()
    }
    ends = KafkaLog(campaign.config, "content").bounds([Place(campaign.changelog, it) for it in range(PARTITIONS)])
    assert all(bounds.stable == bounds.end for bounds in ends.values())
    kept = {key: value for place, offset, values in newest(campaign) for key, value in values.items()}
    assert kept == campaign.changelog_content()


def ended_or_joined_anew(campaign: Campaign, worker: subprocess.Popen[bytes], name: str) -> int | None:
    """The code that a worker ends with, as one does that was about to write and has been fenced; None where it learns
    first that others have its partitions, and takes over anew what it is given."""
    until = time.monotonic() + 30
    while worker.poll() is None and campaign.log(name).rpartition(", generation ")[2].strip() in ("", "1"):
        assert time.monotonic() < until, "it neither ended nor joined"
        time.sleep(0.1)
    return worker.poll()


def newest(campaign: Campaign) -> Iterator[tuple[Place, int, dict[bytes, bytes]]]:
    """Of several copies of a partition the one that has read most."""
    best: dict[Place, tuple[int, dict[bytes, bytes]]] = {}
    for place, offset, values in campaign.stored_content():
        if place not in best or offset > best[place][0]:
            best[place] = (offset, values)
    assert len(best) == PARTITIONS
    for place, (offset, values) in best.items():
        yield place, offset, values


def test_a_worker_killed_in_the_middle_and_restarted_loses_and_doubles_nothing(campaign: Campaign) -> None:
    count = 20_000
    first, second = campaign.worker("one"), campaign.worker("two")
    campaign.wait_shared("one", "two")
    campaign.say(count, keys=700)
    with contextlib.closing(campaign.listen()) as listener:
        for part in (0.2, 0.5):
            assert listener.until(int(count * part), 30) >= count * part
            first.kill()
            first.wait(10)
            first = campaign.worker("one")
        assert listener.until(count, 40) == count
        assert listener.until(count + 1, 1) == count
    for worker in (first, second):
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(20) for worker in (first, second)] == [0, 0]
    check_everything(campaign, dict(listener.heard))


def test_a_worker_that_slept_past_its_session_writes_nothing_more_of_what_it_had_in_hand(campaign: Campaign) -> None:
    count = 20_000
    sleeper, other = campaign.worker("one"), campaign.worker("two")
    campaign.wait_shared("one", "two")
    with contextlib.closing(campaign.listen()) as listener:
        # Each partition gets an offset in the group first. Of one that has none Faust cannot seek back to where it was
        # when it moves while its first records come: its new worker ends with code 70, and nobody starts it again here.
        campaign.say(count // 20, keys=700)
        assert listener.until(count // 20, 30) == count // 20
        time.sleep(3)
        campaign.say(count - count // 20, keys=700, seed=2)
        listener.until(count // 5, 30)
        sleeper.send_signal(signal.SIGSTOP)
        time.sleep(campaign.session)
        assert listener.until(count, 30) == count
        sleeper.send_signal(signal.SIGCONT)
        assert ended_or_joined_anew(campaign, sleeper, "one") in (70, None)
        assert listener.until(count + 1, 1) == count
    left = [worker for worker in (sleeper, other) if worker.poll() is None]
    for worker in left:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(20) for worker in left] == [0] * len(left)
    check_everything(campaign, dict(listener.heard))
