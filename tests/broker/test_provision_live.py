"""Provisioning against a real broker and registry: once, again, with a participant more, with one less, in trouble."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion
from pydantic import SecretStr
from typer.testing import CliRunner, Result

import deploy
from deploy.provision import Plan, ProvisioningRefused, RegistryReadOnly, Report, provision
from deploy.provision.declaration import limits
from deploy.provision.plan import RegisterSchema
from deploy.provision.quotas import quotas, set_quotas
from deploy.provision.rights import principals
from deploy.provision.rotating import rotate
from deploy.stack import secret_files
from deploy.stack.local import Stack, running_stack
from schemas.participants import Participants, load_participants
from schemas.topics import all_topics
from tocsin.cli import build
from tocsin.runtime.errors import NotConfigured, Unavailable
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

SHIPPED = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))


def only(*codes: str) -> Participants:
    members = {code: SHIPPED.members[code] for code in codes}
    return Participants(members=members, partitions=2)


SMALL = only("bd", "fr", "ccc")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this module's own: the tests of this file run in order and build on each other."""
    with running_stack(tmp_path_factory.mktemp("provision"), read_only_registry=False) as running:
        yield running


def run(stack: Stack, participants: Participants = SMALL, **options: Any) -> Report:
    return provision(participants, connect("admin", stack.settings), stack.registry, stack.state, **options)


def topics_of(stack: Stack) -> set[str]:
    admin = AdminClient(connect("admin", stack.settings).as_librdkafka())
    return {name for name in admin.list_topics(timeout=20).topics if not name.startswith("__")}


def signs_in(stack: Stack, principal: str) -> bool:
    try:
        AdminClient(connect(principal, stack.settings).as_librdkafka() | {"log_level": 0}).list_topics(timeout=4)
    except KafkaException:
        return False
    return True


def test_1_a_dry_run_shows_everything_and_changes_nothing(empty: Stack) -> None:
    shown: list[Plan] = []
    report = run(empty, dry_run=True, on_plan=shown.append)

    assert shown == [report.plan]
    assert report.plan.changes
    assert not report.applied
    assert topics_of(empty) == set()
    assert {path.name for path in (empty.state / "secrets").iterdir()} == {"admin", "controller"}
    assert httpx.get(f"{empty.registry}/subjects").json() == []


def command(stack: Stack, tmp_path: Path, *options: str, said: str = "") -> Result:
    """`tocsin provision` as it is typed for a cluster that is somewhere else: addresses and a secret."""
    declaration = tmp_path / "bureaus.toml"
    declaration.write_text(
        "partitions = 2\n"
        + "".join(
            f'[participants.{code}]\nname = "{one.name}"\nkind = "{one.kind}"\n' for code, one in SMALL.members.items()
        )
    )
    where = ("--bootstrap", stack.bootstrap, "--registry", stack.registry, "--bureaus", str(declaration))
    return CliRunner().invoke(build(), ["provision", *where, *options], input=said)


def test_1_a_cluster_that_nobody_agreed_to_change_is_left_as_it_is(empty: Stack, tmp_path: Path) -> None:
    password = empty.state / "secrets" / "admin"
    foreign = ("--state", str(tmp_path / "elsewhere"), "--password-file")
    shown = command(empty, tmp_path, *foreign, str(password), "--dry-run")
    unattended = command(empty, tmp_path, *foreign, "-", said=password.read_text())

    assert shown.exit_code == 3
    assert "+ topic incidents.bd" in shown.output
    assert "+ schema" in shown.output
    assert isinstance(unattended.exception, NotConfigured)
    assert "--yes" in str(unattended.exception)
    assert topics_of(empty) == set()
    assert not (tmp_path / "elsewhere").exists()


