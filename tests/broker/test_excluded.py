"""Rule 2: whom the owner excludes learns of a match from nothing that it can reach: records, counts, figures, logs."""

from __future__ import annotations

import httpx
import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from producers import CountryProducer
from schemas import topics
from schemas.alerts import AuditRecord
from schemas.codes import ReceiversMode, RejectReason, ResponseKind
from schemas.envelope import Handling
from schemas.events import Response
from tests.broker.grep import records, topics_holding
from tests.broker.pipeline import Pipeline, border_check, event_id, fresh, person_notice, traveller
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

EXCLUDED = "np"


def reachable(pipeline: Pipeline) -> list[tuple[str, int]]:
    """Every topic that the excluded bureau sees, with its partitions."""
    listed = AdminClient(connect(EXCLUDED, pipeline.stack.settings).as_librdkafka()).list_topics(timeout=20).topics
    return [(name, len(found.partitions)) for name, found in listed.items()]


def counts(pipeline: Pipeline) -> dict[str, int]:
    """How many records each of them has."""
    found = dict.fromkeys((name for name, _ in reachable(pipeline)), 0)
    for topic, _ in records(connect(EXCLUDED, pipeline.stack.settings), reachable(pipeline)):
        found[topic] += 1
    return found


def figures(pipeline: Pipeline) -> str:
    """Everything that the processes show to whoever scrapes them."""
    ports = [one.port for one in pipeline.stack.processes if one.role in ("gate", "joins", "cases")]
    assert len(ports) == 3
    return "\n".join(httpx.get(f"http://127.0.0.1:{port}/metrics").text for port in ports)


def logs(pipeline: Pipeline) -> bytes:
    """Everything that they logged."""
    written = [path for path in (pipeline.stack.state / "logs").iterdir() if path.is_file()]
    assert len(written) > 3
    return b"".join(path.read_bytes() for path in written)


def test_an_excluded_bureau_reaches_0_bytes_about_a_match(pipeline: Pipeline) -> None:
    name, entry_id, remark = f"Behruz {fresh('Q').replace('-', '')} Sodiqov", fresh("entry"), fresh("remark")
    operation = fresh("operation")
    except_np = Handling(receivers_mode=ReceiversMode.EXCEPT, receivers=(EXCLUDED,))
    pipeline.publish(person_notice("fr", entry_id, name, 1977, handling=except_np, remarks=remark, operation=operation))
    matching, other = fresh("incident"), fresh("incident")
    before = counts(pipeline)
    pipeline.publish(border_check(EXCLUDED, other, traveller(f"Nobody {fresh('q')} Atall", year=1950)))
    pipeline.publish(border_check(EXCLUDED, matching, traveller(name, year=1977)))
    (known,) = pipeline.eventually(
        lambda: pipeline.alerts("fr"), lambda it: it.incident is not None and it.incident.incident_id == matching
    )

    words = [word.encode() for word in (entry_id, remark, operation, known.alert_id, known.case_ref or "")]
    admin = connect("admin", pipeline.stack.settings)
    assert topics_holding(admin, [(topics.alerts("fr"), 1)], words) == {topics.alerts("fr")}  # it can be found
    assert topics_holding(connect(EXCLUDED, pipeline.stack.settings), reachable(pipeline), words) == set()
    assert counts(pipeline) == before | {topics.incidents(EXCLUDED): before[topics.incidents(EXCLUDED)] + 2}
    shown, said = figures(pipeline), logs(pipeline)
    assert [word for word in words if word.decode() in shown or word in said] == []
    told = pipeline.read(topics.AUDITOR_USER, topics.AUDIT, AuditRecord, 0.3)
    assert {it.participant for it in told if it.alert_id == known.alert_id} == {"fr", "ccc"}


def test_an_excluded_bureau_cannot_ask_how_many_records_others_hold(pipeline: Pipeline) -> None:
    admin = AdminClient(connect(EXCLUDED, pipeline.stack.settings).as_librdkafka())
    for topic in (topics.alerts("fr"), topics.CASES, topics.AUDIT, topics.rejects("fr")):
        (asked,) = admin.list_offsets({TopicPartition(topic, 0): OffsetSpec.latest()}).values()
        with pytest.raises(KafkaException) as refused:
            asked.result(20)
        assert refused.value.args[0].name() in ("TOPIC_AUTHORIZATION_FAILED", "_NOENT")  # not even its name


def test_a_case_that_is_hidden_and_one_that_is_not_there_are_refused_in_the_same_words(pipeline: Pipeline) -> None:
    name, incident_id = f"Davron {fresh('Q').replace('-', '')} Karimov", fresh("incident")
    hidden = Handling(receivers_mode=ReceiversMode.EXCEPT, receivers=(EXCLUDED,))
    pipeline.publish(person_notice("fr", fresh("entry"), name, 1978, handling=hidden))
    pipeline.publish(border_check(EXCLUDED, incident_id, traveller(name, year=1978)))
    (known,) = pipeline.eventually(
        lambda: pipeline.alerts("fr"), lambda it: it.incident is not None and it.incident.incident_id == incident_id
    )
    assert known.case_ref is not None
    absent = known.case_ref[:-12] + "0123456789ab"
    answers = [
        Response(
            event_id=event_id(),
            producer=EXCLUDED,
            occurred_at=known.revised_at,
            recorded_at=known.revised_at,
            case_ref=case_ref,
            kind=ResponseKind.ACKNOWLEDGE,
        )
        for case_ref in (known.case_ref, absent)
    ]
    with CountryProducer(EXCLUDED, connect(EXCLUDED, pipeline.stack.settings)) as producer:
        for answer in answers:
            producer.publish_response(answer)
    ids = [answer.event_id for answer in answers]
    refused = pipeline.eventually(lambda: pipeline.rejects(EXCLUDED), lambda it: it.event_id in ids, count=2)
    assert {(it.reason, it.place, it.detail, it.stage) for it in refused} == {
        (RejectReason.UNKNOWN_CASE, "case_ref", refused[0].detail, "cases")
    }
