"""A defect that one endpoint brings to light ends nothing for the others, is counted, and tells nothing private."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from consumers.forwarder import delivery, queue, queueing, settling, storage, subscriptions
from consumers.forwarder import endpoint as state
from consumers.forwarder.database import transaction
from consumers.forwarder.endpoint import Disabled
from consumers.forwarder.failure import Failure, Fault, Outcome, Success
from consumers.forwarder.message import Message
from consumers.forwarder.settling import Attempt
from consumers.forwarder.subscription import Subscription
from consumers.forwarder.tables import SUBSCRIPTIONS
from schemas.alerts import Alert
from schemas.codes import Instrument
from tests.consumers.forwarder.forwarder_world import World

Make = Callable[..., Alert]
PRIVATE = "token-in-the-address"


class Broken(ZeroDivisionError):
    """What nobody thought of."""


class Endpoint:
    """A way out that takes everything, unless it is broken."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.taken: list[str] = []

    async def send(self, message: Message, now: datetime, is_overtaken: Callable[[], bool]) -> Outcome:
        if self.broken:
            raise Broken(PRIVATE)
        self.taken.append(message.id)
        return Success(200)

    async def close(self) -> None:
        if self.broken:
            raise Broken(PRIVATE)


class Two:
    """Two bureaus: something is broken for `bd`, nothing for `np`."""

    def __init__(self, make_world: Callable[..., World], make_alert: Make, *, broken: bool = False) -> None:
        self.ends = {"bd": Endpoint(broken), "np": Endpoint()}
        self.world: World = make_world(make_sender=lambda one, _: self.ends[one.participant])
        self.bd, _ = self.world.subscribe("https://bd.example/", "bd")
        self.np, _ = self.world.subscribe("https://np.example/", "np")
        self.alerts = [make_alert(alert_id=code, recipient=code) for code in ("bd", "np")]

    def taken(self) -> tuple[int, int]:
        return len(self.ends["bd"].taken), len(self.ends["np"].taken)

    async def deliver(self, *, mend: Callable[[], None]) -> None:
        async with self.world.delivering():
            self.world.take(*self.alerts)
            assert await self.world.settle() is not None, "there is something to do again"
            assert self.taken() == (0, 1)
            assert (self.world.figure("tocsin_forwarder_defects_total", participant="bd") or 0) >= 1
            assert not self.world.figure("tocsin_forwarder_defects_total", participant="np")
            await self.world.settle()
            mend()
            self.world.now += timedelta(minutes=1)
            await self.world.settle_until()
            assert self.taken() == (1, 1)
        assert self.world.waiting() == 0


def test_a_way_out_that_raises_costs_its_own_message_a_retry(
    make_world: Callable[..., World], make_alert: Make, caplog: pytest.LogCaptureFixture
) -> None:
    two = Two(make_world, make_alert, broken=True)
    asyncio.run(two.deliver(mend=lambda: setattr(two.ends["bd"], "broken", False)))

    assert two.world.said() == ["DEFECT", "DELIVERED"], "it rests: the second look, at once, is no attempt"
    assert "Broken at test_forwarder_contains.py" in caplog.text
    assert PRIVATE not in caplog.text


