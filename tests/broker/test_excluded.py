"""Rule 2: whom the owner excludes learns of a match from nothing that it can reach: records, counts, figures, logs."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from pydantic import SecretStr

from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.sealing import obtain_seal
from consumers.forwarder.subscription import Filters, Format
from consumers.forwarder.subscriptions import subscribe
from deploy.stack import ports, readiness
from deploy.stack.processes import consumers
from producers import CountryProducer
from schemas import topics
from schemas.alerts import AuditRecord
from schemas.codes import AlertStatus, Band, Instrument, Mode, ReceiversMode, RejectReason, ResponseKind, Threat
from schemas.envelope import Handling
from schemas.events import Response
from schemas.partition import partition_of
from tests.broker.grep import records, topics_holding
from tests.broker.pipeline import (
    PARTICIPANTS,
    Pipeline,
    border_check,
    event_id,
    fresh,
    person_notice,
    traveller,
    withdrawn,
)
from tests.broker.reach import Batch, Figures, Reach, label_values, naming
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

EXCLUDED = "np"
OWNER = "fr"


@dataclass(frozen=True)
class Told:
    """The consumers that every installation has, at work on the pipeline, and what they told whom."""

    pipeline: Pipeline
    consumers: Mapping[str, int]
    """Their ports."""
    logs: Path
    posted: list[tuple[str, bytes]]
    """Webhooks that arrived: the bureau that subscribed, and the body."""

    def posts(self, code: str, *words: str) -> int:
        """How many arrived for a bureau with all these words in them."""
        return sum(to == code and all(word.encode() in body for word in words) for to, body in self.posted)

    def pages(self) -> dict[str, str]:
        """Every metrics page, by process."""
        stages = {it.name: it.port for it in self.pipeline.stack.processes if it.role in ("gate", "joins", "cases")}
        assert (len(stages), len(self.consumers)) == (3, 2)
        return {
            name: httpx.get(f"http://127.0.0.1:{port}/metrics").text
            for name, port in (stages | dict(self.consumers)).items()
        }


@pytest.fixture(scope="module")
def told(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Metrics consumer and forwarder beside the pipeline; the owner and the excluded bureau have a webhook each."""
    folder = tmp_path_factory.mktemp("consumers")
    posted: list[tuple[str, bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path.strip("/"), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    database = f"sqlite:///{folder / 'forwarder.db'}"
    environment = os.environ | {
        "TOCSIN_STATE": str(pipeline.stack.state),
        "TOCSIN_FORWARDER_DATABASE": database,
        "TOCSIN_FORWARDER_ALLOW": "127.0.0.0/8",
    }
    chosen = ports.assign([one.name for one in consumers()], {})
    with ExitStack() as ending:
        server = ending.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Taking))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ending.callback(server.shutdown)
        seal = obtain_seal(pipeline.stack.state, None)
        with transaction(open_database(folder, SecretStr(database), seal)) as connection:
            for code in (OWNER, EXCLUDED):
                url = f"http://127.0.0.1:{server.server_port}/{code}"
                subscribe(connection, seal, code, url, Filters(), Format.JSON, datetime.now(UTC))
        started = [one.process(chosen[one.name], {}) for one in consumers()]
        for it in started:
            log = ending.enter_context((folder / f"{it.name}.log").open("wb"))
            running = subprocess.Popen(it.command, env=environment, stdout=log, stderr=log)
            ending.callback(running.wait, 30)
            ending.callback(running.terminate)
        until(lambda: all(it.health and readiness.answers(it.health) for it in started), "consumers are not ready")
        yield Told(pipeline, chosen, folder, posted)