def test_2_the_first_run_makes_what_the_dry_run_showed(empty: Stack) -> None:
    foreseen = run(empty, dry_run=True).plan
    report = run(empty)

    assert report.applied
    assert report.plan == foreseen
    assert topics_of(empty) == {topic.name for topic in all_topics(SMALL)}
    assert httpx.get(f"{empty.registry}/config").json() == {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert quotas(connect("admin", empty.settings)) == limits(SMALL)


def test_2_a_limit_that_somebody_changed_is_shown_and_mended(empty: Stack) -> None:
    admin = connect("admin", empty.settings)
    set_quotas(admin, {"bd": {"producer_byte_rate": 1.0, "consumer_byte_rate": None}, "sre": {"request_percentage": 5}})

    changed = [str(change) for change in run(empty).plan.changes]

    assert changed == ["~ quota bd: consumer_byte_rate none → 52428800, producer_byte_rate 1 → 10485760"]
    assert quotas(admin) == limits(SMALL) | {"sre": {"request_percentage": 5}}
    set_quotas(admin, {"sre": {"request_percentage": None}})


def test_2_who_writes_faster_than_its_limit_is_slowed_down_and_nobody_else(empty: Stack) -> None:
    admin = connect("admin", empty.settings)
    slow = SMALL.members["bd"].model_copy(update={"write_rate": 0.01})
    set_quotas(admin, {"bd": limits(SMALL.model_copy(update={"members": {"bd": slow}}))["bd"]})
    throttled: dict[str, int] = {}

    def publish(code: str) -> None:
        """A little more than the slow one may in the ten seconds that the broker measures over."""
        said: list[int] = []

        def statistics(text: str) -> None:
            said.append(max(broker["throttle"]["max"] for broker in json.loads(text)["brokers"].values()))

        config = connect(code, empty.settings).as_librdkafka() | {"statistics.interval.ms": 100, "stats_cb": statistics}
        producer = Producer(config)
        for _ in range(12):
            producer.produce(f"incidents.{code}", os.urandom(10_000), b"k")
        assert producer.flush(30) == 0
        seen = len(said)
        while len(said) < seen + 2:  # what came with the last answers is told by the next ones
            producer.poll(0.1)
        throttled[code] = max(said)

    try:
        publish("bd")
        publish("fr")
    finally:
        set_quotas(admin, {"bd": limits(SMALL)["bd"]})
    assert throttled["bd"] > 0
    assert throttled["fr"] == 0


def test_3_the_second_run_has_nothing_to_change_and_keeps_every_secret(empty: Stack, tmp_path: Path) -> None:
    def secrets() -> dict[Path, str]:
        return {path: path.read_text() for path in (empty.state / "secrets").rglob("*") if path.is_file()}

    before = secrets()
    report = run(empty)
    typed = command(empty, tmp_path, "--state", str(empty.state), "--yes")

    assert report.plan.changes == ()
    assert (typed.exit_code, typed.output.splitlines()[0]) == (0, "nothing to change")
    assert secrets() == before


def test_every_principal_has_a_secret_of_its_own_that_its_owner_alone_can_read(empty: Stack) -> None:
    folder = empty.state / "secrets"
    files = [folder / principal for principal in principals(SMALL)]

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len({path.read_text() for path in files}) == len(files)
    assert all(len(path.read_text()) >= 43 for path in files)
    assert signs_in(empty, "bd")
    assert signs_in(empty, "worker-gate")


def test_a_lost_secret_is_replaced_and_the_old_one_refused(empty: Stack) -> None:
    path = empty.state / "secrets" / "fr"
    old = path.read_text()
    path.unlink()
    report = run(empty)

    assert [str(change) for change in report.plan.changes] == ["~ user fr: new password: its secret file is not there"]
    assert path.read_text() != old
    assert signs_in(empty, "fr")
    wrong = connect("fr", empty.settings).model_copy(update={"password": SecretStr(old)})
    with pytest.raises(KafkaException):
        AdminClient(wrong.as_librdkafka() | {"log_level": 0}).list_topics(timeout=3)


def test_a_password_is_rotated_under_clients_that_go_on(empty: Stack) -> None:
    old = connect("bd", empty.settings)
    taken: list[str | None] = []

    def publish(producer: Producer) -> None:
        producer.produce(
            "incidents.bd", b"x", b"k", on_delivery=lambda error, _: taken.append(error.name() if error else None)
        )
        assert producer.flush(20) == 0

    producer = Producer(old.as_librdkafka(enable_idempotence=True) | {"log_level": 0})
    consumer = Consumer(old.as_librdkafka(group_id="bd-rotating", auto_offset_reset="earliest"))
    consumer.assign([TopicPartition("incidents.bd", 0, 0)])
    publish(producer)
    assert consumer.poll(20) is not None

    path = rotate(connect("admin", empty.settings), empty.state, "bd")

    publish(producer)
    assert consumer.poll(20) is not None
    assert path.read_text() != old.password.get_secret_value()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signs_in(empty, "bd")
    publish(Producer(connect("bd", empty.settings).as_librdkafka(enable_idempotence=True)))
    assert taken == [None] * 3
    consumer.close()
    with pytest.raises(KafkaException):
        AdminClient(old.as_librdkafka() | {"log_level": 0}).list_topics(timeout=3)
    assert run(empty).plan.changes == ()
    for impossible in ("admin", "nobody"):
        with pytest.raises(ProvisioningRefused):
            rotate(connect("admin", empty.settings), empty.state, impossible)


def test_users_of_others_are_left_alone_whatever_their_names(empty: Stack) -> None:
    admin = AdminClient(connect("admin", empty.settings).as_librdkafka())
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    theirs = [UserScramCredentialUpsertion(name, info, b"their-own") for name in ("sre", "ci-deploy")]
    for done in admin.alter_user_scram_credentials(theirs).values():
        done.result(20)
    report = run(empty)

    assert report.plan.changes == ()
    sre = connect("bd", empty.settings).model_copy(update={"user": "sre", "password": SecretStr("their-own")})
    AdminClient(sre.as_librdkafka() | {"log_level": 0}).list_topics(timeout=10)


def test_another_state_folder_is_refused_before_it_resets_a_password_and_rotates_when_asked(
    empty: Stack, tmp_path: Path
) -> None:
    def elsewhere(**options: Any) -> Report:
        return provision(SMALL, connect("admin", empty.settings), empty.registry, tmp_path, **options)

    with pytest.raises(ProvisioningRefused, match=r"nothing was changed: users .*bd, .*--rotate"):
        elsewhere()
    assert signs_in(empty, "bd")
    assert not (tmp_path / "secrets").exists()

    for name in principals(SMALL):  # all but one are handed over
        if name != "fr":
            secret_files.write_private(
                secret_files.folder(tmp_path) / name, (empty.state / "secrets" / name).read_text()
            )
    assert [str(change) for change in elsewhere(rotate=True, signing_keys=False).plan.changes] == [
        "~ user fr: new password: its secret file is not there"
    ]
    assert not signs_in(empty, "fr")
    assert json.loads((tmp_path / "provisioned-users.json").read_text()).popitem()[1] == ["fr"]
    (empty.state / "secrets" / "fr").write_text((tmp_path / "secrets" / "fr").read_text())
    assert signs_in(empty, "fr")


def test_a_participant_that_joins_and_leaves_again(empty: Stack) -> None:
    run(empty, only("bd", "fr", "np", "ccc"))
    assert signs_in(empty, "np")

    report = run(empty, SMALL)
    assert {change.sign for change in report.plan.changes} == {"-"}
    assert not signs_in(empty, "np")
    assert "incidents.np" in topics_of(empty)
    assert run(empty).plan.changes == ()
    (recorded,) = json.loads((empty.state / "provisioned-users.json").read_text()).values()
    assert recorded == sorted(principals(SMALL))


def test_other_partitions_of_an_internal_topic_are_refused_before_anything_is_changed(empty: Stack) -> None:
    more = only("bd", "fr", "th", "ccc").model_copy(update={"partitions": 3})
    with pytest.raises(ProvisioningRefused, match="nothing was changed: topic sightings has 2 partitions"):
        run(empty, more)

    assert "incidents.th" not in topics_of(empty)


def test_a_wrong_secret_of_the_super_user_is_said_at_once(empty: Stack) -> None:
    guessed = connect("admin", empty.settings).model_copy(update={"password": SecretStr("guessed")})
    with pytest.raises(NotConfigured, match="refuses the secret of 'admin'"):
        provision(SMALL, guessed, empty.registry, empty.state, patience=20)


def test_a_user_that_may_not_administer_is_told_so(empty: Stack) -> None:
    with pytest.raises(NotConfigured, match="'bd' may not administer"):
        provision(SMALL, connect("bd", empty.settings), empty.registry, empty.state, patience=20)


def test_broker_and_registry_away_are_waited_for_and_then_named(empty: Stack) -> None:
    admin = connect("admin", empty.settings)
    with pytest.raises(Unavailable, match=r"broker at 127.0.0.1:1 does not answer"):
        provision(SMALL, admin.model_copy(update={"bootstrap": "127.0.0.1:1"}), empty.registry, empty.state, patience=2)
    with pytest.raises(Unavailable, match=r"registry at http://127.0.0.1:1/ does not answer"):
        provision(SMALL, admin, "http://127.0.0.1:1", empty.state, patience=2)


def test_a_read_only_registry_lets_a_finished_provisioning_run_and_names_what_it_lacks(
    provisioned: Stack, participants: Participants, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(provisioned, participants).plan.changes == ()

    newer = {"type": "record", "name": "Newer", "namespace": "tocsin", "fields": []}
    monkeypatch.setattr("deploy.provision.declaration.published", lambda: {"tocsin.Newer": (newer,)})
    with pytest.raises(RegistryReadOnly, match="is read-only and schemas are missing"):
        run(provisioned, participants, patience=5)


def test_a_registry_is_opened_for_the_time_of_registering_only(
    provisioned: Stack, participants: Participants, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = {"type": "record", "name": "Later", "namespace": "tocsin", "fields": []}
    monkeypatch.setattr("deploy.provision.declaration.published", lambda: {"tocsin.Later": (newer,)})
    report = run(provisioned, participants, writable_registry=provisioned.writable_registry)

    assert [type(change) for change in report.plan.changes] == [RegisterSchema]
    assert "tocsin.Later" in httpx.get(f"{provisioned.registry}/subjects").json()
    assert httpx.delete(f"{provisioned.registry}/subjects/tocsin.Later").status_code >= 400
