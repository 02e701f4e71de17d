"""Every alert arrives, each counted once by its id, in order, whatever the receiver does meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from consumers.forwarder.access import Access
from consumers.forwarder.posting import WebhookSender
from consumers.forwarder.subscription import Subscription
from schemas.alerts import Alert
from schemas.codes import AlertStatus, Band
from tests.consumers.forwarder.forwarder_world import LOOPBACK, PATIENT, START, World
from tests.consumers.forwarder.receiver import Answer, Receiver, Request

Make = Callable[..., Alert]


def payloads(receiver: Receiver) -> list[tuple[str, int]]:
    """What was counted: alert and revision, in the order of arrival."""
    data = [json.loads(request.body)["data"] for request in receiver.counted.values()]
    return [(one["alert_id"], one["revision"]) for one in data]


def test_an_alert_arrives_signed_and_once(world: World, make_alert: Make) -> None:
    async def run() -> Receiver:
        async with Receiver().running() as receiver, world.delivering():
            _, secret = world.subscribe(receiver.url)
            world.take(make_alert(alert_id="a-1"))
            await world.settle_until()
            await world.settle_until()
            assert receiver.requests[0].is_signed_by(secret)
            return receiver

    receiver = asyncio.run(run())
    assert payloads(receiver) == [("a-1", 1)]
    assert len(receiver.requests) == 1
    payload = json.loads(receiver.requests[0].body)
    assert (payload["type"], payload["version"], payload["timestamp"]) == ("alert.live", 1, "2026-11-24T12:00:00Z")
    assert Alert.model_validate(payload["data"]) == make_alert(alert_id="a-1")
    assert world.said() == ["DELIVERED"]
    assert world.waiting() == 0


def test_a_receiver_that_is_dead_for_an_hour_gets_everything_once_and_in_order(world: World, make_alert: Make) -> None:
    def answer(request: Request) -> Answer:
        return Answer(503 if world.now < START + timedelta(hours=1) else 200)

    async def run() -> Receiver:
        async with Receiver(answer).running() as receiver:
            world.subscribe(receiver.url)
            for number in range(30):
                async with world.delivering():  # a new process each time
                    world.take(make_alert(alert_id=f"a-{number}"), make_alert(alert_id="b", revision=number + 1))
                    world.now += timedelta(minutes=2)
                    await world.settle()
            async with world.delivering():
                await world.settle_until()
            return receiver

    receiver = asyncio.run(run())
    arrived = payloads(receiver)
    assert sorted(arrived) == sorted([(f"a-{number}", 1) for number in range(30)] + [("b", 30)])
    assert receiver.repeats == 0
    assert world.now < START + timedelta(hours=1, minutes=20), "no longer than the longest delay after it is back"


def test_revisions_of_an_alert_are_never_out_of_order(world: World, make_alert: Make) -> None:
    flaky = iter([503, 500, 200, 503, 200, 200, 200, 200])

    async def run() -> Receiver:
        async with Receiver(lambda request: Answer(next(flaky))).running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            for number in range(1, 5):
                world.take(make_alert(revision=number))
                await world.settle()
                world.now += timedelta(seconds=5)
            await world.settle_until()
            return receiver

    seen = [revision for _, revision in payloads(asyncio.run(run()))]
    assert seen == sorted(seen)
    assert seen[-1] == 4


def test_what_was_withdrawn_is_never_sent_even_in_mid_retry(world: World, make_alert: Make, taken_back: Make) -> None:
    """Domain rule 2."""

    async def run() -> Receiver:
        receiver = Receiver(lambda request: Answer(503))
        async with receiver.running(), world.delivering():
            world.subscribe(receiver.url)
            world.take(make_alert(revision=1))
            await world.settle()
            world.take(taken_back(AlertStatus.WITHDRAWN, 2))
            receiver.answer = lambda request: Answer()
            await world.settle_until()
            return receiver

    receiver = asyncio.run(run())
    assert payloads(receiver) == [("a-1", 2)]
    assert json.loads(receiver.requests[-1].body)["type"] == "alert.withdrawn"
    assert world.said() == ["OVERLOADED", "SUPERSEDED", "DELIVERED"]


def test_what_is_withdrawn_while_others_of_its_batch_are_sent_is_not_sent(
    make_world: Callable[..., World], make_alert: Make, taken_back: Make
) -> None:
    world = make_world()

    def answer(request: Request) -> Answer:
        if len(receiver.requests) == 1:  # everything is loaded and on its way; now this is read
            world.take(taken_back(AlertStatus.WITHDRAWN, 2, alert_id="a-39"))
        return Answer()

    receiver = Receiver(answer)

    async def run() -> None:
        async with receiver.running(), world.delivering():
            world.subscribe(receiver.url)
            world.take(*(make_alert(alert_id=f"a-{number}") for number in range(40)))
            await world.settle_until()

    asyncio.run(run())
    arrived = payloads(receiver)
    assert ("a-39", 1) not in arrived
    assert ("a-39", 2) in arrived
    assert len(arrived) == 40


def test_what_is_withdrawn_while_its_host_is_looked_up_is_not_sent(
    make_world: Callable[..., World], make_alert: Make, taken_back: Make
) -> None:
    """Looking up and connecting take seconds: whether it still holds is asked again when the bytes would leave."""

    async def look_up(host: str, port: int) -> Sequence[str]:
        world.take(taken_back(AlertStatus.WITHDRAWN, 2))
        return ["127.0.0.1"]

    def sender(_: Subscription, access: Access) -> WebhookSender:
        return WebhookSender(access.url, access.signers, LOOPBACK, PATIENT, resolve=look_up)

    world = make_world(make_sender=sender)

    async def run() -> Receiver:
        async with Receiver().running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            world.take(make_alert(revision=1))
            await world.settle_until()
            return receiver

    assert payloads(asyncio.run(run())) == [("a-1", 2)]
    assert world.said() == ["SUPERSEDED", "DELIVERED"]


def test_once_forwarded_every_revision_is_and_filters_judge_only_the_first(
    world: World, make_alert: Make, make_match: Make, taken_back: Make
) -> None:
    async def run() -> Receiver:
        async with Receiver().running() as receiver, world.delivering():
            world.subscribe(receiver.url, bands=(Band.STRONG,))
            for band in (Band.POSSIBLE, Band.STRONG, Band.POSSIBLE):
                revision = len(receiver.requests) + (1 if not receiver.requests else 2)
                revision = {Band.POSSIBLE: 1, Band.STRONG: 2}[band] if len(receiver.requests) == 0 else 3
                world.take(make_alert(revision=revision, match=make_match(band=band)))
                await world.settle_until()
            world.take(taken_back(AlertStatus.RETRACTED, 4), taken_back(AlertStatus.RETRACTED, 2, alert_id="unknown"))
            await world.settle_until()
            return receiver

    assert payloads(asyncio.run(run())) == [("a-1", 2), ("a-1", 3), ("a-1", 4)]


def test_only_the_participants_own_subscriptions_get_an_alert(world: World, make_alert: Make) -> None:
    async def run() -> None:
        async with Receiver().running() as mine, Receiver().running() as other, world.delivering():
            world.subscribe(mine.url, "bd")
            world.subscribe(other.url, "np")
            world.take(make_alert(recipient="bd"))
            await world.settle_until()
            assert len(mine.requests) == 1
            assert not other.requests

    asyncio.run(run())
    assert not world.ledger("np")


def test_a_redelivery_repeats_the_newest_under_the_same_id_and_queues_nothing_withdrawn(
    world: World, make_alert: Make, taken_back: Make
) -> None:
    async def run() -> Receiver:
        async with Receiver().running() as receiver, world.delivering():
            world.subscribe(receiver.url)
            world.take(make_alert(alert_id="a"), make_alert(alert_id="b"))
            await world.settle_until()
            world.take(taken_back(AlertStatus.WITHDRAWN, 2, alert_id="b"))
            await world.settle_until()
            world.redeliver(make_alert(alert_id="a"), make_alert(alert_id="b"), make_alert(alert_id="c"))
            await world.settle_until()
            world.redeliver(make_alert(alert_id="a"), make_alert(alert_id="d"), missing_only=True)
            await world.settle_until()
            return receiver

    receiver = asyncio.run(run())
    assert payloads(receiver) == [("a", 1), ("b", 1), ("b", 2), ("c", 1), ("d", 1)]
    assert receiver.repeats == 1
