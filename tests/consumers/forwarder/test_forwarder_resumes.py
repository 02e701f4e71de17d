"""An endpoint that is taken up again gets exactly what it missed, whatever was broken off or happened beside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from consumers.forwarder import queue, subscriptions
from consumers.forwarder.database import transaction
from consumers.forwarder.endpoint import Disabled
from consumers.forwarder.queueing import Read
from consumers.forwarder.resuming import Resumed, resume
from schemas.alerts import Alert
from schemas.codes import AlertStatus, Band
from tests.consumers.forwarder.forwarder_world import World
from tests.consumers.forwarder.receiver import Answer, Receiver
from tocsin.runtime.errors import Unavailable

Make = Callable[..., Alert]


class Topic:
    """What was appended, and since when it was asked for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.records: list[Read] = []
        self.asked: list[datetime] = []
        self.beside: list[Callable[[], None]] = []
        """What happens while it is read, a reading each."""

    def append(self, *alerts: Alert) -> None:
        """Appended now, and read by the forwarder now."""
        self.records += [(alert, self.world.now) for alert in alerts]
        self.world.take(*alerts)

    def since(self, since: datetime) -> Sequence[Read]:
        self.asked.append(since)
        newest = {alert.alert_id: (alert, at) for alert, at in self.records if at >= since}
        if self.beside:
            self.beside.pop(0)()
        return list(newest.values())

    def resume(self, id_: str) -> Resumed:
        world = self.world
        return resume(world.engine, world.seal, "bd", id_, self.since, lambda: world.now)


def arrived(receiver: Receiver) -> list[tuple[str, int]]:
    data = [json.loads(request.body)["data"] for request in receiver.counted.values()]
    return sorted((one["alert_id"], one["revision"]) for one in data)


def missed(world: World) -> int:
    with transaction(world.engine, write=False) as connection:
        return sum(count for count, _ in queue.missed(connection).values())


@pytest.mark.parametrize("status", [410, 500])
def test_what_waited_before_the_first_failure_is_sent_too(
    make_world: Callable[..., World], make_alert: Make, status: int
) -> None:
    """It was appended before the endpoint began to fail: that time is not where the topic is read from."""
    world = make_world()
    topic, receiver = Topic(world), Receiver(lambda request: Answer(status))

    async def run() -> None:
        async with receiver.running():
            mine, _ = world.subscribe(receiver.url)
            topic.append(make_alert(alert_id="a"))
            begun = world.now
            world.now += timedelta(hours=3)  # the forwarder was away
            async with world.delivering():
                await world.settle_until()
            assert world.subscription(mine.id).endpoint.disabled is not None
            topic.append(make_alert(alert_id="b"), make_alert(alert_id="a", revision=2))

            receiver.answer = lambda request: Answer()
            done = topic.resume(mine.id[:8])
            assert (done.queued, done.lost) == (2, 0)
            assert begun < topic.asked[0] <= world.now, "from the oldest newest revision on"
            async with world.delivering():
                await world.settle_until()

    asyncio.run(run())
    assert arrived(receiver) == [("a", 2), ("b", 1)]
    assert missed(world) == 0


def test_what_is_broken_off_while_reading_leaves_it_disabled_and_is_repeated(
    make_world: Callable[..., World], make_alert: Make
) -> None:
    world = make_world()
    topic, receiver = Topic(world), Receiver(lambda request: Answer(410))

    def away(since: datetime) -> Sequence[Read]:
        raise Unavailable("no broker")

    async def run() -> None:
        async with receiver.running():
            mine, _ = world.subscribe(receiver.url)
            topic.append(make_alert(alert_id="a"))
            async with world.delivering():
                await world.settle_until()
            with pytest.raises(Unavailable):
                resume(world.engine, world.seal, "bd", mine.id, away, lambda: world.now)
            assert world.subscription(mine.id).endpoint.disabled is Disabled.GONE
            assert missed(world) == 1

            receiver.answer = lambda request: Answer()
            assert topic.resume(mine.id).queued == 1
            async with world.delivering():
                await world.settle_until()

    asyncio.run(run())
    assert arrived(receiver) == [("a", 1)]


def test_what_a_running_forwarder_passes_over_while_the_topic_is_read_is_sent(world: World, make_alert: Make) -> None:
    topic, receiver = Topic(world), Receiver(lambda request: Answer(410))

    async def run() -> None:
        async with receiver.running():
            mine, _ = world.subscribe(receiver.url)
            topic.append(make_alert(alert_id="a"))
            async with world.delivering():
                await world.settle_until()
            receiver.answer = lambda request: Answer()
            topic.beside.append(lambda: topic.append(make_alert(alert_id="a", revision=2), make_alert(alert_id="late")))
            assert topic.resume(mine.id).lost == 0
            async with world.delivering():
                await world.settle_until()

    asyncio.run(run())
    assert arrived(receiver) == [("a", 2), ("late", 1)]


def test_what_was_taken_back_or_never_wanted_meanwhile_is_not_sent(
    world: World, make_alert: Make, make_match: Make, taken_back: Make
) -> None:
    topic, receiver = Topic(world), Receiver(lambda request: Answer(410))

    async def run() -> None:
        async with receiver.running():
            mine, _ = world.subscribe(receiver.url, bands=(Band.STRONG,))
            strong, weak = make_match(band=Band.STRONG), make_match(band=Band.POSSIBLE)
            topic.append(make_alert(alert_id="held", match=strong))
            async with world.delivering():
                await world.settle_until()
            topic.append(make_alert(alert_id="gone", match=strong), make_alert(alert_id="weak", match=weak))
            topic.append(taken_back(AlertStatus.WITHDRAWN, 2, alert_id="gone"))
            topic.append(taken_back(AlertStatus.WITHDRAWN, 2, alert_id="held"))
            receiver.answer = lambda request: Answer()
            topic.resume(mine.id)
            async with world.delivering():
                await world.settle_until()

    asyncio.run(run())
    assert arrived(receiver) == [("held", 2)], "it may know of this one alone"


def test_what_is_in_the_topic_no_longer_is_told(world: World, make_alert: Make) -> None:
    topic = Topic(world)

    async def run() -> Resumed:
        async with Receiver(lambda request: Answer(410)).running() as receiver:
            mine, _ = world.subscribe(receiver.url)
            topic.append(make_alert(alert_id="a"))
            async with world.delivering():
                await world.settle_until()
            topic.records.clear()
            return topic.resume(mine.id)

    assert asyncio.run(run()).lost == 1
    with transaction(world.engine) as connection:
        assert subscriptions.every(connection)[0].endpoint.disabled is None
