"""A person who is erased is found nowhere: not in any topic, changelog, store or file, by whatever was known of it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import typer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from sqlalchemy import select
from typer.testing import CliRunner, Result

from consumers.forwarder.database import FILE, looking, open_database, transaction
from consumers.forwarder.sealing import obtain_seal
from consumers.forwarder.subscription import Filters, Format
from consumers.forwarder.subscriptions import subscribe
from consumers.forwarder.tables import DELIVERIES
from deploy.stack import ports
from schemas import topics
from schemas.alerts import AuditRecord
from schemas.codes import AlertStatus, NameType
from schemas.subjects import BirthDate, Name, Subject
from tests.broker.grep import files_holding, topics_holding
from tests.broker.pipeline import (
    Pipeline,
    border_check,
    event_id,
    fresh,
    passport,
    person_notice,
    traveller,
)
from tocsin.cli import find_subject, forgetting
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

OWNER = "fr"
LISTS = [topics.watchlist(OWNER), topics.PERSONS, *map(topics.changelog, topics.STAGES)]
AT_ONCE = {
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.001",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "1000",
}


def run(pipeline: Pipeline, *arguments: str) -> Result:
    app = typer.Typer()
    forgetting.register(app)
    find_subject.register(app)
    result = CliRunner().invoke(app, [*arguments, "--state", str(pipeline.stack.state)])
    assert result.exit_code == 0, result.output or result.exception
    return result


def hits(pipeline: Pipeline, *arguments: str) -> list[tuple[str, str]]:
    """What a participant's search finds: topic and which record."""
    found = [json.loads(line) for line in run(pipeline, "find-subject", *arguments, "--json").stdout.splitlines()]
    return [(one["record"].partition("[")[0], one["what"]) for one in found]


@contextmanager
def compacted_at_once(pipeline: Pipeline) -> Iterator[None]:
    """Compaction within seconds, and as it was afterwards."""
    admin = AdminClient(connect("admin", pipeline.stack.settings).as_librdkafka())
    declared = {topic.name: topic.config for topic in topics.all_topics(pipeline.participants)}

    def alter(wanted: Mapping[str, Mapping[str, str | None]], backoff: str | None) -> None:
        resources = [_changed(ResourceType.TOPIC, name, config) for name, config in wanted.items()]
        resources.append(_changed(ResourceType.BROKER, "1", {"log.cleaner.backoff.ms": backoff}))
        for future in admin.incremental_alter_configs(resources).values():
            future.result(20)

    alter(dict.fromkeys(LISTS, AT_ONCE), "200")
    try:
        yield
    finally:
        alter({name: {key: declared[name].get(key) for key in AT_ONCE} for name in LISTS}, None)


def _changed(kind: ResourceType, name: str, config: Mapping[str, str | None]) -> ConfigResource:
    entries = [
        ConfigEntry(
            key,
            value or "",
            incremental_operation=AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET,
        )
        for key, value in config.items()
    ]
    return ConfigResource(kind, name, incremental_configs=entries)


def unlike_anything(count: int) -> str:
    """Lower-case letters of which no four in a row stand elsewhere.

    Stores compress, which tears a word wherever four bytes of it stood before: a piece of a UUID is often not whole.
    """
    return "".join(secrets.choice("ghjkmnpqrtvwxz") for _ in range(count))


def number_unlike_any() -> str:
    """Twelve characters of a number, the first a digit, as no other test's is: stores leave out of a key what the one
    before it begins with. Folding leaves it alone."""
    return "".join(secrets.choice("34679") + secrets.choice("ACDEFGHJKLMNPQRTUVWXY34679") for _ in range(6))


def within(seconds: float, seen: Callable[[], bool]) -> None:
    """Wait until it is seen."""
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, f"not seen within {seconds:.0f} s"
        time.sleep(0.2)


def stores_holding(pipeline: Pipeline, words: list[bytes]) -> set[str]:
    """Workers of which some local file holds one of `words`."""
    found = files_holding(pipeline.stack.state, words)
    return {path.split("/")[1] for path in found if path.startswith("stores/")}


def holding(pipeline: Pipeline, words: list[bytes]) -> set[str]:
    """Topics of which some record holds one of `words`."""
    every = [(topic.name, topic.partitions) for topic in topics.all_topics(pipeline.participants)]
    return topics_holding(connect("admin", pipeline.stack.settings), every, words)


@contextmanager
def alerts_waiting(pipeline: Pipeline, code: str) -> Iterator[Callable[[], bytes]]:
    """A forwarder with its database in the state folder, whose endpoint is not there; gives what waits, opened."""
    state = pipeline.stack.state
    (nobody,) = ports.assign(["nobody"], {}).values()
    seal = obtain_seal(state, None)
    with transaction(open_database(state, None, seal)) as connection:
        subscribe(connection, seal, code, f"http://127.0.0.1:{nobody}/", Filters(), Format.JSON, datetime.now(UTC))
    environment = {"TOCSIN_STATE": str(state), "TOCSIN_FORWARDER_ALLOW": "127.0.0.0/8"}
    command = (sys.executable, "-m", "tocsin.cli", "consumer", "forwarder", "--as", code, "--port", "0")
    running = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)

    def waiting() -> bytes:
        with looking(state, None) as connection:
            sealed = connection.execute(select(DELIVERIES.c.body).where(DELIVERIES.c.body.is_not(None))).scalars()
            return b"\n".join(seal.open(one) for one in sealed)

    try:
        yield waiting
    finally:
        running.kill()
        running.wait()
        for path in state.glob(f"{FILE}*"):
            path.unlink()


