"""Times as officers read them: local time of the place with UTC beside it, and ages in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_named(name: str) -> ZoneInfo | None:
    """The IANA zone, or None when there is none of that name (it comes from outside)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def both(moment: datetime, zone: str) -> str:
    """`moment` in the zone named and in UTC; only in UTC, and why, when the zone is not known."""
    utc = moment.astimezone(UTC)
    in_utc = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    known = zone_named(zone)
    if known is None:
        return f"{in_utc} (local time not known)"
    if zone == "UTC":
        return in_utc
    try:
        local = utc.astimezone(known)
    except OverflowError:  # year 1 or 9999: it comes from outside
        return in_utc
    day = "" if local.date() == utc.date() else f"{utc:%Y-%m-%d} "
    return f"{local:%Y-%m-%d %H:%M:%S} local ({zone}) = {day}{utc:%H:%M:%S} UTC"


def age(span: timedelta) -> str:
    """A length of time in words, its largest unit and the next: `3 min 20 s`, `2 h 5 min`, `4 days 1 h`."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours else f"{days} days"
