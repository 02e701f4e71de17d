"""The plan is the difference between declaration and cluster, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import deploy
from deploy.provision.cluster import Acl, Cluster, Operation, Resource
from deploy.provision.declaration import PRODUCTION, desired, fingerprint, limits
from deploy.provision.plan import (
    Change,
    ConfigureTopic,
    CreateTopic,
    Grant,
    GrowTopic,
    MakeKey,
    RegisterSchema,
    RemoveUser,
    Revoke,
    SetCompatibility,
    SetQuota,
    SetUser,
    plan,
)
from schemas.normal_form import normal_form
from schemas.participants import Participant, Participants, Service, load_participants

SHIPPED = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
WANTED = desired(SHIPPED)


def fulfilled(wanted: Cluster = WANTED) -> Cluster:
    """The cluster as it is read back when everything was made."""
    schemas = {name: tuple(normal_form(one) for one in versions) for name, versions in wanted.schemas.items()}
    return replace(wanted, schemas=schemas, made=wanted.users)


def without(code: str, participants: Participants = SHIPPED) -> Participants:
    members = {key: value for key, value in participants.members.items() if key != code}
    return participants.model_copy(update={"members": members})


def kinds(changes: tuple[Change, ...]) -> set[type[Change]]:
    return {type(change) for change in changes}


def test_an_empty_cluster_gets_everything_once() -> None:
    made = plan(WANTED, Cluster())

    assert kinds(made.changes) == {
        CreateTopic,
        SetUser,
        SetQuota,
        MakeKey,
        Grant,
        SetCompatibility,
        RegisterSchema,
    }
    assert len([c for c in made.changes if isinstance(c, CreateTopic)]) == len(WANTED.topics)
    assert len([c for c in made.changes if isinstance(c, Grant)]) == len(WANTED.acls)
    assert not made.refused
    assert not made.notes


def test_a_provisioned_cluster_needs_nothing() -> None:
    made = plan(WANTED, fulfilled())

    assert (made.changes, made.refused, made.notes) == ((), (), ())


def test_users_come_before_their_rights_and_compatibility_before_schemas() -> None:
    order = [type(change) for change in plan(WANTED, Cluster()).changes]

    assert order.index(SetUser) < order.index(CreateTopic) < order.index(Grant)
    assert order.index(SetCompatibility) < order.index(RegisterSchema)


def test_a_participant_that_joins_brings_its_topics_its_user_and_the_workers_rights() -> None:
    made = plan(WANTED, fulfilled(desired(without("fr"))))

    assert {change.name for change in made.changes if isinstance(change, CreateTopic)} == {
        f"{kind}.fr" for kind in ("incidents", "watchlist", "responses", "rejects", "alerts")
    }
    assert [change.name for change in made.changes if isinstance(change, SetUser)] == ["fr"]
    assert [change.name for change in made.key_changes] == ["fr"]
    assert {change.name for change in made.changes if isinstance(change, Grant)} == {
        "fr",
        "worker-gate",
        "worker-joins",
        "worker-cases",
        "consumer-forwarder",
    }
    assert not [change for change in made.changes if isinstance(change, Revoke | RemoveUser)]


def test_a_participant_that_left_loses_its_user_and_rights_but_its_data_is_kept() -> None:
    made = plan(desired(without("np")), fulfilled())

    assert [change.name for change in made.changes if isinstance(change, RemoveUser)] == ["np"]
    revoked = [change.acl for change in made.changes if isinstance(change, Revoke)]
    assert {acl for acl in fulfilled().acls if acl.principal == "np"} <= set(revoked)
    assert all("np" in (acl.principal, acl.name.rpartition(".")[2]) for acl in revoked if acl)
    assert kinds(made.changes) == {RemoveUser, Revoke, SetQuota}
    assert [change.values for change in made.changes if isinstance(change, SetQuota)] == [
        {"producer_byte_rate": None, "consumer_byte_rate": None, "request_percentage": None}
    ]
    assert sum("np: its participant is not declared; its data is kept" in note for note in made.notes) == 5


def test_every_participant_and_service_has_limits_and_the_difference_is_shown() -> None:
    members = SHIPPED.members | {
        "bd": SHIPPED.members["bd"].model_copy(
            update={"write_rate": 2.0, "services": {"check": Service(events=("incidents",))}}
        )
    }
    made = plan(desired(SHIPPED.model_copy(update={"members": members})), fulfilled())

    limits = {change.name: str(change) for change in made.changes if isinstance(change, SetQuota)}
    assert limits == {
        "bd": "~ quota bd: producer_byte_rate 10485760 → 2097152",
        "bd-check": "+ quota bd-check: consumer_byte_rate none → 52428800, producer_byte_rate none → 2097152,"
        " request_percentage none → 100",
    }
    assert WANTED.quotas.keys() == set(SHIPPED.codes)


@pytest.mark.parametrize(("rate", "bytes_"), [(10.0, 10_485_760.0), (0.01, 10_486.0), (1e-9, 1.0)])
def test_a_limit_is_a_whole_number_of_bytes_since_the_broker_takes_no_other(rate: float, bytes_: float) -> None:
    slow = SHIPPED.members["bd"].model_copy(update={"write_rate": rate, "read_rate": rate})
    quota = limits(SHIPPED.model_copy(update={"members": {"bd": slow}}))["bd"]

    assert (quota["producer_byte_rate"], quota["consumer_byte_rate"]) == (bytes_, bytes_)


def test_limits_of_users_that_are_not_ours_are_left_alone() -> None:
    there = replace(fulfilled(), quotas=WANTED.quotas | {"sre": {"producer_byte_rate": 1.0}})
    assert plan(WANTED, there).changes == ()


def test_a_user_that_was_not_made_here_is_not_ours_whatever_its_name() -> None:
    reads = Acl("sre", Resource.TOPIC, "quarantine", Operation.READ)
    theirs = {"sre", "ops", "ci-deploy"}
    there = replace(fulfilled(), users=WANTED.users | theirs, acls=WANTED.acls | {reads})
    made = plan(WANTED, there)

    assert (made.changes, made.refused) == ((), ())
    assert made.notes == (f"right of a user that is not ours, left alone: {reads}",)


def test_a_secret_file_alone_makes_nobody_ours_but_it_is_said() -> None:
    there = replace(fulfilled(), users=WANTED.users | {"sre", "admin"}, secrets=WANTED.secrets | {"sre", "admin"})
    made = plan(WANTED, there)

    assert made.changes == ()
    assert made.notes == (
        "user sre: not declared, has a secret file, but was not made from this state folder; left alone",
    )


def test_rights_of_a_user_of_ours_that_is_gone_already_are_taken_too() -> None:
    there = replace(fulfilled(), users=WANTED.users - {"np"})

    assert "np" in {change.name for change in plan(desired(without("np")), there).changes if isinstance(change, Revoke)}


def test_passwords_of_users_that_were_not_made_here_are_refused_naming_them_and_both_ways_out() -> None:
    there = replace(fulfilled(), secrets=WANTED.secrets - {"bd", "fr"}, made=frozenset({"fr"}))
    made = plan(WANTED, there)

    assert [change.name for change in made.changes] == ["fr"]
    (line,) = made.refused
    assert line.startswith("user bd: on the broker already")
    assert "into its folder secrets" in line
    assert line.endswith("with --rotate")
    assert [change.name for change in plan(WANTED, there, rotate=True).changes] == ["bd", "fr"]
    assert plan(WANTED, there, rotate=True).refused == ()


def test_another_state_folder_sets_no_password_unasked() -> None:
    made = plan(WANTED, replace(fulfilled(), secrets=frozenset({"admin"}), made=frozenset()))

    assert made.changes == ()
    (line,) = made.refused
    assert line.startswith("users af, auditor, bd, ")
    assert f"and {len(WANTED.users) - 8} more: " in line


def test_rotating_leaves_passwords_alone_that_are_here() -> None:
    assert plan(WANTED, replace(fulfilled(), made=frozenset()), rotate=True).changes == ()


def test_a_right_granted_to_our_user_by_hand_is_taken_away() -> None:
    stray = Acl("bd", Resource.TOPIC, "alerts.fr", Operation.READ)
    made = plan(WANTED, replace(fulfilled(), acls=WANTED.acls | {stray}))

    assert [change.acl for change in made.changes if isinstance(change, Revoke)] == [stray]
    assert len(made.changes) == 1


@pytest.mark.parametrize(
    "foreign",
    [
        Acl("mirrormaker", Resource.TOPIC, "alerts.", Operation.READ, prefixed=True),
        Acl("*", Resource.TOPIC, "alerts.fr", Operation.READ),
        Acl("admin", Resource.CLUSTER, "kafka-cluster", Operation.ALL),
        Acl("bd", Resource.TOPIC, "incidents.bd", Operation.WRITE, allow=False),
    ],
    ids=["user of another system", "everybody", "super user", "bureau locked out by hand"],
)
def test_what_others_set_is_shown_and_left_alone(foreign: Acl) -> None:
    made = plan(WANTED, replace(fulfilled(), acls=WANTED.acls | {foreign}))

    assert made.changes == ()
    assert [str(foreign) in note for note in made.notes] == [True]


def test_other_settings_of_a_topic_are_set_back_and_unknown_ones_left_alone() -> None:
    topic = WANTED.topics["persons"]
    changed = replace(topic, config=topic.config | {"delete.retention.ms": "1", "flush.ms": "1000"})
    made = plan(WANTED, replace(fulfilled(), topics=WANTED.topics | {"persons": changed}))

    (change,) = made.changes
    assert isinstance(change, ConfigureTopic)
    assert change.config == {"delete.retention.ms": "1209600000"}
    assert change.detail == "delete.retention.ms 1 → 1209600000"


def test_a_country_topic_may_grow() -> None:
    there = replace(WANTED.topics["incidents.bd"], partitions=1)
    bigger = Participant.model_validate({"code": "bd", "name": "Bangladesh", "partitions": 4})
    grown = SHIPPED.model_copy(update={"members": SHIPPED.members | {"bd": bigger}})
    made = plan(desired(grown), replace(fulfilled(), topics=WANTED.topics | {"incidents.bd": there}))

    assert {(change.name, change.partitions) for change in made.changes if isinstance(change, GrowTopic)} == {
        (f"{kind}.bd", 4) for kind in ("incidents", "watchlist", "responses", "rejects", "alerts")
    }
    assert not made.refused


@pytest.mark.parametrize(("topic", "there"), [("cases", 4), ("cases", 16), ("incidents.bd", 2)])
def test_partitions_that_only_a_migration_can_change_are_refused(topic: str, there: int) -> None:
    other = replace(WANTED.topics[topic], partitions=there)
    made = plan(WANTED, replace(fulfilled(), topics=WANTED.topics | {topic: other}))

    assert len(made.refused) == 1
    assert f"topic {topic} has {there} partitions" in made.refused[0]


def test_a_lost_secret_file_of_a_user_made_here_means_a_new_password() -> None:
    made = plan(WANTED, replace(fulfilled(), secrets=WANTED.secrets - {"bd"}))

    (change,) = made.changes
    assert isinstance(change, SetUser)
    assert str(change) == "~ user bd: new password: its secret file is not there"


def test_users_of_others_are_left_alone() -> None:
    made = plan(WANTED, replace(fulfilled(), users=WANTED.users | {"admin", "mirrormaker", "grafana"}))

    assert made.changes == ()


def test_a_weaker_compatibility_is_raised_even_of_one_subject() -> None:
    levels = dict(WANTED.compatibility) | {"": "BACKWARD", "tocsin.Alert": "NONE"}
    made = plan(WANTED, replace(fulfilled(), compatibility=levels))

    assert {(c.subject, c.level) for c in made.changes if isinstance(c, SetCompatibility)} == {
        ("", "FULL_TRANSITIVE"),
        ("tocsin.Alert", "FULL_TRANSITIVE"),
    }


def test_too_few_replicas_are_pointed_out() -> None:
    made = plan(desired(SHIPPED, PRODUCTION), fulfilled())

    assert {type(change) for change in made.changes} == {ConfigureTopic}
    assert len([note for note in made.notes if "1 replicas, 3 are wanted" in note]) == len(WANTED.topics)


def test_no_line_of_a_plan_can_hold_a_secret() -> None:
    for change in plan(WANTED, Cluster()).changes:
        assert "password=" not in str(change)
        if isinstance(change, SetUser):
            assert str(change) == f"+ user {change.name}"


def test_the_fingerprint_changes_with_the_declaration_and_only_with_it() -> None:
    assert fingerprint(SHIPPED) == fingerprint(SHIPPED)
    assert fingerprint(SHIPPED) != fingerprint(without("np"))
    assert fingerprint(SHIPPED) != fingerprint(SHIPPED, PRODUCTION)


def test_a_registry_of_others_keeps_its_level_and_each_subject_of_ours_gets_its_own() -> None:
    wanted = desired(SHIPPED, shared_registry=True)
    there = replace(fulfilled(wanted), schemas={}, compatibility={"": "BACKWARD"} | dict.fromkeys(wanted.schemas))
    made = plan(wanted, there)

    levels = [change.subject for change in made.changes if isinstance(change, SetCompatibility)]
    assert sorted(levels) == sorted(wanted.schemas)
    assert isinstance(made.changes[0], RegisterSchema)  # a subject must be there to have a level
    assert isinstance(made.changes[-1], SetCompatibility)
    assert not plan(wanted, fulfilled(wanted)).changes
