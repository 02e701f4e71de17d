"""A worker that dies in the middle changes nothing: the same alerts as without, none missing, none twice.

5,000 incidents and one kill; `make chaos` does the same with 50,000, and with every other fault.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from consumers.reading import Got, Step
from producers import CountryProducer
from schemas import topics
from schemas.alerts import Alert
from schemas.codes import Mode
from schemas.events import Incident, WatchlistEntry
from tests.broker.pipeline import Pipeline, border_check, document_record, person_notice, running_pipeline, traveller
from tocsin.runtime.settings import connect

pytestmark = [pytest.mark.broker, pytest.mark.timeout(900)]

INCIDENTS = 5_000
EVERY = 40
"""Each so many-th incident presents a listed passport; each so many-th, half-way between, a listed name."""
READERS = ("bd", "fr", "un", "ccc")
QUIET = 5.0
"""Seconds without a new alert after which a run counts as settled."""
STRIKE_AT = 8
"""The middle is where one of so many alerts is there."""


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A pipeline of its own with two workers for the joins."""
    with running_pipeline(tmp_path_factory.mktemp("two-workers"), joins=2) as running:
        yield running


def test_alerts_are_the_same_when_one_worker_of_two_is_killed(two_workers: Pipeline) -> None:
    undisturbed = outcome(two_workers, Mode.ACTUAL, lambda: None)
    killed: list[int] = []
    disturbed = outcome(two_workers, Mode.EXERCISE, lambda: killed.append(kill(two_workers)))

    assert killed
    assert len(undisturbed) >= 3 * 2 * (INCIDENTS // EVERY)
    assert set(undisturbed.values()) == {1}
    assert disturbed == undisturbed


def kill(pipeline: Pipeline) -> int:
    """kill -9 one worker; the supervisor starts it again."""
    return pipeline.stack.send_signal("joins-1", signal.SIGKILL)


def outcome(pipeline: Pipeline, mode: Mode, in_the_middle: Callable[[], None]) -> Counter[tuple[object, ...]]:
    """Publish entries and incidents in one mode and read its alerts back: how often each, without the mode.

    Only equal modes ever match, so two modes are two runs of the same events. While the incidents are being processed,
    `in_the_middle` is called.
    """
    listed = range(INCIDENTS // EVERY)
    expected = 2 * len(listed)
    publish(pipeline, "fr", [document_record("fr", f"d{n}", number(n), exercise=mode) for n in listed])
    publish(pipeline, "un", [person_notice("un", f"p{n}", *person(n), exercise=mode) for n in listed])
    with pipeline.following("ccc", topics.alerts("ccc"), Alert) as steps, ThreadPoolExecutor(1) as pool:
        heard = Heard(steps, mode)
        heard.settled()
        publishing = pool.submit(publish, pipeline, "bd", [incident(n, mode) for n in range(INCIDENTS)])
        heard.wait_for(expected // STRIKE_AT)
        in_the_middle()
        assert heard.count < expected, "nothing was under way any more"
        publishing.result()
        heard.settled(at_least=expected)
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


class Heard:
    """Counts the alerts of a mode, repeats included, as they come."""

    def __init__(self, steps: Iterator[Step[Alert]], mode: Mode) -> None:
        self._steps, self._mode = steps, mode
        self.count = 0

    def wait_for(self, count: int, quiet: float = 0.0) -> None:
        """Wait until so many are there and none came for `quiet` seconds; fails after five minutes."""
        began = last = time.monotonic()
        while self.count < count or time.monotonic() < last + quiet:
            assert time.monotonic() < began + 300, f"{self.count} alerts of {count} after five minutes"
            step = next(self._steps)
            if isinstance(step, Got) and step.message.exercise is self._mode:
                self.count += 1
                last = time.monotonic()

    def settled(self, at_least: int = 0) -> None:
        """Wait until `at_least` so many are there and no more come."""
        self.wait_for(at_least, QUIET)


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
