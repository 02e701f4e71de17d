"""A task processes its partition exactly once, wherever it dies."""

from __future__ import annotations

import itertools
import logging

import pytest

from schemas.partition import partition_of
from streams.stages.contract import Received, State
from streams.tasks.append_times import TOLERATED_MS, ClockAhead
from streams.tasks.errors import Hole, OwnershipLost, RestoreFailed, TransactionAborted, UnknownTopic
from streams.tasks.log import Outgoing
from streams.tasks.position import POSITION_KEY, Position
from streams.tasks.sequences import origin
from streams.tasks.store import MemoryStore
from streams.tasks.task import Progress, Task
from tests.streams.tasks.counting_stage import CODECS, TOTALS, Counting, Tick, encode
from tests.streams.tasks.memory_world import CHANGELOG, INPUT, Died, World
from tocsin.runtime.errors import Unavailable

DAY = 86_400_000


def process_all(world: World, task: Task) -> None:
    while records := world.fetch(task):
        task.process(records[:3])


def test_outputs_go_to_the_partition_of_their_key_with_source_and_number() -> None:
    world = World()
    for who in "abcab":
        world.say(who, 20)
    task = world.start()
    task.process(world.fetch(task))
    assert {who: [total.total for total in said] for who, said in world.totals().items()} == {
        "a": [20, 40],
        "b": [20, 40],
        "c": [20],
    }
    for record in world.outputs():
        assert record.place.partition == partition_of(record.key or b"", 2)
    for partition in (0, 1):
        numbers = [origin(record.headers) for record in world.outputs() if record.place.partition == partition]
        assert numbers == [("in-0", number + 1) for number in range(len(numbers))]


@pytest.mark.parametrize("step", ["begun", "written", "committed"])
@pytest.mark.parametrize("cold", [True, False], ids=["store deleted", "store kept"])
@pytest.mark.parametrize("batch", [1, 2])
def test_dying_at_any_step_of_any_batch_changes_nothing(step: str, cold: bool, batch: int) -> None:
    world = World()
    for number in range(10):
        world.say("ab"[number % 2], 20 + number)
    count = itertools.count(1)

    def crash(reached: str) -> None:
        if reached == step and next(count) == batch:
            raise Died

    world.log.crash = crash
    task = world.start()
    with pytest.raises(Died):
        process_all(world, task)
    world.log.crash = None
    task = world.start(MemoryStore() if cold else None)
    process_all(world, task)

    said = world.totals()
    assert [total.count for total in said["a"]] == [total.count for total in said["b"]] == [1, 2, 3, 4, 5]
    assert said["a"][-1].total == sum(20 + number for number in range(0, 10, 2))
    fresh = MemoryStore()
    world.start(fresh)
    assert list(fresh.scan(b"totals\0")) == list(world.store.scan(b"totals\0"))


def test_an_aborted_transaction_is_done_again_without_asking_the_stage_again() -> None:
    world = World()
    world.say("a", 20)
    count = itertools.count()

    def crash(reached: str) -> None:
        if reached == "written" and next(count) == 0:
            raise TransactionAborted("once")

    world.log.crash = crash
    task = world.start()
    task.process(world.fetch(task))
    assert [total.total for total in world.totals()["a"]] == [20]
    assert [origin(record.headers) for record in world.outputs()] == [("in-0", 1)]


def test_a_second_owner_fences_the_first_whose_batch_never_shows() -> None:
    world = World()
    world.say("a", 20)
    first = world.start()
    records = world.fetch(first)
    second = world.start(MemoryStore())
    with pytest.raises(OwnershipLost):
        first.process(records)
    second.process(world.fetch(second))
    assert [total.total for total in world.totals()["a"]] == [20]


def test_records_delivered_again_are_skipped() -> None:
    world = World()
    world.say("a", 20)
    task = world.start()
    records = world.fetch(task)
    task.process(records)
    assert task.process(records).consumed == 1
    assert [total.count for total in world.totals()["a"]] == [1]


