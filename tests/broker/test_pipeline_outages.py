"""Registry or broker away is nobody's bad input: the pipeline waits, goes on, and rejects nothing."""

from __future__ import annotations

import time

import pytest

from deploy.stack.processes import BROKER, REGISTRY
from producers import CountryProducer
from schemas.codes import RejectReason
from schemas.topics import incidents
from tests.broker.pipeline import (
    Pipeline,
    border_check,
    document_record,
    fresh,
    fresh_number,
    traveller,
)
from tocsin.runtime.settings import connect

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]


def alerted(pipeline: Pipeline, incident_id: str) -> None:
    """Fails unless fr hears of the incident."""
    pipeline.eventually(
        lambda: pipeline.alerts("fr"),
        lambda it: it.incident is not None and it.incident.incident_id == incident_id,
        within=120,
    )


def test_while_the_registry_is_away_only_whoever_needs_it_waits_and_nothing_is_rejected(pipeline: Pipeline) -> None:
    number, unheard, incident_id = fresh_number(), fresh("incident"), fresh("incident")
    before = len(pipeline.rejects("bd"))
    pipeline.publish(document_record("fr", fresh("entry"), number))
    codecs_still_known = {code: CountryProducer(code, connect(code, pipeline.stack.settings)) for code in ("bd", "np")}
    for code, producer in codecs_still_known.items():
        producer.publish_incident(border_check(code, fresh("warm"), traveller("Karim Uddin")))
        producer.flush()
    strange = b"\0" + (0x7FFFFF01).to_bytes(4, "big") + fresh("x").encode()

    pipeline.stack.stop(REGISTRY)  # one bureau's record has a schema that is not known: its partition waits
    pipeline.publish_bytes("bd", incidents("bd"), b"k", strange)
    codecs_still_known["np"].publish_incident(border_check("np", unheard, traveller("Karim Uddin", number)))
    codecs_still_known["np"].flush()
    alerted(pipeline, unheard)
    assert len(pipeline.rejects("bd")) == before

    pipeline.stack.stop("gate")  # a gate that starts without the registry knows no schema at all
    pipeline.stack.supervisor.start("gate")
    codecs_still_known["bd"].publish_incident(border_check("bd", incident_id, traveller("Karim Uddin", number)))
    codecs_still_known["bd"].flush()
    time.sleep(10)
    assert len(pipeline.rejects("bd")) == before
    pipeline.stack.start(REGISTRY)

    alerted(pipeline, incident_id)
    assert [it.reason for it in pipeline.rejects("bd")[before:]] == [RejectReason.UNKNOWN_SCHEMA]
    pipeline.stack.wait_ready("gate", within=120)


def test_a_broker_that_comes_back_finds_everybody_and_what_was_published_meanwhile(pipeline: Pipeline) -> None:
    number, incident_id = fresh_number(), fresh("incident")
    before = len(pipeline.rejects("bd"))
    pipeline.publish(document_record("fr", fresh("entry"), number))
    with CountryProducer("bd", connect("bd", pipeline.stack.settings)) as producer:
        producer.publish_incident(border_check("bd", fresh("warm"), traveller("Karim Uddin")))
        producer.flush()
        pipeline.stack.stop(BROKER)
        producer.publish_incident(border_check("bd", incident_id, traveller("Karim Uddin", number)))
        time.sleep(20)
        pipeline.stack.start(BROKER)
    assert producer.delivered == 2

    alerted(pipeline, incident_id)
    assert len(pipeline.rejects("bd")) == before
    pipeline.stack.wait_ready(within=180)
