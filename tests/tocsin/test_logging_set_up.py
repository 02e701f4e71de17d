"""Log lines are JSON for machines, and one error is not written a thousand times."""

from __future__ import annotations

import io
import json
import logging
import time

import pytest
import structlog

from tocsin.runtime.logging import REMEMBERED, RepeatLimit, configure


@pytest.fixture(autouse=True)
def _restored():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def record(text, *arguments, name="kafka"):
    return logging.LogRecord(name, logging.ERROR, "", 0, text, arguments, None)


def test_lines_are_json_when_nobody_looks():
    out = io.StringIO()
    configure(stream=out)
    structlog.get_logger("tocsin.test").warning("line lost", why="away", offset=3)
    logging.getLogger("aiokafka").error("no broker at %s", "127.0.0.1")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["why"], first["offset"], first["level"]) == ("line lost", "away", 3, "warning")
    assert (second["event"], second["logger"], second["level"]) == ("no broker at 127.0.0.1", "aiokafka", "error")
    assert first["timestamp"].endswith("Z")


def test_requests_that_went_well_are_no_news():
    out = io.StringIO()
    configure(stream=out)
    logging.getLogger("httpx").info("HTTP Request: GET ...")
    logging.getLogger("httpx").warning("odd")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["odd"]


def test_an_exception_is_in_the_line():
    out = io.StringIO()
    configure(stream=out)
    try:
        raise ValueError("wrong")
    except ValueError:
        structlog.get_logger("tocsin.test").exception("failed")
    assert "ValueError" in json.dumps(json.loads(out.getvalue()))


def test_lines_are_readable_where_somebody_looks():
    out = io.StringIO()
    configure(stream=out, json_lines=False)
    structlog.get_logger("tocsin.test").info("read to the end", topic="alerts.ccc")
    assert "read to the end" in out.getvalue()
    assert "topic=alerts.ccc" in out.getvalue()


class Lines:
    """What is written while the clock is turned by hand."""

    def __init__(self):
        self.out, self.now = io.StringIO(), 0.0
        configure(stream=self.out)
        (self.handler,) = logging.getLogger().handlers
        self.handler._limit = RepeatLimit(allowance=3, window=60, monotonic=lambda: self.now)

    def events(self):
        return [json.loads(line)["event"] for line in self.out.getvalue().splitlines()]

    def outage(self, attempts):
        for attempt in range(attempts):
            logging.getLogger("kafka").error("connect to port %d failed, attempt %d", 9092, attempt)


def test_a_broker_outage_is_a_few_lines_and_at_the_end_of_the_minute_a_count():
    lines = Lines()
    lines.outage(1000)
    lines.now = 59.9
    lines.handler.say_left_out()
    assert len(lines.events()) == 3

    lines.now = 60.0
    lines.handler.say_left_out()
    lines.handler.say_left_out()
    assert len(lines.events()) == 4
    said = json.loads(lines.out.getvalue().splitlines()[-1])
    assert said["event"] == "said 997 more times: connect to port # failed, attempt #"
    assert (said["left_out"], said["logger"], said["level"]) == (997, "kafka", "error")


def test_the_count_stands_before_what_is_written_next():
    lines = Lines()
    lines.outage(5)
    lines.now = 61.0
    lines.outage(1)
    assert lines.events()[3:] == [
        "said 2 more times: connect to port # failed, attempt #",
        "connect to port 9092 failed, attempt 0",
    ]


def test_each_minute_has_its_count_and_one_of_few_lines_has_none():
    lines = Lines()
    for minute, attempts in enumerate((4, 3, 5)):
        lines.now = 60.0 * minute
        lines.outage(attempts)
    lines.now = 180.0
    lines.handler.say_left_out()
    assert [event for event in lines.events() if event.startswith("said")] == [
        "said 1 more times: connect to port # failed, attempt #",
        "said 2 more times: connect to port # failed, attempt #",
    ]


def test_a_process_that_ends_says_what_it_has_left_out():
    lines = Lines()
    lines.outage(5)
    lines.handler.close()
    assert lines.events()[-1].startswith("said 2 more times")


def test_the_count_comes_though_nothing_more_is_written():
    lines = Lines()
    lines.handler._limit = RepeatLimit(allowance=1, window=0.01)
    lines.outage(2)
    while len(lines.events()) < 2:
        time.sleep(0.001)
    assert lines.events()[-1].startswith("said 1 more times")


def test_a_sentence_of_fields_is_counted_without_its_fields():
    lines = Lines()
    for _ in range(4):
        structlog.get_logger("tocsin.test").warning("line lost", why="away")
    lines.now = 60.0
    lines.handler.say_left_out()
    assert lines.events()[-1] == "said 1 more times: line lost"
    assert "away" not in lines.out.getvalue().splitlines()[-1]


def test_different_sentences_and_loggers_do_not_silence_each_other():
    limit = RepeatLimit(allowance=1, monotonic=lambda: 0)
    assert limit.lets_through(record("a"))
    assert not limit.lets_through(record("a"))
    assert limit.lets_through(record("b"))
    assert limit.lets_through(record("a", name="other"))


def test_memory_of_sentences_is_bounded_and_what_is_forgotten_is_said():
    limit = RepeatLimit(allowance=1, monotonic=lambda: 0)
    for index in range(REMEMBERED + 1):
        limit.lets_through(record("x" * (index + 1)))
        limit.lets_through(record("x" * (index + 1)))
    (said,) = limit.ended()
    assert said.getMessage() == "said 1 more times: x"
    assert limit.lets_through(record("x"))
