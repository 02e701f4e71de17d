"""Registry or broker away is nobody's bad input: the pipeline waits, goes on, and rejects nothing."""

from __future__ import annotations

import time

import pytest

from deploy.stack.processes import BROKER, REGISTRY
from producers import CountryProducer
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


def test_a_gate_that_starts_while_the_registry_is_away_waits_and_rejects_nothing(pipeline: Pipeline) -> None:
    number, incident_id = fresh_number(), fresh("incident")
    before = len(pipeline.rejects("bd"))
    pipeline.publish(document_record("fr", fresh("entry"), number))
    codec_still_known = CountryProducer("bd", connect("bd", pipeline.stack.settings))
    codec_still_known.publish_incident(border_check("bd", fresh("warm"), traveller("Karim Uddin")))
    codec_still_known.flush()

    pipeline.stack.stop("gate")
    pipeline.stack.stop(REGISTRY)
    pipeline.stack.supervisor.start("gate")
    codec_still_known.publish_incident(border_check("bd", incident_id, traveller("Karim Uddin", number)))
    codec_still_known.flush()
    time.sleep(10)
    pipeline.stack.start(REGISTRY)

    alerted(pipeline, incident_id)
    assert len(pipeline.rejects("bd")) == before
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
