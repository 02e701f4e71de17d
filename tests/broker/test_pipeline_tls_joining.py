"""The pipeline over TLS, and a bureau that joins while it runs: one small stack of its own serves both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner

from deploy.provision import provision
from deploy.stack.local import Stack, running_stack
from deploy.stack.processes import workers
from producers import CountryProducer
from schemas.codes import RejectReason
from schemas.envelope import Delegation
from schemas.participants import load_participants
from tests.broker.pipeline import Pipeline, border_check, document_record, fresh, fresh_number, traveller
from tocsin.cli import build
from tocsin.runtime.certificates import expiry
from tocsin.runtime.producing import Refusal
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

DECLARATION = """partitions = 2

# The order and the words here stay as they are.
[participants.bd]
name = "Bangladesh"
zone = "Asia/Dhaka"

[participants.bd.services.desk]
events = ["incidents"]

[participants.fr]
name = "France"
zone = "Europe/Paris"

[participants.ccc]
name = "Command and Coordination Centre"
kind = "coordinator"
"""


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    state = tmp_path_factory.mktemp("tls")
    declaration = state / "bureaus.toml"
    declaration.write_text(DECLARATION)
    participants = load_participants(declaration)

    def make(stack: Stack) -> None:
        provision(participants, connect("admin", stack.settings), stack.registry, stack.state)

    with running_stack(state, workers=workers(1), provision=make, tls=True) as stack:
        yield Pipeline(stack, participants)


def alerted(pipeline: Pipeline, code: str, incidents: set[str]) -> list[str]:
    """Incidents that `code` was alerted of, once all of `incidents` are among them."""
    found = pipeline.eventually(
        lambda: pipeline.alerts(code), lambda it: it.incident is not None and it.incident.incident_id in incidents,
        count=len(incidents),
    )  # fmt: skip
    return [alert.incident.incident_id for alert in found if alert.incident]


def test_an_alert_goes_through_where_every_client_speaks_tls(secure: Pipeline) -> None:
    number, incident = fresh_number(), fresh("incident")
    secure.publish(document_record("fr", fresh("entry"), number))
    secure.publish(border_check("bd", incident, traveller("Karim Uddin", number)))

    assert secure.stack.security_protocol == "SASL_SSL"
    assert secure.stack.registry.startswith("https://")
    for code in ("bd", "fr", "ccc"):
        assert alerted(secure, code, {incident}) == [incident]


def test_a_service_publishes_with_its_own_user_and_key_what_it_may_and_only_in_its_own_name(secure: Pipeline) -> None:
    desk, own = connect("bd-desk", secure.stack.settings), connect("bd", secure.stack.settings)
    named, number = Delegation(service="desk"), fresh_number()
    secure.publish(document_record("fr", fresh("entry"), number))
    met = [
        border_check("bd", fresh("incident"), traveller("Karim Uddin", number), delegation=said)
        for said in (named, None, named)
    ]
    for connection, incident in zip((desk, desk, own), met, strict=True):
        with CountryProducer("bd", connection) as producer:
            producer.publish_incident(incident)
        assert producer.delivered == 1
    listed = document_record("bd", fresh("entry"), number, delegation=named)
    # The bureau's own user puts it into the topic, where the broker lets the service write nothing.
    with CountryProducer("bd", own.model_copy(update={"signing_key": desk.signing_key})) as producer:
        producer.publish_entry(listed)
    with CountryProducer("bd", desk) as producer:
        producer.publish_entry(listed)
    assert (producer.delivered, dict(producer.refused)) == (0, {Refusal.NOT_AUTHORISED: 1})

    assert secure.signing_key("bd-desk").key_id != secure.signing_key("bd").key_id
    assert alerted(secure, "bd", {met[0].incident_id}) == [met[0].incident_id]
    refused = {met[1].event_id, met[2].event_id, listed.event_id}
    found = secure.eventually(lambda: secure.rejects("bd"), lambda it: it.event_id in refused, count=3)
    assert {it.reason for it in found} == {RejectReason.NOT_DELEGATED}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"ca_file": None}, {KafkaError._SSL}),
        ({"security_protocol": "SASL_PLAINTEXT"}, {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}),
    ],
    ids=["a client that does not know the authority", "a client without TLS"],
)
def test_no_other_client_gets_through_to_the_broker(
    secure: Pipeline, change: dict[str, object], codes: set[int]
) -> None:
    seen: set[int] = set()
    connection = connect("bd", secure.stack.settings).model_copy(update=change)
    client = AdminClient(
        connection.as_librdkafka() | {"log_level": 0, "error_cb": lambda error: seen.add(error.code())}
    )

    while not seen & codes:
        with pytest.raises(KafkaException):
            client.list_topics(timeout=0.3)
        client.poll(0)


def test_one_key_follows_another_while_events_flow_and_a_stolen_one_ends(
    secure: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_STATE", str(secure.stack.state))
    monkeypatch.delenv("TOCSIN_BUREAUS", raising=False)
    number, stolen = fresh_number(), secure.signing_key("bd")
    met = [border_check("bd", fresh("incident"), traveller("Karim Uddin", number)) for _ in range(3)]
    secure.publish(document_record("fr", fresh("entry"), number))

    with CountryProducer("bd", connect("bd", secure.stack.settings)) as earlier:  # goes on with the key it began with
        rotated = CliRunner().invoke(build(), ["key", "new", "bd"], catch_exceptions=False)
        earlier.publish_incident(met[0])
        earlier.flush()
        secure.publish(met[1])
        heard = {it.incident_id for it in met[:2]}
        assert sorted(alerted(secure, "bd", heard)) == sorted(heard)
        ended = CliRunner().invoke(build(), ["key", "end", "bd", stolen.key_id], catch_exceptions=False)
        earlier.publish_incident(met[2])

    assert (rotated.exit_code, ended.exit_code) == (0, 0), rotated.output + ended.output
    assert secure.signing_key("bd").key_id != stolen.key_id
    secure.eventually(
        lambda: secure.rejects("bd"),
        lambda it: it.event_id == met[2].event_id and it.reason is RejectReason.KEY_NOT_VALID,
    )


def test_the_registry_is_only_believed_with_the_authoritys_certificate(secure: Pipeline) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{secure.stack.registry}/subjects", trust_env=False)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{secure.stack.registry.replace('https', 'http')}/subjects", trust_env=False)


def test_until_when_the_servers_certificate_is_valid_can_be_read(secure: Pipeline) -> None:
    assert secure.stack.ca_file is not None
    assert expiry(secure.stack.ca_file.with_name("server.crt")) < expiry(secure.stack.ca_file)


def test_a_bureau_joins_while_events_flow_and_nothing_is_lost_or_said_twice(
    secure: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_STATE", str(secure.stack.state))
    monkeypatch.delenv("TOCSIN_BUREAUS", raising=False)
    number, joined, published = fresh_number(), threading.Event(), set[str]()
    secure.publish(document_record("fr", fresh("entry"), number))

    def go_on() -> None:
        while not joined.is_set():
            incident = fresh("incident")
            secure.publish(border_check("bd", incident, traveller("Karim Uddin", number)))
            published.add(incident)
            joined.wait(0.5)

    flowing = threading.Thread(target=go_on)
    flowing.start()
    try:
        typed = ["add-bureau", "KE", "--zone", "Africa/Nairobi", "--yes"]
        said = CliRunner().invoke(build(), typed, catch_exceptions=False)
    finally:
        joined.set()
        flowing.join()
    again = CliRunner().invoke(build(), ["add-bureau", "ke", "--zone", "Africa/Lagos", "--yes"])

    assert said.exit_code == 0, said.output
    assert "+ topic incidents.ke" in said.output
    assert "declared already, as 'Kenya'" in str(again.exception)
    declaration = Path(secure.stack.state / "bureaus.toml").read_text()
    assert declaration.startswith(DECLARATION.rstrip())
    own = fresh("incident")
    secure.publish(border_check("ke", own, traveller("Karim Uddin", number)))
    assert alerted(secure, "ke", {own}) == [own]
    assert sorted(alerted(secure, "bd", published)) == sorted(published)