def test_a_record_handed_out_after_a_skipped_one_ends_the_task() -> None:
    world = World()
    for _ in range(3):
        world.say("a", 20)
    task = world.start()
    records = world.fetch(task)
    chained = [
        type(one)(one.place, one.offset, one.timestamp, one.key, one.value, (), chain=one.offset) for one in records
    ]
    with pytest.raises(Hole):
        task.process(chained[1:])
    assert world.totals() == {}


def test_a_number_that_never_came_ends_the_task() -> None:
    world = World()
    tick = encode(Tick(tick=1))
    world.say_bytes(tick, (("task", b"x-0"), ("number", b"1")))
    world.say_bytes(tick, (("task", b"x-0"), ("number", b"3")))
    task = world.start()
    with pytest.raises(Hole):
        task.process(world.fetch(task))


def test_numbers_heard_survive_a_restart() -> None:
    world = World()
    tick = encode(Tick(tick=1))
    world.say_bytes(tick, (("task", b"x-0"), ("number", b"1")))
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    world.say_bytes(tick, (("task", b"x-0"), ("number", b"2")))
    task = world.start(MemoryStore())
    assert task.process(world.fetch(task)).consumed == 1


def test_input_that_retention_took_unread_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    real = world.log.bounds
    monkeypatch.setattr(
        world.log,
        "bounds",
        lambda places: {it: b._replace(low=5) if it == INPUT else b for it, b in real(places).items()},
    )
    with pytest.raises(Hole, match="retention"):
        world.start()


def test_time_is_the_largest_append_timestamp_and_never_goes_back_not_even_over_a_restart() -> None:
    world = World()
    for at in (5_000, 3_000, 4_000):
        world.say("a", 20, at)
    task = world.start()
    task.process(world.fetch(task))
    world.say("a", 20, 2_000)
    task = world.start(MemoryStore())
    task.process(world.fetch(task))
    assert [total.last for total in world.totals()["a"]] == [5_000] * 4


def test_a_record_from_the_future_waits_and_time_does_not_move() -> None:
    world = World()
    world.own_time = 10_000
    world.say("a", 20, 9_000)
    world.say("a", 20, 9_000 + 40 * DAY)
    world.say("a", 20, 9_500)
    task = world.start()
    records = world.fetch(task)
    assert task.process(records) == Progress(1, waiting=True)
    assert world.totals()["a"][-1].last == 9_000, "what came before it is made durable"
    with pytest.raises(ClockAhead, match=r"in-0 offset 1 was appended 34559\d\d s ahead"):
        task.process(records[1:])
    assert (task.now, task.position) == (9_000, 1)
    assert task.clock_ahead > 3_000_000
    assert len(world.totals()["a"]) == 1

    world.own_time += 40 * DAY  # the worker's own clock was slow
    task.process(records[1:])
    assert [total.last for total in world.totals()["a"]] == [9_000, 9_000 + 40 * DAY, 9_000 + 40 * DAY]
    assert task.clock_ahead == 0


def test_a_clock_that_is_off_by_what_machines_are_off_by_holds_nobody_up() -> None:
    world = World()
    world.own_time = 10_000
    world.say("a", 20, 10_000 + TOLERATED_MS)
    world.say("a", 20, 10_001 + TOLERATED_MS)
    task = world.start()
    assert task.process(world.fetch(task)) == Progress(1, waiting=True)


def test_records_from_the_future_are_taken_for_appended_now_where_an_operator_says_so() -> None:
    world = World()
    world.own_time, world.capped = 10_000, True
    for at in (9_000, 9_000 + 40 * DAY, 9_500):
        world.say("a", 20, at)
    task = world.start()
    task.process(world.fetch(task))
    assert [total.last for total in world.totals()["a"]] == [9_000, 10_000, 10_000]


def test_batches_without_effect_write_nothing_until_their_position_is_half_a_minute_old() -> None:
    world = World()
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    end = world.log.bounds([CHANGELOG])[CHANGELOG].end
    for _ in range(29):
        world.time += 1_000
        world.say_bytes(encode(Tick(tick=1)))
        task.process(world.fetch(task))
    assert world.log.bounds([CHANGELOG])[CHANGELOG].end == end
    assert task.position == 30
    assert task.durable_position == 1
    world.time += 1_000
    world.say_bytes(encode(Tick(tick=1)))
    task.process(world.fetch(task))
    assert task.durable_position == 31
    assert world.log.bounds([CHANGELOG])[CHANGELOG].end == end + 2


