"""Log lines are JSON for machines, and one error is not written a thousand times."""

from __future__ import annotations

import io
import json
import logging

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


def test_a_broker_outage_is_a_few_lines_and_then_a_count():
    out, time = io.StringIO(), [0.0]
    configure(stream=out)
    handler = logging.getLogger().handlers[0]
    handler.filters[:] = [RepeatLimit(allowance=3, window=60, monotonic=lambda: time[0])]
    for attempt in range(1000):
        logging.getLogger("kafka").error("connect to port %d failed, attempt %d", 9092, attempt)
    time[0] = 61
    logging.getLogger("kafka").error("connect to port 9092 failed, attempt 1001")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 4
    assert lines[-1]["left_out"] == 997


def test_different_sentences_and_loggers_do_not_silence_each_other():
    limit = RepeatLimit(allowance=1, monotonic=lambda: 0)
    assert limit.filter(record("a"))
    assert not limit.filter(record("a"))
    assert limit.filter(record("b"))
    assert limit.filter(record("a", name="other"))


def test_memory_of_sentences_is_bounded():
    limit = RepeatLimit(allowance=1, monotonic=lambda: 0)
    for index in range(REMEMBERED + 1):
        limit.filter(record("x" * (index + 1)))
    assert limit.filter(record("x"))
