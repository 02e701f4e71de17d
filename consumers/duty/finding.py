"""Alerts by the beginning of their id, as people type them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consumers.duty.errors import NoSuchAlert
from schemas.alerts import Alert

SHORTEST = 8
"""Characters of an id that are shown at least."""


def short_ids(alerts: Iterable[Alert]) -> dict[str, str]:
    """By alert_id, the shortest beginning of at least SHORTEST characters that no other of them shares."""
    ids = sorted({alert.alert_id for alert in alerts})
    short = {}
    for number, each in enumerate(ids):
        beside = [ids[at] for at in (number - 1, number + 1) if 0 <= at < len(ids)]
        length = max([SHORTEST, *(_shared(each, other) + 1 for other in beside)])
        short[each] = each[:length]
    return short


def find(alerts: Sequence[Alert], beginning: str) -> Alert:
    """The one alert whose id begins so, or is exactly that. Raises NoSuchAlert."""
    wanted = beginning.lower()
    found = [alert for alert in alerts if alert.alert_id.lower().startswith(wanted)]
    exact = [alert for alert in found if alert.alert_id.lower() == wanted]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise NoSuchAlert(f"no alert begins with {beginning!r} (tocsin alerts lists them)")
    named = ", ".join(sorted(short_ids(found).values())[:5])
    raise NoSuchAlert(f"{len(found)} alerts begin with {beginning!r}: {named}; give more of the id")


def _shared(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
