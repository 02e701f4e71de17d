"""When to try again: exponential backoff with jitter, and what Retry-After may ask for. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_DELAY = timedelta(seconds=5)
"""Before the second attempt; doubled with each further failure."""
LONGEST_DELAY = timedelta(minutes=15)
"""No endpoint that works again waits longer than this (with jitter: 19 minutes) for what was kept for it."""
JITTER = 0.25
"""A delay is shortened or lengthened by up to this part of it, so that what failed together is not tried together."""
GIVE_UP_AFTER = timedelta(days=1)
"""A delivery is given up at the first failure after this time, and an endpoint disabled that failed so long."""
LEAST_FAILURES = 10
"""... but not before so many failures, so that a forwarder that was away for a day gives nothing up at once."""
LONGEST_RETRY_AFTER = timedelta(hours=1)
"""A longer Retry-After is cut to this."""

LONGEST_PAUSE = LONGEST_RETRY_AFTER
"""No pause is longer. One that seems to be was begun while the clock stood wrong, and is over."""

Rng = Callable[[], float]
"""A random number in [0, 1)."""


def delay(failures: int, rng: Rng) -> timedelta:
    """How long to wait after `failures` (1, 2, ...) failures in a row: 5 s, 10 s, 20 s, ... 15 min, +- 25 %."""
    # The exponent is bounded first: a timedelta holds no 2**1000 seconds.
    whole: timedelta = min(FIRST_DELAY * 2 ** min(max(failures, 1) - 1, 16), LONGEST_DELAY)
    return whole * (1 + JITTER * (2 * rng() - 1))


def given_up(since: datetime, failures: int, now: datetime) -> bool:
    """Whether what has failed `failures` times since `since` is given up at `now`."""
    return failures >= LEAST_FAILURES and now - since >= GIVE_UP_AFTER


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for (RFC 9110, 10.2.3: seconds or an HTTP date), 0 to LONGEST_RETRY_AFTER.

    None when there is none, or none that can be read: then the schedule alone decides.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:9]), 10**6)), LONGEST_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:  # "-0000": UTC, says RFC 5322
        when = when.replace(tzinfo=UTC)
    return min(max(when - now, timedelta(0)), LONGEST_RETRY_AFTER)
