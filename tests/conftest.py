"""What is read in many tests: `make_alert` makes an alert of fr's stolen passport met by bd,
`a_reject` what bd is told of an event of its own; keyword arguments change them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from schemas.alerts import Alert, Digest, DigestMember, EntryView, Evidence, IncidentView, Match, Reject
from schemas.codes import (
    Action,
    AlertStatus,
    Band,
    Crossing,
    CrossingMode,
    DocumentType,
    IncidentType,
    Instrument,
    LossStatus,
    Mode,
    Priority,
    RejectReason,
    Role,
    Scope,
    Threat,
    Verdict,
    Warning,
)
from schemas.events import Location
from schemas.subjects import BirthDate, Document, Name, Object, Subject

hypothesis.settings.register_profile("tocsin", hypothesis.settings(deadline=None))
hypothesis.settings.load_profile("tocsin")  # how long an example takes says more of the machine than of the code

ALLOWED_SKIP = "../shared"
"""A skip whose reason names this is allowed everywhere: that folder is not part of the repository."""


SHARED_STACKS = {
    fixture: re.compile(rf"(?:def test_|@pytest\.fixture.*\n *def )\w+\([^)]*\b{fixture}: {kind}\b")
    for fixture, kind in (("pipeline", "Pipeline"), ("provisioned", "Stack"), ("stack", "Stack"))
}
"""How a file asks for a stack that all files of a worker of a parallel run share (see `broker/conftest.py`)."""


class ByStack(LoadFileScheduling):  # type: ignore[misc]
    """A file is run by one worker, and so are all files that share a stack: it starts once, not once a worker."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _shared_stack(self.config.rootpath / file) or file


@cache
def _shared_stack(file: Path) -> str | None:
    text = file.read_text(encoding="utf-8") if file.parent.name == "broker" else ""
    return next((name for name, asks in SHARED_STACKS.items() if asks.search(text)), None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """What is asked for with `--dist loadfile`."""
    return ByStack(config, log) if config.getoption("dist") == "loadfile" else None


LONGEST_FIRST = ("test_pipeline_killed", "test_stack_life", "test_pipeline_outages", "test_tasks_broker_killed")
"""Files whose tests take minutes. They begin, so that no worker of a parallel run is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, then whatever needs the real stack, then the rest, which fills what is left."""

    def turn(item: pytest.Item) -> int:
        if item.path.stem in LONGEST_FIRST:
            return LONGEST_FIRST.index(item.path.stem)
        return len(LONGEST_FIRST) + (item.get_closest_marker("broker") is None)

    items.sort(key=turn)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Under continuous integration a skipped check is a failed one: what it needs is to be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and ALLOWED_SKIP not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped (CI=true): {report.longrepr}"
    return report


NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)

PASSPORT = Document(type=DocumentType.PASSPORT, number="09AB12345", country="fr")


def an_incident(**changes: Any) -> IncidentView:
    return IncidentView(
        **{
            "incident_id": "i-1",
            "incident_version": 1,
            "producer": "bd",
            "incident_type": IncidentType.BORDER_CHECK,
            "occurred_at": NOON,
            "zone": "Asia/Dhaka",
            "location": Location(country="bd", point="Benapole", crossing=Crossing.ENTRY, mode=CrossingMode.LAND),
            "subject": Subject(
                subject_id="s-1",
                names=(Name(full="حسین موسوی"),),
                births=(BirthDate(year=1980, month=2),),
                nationalities=("fr",),
                documents=(PASSPORT,),
            ),
        }
        | changes
    )


def an_entry(**changes: Any) -> EntryView:
    return EntryView(
        **{
            "entry_id": "FR-77",
            "entry_version": 3,
            "owner": "fr",
            "instrument": Instrument.DOC_RECORD,
            "threat": Threat.OTHER,
            "action": Action.SEIZE,
            "warnings": (Warning.ARMED, Warning.HEALTH_THREAT),
            "object": Object(object_id="o-1", document=PASSPORT, loss_status=LossStatus.STOLEN),
        }
        | changes
    )


def a_match(**changes: Any) -> Match:
    return Match(
        **{
            "band": Band.EXACT,
            "score": 21.5,
            "evidence": (
                Evidence(
                    feature="document_number",
                    left="09AB12345",
                    right="09AB12345",
                    weight=24.0,
                    verdict=Verdict.AGREES,
                    note="same issuer",
                ),
                Evidence(feature="birth_date", left="1980", right="1990", weight=-2.5, verdict=Verdict.DIFFERS),
            ),
        }
        | changes
    )


def an_alert(**changes: Any) -> Alert:
    return Alert(
        **{
            "alert_id": "a-1",
            "revision": 1,
            "recipient": "bd",
            "role": Role.LOCATOR,
            "scope": Scope.CROSS_BORDER,
            "exercise": Mode.ACTUAL,
            "status": AlertStatus.LIVE,
            "raised_at": NOON,
            "revised_at": NOON,
            "case_ref": "3-a-1",
            "encounter": "i-1/s-1",
            "priority": Priority.SUPPLEMENTARY,
            "incident": an_incident(),
            "entry": an_entry(),
            "match": a_match(),
            "watchlist_age": 90_000,
        }
        | changes
    )


def a_digest_alert(count: int = 3, **changes: Any) -> Alert:
    """A digest of `count` POSSIBLE matches of one entry, one of them listed."""
    member = DigestMember(
        alert_id="m-1", case_ref="3-m-1", producer="bd", incident_id="i-1", item_id="s-1", occurred_at=NOON
    )
    digest = Digest(count=count, since=NOON, until=NOON + timedelta(hours=1), members=(member,))
    bare = {"alert_id": "d-1", "case_ref": "3-d-1", "digest": digest, "incident": None, "match": None}
    return an_alert(**(bare | {"encounter": None} | changes))


def a_reject(head: bytes = b"", **changes: Any) -> Reject:
    """What bd is told of an event of its own, of which `head` are the bytes."""
    return Reject(
        **{
            "reason": RejectReason.IMPOSSIBLE_DATE,
            "place": "subjects[0].births[0].day",
            "detail": "there is no 31 February; leave the day out if it is not known",
            "stage": "gate",
            "source_topic": "incidents.bd",
            "source_partition": 0,
            "source_offset": 17,
            "source_timestamp": NOON,
            "sha256": hashlib.sha256(head).digest(),
            "size": len(head),
            "head": head,
        }
        | changes
    )


@pytest.fixture
def make_digest() -> Callable[..., Alert]:
    return a_digest_alert


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    return an_alert


@pytest.fixture
def make_incident() -> Callable[..., IncidentView]:
    return an_incident


@pytest.fixture
def make_entry() -> Callable[..., EntryView]:
    return an_entry


@pytest.fixture
def make_match() -> Callable[..., Match]:
    return a_match


@pytest.fixture
def taken_back() -> Callable[..., Alert]:
    """The same alert, RETRACTED or WITHDRAWN, without content."""

    def make(status: AlertStatus, revision: int, **changes: Any) -> Alert:
        bare = {"incident": None, "entry": None, "match": None, "encounter": None, "watchlist_age": None}
        return an_alert(**({"status": status, "revision": revision} | bare | changes))

    return make
