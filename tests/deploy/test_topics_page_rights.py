"""The topic page tells every right that provisioning grants to a topic, and no other."""

from __future__ import annotations

import re

import pytest

from deploy.provision.cluster import Operation, Resource
from deploy.provision.rights import rights
from schemas.participants import Kind, Participant, Participants, Service
from schemas.topics import all_topics, service_user
from schemas.topics_page import page

DECLARED = Participants(
    members={
        member.code: member
        for member in (
            Participant(
                code="bd",
                name="",
                services={"border": Service(events=("incidents",)), "desk": Service(events=("watchlist", "responses"))},
            ),
            Participant(code="un", name="", kind=Kind.ORGANISATION),
            Participant(code="ccc", name="", kind=Kind.COORDINATOR),
            Participant(code="xa", name="", kind=Kind.CANARY),
            Participant(code="np", name="", forwarded=False),
        )
    }
)


def told() -> dict[str, tuple[list[str], list[str]]]:
    """Writers and readers by topic, as the page has them."""
    rows = [line.strip("| ").split(" | ") for line in page().splitlines() if line.startswith("| ")]
    cells = [row for row in rows if row[0] != "topic"]
    return {row[0].replace("&lt;", "<").replace("&gt;", ">"): (row[6].split(", "), row[7].split(", ")) for row in cells}


def spoken(principal: str, topic: str, participants: Participants) -> str:
    """How the page calls a principal of a topic."""
    code = topic.rpartition(".")[2]
    if principal == code:
        return "the participant"
    services = participants.members[code].services if code in participants else ()
    return "its services for this event" if principal in {service_user(code, name) for name in services} else principal


@pytest.mark.parametrize("operation", [Operation.WRITE, Operation.READ])
def test_every_right_is_on_the_page_and_every_user_of_the_page_has_it(operation: Operation) -> None:
    cells = {name: {_bare(who) for who in users[operation is Operation.READ]} for name, users in told().items()}
    granted: dict[str, set[str]] = {name: set() for name in cells}
    for acl in rights(DECLARED, all_topics(DECLARED)):
        if acl.resource is Resource.TOPIC and acl.operation is operation:
            name = re.sub(r"\.[a-z]{2,3}$", ".<cc>", acl.name)
            granted[name].add(spoken(acl.principal, acl.name, DECLARED))
    assert granted == cells


def test_whose_alerts_a_consumer_may_not_read_is_said() -> None:
    readers = told()["alerts.<cc>"][1]
    assert "consumer-metrics (of `ccc` alone)" in readers
    assert "consumer-forwarder (not of canaries and participants with `forwarded = false`)" in readers


def _bare(who: str) -> str:
    return who.partition(" (")[0]