def until(true: Callable[[], bool], otherwise: str, within: float = 60) -> None:
    """Wait for what must come true."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


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


def logs(told: Told) -> bytes:
    """Everything that the processes logged."""
    written = [path for path in (told.pipeline.stack.state / "logs").iterdir() if path.is_file()]
    assert len(written) > 3
    return b"".join(path.read_bytes() for path in (*written, *told.logs.glob("*.log")))


def test_an_excluded_bureau_reaches_0_bytes_about_a_match(told: Told) -> None:
    pipeline = told.pipeline
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
    shown, said = "\n".join(told.pages().values()), logs(told)
    assert [word for word in words if word.decode() in shown or word in said] == []
    audited = pipeline.read(topics.AUDITOR_USER, topics.AUDIT, AuditRecord, 0.3)
    assert {it.participant for it in audited if it.alert_id == known.alert_id} == {"fr", "ccc"}


def test_what_an_excluded_bureau_can_reach_is_the_same_whether_others_met_a_match_or_not(told: Told) -> None:
    pipeline, settings = told.pipeline, told.pipeline.stack.settings
    reach = Reach(connect(EXCLUDED, settings), pipeline.stack.registry)
    known, hidden, nobody = (
        (f"{first} {fresh('q').replace('-', '')} {last}", year)
        for first, last, year in (("Zafar", "Rahimov", 1977), ("Olim", "Nabiev", 1961), ("Nobody", "Atall", 1950))
    )
    open_entry = fresh("entry")
    hidden_entry = next(name for name in iter(lambda: fresh("entry"), "") if same_task(name, open_entry))
    except_np = Handling(receivers_mode=ReceiversMode.EXCEPT, receivers=(EXCLUDED,))
    sought = person_notice(OWNER, hidden_entry, *hidden, handling=except_np)
    pipeline.publish(person_notice(OWNER, open_entry, *known), sought)

    def meet(name: str, year: int) -> str:
        """The excluded bureau meets somebody; returns once the gate counts that."""
        incident_id, before = fresh("incident"), naming(EXCLUDED, told.pages())
        pipeline.publish(border_check(EXCLUDED, incident_id, traveller(name, year=year)))
        until(lambda: naming(EXCLUDED, told.pages()) != before, "the gate counts no incident")
        return incident_id

    def known_match() -> list[Batch]:
        """One that everybody is told of: what the excluded bureau then finds in its topic of alerts."""
        before = len(reach.batches(topics.alerts(EXCLUDED)))
        incident_id = meet(*known)
        for code in (OWNER, EXCLUDED):
            until(lambda code=code: told.posts(code, incident_id) > 0, f"no webhook for {code}")
        return reach.batches(topics.alerts(EXCLUDED))[before:]

    first = known_match()
    start, start_figures = reach.seen(), settled(told)

    meet(*nobody)
    nothing, nothing_figures = reach.seen(), settled(told)

    posted, values = told.posts(EXCLUDED), label_values(told.pages())
    met = meet(*hidden)
    (alert,) = pipeline.eventually(
        lambda: pipeline.alerts(OWNER), lambda it: it.incident is not None and it.incident.incident_id == met
    )
    pipeline.publish(withdrawn(sought))
    until(lambda: told.posts(OWNER, alert.alert_id, "RETRACTED") > 0, "the owner is not told of the retraction")
    match, match_figures = reach.seen(), settled(told)

    one_incident = {
        ("latest", level, topics.incidents(EXCLUDED), "0"): 1 for level in ("READ_COMMITTED", "READ_UNCOMMITTED")
    }
    assert moved(start, nothing) == one_incident
    assert moved(nothing, match) == one_incident
    assert told.posts(EXCLUDED) == posted
    assert moved(nothing_figures, match_figures) == moved(start_figures, nothing_figures) != {}
    assert label_values(told.pages()) - values <= CLOSED

    second = known_match()
    assert [it.marker for it in first] == [it.marker for it in second] == [False, True]
    assert second[0].offset == first[1].offset + 1
    # What clients hide: a number that the producer counts over all of its transactions would tell how many there were.
    assert (second[0].producer_id, second[0].producer_epoch) == (first[0].producer_id, first[0].producer_epoch)
    assert second[0].sequence == first[0].sequence + 1


CLOSED = {
    *PARTICIPANTS.codes,
    *(code.value for codes in (Mode, Instrument, Threat, Band, AlertStatus) for code in codes),
}


def same_task(entry_id: str, other: str) -> bool:
    """Whether two entries of the owner are one task's, so that one producer tells of both."""
    one, two = (partition_of(f"ACTUAL:{OWNER}:{it}", PARTICIPANTS.partitions) for it in (entry_id, other))
    return one == two


def settled(told: Told) -> Figures:
    """The series that name the excluded bureau on the pages that are not the coordinator's, once they rest.

    The page of the metrics consumer counts what the coordinator knows: SECURITY.md says who may see it.
    """
    pages = {name: page for name, page in told.pages().items() if name != "metrics"}
    last, since = naming(EXCLUDED, pages), time.monotonic()
    while time.monotonic() < since + 0.7:
        time.sleep(0.1)
        pages = {name: page for name, page in told.pages().items() if name != "metrics"}
        if (now := naming(EXCLUDED, pages)) != last:
            last, since = now, time.monotonic()
    return last


def moved(before: Figures, after: Figures) -> Figures:
    """What became different, and by how much."""
    keys = before.keys() | after.keys()
    return {key: after.get(key, 0) - before.get(key, 0) for key in keys if after.get(key, 0) != before.get(key, 0)}


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
