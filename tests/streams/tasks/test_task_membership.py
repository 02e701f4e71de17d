"""A worker neither joins its group before a broker is known, nor stands still once its part in the group has ended."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.protocol.metadata import MetadataResponse_v0

from streams.tasks.errors import GroupLost
from streams.tasks.membership import know_brokers, know_topics, know_topics_first, watch


class Starting:
    """A client whose broker says a few times that there is none, as one does that is just starting."""

    def __init__(self, times: int, brokers_first: bool = False) -> None:
        self.cluster = ClusterMetadata()
        self._times, self.brokers_first = times, brokers_first

    async def force_metadata_update(self) -> None:
        self._times -= 1
        started = self._times <= 0
        brokers = [(1, "127.0.0.1", 9092)] if started or self.brokers_first else []
        topics = [(0, "cases", [(0, 0, 1, [1], [1])])] if started else []
        self.cluster.update_metadata(MetadataResponse_v0(brokers, topics))


def test_the_client_asserts_that_a_broker_is_known() -> None:
    """The reason for waiting: when this fails, aiokafka has changed, and `know_brokers` may go."""
    client = SimpleNamespace(get_random_node=lambda: None)

    with pytest.raises(AssertionError, match="bootstrap"):
        asyncio.run(AIOKafkaClient.coordinator_lookup(client, 0, "gate"))  # type: ignore[arg-type]


def test_a_broker_that_knows_of_none_yet_is_asked_again() -> None:
    client = Starting(3)

    asyncio.run(asyncio.wait_for(know_brokers(client, 0.0), 10))

    assert [broker.nodeId for broker in client.cluster.brokers()] == [1]


def distributing(client: Starting, within: float = 10.0) -> dict[str, set[int] | None]:
    """What the leader of a group knows of its topics when it distributes them."""
    known: dict[str, set[int] | None] = {}

    async def perform(response: object) -> None:
        known.update({topic: client.cluster.partitions_for_topic(topic) for topic in ("cases", "gone")})

    async def distribute() -> None:
        await know_topics(client, ["cases"], within, 0.0)
        subscribed = SimpleNamespace(subscription=SimpleNamespace(topics=["cases"]))
        coordinator = SimpleNamespace(_perform_assignment=perform, _client=client, _subscription=subscribed)
        know_topics_first(coordinator)
        await coordinator._perform_assignment(None)

    asyncio.run(distribute())
    return known


def test_partitions_are_distributed_once_they_are_known() -> None:
    assert distributing(Starting(3, brokers_first=True)) == {"cases": {0}, "gone": None}


def test_a_topic_that_is_not_there_keeps_the_others_from_nobody() -> None:
    client = Starting(1)

    asyncio.run(know_topics(client, ["cases", "gone"], 0.01, 0.0))

    assert client.cluster.partitions_for_topic("cases") == {0}


async def _ending(task_of: str) -> list[GroupLost]:
    heard: list[GroupLost] = []

    async def part() -> None:
        if task_of == "error":
            raise AssertionError("Did we not perform bootstrap?")
        if task_of == "cancelled":
            await asyncio.sleep(60)

    task = asyncio.create_task(part())
    watch(task, "taking part in the group", heard.append)
    await asyncio.sleep(0)
    if task_of == "cancelled":
        task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    return heard


def test_an_error_that_ends_the_part_in_the_group_is_told() -> None:
    (lost,) = asyncio.run(_ending("error"))

    assert "Did we not perform bootstrap?" in str(lost)


@pytest.mark.parametrize("how", ["done", "cancelled"])
def test_an_ordinary_end_is_not(how: str) -> None:
    assert asyncio.run(_ending(how)) == []
