"""A worker neither joins its group before a broker is known, nor stands still once its part in the group has ended."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.protocol.metadata import MetadataResponse_v0

from streams.tasks.errors import GroupLost
from streams.tasks.membership import know_brokers, watch


class Starting:
    """A client whose broker says a few times that there is none, as one does that is just starting."""

    def __init__(self, times: int) -> None:
        self.cluster = ClusterMetadata()
        self._times = times

    async def force_metadata_update(self) -> None:
        self._times -= 1
        brokers = [] if self._times > 0 else [(1, "127.0.0.1", 9092)]
        self.cluster.update_metadata(MetadataResponse_v0(brokers, [("t", 1)][:0]))


def test_the_client_asserts_that_a_broker_is_known() -> None:
    """The reason for waiting: when this fails, aiokafka has changed, and `know_brokers` may go."""
    client = SimpleNamespace(get_random_node=lambda: None)

    with pytest.raises(AssertionError, match="bootstrap"):
        asyncio.run(AIOKafkaClient.coordinator_lookup(client, 0, "gate"))  # type: ignore[arg-type]


def test_a_broker_that_knows_of_none_yet_is_asked_again() -> None:
    client = Starting(3)

    asyncio.run(asyncio.wait_for(know_brokers(client, 0.0), 10))

    assert [broker.nodeId for broker in client.cluster.brokers()] == [1]


async def _ending(task_of: str) -> list[GroupLost]:
    heard: list[GroupLost] = []

    async def part() -> None:
        if task_of == "error":
            raise AssertionError("Did we not perform bootstrap?")
        if task_of == "cancelled":
            await asyncio.sleep(60)

    task = asyncio.create_task(part())
    watch(task, heard.append)
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