def test_what_cannot_be_loaded_lets_its_endpoint_rest(
    make_world: Callable[..., World], make_alert: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    two, calls, due = Two(make_world, make_alert), [], queue.due

    def broken(connection: Connection, subscription: str, **rest: Any) -> Any:
        if subscription == two.bd.id:
            calls.append(1)
            raise Broken
        return due(connection, subscription, **rest)

    monkeypatch.setattr(queue, "due", broken)
    asyncio.run(two.deliver(mend=lambda: monkeypatch.setattr(queue, "due", due)))
    assert len(calls) == 1


def test_an_outcome_that_cannot_be_written_holds_up_no_other(
    make_world: Callable[..., World], make_alert: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Two(make_world, make_alert)

    def broken(connection: Connection, *, attempts: Sequence[Attempt], **rest: Any) -> Any:
        if any(one.participant == "bd" for one in attempts):
            raise Broken
        return settling.settle(connection, attempts=attempts, **rest)

    async def run() -> None:
        async with two.world.delivering():
            two.world.take(*two.alerts)
            monkeypatch.setattr(storage, "settle", broken)
            await two.world.settle()
            assert two.world.said("np") == ["DELIVERED"]
            assert two.taken() == (1, 1)
            monkeypatch.undo()
            two.world.now += timedelta(minutes=1)
            await two.world.settle_until()

    asyncio.run(run())
    assert two.world.said("bd") == ["DELIVERED"]
    assert len(set(two.ends["bd"].taken)) == 1, "sent again under the id that its receiver knows"


def test_a_way_out_that_cannot_be_made_is_tried_like_any_failure(
    make_world: Callable[..., World], make_alert: Make
) -> None:
    def make(one: Subscription, _: Any) -> Endpoint:
        if one.participant == "bd":
            raise Broken
        return there

    there, world = Endpoint(), make_world(make_sender=make)

    async def run() -> None:
        world.subscribe("https://bd.example/", "bd")
        world.subscribe("https://np.example/", "np")
        async with world.delivering():
            world.take(make_alert(recipient="bd"), make_alert(recipient="np"))
            await world.settle()

    asyncio.run(run())
    assert len(there.taken) == 1
    assert world.said("bd") == ["DEFECT"]


def test_an_alert_that_cannot_be_rendered_is_missed_by_its_subscription_alone(
    world: World, make_alert: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _ = world.subscribe("https://bd.example/", "bd")
    world.subscribe("https://np.example/", "np")
    render = queueing.render

    def broken(subscription: Subscription, *rest: Any) -> Message:
        if subscription.participant == "bd":
            raise Broken
        return render(subscription, *rest)

    monkeypatch.setattr(queueing, "render", broken)
    world.take(make_alert(recipient="bd"), make_alert(recipient="np"))
    with transaction(world.engine, write=False) as connection:
        assert queue.missed(connection) == {mine.id: (1, world.now)}
    assert world.waiting() == 1

    monkeypatch.undo()
    world.redeliver(make_alert(recipient="bd"), missing_only=True)
    assert world.waiting() == 2


class Gone(Endpoint):
    """A way out that wants no more."""

    async def send(self, message: Message, now: datetime, is_overtaken: Callable[[], bool]) -> Outcome:
        return Failure(Fault.GONE, 410)


def test_an_endpoint_that_is_disabled_while_the_forwarder_looks_ends_nobody(
    make_world: Callable[..., World], make_alert: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read as one that takes deliveries, and answers 410 before what was read is acted upon."""
    ends = {"bd": Gone(), "np": Endpoint()}
    world = make_world(make_sender=lambda one, _: ends[one.participant])
    mine, _ = world.subscribe("https://bd.example/", "bd")
    world.subscribe("https://np.example/", "np")

    async def run() -> None:
        async with world.delivering():
            await world.dispatcher.refresh()
            world.take(make_alert(alert_id="bd", recipient="bd"), make_alert(alert_id="np", recipient="np"))
            reached, work = world.dispatcher.runners[mine.id], world.dispatcher._storage.run

            async def slow(*given: Any, **rest: Any) -> Any:
                looked = await work(*given, **rest)
                monkeypatch.undo()
                await reached.run_due()
                return looked

            monkeypatch.setattr(world.dispatcher._storage, "run", slow)
            await world.dispatcher.refresh()
            await world.settle()

    asyncio.run(run())
    assert world.subscription(mine.id).endpoint.disabled is Disabled.GONE
    assert len(ends["np"].taken) == 1


def test_a_notice_that_cannot_be_rendered_keeps_no_dead_endpoint_from_being_disabled(
    make_world: Callable[..., World], make_alert: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Endpoint()
    world = make_world(make_sender=lambda one, _: Gone() if one.id == mine.id else other)
    mine, _ = world.subscribe("https://bd.example/gone", "bd")
    broken, _ = world.subscribe("https://bd.example/broken", "bd", instruments=(Instrument.VESSEL_RECORD,))
    world.subscribe("https://bd.example/other", "bd", instruments=(Instrument.VESSEL_RECORD,))
    render = settling.render_notice

    def render_notice(subscription: Subscription, *rest: Any) -> Message:
        if subscription.id == broken.id:
            raise Broken(PRIVATE)
        return render(subscription, *rest)

    monkeypatch.setattr(settling, "render_notice", render_notice)

    async def run() -> None:
        async with world.delivering():
            world.take(make_alert(recipient="bd"))
            await world.settle_until()
            await world.settle_until()
            assert world.figure("tocsin_forwarder_defects_total", participant="bd") == 1

    asyncio.run(run())
    assert world.subscription(mine.id).endpoint.disabled is Disabled.GONE
    assert len(other.taken) == 1, "the one that can be told is"


@pytest.mark.parametrize(
    "written",
    [{"filters": '{"regions": ["EU"]}'}, {"filters": '{"bands": null}'}, {"channel": "SMS"}, {"disabled": "SLOW"}],
    ids=lambda written: next(iter(written)),
)
def test_a_subscription_that_another_release_wrote_is_left_out_and_the_others_are_served(
    make_world: Callable[..., World], make_alert: Make, written: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    two = Two(make_world, make_alert)
    with transaction(two.world.engine) as connection:
        connection.execute(update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == two.bd.id).values(**written))
    two.world.take(*two.alerts)
    assert two.world.waiting() == 1
    with transaction(two.world.engine, write=False) as connection:
        assert [one.participant for one in subscriptions.every(connection)] == ["np"]
        assert subscriptions.of_participant(connection, "bd") == []
    assert f"{two.bd.id[:8]} of bd cannot be read" in caplog.text


def test_a_defect_of_ours_is_never_to_the_account_of_an_endpoint_and_gives_up_nothing() -> None:
    begin, rng = datetime(2026, 11, 24, tzinfo=UTC), random.Random(1).random
    endpoint = state.Endpoint()
    (waiting, _) = delivery.read(delivery.Delivery(), delivery.Revision(1, begin), True, begin)
    for hours in range(0, 72, 3):
        now = begin + timedelta(hours=hours)
        endpoint = endpoint.after_failure(Failure(Fault.DEFECT), now, now, rng)
        waiting, done = delivery.failed(waiting, 1, Failure(Fault.DEFECT), now, rng)
        assert done == ()
    assert endpoint == state.Endpoint()
    assert waiting.pending is not None
    assert waiting.pending.attempts == 24
