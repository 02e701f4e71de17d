"""Endpoints that fail: left alone, disabled with a notice, taken up again; and none of them delays another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from consumers.forwarder import subscriptions
from consumers.forwarder.alone import alone
from consumers.forwarder.database import transaction
from consumers.forwarder.endpoint import Disabled
from consumers.forwarder.errors import BadSubscription, NoSuchSubscription, TwoForwarders
from consumers.forwarder.posting import Limits
from schemas.alerts import Alert
from schemas.codes import Instrument
from tests.consumers.forwarder.forwarder_world import START, World
from tests.consumers.forwarder.receiver import HANG, Answer, Receiver, Request

Make = Callable[..., Alert]


def test_410_disables_with_a_notice_and_the_other_endpoints_of_the_bureau_are_told(
    world: World, make_alert: Make
) -> None:
    async def run() -> None:
        async with Receiver(lambda request: Answer(410)).running() as gone, Receiver().running() as other:
            mine, _ = world.subscribe(gone.url)
            world.subscribe(other.url, instruments=(Instrument.VESSEL_RECORD,))  # notices pass every filter
            async with world.delivering():
                world.take(make_alert(alert_id="a"), make_alert(alert_id="b"))
                await world.settle_until()
                await world.settle_until()
                assert len(gone.requests) <= 2
                assert world.figure("tocsin_forwarder_disabled_endpoints", participant="bd") == 1
            assert world.subscription(mine.id).endpoint.disabled is Disabled.GONE
            assert [(notice.subscription_id, notice.why) for notice in world.notices()] == [(mine.id, Disabled.GONE)]
            (told,) = other.requests
            assert json.loads(told.body)["type"] == "endpoint.disabled"
            assert json.loads(told.body)["data"] == {"subscription": mine.id, "why": "GONE"}
        assert world.waiting() == 0

    asyncio.run(run())


def test_a_day_of_failing_disables_and_what_was_missed_is_sent_when_it_is_taken_up_again(
    world: World, make_alert: Make
) -> None:
    receiver = Receiver(lambda request: Answer(500))

    async def run() -> None:
        async with receiver.running():
            mine, _ = world.subscribe(receiver.url)
            async with world.delivering():
                world.take(make_alert(alert_id="a"))
                await world.settle_until()
            disabled = world.subscription(mine.id).endpoint
            assert disabled.disabled is Disabled.FAILING
            assert disabled.failing_since == START
            assert timedelta(days=1) <= world.now - START < timedelta(days=1, minutes=20)
            assert world.said()[-1] == "GIVEN_UP"
            assert 90 < world.said().count("SERVER") < 110

            world.take(make_alert(alert_id="b"))
            assert world.waiting() == 0
            receiver.answer = lambda request: Answer()
            with transaction(world.engine) as connection:
                subscriptions.enable(connection, "bd", mine.id)
            world.redeliver(make_alert(alert_id="a"), make_alert(alert_id="b"), missing_only=True)
            async with world.delivering():
                await world.settle_until()

    asyncio.run(run())
    assert sorted(json.loads(one.body)["data"]["alert_id"] for one in receiver.counted.values()) == ["a", "b"]


def test_a_message_that_is_always_refused_is_given_up_and_holds_nobody_up(
    make_world: Callable[..., World], make_alert: Make
) -> None:
    world = make_world()

    def answer(request: Request) -> Answer:
        return Answer(400 if json.loads(request.body)["data"]["alert_id"] == "poison" else 200)

    async def run() -> Receiver:
        async with Receiver(answer).running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            world.take(make_alert(alert_id="poison"), *(make_alert(alert_id=f"a-{number}") for number in range(20)))
            await world.settle()
            assert len(receiver.counted) == 20
            while world.waiting():
                if len(receiver.requests) % 20 == 0:  # so that the endpoint does not fail for a day
                    world.take(make_alert(alert_id=f"later-{len(receiver.requests)}"))
                world.now = await world.settle() or world.now
            return receiver

    asyncio.run(run())
    assert world.said().count("GIVEN_UP") == 1
    assert world.figure("tocsin_forwarder_given_up_total", participant="bd") == 1
    assert world.notices() == []


def test_retry_after_is_kept_to(world: World, make_alert: Make) -> None:
    def answer(request: Request) -> Answer:
        if world.now < START + timedelta(minutes=40):
            return Answer(429, (("retry-after", "2400"),))
        return Answer()

    async def run() -> Receiver:
        async with Receiver(answer).running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            world.take(*(make_alert(alert_id=f"a-{number}") for number in range(10)))
            await world.settle_until()
            return receiver

    receiver = asyncio.run(run())
    assert len(receiver.requests) <= 10 + 4, "asked once (by all who ran side by side), then left alone"
    assert len(receiver.counted) == 10


@pytest.mark.parametrize("status", [500, 400])
def test_a_clock_that_stood_wrong_costs_no_silence_once_it_is_right(
    make_world: Callable[..., World], make_alert: Make, status: int
) -> None:
    """A machine that starts with a clock days ahead: what was put off then is not waited for until then."""
    world = make_world()
    receiver = Receiver(lambda request: Answer(status))

    async def run() -> None:
        async with receiver.running():
            world.subscribe(receiver.url)
            world.now = START + timedelta(days=3)
            async with world.delivering():
                world.take(make_alert())
                assert await world.settle() == world.now + timedelta(seconds=5)
            world.now = START
            receiver.answer = lambda request: Answer()
            async with world.delivering():
                await world.settle()

    asyncio.run(run())
    assert len(receiver.counted) == 1


def test_one_that_hangs_delays_nobody_else(make_world: Callable[..., World], make_alert: Make) -> None:
    world = make_world(limits=Limits(connect=30, total=30))

    async def run() -> None:
        async with Receiver(lambda request: Answer(HANG)).running() as hanging, Receiver().running() as quick:
            world.subscribe(hanging.url)
            world.subscribe(quick.url)
            async with world.delivering():
                world.take(*(make_alert(alert_id=f"a-{number}") for number in range(100)))
                await world.dispatcher.refresh()
                both = [asyncio.create_task(one.run_due()) for one in world.dispatcher.runners.values()]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                assert len(quick.counted) == 100
                assert len(hanging.requests) <= 4
                for task in both:
                    task.cancel()

    asyncio.run(run())


def test_a_dead_endpoint_is_asked_with_one_message_at_a_time(world: World, make_alert: Make) -> None:
    async def run() -> Receiver:
        async with Receiver(lambda request: Answer(500)).running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            world.take(*(make_alert(alert_id=f"a-{number}") for number in range(200)))
            await world.settle_until(START + timedelta(hours=1))
            return receiver

    receiver = asyncio.run(run())
    assert len(receiver.requests) < 20
    assert world.figure("tocsin_forwarder_queue_depth", participant="bd") == 200
    assert (world.figure("tocsin_forwarder_oldest_undelivered_seconds", participant="bd") or 0) > 1800


def test_a_rotated_secret_signs_within_the_next_look_and_the_old_one_beside_it(world: World, make_alert: Make) -> None:
    async def run() -> None:
        async with Receiver().running() as receiver, world.delivering():
            mine, old = world.subscribe(receiver.url)
            world.take(make_alert(alert_id="a"))
            await world.settle_until()
            with transaction(world.engine) as connection:
                _, new = subscriptions.rotate(connection, world.seal, "bd", mine.id[:8], timedelta(hours=1), world.now)
            world.take(make_alert(alert_id="b"))
            await world.settle_until()
            world.now += timedelta(hours=2)
            world.take(make_alert(alert_id="c"))
            await world.settle_until()
            signed = [(one.is_signed_by(old), one.is_signed_by(new)) for one in receiver.requests]
            assert signed == [(True, False), (True, True), (False, True)]

    asyncio.run(run())


def test_a_removed_subscription_gets_nothing_more_and_its_ledger_stays(world: World, make_alert: Make) -> None:
    async def run() -> None:
        async with Receiver(lambda request: Answer(500)).running() as receiver, world.delivering():
            mine, _ = world.subscribe(receiver.url)
            world.take(make_alert())
            await world.settle()
            with transaction(world.engine) as connection:
                subscriptions.unsubscribe(connection, "bd", mine.id)
            world.now += timedelta(hours=1)
            await world.settle_until()
            assert len(receiver.requests) == 1

    asyncio.run(run())
    assert world.said() == ["SERVER"]
    assert world.waiting() == 0
    with pytest.raises(NoSuchSubscription):
        world.subscription("")


def test_a_subscription_changed_by_hand_is_not_overwritten_by_what_was_worked_out_before(world: World) -> None:
    mine, _ = world.subscribe("https://police.example/")
    with transaction(world.engine) as connection:
        subscriptions.enable(connection, "bd", mine.id)
        assert not subscriptions.save_endpoint(connection, mine)


def test_no_subscription_twice_and_no_more_than_twenty(world: World) -> None:
    world.subscribe("https://police.example/")
    with pytest.raises(BadSubscription, match="already"):
        world.subscribe("https://police.example/")
    for number in range(19):
        world.subscribe(f"https://police.example/{number}")
    with pytest.raises(BadSubscription, match="20"):
        world.subscribe("https://police.example/more")
    world.subscribe("https://police.example/", participant="np")


def test_a_second_forwarder_for_the_same_bureau_is_refused(world: World) -> None:
    with alone(world.engine, ["bd", "np"]):
        with alone(world.engine, ["fr"]):
            pass
        with pytest.raises(TwoForwarders, match="np"), alone(world.engine, ["np"]):
            pass
    with alone(world.engine, ["np"]):
        pass
