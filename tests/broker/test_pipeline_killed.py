"""A worker that dies in the middle changes nothing: the same alerts as without, none missing, none twice."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from producers import CountryProducer
from schemas import topics
from schemas.alerts import Alert
from schemas.codes import Mode
from schemas.events import Incident, WatchlistEntry
from tests.broker.pipeline import Pipeline, border_check, document_record, person_notice, running_pipeline, traveller
from tocsin.runtime.settings import connect

pytestmark = [pytest.mark.broker, pytest.mark.timeout(900)]

INCIDENTS = 20_000
EVERY = 40
"""Each so many-th incident presents a listed passport; each so many-th, half-way between, a listed name."""
READERS = ("bd", "fr", "un", "ccc")
QUIET_LOOKS = 5
"""So often in a row nothing new may be there before a run counts as settled."""


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A pipeline of its own with two workers for the joins."""
    with running_pipeline(tmp_path_factory.mktemp("two-workers"), joins=2) as running:
        yield running


def test_alerts_are_the_same_when_one_worker_of_two_is_killed(two_workers: Pipeline) -> None:
    undisturbed = outcome(two_workers, Mode.ACTUAL, lambda: None)
    killed: list[int] = []
    disturbed = outcome(two_workers, Mode.EXERCISE, lambda: killed.append(kill(two_workers)))

    assert killed, "nothing was killed while incidents were under way"
    assert len(undisturbed) >= 3 * 2 * (INCIDENTS // EVERY)
    assert set(undisturbed.values()) == {1}
    assert disturbed == undisturbed


def kill(pipeline: Pipeline) -> int:
    """kill -9 one worker; the supervisor starts it again."""
    return pipeline.stack.send_signal("joins-1", signal.SIGKILL)


def outcome(pipeline: Pipeline, mode: Mode, in_the_middle: Callable[[], None]) -> Counter[tuple[object, ...]]:
    """Publish entries and incidents in one mode and read its alerts back: how often each, without the mode.

    Only equal modes ever match, so two modes are two runs of the same events. Half-way through the incidents, while
    they are being processed, `in_the_middle` is called.
    """
    listed = range(INCIDENTS // EVERY)
    publish(pipeline, "fr", [document_record("fr", f"d{n}", number(n), exercise=mode) for n in listed])
    publish(pipeline, "un", [person_notice("un", f"p{n}", *person(n), exercise=mode) for n in listed])
    settled(pipeline, mode)
    strike = threading.Timer(4, in_the_middle)
    strike.start()
    publish(pipeline, "bd", [incident(n, mode) for n in range(INCIDENTS)])
    strike.join()
    settled(pipeline, mode, at_least=2 * len(listed))
    return Counter(
        (
            code,
            alert.incident.incident_id,
            alert.entry.owner,
            alert.entry.entry_id,
            alert.entry.entry_version,
            alert.status,
            alert.match.model_dump_json(),
            alert.revision,
        )
        for code in READERS
        for alert in of_mode(pipeline, code, mode)
        if alert.incident and alert.entry and alert.match
    )


def settled(pipeline: Pipeline, mode: Mode, at_least: int = 0) -> None:
    """Wait until ccc has `at_least` so many alerts and no more came for some seconds; fails after five minutes."""
    deadline = time.monotonic() + 300
    before, still = -1, 0
    while still < QUIET_LOOKS or before < at_least:
        assert time.monotonic() < deadline, f"{before} alerts of {at_least} after five minutes"
        time.sleep(1)
        now = len(of_mode(pipeline, "ccc", mode))
        before, still = now, still + 1 if now == before else 0


def of_mode(pipeline: Pipeline, code: str, mode: Mode) -> list[Alert]:
    """Every alert record of a mode, repeats included."""
    return [alert for alert in pipeline.read(code, topics.alerts(code), Alert, 0.5) if alert.exercise is mode]


def publish(pipeline: Pipeline, code: str, events: Sequence[Incident | WatchlistEntry]) -> None:
    """Publish many events of one participant."""
    with CountryProducer(code, connect(code, pipeline.stack.settings)) as producer:
        for event in events:
            if isinstance(event, Incident):
                producer.publish_incident(event)
            else:
                producer.publish_entry(event)
    assert producer.delivered == len(events), producer.refused


def number(n: int) -> str:
    """A passport number."""
    return f"PK{n * 7 + 1000:06d}"


def person(n: int) -> tuple[str, int]:
    """A name and a year of birth; some names resemble each other, as they do in life."""
    sounds = ("ba", "ko", "ri", "mu", "te", "la", "fo", "zi", "nu", "de")
    syllables = [sounds[int(digit)] for digit in f"{n * 37 + 10_000:05d}"]
    return "".join(syllables[:3]).title() + " Karvel" + "".join(syllables[3:]), 1950 + n % 40


def incident(n: int, mode: Mode) -> Incident:
    """The n-th incident of a run."""
    name, year, shown = f"Traveller Ordinary{n}", 1991, None
    if n % EVERY == 0:
        shown = number(n // EVERY)
    elif n % EVERY == EVERY // 2:
        name, year = person(n // EVERY)
    return border_check("bd", f"i{n:05d}", traveller(name, shown, year=year), exercise=mode)
