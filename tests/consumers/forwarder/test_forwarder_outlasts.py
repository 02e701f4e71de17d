"""Whatever receivers and databases do, in turn and for hours, every alert arrives, once by its id and in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from consumers.forwarder.failure import Outcome, Success
from consumers.forwarder.message import Message
from consumers.forwarder.posting import Limits
from schemas.alerts import Alert
from schemas.codes import AlertStatus
from tests.consumers.forwarder.conftest import Server
from tests.consumers.forwarder.forwarder_world import PATIENT, START, World
from tests.consumers.forwarder.receiver import HANG, Answer, Receiver, Request

Make = Callable[..., Alert]
IMPATIENT = Limits(connect=60.0, total=0.1)
"""For a receiver that hangs anyway."""
HANGS, REDIRECTS, BUSY, DEAD, WELL = (START + timedelta(minutes=count) for count in (0, 20, 40, 60, 120))


def test_one_that_hangs_then_redirects_then_is_busy_then_dead_for_an_hour_gets_everything(
    make_world: Callable[..., World], make_alert: Make, taken_back: Make
) -> None:
    world = make_world()

    def answer(request: Request) -> Answer:
        if world.now < REDIRECTS:
            return Answer(HANG)
        if world.now < BUSY:
            return Answer(308, (("location", "https://elsewhere.example/"),))
        if world.now < DEAD:
            return Answer(429, (("retry-after", "300"),))
        return Answer(raw=b"") if world.now < WELL else Answer()

    async def run() -> Receiver:
        async with Receiver(answer).running() as receiver:
            world.subscribe(receiver.url)
            for step in range(1, 14):  # ten minutes each, and a new process each
                world.limits = IMPATIENT if world.now < REDIRECTS else PATIENT
                async with world.delivering():
                    world.take(make_alert(alert_id=f"a-{step}"), make_alert(alert_id="b", revision=step))
                    if step == 1:
                        world.take(make_alert(alert_id="withdrawn"))
                    if step == 5:
                        world.take(taken_back(AlertStatus.WITHDRAWN, 2, alert_id="withdrawn"))
                    await world.settle_until(START + timedelta(minutes=10 * step))
            async with world.delivering():
                await world.settle_until()
            return receiver

    receiver = asyncio.run(run())
    data = [json.loads(request.body)["data"] for request in receiver.counted.values()]
    arrived = sorted((one["alert_id"], one["revision"]) for one in data)
    assert arrived == sorted([(f"a-{step}", 1) for step in range(1, 14)] + [("b", 13), ("withdrawn", 2)])
    assert receiver.repeats == 0
    assert {"TIMEOUT", "REDIRECT", "OVERLOADED", "PROTOCOL", "SUPERSEDED", "DELIVERED"} == set(world.said())
    assert world.waiting() == 0
    assert world.now < WELL + timedelta(minutes=30), "no longer than the longest delay after it is back"


def test_a_postgresql_that_dies_midway_is_waited_for_and_nothing_is_sent_twice(
    server: Server, on_postgresql: Engine, make_alert: Make
) -> None:
    taken: list[str] = []

    class Endpoint:
        async def send(self, message: Message, now: object, is_overtaken: object) -> Outcome:
            taken.append(message.id)
            if len(taken) == 7:  # what came of these is written down only when it is back
                await asyncio.to_thread(server.stop)
                stopped.set()
            return Success(200)

        async def close(self) -> None:
            pass

    stopped = asyncio.Event()
    world = World(on_postgresql, make_sender=lambda *_: Endpoint())

    async def run() -> None:
        world.subscribe("https://police.example/")
        world.take(*(make_alert(alert_id=f"a-{number}") for number in range(20)))
        async with world.delivering():
            delivering = asyncio.create_task(world.settle_until())
            await stopped.wait()
            try:
                while world.dispatcher.trouble is None:
                    assert not delivering.done()
                    await asyncio.sleep(0.01)
            finally:
                await asyncio.to_thread(server.start)
            await delivering
            assert world.dispatcher.trouble is None

    asyncio.run(run())
    assert len(taken) == len(set(taken)) == 20
    assert world.said() == ["DELIVERED"] * 20
    assert (world.figure("tocsin_forwarder_database_trouble_total") or 0) >= 1
