"""Three brokers form one cluster that goes on without any one of them; its size stays, passwords are asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.stack import kafka, preparing
from deploy.stack.artifacts import Artifacts
from deploy.stack.errors import StackError
from deploy.stack.processes import Process, broker, is_broker
from deploy.stack.rolling import in_turn

NODES = [kafka.Node(number, 20_000 + number, 21_000 + number) for number in (1, 2, 3)]


def settings(state: Path, nodes: list[kafka.Node], number: int) -> dict[str, str]:
    folder = kafka.folder_of(state, number)
    folder.mkdir(parents=True, exist_ok=True)
    text = kafka.write_properties(folder, state, nodes[number - 1], nodes).read_text()
    return dict(line.split("=", 1) for line in text.splitlines())


def test_each_of_three_brokers_votes_with_the_others_and_replicates(tmp_path: Path) -> None:
    made = [settings(tmp_path, NODES, number) for number in (1, 2, 3)]

    assert [one["node.id"] for one in made] == ["1", "2", "3"]
    assert {one["controller.quorum.voters"] for one in made} == {
        "1@127.0.0.1:21001,2@127.0.0.1:21002,3@127.0.0.1:21003"
    }
    assert len({one["log.dirs"] for one in made}) == 3
    kept = ("default", "offsets.topic", "transaction.state.log")
    assert {one[f"{name}.replication.factor"] for one in made for name in kept} == {"3"}
    assert {one[name] for one in made for name in ("min.insync.replicas", "transaction.state.log.min.isr")} == {"2"}


def test_one_broker_keeps_everything_once(tmp_path: Path) -> None:
    made = settings(tmp_path, NODES[:1], 1)

    assert (made["transaction.state.log.replication.factor"], made["min.insync.replicas"]) == ("1", "1")


def test_a_cluster_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        data = kafka.folder_of(tmp_path, number) / "data"
        data.mkdir(parents=True)
        (data / "meta.properties").touch()

    with pytest.raises(StackError, match="--brokers 3"):
        kafka.prepare(tmp_path, Artifacts(Path("java"), (), Path("registry")), NODES[:1])


def test_brokers_are_known_by_their_names_and_restarted_by_nobody_in_turn() -> None:
    names = [broker(number) for number in (1, 2, 3)]

    assert names == ["broker", "broker-2", "broker-3"]
    assert all(map(is_broker, names))
    assert not is_broker("joins-2")
    assert in_turn([*names, "gate", "cases"]) == ["cases", "gate"]
    assert Process(names[1], (), 1).health is None, "asked as a Kafka client, as the first one is"


def test_whoever_is_connected_shows_the_password_again_within_the_hour_local_or_prepared(tmp_path: Path) -> None:
    preparing.prepare(tmp_path / "prepared", "kafka.example")
    text = (tmp_path / "prepared" / "broker" / "server.properties").read_text()
    prepared = dict(line.split("=", 1) for line in text.splitlines())

    for made in (settings(tmp_path, NODES[:1], 1), settings(tmp_path / "three", NODES, 3), prepared):
        mechanism = made["listener.name.client.sasl.enabled.mechanisms"].lower()
        assert 0 < int(made[f"listener.name.client.{mechanism}.connections.max.reauth.ms"]) <= 3_600_000
