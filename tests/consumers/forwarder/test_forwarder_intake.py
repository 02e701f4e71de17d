"""What is read is queued with its position, once, and nothing of another recipient ever is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, create_engine

from consumers.forwarder import positions, queue
from consumers.forwarder.database import transaction
from consumers.forwarder.figures import Figures
from consumers.forwarder.intake import Intake
from consumers.forwarder.overtaken import KEPT, Overtaken
from consumers.forwarder.queue import Key
from consumers.reading import Got, Quiet, Step, Unreadable
from schemas.alerts import Alert
from schemas.codes import AlertStatus
from schemas.model import millis
from tests.consumers.forwarder.forwarder_world import START, World
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost, Record

Make = Callable[..., Alert]


def got(alert: Alert, offset: int) -> Got[Alert]:
    return Got(alert, Record("alerts.bd", 0, offset, millis(START), None, b""))


def intake(world: World, engine: Engine | None = None, queued: Callable[[set[Key]], None] = lambda _: None) -> Intake:
    world.registry = CollectorRegistry()
    figures = Figures(world.registry)
    return Intake(engine or world.engine, world.seal, world.dispatcher.overtaken, figures, lambda: world.now, queued)


def at(world: World) -> positions.Positions:
    with transaction(world.engine, write=False) as connection:
        return positions.read(connection)


def test_what_was_read_is_queued_with_its_position_and_reading_goes_on_there(world: World, make_alert: Make) -> None:
    world.subscribe("https://police.example/")
    told: list[set[Key]] = []
    first = intake(world, queued=told.append)

    assert first.start_positions() == {}
    first.run([got(make_alert(alert_id="a"), 0), got(make_alert(alert_id="b"), 1), AtEnd()])

    assert first.caught_up
    assert len(told) == 1
    assert at(world) == {("alerts.bd", 0): 2}
    assert world.waiting() == 2
    assert intake(World(world.engine, world.seal)).start_positions() == {("alerts.bd", 0): 2}


def test_records_that_are_read_again_are_queued_once(world: World, make_alert: Make) -> None:
    world.subscribe("https://police.example/")
    steps: list[Step[Alert]] = [got(make_alert(alert_id="a"), 0), Quiet(), got(make_alert(alert_id="a"), 1), Quiet()]
    reading = intake(world)
    reading.start_positions()
    reading.run(steps)

    assert world.waiting() == 1
    assert at(world) == {("alerts.bd", 0): 2}


def test_an_alert_for_somebody_else_and_what_is_no_alert_are_passed_over_and_counted(
    world: World, make_alert: Make
) -> None:
    world.subscribe("https://police.example/")
    world.subscribe("https://nepal.example/", participant="np")
    record = Record("alerts.bd", 0, 1, millis(START), None, None)
    reading = intake(world)
    reading.start_positions()
    reading.run([got(make_alert(recipient="np"), 0), Unreadable(record, "it has no content"), Quiet()])

    assert world.waiting() == 0
    assert at(world) == {("alerts.bd", 0): 2}
    assert world.figure("tocsin_forwarder_records_unreadable_total", participant="bd") == 2


def test_nothing_from_before_the_subscription_is_sent(world: World, make_alert: Make) -> None:
    world.subscribe("https://police.example/")
    record = Record("alerts.bd", 0, 0, millis(START) - 1, None, b"")
    reading = intake(world)
    reading.start_positions()
    reading.run([Got(make_alert(), record), Quiet()])

    assert world.waiting() == 0


def test_a_withdrawal_of_what_was_sent_by_hand_is_told_although_it_is_from_before_the_subscription(
    world: World, make_alert: Make, taken_back: Make
) -> None:
    mine, _ = world.subscribe("https://police.example/")
    world.redeliver(make_alert())
    record = Record("alerts.bd", 0, 0, millis(START) - 1, None, b"")
    reading = intake(world)
    reading.start_positions()
    reading.run([Got(taken_back(AlertStatus.WITHDRAWN, 2), record), Quiet()])

    with transaction(world.engine, write=False) as connection:
        assert [due.revision for due in queue.due(connection, mine.id, world.now, 9)] == [2]


def test_a_lost_line_is_told_until_it_is_back(world: World) -> None:
    reading = intake(world)
    seen = []

    def steps() -> Iterator[Step[Alert]]:
        yield LineLost("no broker")
        seen.append(reading.trouble)
        yield LineBack()
        seen.append(reading.trouble)

    reading.run(steps())
    assert seen == ["no broker", None]


def test_a_database_that_is_away_is_waited_for_and_nothing_is_passed_over(
    make_world: Callable[[], World], make_alert: Make
) -> None:
    world = make_world()
    away = create_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere")
    reading = intake(world, away)
    waiting = threading.Event()

    def steps() -> Iterator[Step[Alert]]:
        yield got(make_alert(), 0)
        threading.Thread(target=lambda: (wait_for_trouble(), reading.stop()), daemon=True).start()
        yield Quiet()
        waiting.set()
        yield AtEnd()

    def wait_for_trouble() -> None:
        while reading.database_trouble is None:
            waiting.wait(0.01)

    reading.run(steps())
    assert reading.database_trouble is not None
    assert not reading.caught_up
    assert at(world) == {}


def test_what_overtook_is_heard_before_it_is_written_and_forgotten_long_after_that_alone() -> None:
    now = 0.0
    overtaken = Overtaken(lambda: now)
    overtaken.heard(("s", "a"), 2)

    assert overtaken.is_overtaken(("s", "a"), 1)
    assert not overtaken.is_overtaken(("s", "a"), 2)
    assert not overtaken.is_overtaken(("s", "b"), 1)
    now = KEPT * 2
    overtaken.sweep()
    assert overtaken.is_overtaken(("s", "a"), 1), "the database is away: the queue does not know of it yet"
    overtaken.written({("s", "a"): 1})
    now = KEPT * 4
    overtaken.sweep()
    assert overtaken.is_overtaken(("s", "a"), 1), "what was written down is an older one"
    overtaken.written({("s", "a"): 2})
    now = KEPT * 6
    overtaken.sweep()
    assert not overtaken.is_overtaken(("s", "a"), 1)


def test_a_withdrawal_that_waits_for_the_database_holds_back_what_it_withdraws_until_it_is_written(
    make_world: Callable[[], World], make_alert: Make, taken_back: Make
) -> None:
    world, now = make_world(), 0.0
    mine, _ = world.subscribe("https://police.example/")
    overtaken = world.dispatcher.overtaken = Overtaken(lambda: now)
    reading, held = intake(world), []
    reading.start_positions()

    def steps() -> Iterator[Step[Alert]]:
        nonlocal now
        yield got(make_alert(), 0)
        yield Quiet()
        yield got(taken_back(AlertStatus.WITHDRAWN, 2), 1)
        for later in (KEPT * 2, KEPT * 2 + KEPT / 2):  # first while it waits, then soon after it was written
            now = later
            overtaken.sweep()
            held.append(overtaken.is_overtaken((mine.id, make_alert().alert_id), 1))
            yield Quiet()

    reading._monotonic = lambda: 0.0  # so that no record is written before it is quiet
    reading.run(steps())
    assert held == [True, True]
    now = KEPT * 6
    overtaken.sweep()
    assert not overtaken.is_overtaken((mine.id, make_alert().alert_id), 1)


def test_a_withdrawal_is_told_to_whoever_had_the_alert(world: World, make_alert: Make, taken_back: Make) -> None:
    world.subscribe("https://police.example/")
    reading = intake(world)
    reading.start_positions()
    reading.run([got(make_alert(), 0), got(taken_back(AlertStatus.WITHDRAWN, 2), 1), AtEnd()])

    assert world.waiting() == 1
    assert world.said() == ["SUPERSEDED"]
