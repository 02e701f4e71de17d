"""The main job, end to end, on a real broker."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.codec import Codec
from schemas.codes import AlertStatus, Band, RejectReason, Role
from schemas.events import Incident
from schemas.signing import Headers
from schemas.subjects import BirthDate
from tests.broker.pipeline import (
    Pipeline,
    border_check,
    document_record,
    event_id,
    fresh,
    fresh_number,
    person_notice,
    traveller,
    withdrawn,
)
from tocsin.runtime.registry import RegistrySchemaIds

pytestmark = pytest.mark.broker


def of(incident_id: str, status: AlertStatus = AlertStatus.LIVE) -> Callable[[Alert], bool]:
    """Alerts of one incident. A retraction is content-free, so it is found by the alert that went before."""
    return lambda alert: (
        alert.status is status and alert.incident is not None and (alert.incident.incident_id == incident_id)
    )


def test_a_stolen_passport_at_a_border_alerts_locator_owner_and_ccc_and_nobody_else(pipeline: Pipeline) -> None:
    number, incident_id = fresh_number(), fresh("incident")
    pipeline.publish(document_record("fr", fresh("entry"), number))
    pipeline.publish(border_check("bd", incident_id, traveller("Karim Uddin", number)))

    roles = {"bd": Role.LOCATOR, "fr": Role.OWNER, "ccc": Role.COORDINATOR}
    for code, role in roles.items():
        (alert,) = pipeline.eventually(lambda code=code: pipeline.alerts(code), of(incident_id))
        assert alert.role is role
        assert alert.recipient == code
        assert alert.match is not None
        assert alert.match.band is Band.EXACT
        assert not alert.retrospective
    assert not [alert for alert in pipeline.alerts("np") if of(incident_id)(alert)]


def test_a_record_that_comes_after_the_incident_finds_it(pipeline: Pipeline) -> None:
    number, incident_id = fresh_number(), fresh("incident")
    pipeline.publish(border_check("bd", incident_id, traveller("Karim Uddin", number)))
    pipeline.publish(document_record("fr", fresh("entry"), number))

    for code in ("bd", "fr", "ccc"):
        (alert,) = pipeline.eventually(lambda code=code: pipeline.alerts(code), of(incident_id))
        assert alert.retrospective


def test_a_withdrawn_record_is_retracted_from_everybody_who_had_the_alert(pipeline: Pipeline) -> None:
    number, incident_id = fresh_number(), fresh("incident")
    entry = document_record("fr", fresh("entry"), number)
    pipeline.publish(entry, border_check("bd", incident_id, traveller("Karim Uddin", number)))
    (alert,) = pipeline.eventually(lambda: pipeline.alerts("bd"), of(incident_id))
    pipeline.publish(withdrawn(entry))

    for code in ("bd", "fr", "ccc"):
        (retraction,) = pipeline.eventually(
            lambda code=code: pipeline.alerts(code),
            lambda it: it.alert_id == alert.alert_id and it.status is AlertStatus.RETRACTED,
        )
        assert retraction.revision > alert.revision
        assert retraction.entry is None


def test_a_person_is_found_by_name_and_birth_date_whoever_comes_first(pipeline: Pipeline) -> None:
    name = "Zubayr Qandilzada"
    first, second = fresh("incident"), fresh("incident")
    pipeline.publish(border_check("bd", first, traveller(name, year=1971)))
    pipeline.publish(person_notice("un", fresh("entry"), name, 1971))
    pipeline.publish(border_check("np", second, traveller("Qandilzada Zubayr", year=1971)))

    (earlier,) = pipeline.eventually(lambda: pipeline.alerts("bd"), of(first))
    (later,) = pipeline.eventually(lambda: pipeline.alerts("np"), of(second))
    assert earlier.retrospective
    assert not later.retrospective
    assert later.match is not None
    assert later.match.evidence


def test_a_corrected_incident_takes_its_alert_back(pipeline: Pipeline) -> None:
    number, incident_id = fresh_number(), fresh("incident")
    pipeline.publish(document_record("fr", fresh("entry"), number))
    pipeline.publish(border_check("bd", incident_id, traveller("Karim Uddin", number)))
    (alert,) = pipeline.eventually(lambda: pipeline.alerts("fr"), of(incident_id))
    pipeline.publish(border_check("bd", incident_id, traveller("Karim Uddin", fresh_number()), version=2))

    pipeline.eventually(
        lambda: pipeline.alerts("fr"),
        lambda it: it.alert_id == alert.alert_id and it.status is AlertStatus.RETRACTED,
    )


def another(incident: Incident) -> Incident:
    return incident.model_copy(update={"event_id": event_id()})


def signed_wrongly(pipeline: Pipeline, incident_id: str, made: Callable[[], bytes]) -> dict[bytes, RejectReason]:
    """Publishes messages of bd with signatures that are none; the reason that each must be refused for, by digest."""
    (topic, key, at) = (topics.incidents("bd"), incident_id.encode(), round(time.time() * 1000))
    own, other = pipeline.signing_key("bd"), pipeline.signing_key("np")
    forged: dict[RejectReason, Callable[[bytes], Headers]] = {
        RejectReason.SIGNATURE_MISSING: lambda data: (),
        RejectReason.UNKNOWN_KEY: lambda data: other.headers(topic, key, data, at),
        RejectReason.BAD_SIGNATURE: lambda data: own.headers(topics.responses("bd"), key, data, at),
        RejectReason.STALE: lambda data: own.headers(topic, key, data, at - 8 * topics.DAY),
    }
    said = {}
    for reason, headers in forged.items():
        data = made()
        pipeline.publish_bytes("bd", topic, key, data, headers(data))
        said[hashlib.sha256(data).digest()] = reason
    return said


def test_bad_input_lands_in_the_senders_rejects_and_the_stream_goes_on(pipeline: Pipeline) -> None:
    codec = Codec(RegistrySchemaIds(pipeline.stack.registry))
    incident = border_check("bd", fresh("bad"), traveller("Karim Uddin"))
    topic = topics.incidents("bd")

    def reason_of(data: bytes, key: str | None = None, where: str = topic, code: str = "bd") -> Reject:
        pipeline.publish_bytes(code, where, (key or incident.incident_id).encode(), data)
        digest = hashlib.sha256(data).digest()
        (reject,) = pipeline.eventually(lambda: pipeline.rejects(code), lambda it: it.sha256 == digest)
        assert reject.source_topic == where
        assert reject.head == data[: 64 * 1024]
        assert reject.size == len(data)
        return reject

    assert reason_of(fresh("not avro").encode()).reason is RejectReason.UNDECODABLE
    assert (
        reason_of(b"\0" + (0x7FFFFF00).to_bytes(4, "big") + fresh("x").encode()).reason is RejectReason.UNKNOWN_SCHEMA
    )

    forged = signed_wrongly(pipeline, incident.incident_id, lambda: codec.encode(another(incident)))
    rejects = pipeline.eventually(lambda: pipeline.rejects("bd"), lambda it: it.sha256 in forged, count=len(forged))
    assert {it.sha256: it.reason for it in rejects} == forged

    foreign = border_check("np", incident.incident_id, traveller("Karim Uddin"))
    assert reason_of(codec.encode(foreign)).reason is RejectReason.WRONG_PRODUCER

    ahead = datetime.now(UTC) + timedelta(hours=1)
    late = incident.model_copy(update={"occurred_at": ahead, "event_id": event_id()})
    reject = reason_of(codec.encode(late))
    assert (reject.reason, reject.place) == (RejectReason.FROM_THE_FUTURE, "occurred_at")

    subject = traveller("Karim Uddin").model_copy(update={"births": (BirthDate(year=1990, month=2, day=31),)})
    reject = reason_of(codec.encode(incident.model_copy(update={"subjects": (subject,), "event_id": event_id()})))
    assert reject.reason is RejectReason.IMPOSSIBLE_DATE
    assert reject.place.startswith("subjects")

    for number in ("000000", "UNKNOWN"):
        meaningless = border_check("bd", incident.incident_id, traveller("Karim Uddin", number))
        assert reason_of(codec.encode(meaningless)).reason is RejectReason.MEANINGLESS_NUMBER

    large = border_check("bd", incident.incident_id, traveller("Karim " * 350_000))
    reject = reason_of(codec.encode(large))
    assert reject.size > 2_000_000
    assert reject.reason is RejectReason.TOO_LARGE

    number, incident_id, entry_id = fresh_number(), fresh("incident"), fresh("entry")
    pipeline.publish(document_record("bd", entry_id, number, version=3))
    lower = document_record("bd", entry_id, number, version=2)
    reject = reason_of(codec.encode(lower), entry_id, topics.watchlist("bd"))
    assert (reject.reason, reject.stage) == (RejectReason.NOT_HIGHER_VERSION, "cases")

    pipeline.publish(border_check("np", incident_id, traveller("Karim Uddin", number)))
    pipeline.eventually(lambda: pipeline.alerts("np"), of(incident_id))
