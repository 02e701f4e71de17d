"""When to try again, and when not any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.forwarder.endpoint import Disabled, Endpoint
from consumers.forwarder.failure import Failure, Fault, Success, of_status
from consumers.forwarder.schedule import (
    GIVE_UP_AFTER,
    JITTER,
    LEAST_FAILURES,
    LONGEST_DELAY,
    LONGEST_RETRY_AFTER,
    delay,
    given_up,
    retry_after,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATEST = 0.999_999


def middle() -> float:
    return 0.5


def test_delays_double_from_five_seconds_to_a_quarter_of_an_hour() -> None:
    seconds = [delay(failures, middle).total_seconds() for failures in range(1, 11)]

    assert seconds == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


@given(st.integers(-5, 10**9), st.floats(0, LATEST))
def test_a_delay_is_never_nothing_and_never_beyond_its_bounds(failures: int, random: float) -> None:
    assert timedelta(seconds=3) < delay(failures, lambda: random) <= LONGEST_DELAY * (1 + JITTER)


def test_jitter_spreads_what_failed_together() -> None:
    assert delay(3, lambda: 0.0) == timedelta(seconds=15)
    assert delay(3, lambda: LATEST) > timedelta(seconds=24.9)


def test_nothing_is_given_up_within_a_day_or_after_few_attempts() -> None:
    assert not given_up(NOW, 1000, NOW + GIVE_UP_AFTER - timedelta(seconds=1))
    assert not given_up(NOW, LEAST_FAILURES - 1, NOW + timedelta(days=30))
    assert given_up(NOW, LEAST_FAILURES, NOW + GIVE_UP_AFTER)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("99999999999999999999", LONGEST_RETRY_AFTER),
        ("Tue, 24 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 24 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Tue, 24 Nov 2036 11:00:00 GMT", LONGEST_RETRY_AFTER),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("", None),
        ("Tue, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_bounded(header: str | None, wanted: timedelta | None) -> None:
    assert retry_after(header, NOW) == wanted


@given(st.text(max_size=60))
def test_no_retry_after_breaks_anything(header: str) -> None:
    asked = retry_after(header, NOW)

    assert asked is None or timedelta(0) <= asked <= LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (301, Fault.REDIRECT),
        (304, Fault.REDIRECT),
        (400, Fault.REFUSED),
        (401, Fault.REFUSED),
        (404, Fault.REFUSED),
        (408, Fault.SERVER),
        (410, Fault.GONE),
        (425, Fault.SERVER),
        (429, Fault.OVERLOADED),
        (500, Fault.SERVER),
        (503, Fault.OVERLOADED),
        (199, Fault.SERVER),
        (999, Fault.SERVER),
    ],
)
def test_only_2xx_is_a_delivery(status: int, fault: Fault) -> None:
    outcome = of_status(status, None)

    assert isinstance(outcome, Failure)
    assert outcome.fault is fault
    assert of_status(204, None) == Success(204)


def failing(endpoint: Endpoint, fault: Fault, now: datetime, asked: timedelta | None = None) -> Endpoint:
    return endpoint.after_failure(Failure(fault, retry_after=asked), now, now, middle)


def test_an_endpoint_is_left_alone_longer_and_longer_and_forgiven_at_once() -> None:
    first = failing(Endpoint(), Fault.TIMEOUT, NOW)
    second = failing(first, Fault.CONNECTION, NOW + timedelta(seconds=5))

    assert first.paused_until == NOW + timedelta(seconds=5)
    assert second.paused_until == NOW + timedelta(seconds=15)
    assert second.paused(NOW + timedelta(seconds=14))
    assert not second.paused(NOW + timedelta(seconds=15))
    assert second.doubtful
    assert second.after_success() == Endpoint()


def test_attempts_that_ran_side_by_side_count_as_one_outage() -> None:
    endpoint = Endpoint()
    for ended in (1, 2, 3, 4):
        endpoint = endpoint.after_failure(Failure(Fault.TIMEOUT), NOW, NOW + timedelta(seconds=ended), middle)

    assert endpoint.outages == 1
    assert endpoint.failures == 4
    assert endpoint.paused_until == NOW + timedelta(seconds=6)


def test_retry_after_lengthens_a_pause_and_never_shortens_it() -> None:
    assert failing(Endpoint(), Fault.OVERLOADED, NOW, timedelta(minutes=7)).paused_until == NOW + timedelta(minutes=7)
    assert failing(Endpoint(), Fault.OVERLOADED, NOW, timedelta(0)).paused_until == NOW + timedelta(seconds=5)


def test_a_message_that_is_refused_does_not_hold_up_the_others() -> None:
    endpoint = failing(Endpoint(), Fault.REFUSED, NOW)

    assert not endpoint.paused(NOW)
    assert not endpoint.doubtful
    assert endpoint.failing_since == NOW


def test_410_disables_at_once() -> None:
    assert failing(Endpoint(), Fault.GONE, NOW).disabled is Disabled.GONE


def test_a_day_without_a_delivery_disables_and_then_nothing_changes_it() -> None:
    endpoint, now = Endpoint(), NOW
    while endpoint.disabled is None:
        assert now < NOW + GIVE_UP_AFTER + LONGEST_DELAY
        endpoint = failing(endpoint, Fault.SERVER, now)
        now = endpoint.paused_until or now

    assert endpoint.disabled is Disabled.FAILING
    assert endpoint.failing_since == NOW
    assert failing(endpoint, Fault.GONE, now) == endpoint
    assert endpoint.after_success().disabled is Disabled.FAILING