def test_what_had_no_effect_is_run_again_after_a_restart_and_has_none() -> None:
    world = World()
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    world.say_bytes(encode(Tick(tick=1)))
    task.process(world.fetch(task))
    task = world.start()
    assert task.position == 1
    world.say("a", 30)
    task.process(world.fetch(task))
    assert task.position == 3
    assert [total.total for total in world.totals()["a"]] == [20, 50]


def test_a_record_that_is_not_ready_holds_back_those_behind_it_and_nothing_before() -> None:
    world = World()
    for who in ("a", "wait", "a"):
        world.say(who, 20)
    task = world.start()
    world.stages[-1].open = False
    records = world.fetch(task)
    progress = task.process(records)
    assert (progress.consumed, progress.waiting) == (1, True)
    assert [total.count for total in world.totals()["a"]] == [1]
    assert task.process(records[1:]).consumed == 0
    world.stages[-1].open = True
    assert task.process(records[1:]).consumed == 2
    assert [total.count for total in world.totals()["a"]] == [1, 2]


@pytest.mark.parametrize(
    "value", [b"junk", None, b"Amount:{}", encode(CODECS.decode(b'Amount:{"who":"a","amount":13}'))], ids=str
)
def test_a_record_that_cannot_be_processed_is_set_aside_and_the_stream_goes_on(
    value: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    world.say("a", 20)
    world.say_bytes(value, headers=(("\udcff", b"1"), ("trace", None)))
    world.say("a", 30)
    task = world.start()
    with caplog.at_level(logging.INFO):
        task.process(world.fetch(task))
    assert [total.total for total in world.totals()["a"]] == [20, 50]
    [aside] = world.outputs("quarantine")
    assert (aside.key, aside.value) == (b"in/0/1", value)
    headers = dict(aside.headers)
    assert headers["quarantine-stage"] == b"counting"
    assert headers["quarantine-exception"]
    assert len(headers["quarantine-fingerprint"]) == 12
    assert (headers["original-\\udcff"], headers["original-trace"]) == (b"1", None)
    assert "thirteen" not in caplog.text
    assert "junk" not in caplog.text


def test_a_failed_step_leaves_no_trace_in_state_or_in_what_the_stage_derives() -> None:
    world = World()
    world.say("b", 13)
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    assert world.stages[-1].known == {"a"}
    assert [key for key, _ in world.store.scan(b"totals\0")] == [b"totals\0a"]


def test_an_output_that_the_topic_would_refuse_is_the_records_fault() -> None:
    world = World()
    world.say("a" * 300, 20)
    world.say("b", 20)
    task = world.start()
    task.process(world.fetch(task))
    assert list(world.totals()) == ["b"]
    assert len(world.outputs("quarantine")) == 1


def test_trouble_with_the_registry_is_nobodys_fault_and_nothing_is_lost_or_doubled() -> None:
    trouble = [True]

    def decode(data: bytes) -> object:
        if b"32" in data and trouble[0]:
            raise Unavailable("registry")
        return CODECS.decode(data)

    world = World(type(CODECS)(CODECS.encode, decode, CODECS.encode_state, CODECS.decode_state))  # type: ignore[arg-type]
    for amount in (31, 32, 33):
        world.say("a", amount)
    task = world.start()
    records = world.fetch(task)
    with pytest.raises(Unavailable):
        task.process(records)
    assert world.outputs("quarantine") == []
    trouble[0] = False
    task.process(records)
    assert [total.total for total in world.totals()["a"]] == [31, 63, 96]


def test_a_topic_whose_partitions_are_unknown_is_no_records_fault() -> None:
    class Lost(Counting):
        def __init__(self, partition: int) -> None:
            super().__init__(partition, output="nowhere")

    world = World()
    world.make_stage = Lost  # type: ignore[method-assign]
    world.say("a", 20)
    task = world.start()
    with pytest.raises(UnknownTopic):
        task.process(world.fetch(task))


def test_the_stage_rebuilds_what_it_derives_before_its_first_record() -> None:
    world = World()
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    world.start(MemoryStore())
    assert world.stages[-1].known == {"a"}


def test_a_deleted_key_is_deleted_in_a_cold_restore_too() -> None:
    world = World()
    for amount in (20, 0):
        world.say("a", amount)
    task = world.start()
    task.process(world.fetch(task)[:1])
    kept = world.store
    task.process(world.fetch(task))
    cold = MemoryStore()
    world.start(cold)
    assert list(kept.scan(b"totals\0")) == list(cold.scan(b"totals\0")) == []


def test_a_store_ahead_of_its_changelog_is_wiped() -> None:
    world = World()
    world.say("a", 20)
    task = world.start()
    task.process(world.fetch(task))
    other = World()
    other.say("b", 20)
    other.store.write({b"totals\0ghost": b"{}"}, 99)
    other.start()
    assert other.store.get(b"totals\0ghost") is None


def test_a_store_of_a_changelog_that_was_made_anew_is_wiped() -> None:
    old, new = World(), World()
    for world in (old, new):
        for who in "ab":
            world.say(who, 20)
        task = world.start()
        for record in world.fetch(task):
            task.process([record])
    old_store = old.store
    old_store.write({b"totals\0ghost": b"{}"}, 4)  # as if it had read less of its own changelog than the new one has
    new.start(old_store)
    assert old_store.get(b"totals\0ghost") is None
    assert [key for key, _ in old_store.scan(b"totals\0")] == [b"totals\0a", b"totals\0b"]


def test_a_changelog_of_another_format_is_refused() -> None:
    world = World()
    world.log.append(
        Outgoing(CHANGELOG, POSITION_KEY, Position(format=9, born="x", from_start=True, next=0, now=0).encoded())
    )
    with pytest.raises(RestoreFailed, match="format 9"):
        world.start()


def test_a_hanging_transaction_in_the_changelog_is_not_read_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.tasks.changelog._SETTLING", 0.0)
    world = World()
    writer = world.log.writer(
        "somebody-else", lambda step: None if step != "written" else (_ for _ in ()).throw(Died())
    )
    with pytest.raises(Died):
        writer.commit([Outgoing(CHANGELOG, b"k", b"v")])
    with pytest.raises(RestoreFailed, match="hangs"):
        world.start()


def test_a_batch_ends_before_it_outgrows_its_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.tasks.task.BATCH_WRITES", 32)  # an eighth of it at first
    world = World()
    for number in range(10):
        world.say(f"k{number}", 20)
    task = world.start()
    progress = task.process(world.fetch(task))
    assert (progress.consumed, progress.waiting) == (3, False)
    while records := world.fetch(task):
        task.process(records)
    assert len(world.totals()) == 10


def test_batches_shrink_while_transactions_are_slow_and_grow_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.tasks.task.BATCH_RECORDS", 64)
    world, slow = World(), 6.0
    world.log.crash = lambda step: world.sleep(slow) if slow and step == "written" else None
    for number in range(300):
        world.say(f"k{number}", 20)
    task = world.start()
    sizes = [task.process(world.fetch(task)).consumed for _ in range(5)]
    assert sizes == [8, 4, 2, 1, 1]
    slow = 3.0  # a busy machine
    assert [task.process(world.fetch(task)).consumed for _ in range(2)] == [1, 1]
    slow = 0.0
    sizes = []
    while records := world.fetch(task):
        sizes.append(task.process(records).consumed)
    assert sizes[:7] == [1, 2, 4, 8, 16, 32, 64]
    assert max(sizes) == 64
    assert len(world.totals()) == 300


def test_state_is_what_the_contract_says(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    class Reader(Counting):
        def step(self, state: State, received: Received, now: int) -> list[object]:  # type: ignore[override]
            seen.append(len(list(state.scan(TOTALS))))
            return list(super().step(state, received, now))

    world = World()
    world.make_stage = Reader  # type: ignore[method-assign]
    for who in "aab":
        world.say(who, 20)
    task = world.start()
    task.process(world.fetch(task))
    assert seen == [0, 1, 1]
