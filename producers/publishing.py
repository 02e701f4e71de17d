"""A file's results to a producer, one by one, with an account of what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from producers.country import CountryProducer
from producers.errors import Unencodable, WrongProducer
from producers.importers.results import Note, RefusedRow, Result
from schemas.events import Incident, Response, WatchlistEntry
from tocsin.runtime.producing import Refusal

KEPT = 1_000
"""Refused rows and notes that an account keeps for showing; it counts all of them."""


@dataclass
class Account:
    """What became of a file's rows. `read` = published + refused; published = delivered + undelivered."""

    read: int = 0
    published: int = 0
    delivered: int = 0
    refused: int = 0
    refused_rows: list[RefusedRow] = field(default_factory=list)
    """The first KEPT of them."""
    noted: int = 0
    notes: list[Note] = field(default_factory=list)
    """The first KEPT of them."""
    undelivered: Counter[Refusal] = field(default_factory=Counter)

    @property
    def complete(self) -> bool:
        """Was every row published and taken?"""
        return not self.refused and not self.undelivered

    def refuse(self, row: RefusedRow) -> None:
        """Count a refused row."""
        self.refused += 1
        if len(self.refused_rows) < KEPT:
            self.refused_rows.append(row)

    def note(self, note: Note) -> None:
        """Count a note."""
        self.noted += 1
        if len(self.notes) < KEPT:
            self.notes.append(note)


def publish_results(
    results: Iterable[Result | Response],
    producer: CountryProducer | None,
    on_row: Callable[[Account], None] | None = None,
    account: Account | None = None,
) -> Account:
    """Publish every model in `results`, wait until each is delivered or refused, and tell.

    Without a producer nothing is sent (a dry run). Raises what CountryProducer raises for trouble that is not the
    event's: wrong credentials, a missing schema, patience at its end; an `account` that was passed in then says how
    far it came.
    """
    account = account or Account()
    for result in results:
        if isinstance(result, Note):
            account.note(result)
            continue
        account.read += 1
        if isinstance(result, RefusedRow):
            account.refuse(result)
        elif refusal := _published(result, producer):
            account.refuse(refusal)
        else:
            account.published += 1
        if on_row:
            on_row(account)
    if producer is not None:
        producer.flush()
        account.delivered = producer.delivered
        account.undelivered = Counter(producer.refused)
    return account


def _published(event: Incident | WatchlistEntry | Response, producer: CountryProducer | None) -> RefusedRow | None:
    if producer is None:
        return None
    try:
        producer.publish(event)
    except WrongProducer as error:
        return RefusedRow(_row(event), "producer", str(error))
    except Unencodable as error:
        return RefusedRow(_row(event), "event", str(error))
    return None


def _row(event: Incident | WatchlistEntry | Response) -> str:
    if isinstance(event, WatchlistEntry):
        return event.entry_id
    return event.incident_id if isinstance(event, Incident) else event.case_ref