def test_an_erased_entry_is_found_nowhere(pipeline: Pipeline) -> None:
    with alerts_waiting(pipeline, "bd") as forwarder:
        _erased_and_gone(pipeline, forwarder)


def _erased_and_gone(pipeline: Pipeline, forwarder: Callable[[], bytes]) -> None:
    name = f"Erkin {fresh('Q').replace('-', '')} Rahmonov"
    kernels = [unlike_anything(12), unlike_anything(12), number_unlike_any()]
    # What stands about it may be compressed together with the first or last letter of a word: these are not looked for.
    alias, remark, number = f"A{kernels[0]}a", f"A{kernels[1]}a", f"{kernels[2]}7"
    words = [kernel.encode() for kernel in kernels]
    subject = Subject(
        subject_id="s1",
        names=(Name(full=name), Name(full=f"{alias} Rahmonov", type=NameType.ALIAS)),
        births=(BirthDate(year=1975, month=3, day=9),),
        documents=(passport(number),),
    )
    entry_id, incident_id = fresh("entry"), fresh("incident")
    listed = person_notice(OWNER, entry_id, name, 1975, subject=subject, remarks=remark)
    refused = listed.model_copy(update={"event_id": event_id(), "entry_id": "no such id", "entry_version": 7})
    pipeline.publish(listed, refused, border_check("bd", incident_id, traveller(name, year=1975)))

    (alert,) = pipeline.eventually(
        lambda: pipeline.alerts("bd"), lambda it: it.incident is not None and it.incident.incident_id == incident_id
    )
    assert holding(pipeline, words) >= {*LISTS} - {topics.changelog(topics.SIGHTINGS)} | {
        topics.CASES,
        topics.IDENTIFIERS,
        *map(topics.alerts, ("bd", OWNER, "ccc")),
        topics.rejects(OWNER),
    }

    # The forwarder's database lies in the state folder, so its files are searched below; what waits in it is sealed.
    assert (pipeline.stack.state / FILE).is_file()
    within(60, lambda: any(word in forwarder() for word in words))
    for word, stores in (words[0], {"cases"}), (words[1], {"cases"}), (words[2], {"joins", "cases"}):
        within(60, lambda word=word, stores=stores: stores_holding(pipeline, [word]) == stores)
    found = hits(pipeline, OWNER, f"{alias} Rahmonov", "--dob", "1975-03-09", "--number", number)
    assert {topic for topic, _ in found} == {topics.watchlist(OWNER), topics.alerts(OWNER), topics.rejects(OWNER)}
    assert f"entry {entry_id}, version 1" in {what for _, what in found}
    assert {topic for topic, _ in hits(pipeline, "bd", f"{alias} Rahmonov")} >= {topics.alerts("bd")}
    assert hits(pipeline, "lk", f"{alias} Rahmonov", "--number", number) == []

    said = run(pipeline, "erase", OWNER, entry_id, "--yes").output
    assert f"{entry_id} is DELETED\n" in said
    assert "is erased already" in run(pipeline, "erase", OWNER, entry_id, "--yes").output
    never = run(pipeline, "erase", OWNER, refused.entry_id, "--yes").output
    assert "it never was taken in" in never.replace("\n", " ")  # what was refused stands in the list's topic too
    for code in ("bd", OWNER, "ccc"):
        pipeline.eventually(
            lambda code=code: pipeline.alerts(code),
            lambda it: it.alert_id == alert.alert_id and it.status is AlertStatus.RETRACTED,
        )

    left: set[str] = set()
    with compacted_at_once(pipeline):
        until = time.monotonic() + 90
        while time.monotonic() < until:
            run(pipeline, "forget", "--processed-hours", "0", "--before", "0m", "--yes")
            time.sleep(1.5)
            left = files_holding(pipeline.stack.state, words) or holding(pipeline, words)
            if not left:
                break
    assert left == set()
    assert [word for word in words if word in forwarder()] == []
    told = pipeline.read(topics.AUDITOR_USER, topics.AUDIT, AuditRecord, 0.3)
    assert [it.what for it in told if f":{entry_id}:" in (it.detail or "")] == [
        "PUBLISHED",
        *["DELETED"] * 3,
    ]  # in every mode
    assert [it.participant for it in told if it.what == "SEARCHED"][-3:].count("lk") == 1
    assert hits(pipeline, OWNER, f"{alias} Rahmonov", "--number", number) == []


def test_what_is_forgotten_harms_nothing_that_still_runs(pipeline: Pipeline) -> None:
    name, incident_id = f"Farrukh {fresh('Q').replace('-', '')} Olimov", fresh("incident")
    pipeline.publish(person_notice(OWNER, fresh("entry"), name, 1976))
    before = len(pipeline.rejects(OWNER))
    said = run(pipeline, "forget").output
    assert "partitions of lists may be compacted now" in said
    pipeline.publish(border_check("bd", incident_id, traveller(name, year=1976)))
    pipeline.eventually(
        lambda: pipeline.alerts("bd"), lambda it: it.incident is not None and it.incident.incident_id == incident_id
    )
    assert len(pipeline.rejects(OWNER)) == before  # the records that close segments are nobody's events
