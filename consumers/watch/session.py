"""What a watch shows, in order: alerts folded, the line lost and back, and how much silence is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from consumers.reading import Got, Quiet, Step, Unreadable
from consumers.watch.book import AlertBook, Change, Taken
from consumers.watch.times import age
from schemas.alerts import Alert
from schemas.codes import AlertStatus
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost

_FORGET_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert to show, in its newest revision; `others` are live alerts of the same encounter."""

    taken: Taken
    others: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One line that the officer must see once. `trouble`: something is wrong until the next one."""

    text: str
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand now; replaces the one before. `once`: worth a line where nothing can be replaced."""

    text: str
    once: bool = False


Sight = Shown | Notice | Standing


def watch(
    steps: Iterable[Step[Alert]], *, recipient: str, from_beginning: bool, clock: Callable[[], datetime]
) -> Iterator[Sight]:
    """Turn what was read into what is shown.

    With `from_beginning` nothing is shown until the end of what was there, and then each alert in its newest revision,
    oldest first: an alert that was withdrawn since must not appear for a moment (domain rule 2). An alert for another
    recipient is never shown.
    """
    book = AlertBook()
    freshness = _Freshness()
    holding, lost = from_beginning, False
    forgot = clock()
    for step in steps:
        now = clock()
        match step:
            case Got(message=alert) if alert.recipient != recipient:
                yield Notice(f"an alert for another recipient is in this topic ({_where(step)}): not shown", True)
            case Got(message=alert):
                taken = book.take(alert)
                freshness.take(alert)
                if not holding and taken.change is not Change.OLD:
                    yield Shown(taken, book.same_encounter(alert))
            case Unreadable(record=record, why=why):
                yield Notice(f"one record cannot be read ({record.topic}[{record.partition}]@{record.offset}): {why}")
            case AtEnd():
                if holding:
                    yield from (
                        Shown(_as_first_seen(alert), book.same_encounter(alert)) for alert in book.oldest_first()
                    )
                holding = False
                yield Standing(freshness.line(book, now), once=True)
            case LineLost(why=why):
                lost = True
                yield Notice(f"LINE LOST at {_clock(now)}: {why}. Alerts may be waiting; trying again", trouble=True)
            case LineBack():
                lost = False
                yield Notice(f"line back at {_clock(now)}; what came meanwhile follows")
                yield Standing(freshness.line(book, now), once=True)
            case Quiet():
                if now - forgot > _FORGET_EVERY:
                    forgot = now
                    book.forget(now)
                yield Standing("LINE LOST: no alerts can arrive" if lost else freshness.line(book, now))


class _Freshness:
    """When something was last heard."""

    def __init__(self) -> None:
        self._last_alert: datetime | None = None
        self._newest_change: datetime | None = None

    def take(self, alert: Alert) -> None:
        self._last_alert = max(alert.revised_at, self._last_alert or alert.revised_at)
        if alert.watchlist_age is not None:
            changed = alert.revised_at - timedelta(milliseconds=alert.watchlist_age)
            self._newest_change = max(changed, self._newest_change or changed)

    def line(self, book: AlertBook, now: datetime) -> str:
        last = "no alert seen yet" if self._last_alert is None else f"last alert {age(now - self._last_alert)} ago"
        listed = (
            "watchlist age not known"
            if self._newest_change is None
            else f"newest watchlist change seen {age(now - self._newest_change)} ago"
        )
        stand = "1 alert stands" if book.live == 1 else f"{book.live} alerts stand"
        return f"line up · {stand} · {last} · {listed} · silence is no confirmation and no clearance"


def _as_first_seen(alert: Alert) -> Taken:
    return Taken(Change.NEW if alert.status is AlertStatus.LIVE else Change.TAKEN_BACK, alert, None)


def _clock(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M:%S} UTC"


def _where(got: Got[Alert]) -> str:
    return f"{got.record.topic}[{got.record.partition}]@{got.record.offset}"
