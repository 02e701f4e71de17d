"""`tocsin erase`, an owner's right, and `tocsin forget`, the operator's duty."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.forgetting import Forgetting
from producers.erasing import Erasing, NotErased, NothingToErase, deletions, is_erased
from producers.hearing import Hearing
from producers.identity import new_event_id
from producers.published_entries import published_entries
from producers.repairs.own_topics import OwnRecords
from schemas.events import WatchlistEntry
from tocsin.cli.admin_access import As, Bootstrap, CaFile, PasswordFile, Protocol, admin_connection, settings_with
from tocsin.cli.declaration import declared
from tocsin.cli.progress import counted
from tocsin.cli.publishing_access import believed, publishing_as
from tocsin.cli.reading import State, member, now, point_in_time, settings_in
from tocsin.cli.terminal import plain, visible
from tocsin.cli.upkeep import Every, Port, keep_doing
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Connection

_ERASE = "Example: tocsin erase fr FR-2026-0815 --yes"
_FORGET = """Examples: every hour, by cron or a systemd timer; and once, after a person's data had to go at once.

    tocsin forget

    tocsin forget --every 1      # for a supervisor or a container: stays, and does it every hour

    tocsin forget --processed-hours 0 --before 2026-11-24T18:00Z --yes
"""
_WHERE = """gone from                                    when
its raised alerts                            taken back now: a RETRACTED without content
persons list, state of the stages            at once; their logs and files within a day of compaction
watchlist.{owner}                                 within a day of compaction (tocsin forget, hourly)
forwarders' databases                        at once where it waits; in SQLite's journal an hour longer
quarantine, if it could not be processed     30 days after that
cases, identifiers (topics of the stages)    a day after they were processed (tocsin forget)
alerts.CC of whoever was alerted             90 days after they were sent; what bureaus copied is theirs to delete
rejects.{owner}, if a version was refused         30 days after it was refused
Stays: that {owner} published and deleted {entry}, by its id alone (audit)."""

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("erase", epilog=_ERASE)(_erase)
    app.command("forget", epilog=_FORGET)(_forget)


def _erase(
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="The entry's owner: fr, un, ...", show_default=False)],
    entry_id: Annotated[str, typer.Argument(metavar="ENTRY", help="Its entry_id.", show_default=False)],
    yes: Yes = False,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Also if nothing of it stands in the owner's topic (any more).")
    ] = False,
    patience: Annotated[float, typer.Option(help="Seconds to wait for whatever is away, and for the pipeline.")] = 60.0,
    state: State = None,
) -> None:
    """Erase a watchlist entry: publish its last version, DELETED and without whom or what it was about.

    That is its owner's right alone, and uses OWNER's own secret; nothing brings it back, and its id is spent. Alerts
    about it are taken back. Waits until the pipeline has taken it in, in every mode, and says then from where it is
    gone and when. Publishing and deleting are audited by the entry's id. It leaves a few refusals in rejects.OWNER, as
    VERSION_CONFLICT: by these it is known that it was taken in.

    Exit codes: 0 it is erased, or was already; 1 it could not be done, or it is not known (run it again).
    """
    settings = settings_in(state)
    member(settings, owner)
    connection = publishing_as(owner, settings)
    counts = believed(declared(settings), owner, connection)
    console = Console(stderr=True, highlight=False)
    with counted(console, f"watchlist.{owner}", "records read") as advance:
        known = published_entries(OwnRecords(owner, connection, patience, on_record=advance), believed=counts)
    published, shown = known.get(entry_id), visible(entry_id)
    if published is None and not unseen:
        raise NothingToErase(owner, shown)
    before = is_erased(published)
    if not before:
        _agreed(yes, f"Erase entry {shown} of {owner} for good?")
    events = deletions(owner, entry_id, published, now(), new_event_id)
    try:
        _published_and_judged(owner, connection, events, patience, console)
    except NotErased as error:
        if not error.never_an_entry:
            raise
        typer.echo(f"{owner} {shown}: no entry can have this id, so that it never was taken in. What stood in")
        typer.echo(f"watchlist.{owner} goes within a day of compaction, what was refused of it 30 days after that.")
        return
    if before:
        typer.echo(f"{owner} {shown} is erased already, which the pipeline has confirmed")
        return
    typer.echo(f"{owner} {shown} is DELETED\n")
    typer.echo(_WHERE.format(owner=owner, entry=shown))


def _published_and_judged(
    owner: str, connection: Connection, events: list[WatchlistEntry], patience: float, console: Console
) -> None:
    """Publish the deletions, and wait until the pipeline has judged them. Raises NotErased, Unavailable."""
    codec = OwnRecords(owner, connection, patience).codec()

    def waiting(why: str) -> None:
        console.print(f"waiting: {plain(why)}", soft_wrap=True)

    with Hearing(owner, connection, codec, patience=patience, on_waiting=waiting) as hearing:
        places = hearing.say(events, "the broker did not take it: {}")
        judged = Erasing(events[0].entry_id, dict(zip(places, events, strict=True)))
        hearing.until(judged.is_told)


def _forget(
    processed_hours: Annotated[
        float, typer.Option(min=0, help="Delete from the topics between the stages what was appended longer ago.")
    ] = 24.0,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Delete also what was appended before to incidents, responses, rejects, alerts and quarantine:"
            " 2026-11-24T18:00Z, or how long ago (2d). Whoever has not read it loses it. Default: their own ages.",
        ),
    ] = None,
    every: Every = None,
    port: Port = 9107,
    yes: Yes = False,
    bootstrap: Bootstrap = None,
    user: As = None,
    password_file: PasswordFile = None,
    protocol: Protocol = None,
    ca_file: CaFile = None,
    state: Annotated[Path | None, typer.Option(help="State folder. Default: TOCSIN_STATE, else .tocsin.")] = None,
) -> None:
    """Make Kafka forget what is due and what it would not forget by itself. Run it every hour.

    Closes the newest segments of the lists, which are never compacted otherwise, and deletes from the topics between
    the stages what was processed; what no stage has processed yet is never deleted. Needs the super user's secret; no
    content is read.
    """
    settings = settings_with(state=state, bootstrap=bootstrap, user=user, security_protocol=protocol, ca_file=ca_file)
    if every is not None and before is not None:
        raise typer.BadParameter("--every and --before do not go together: a time that is past is past once")
    until = None if before is None else point_in_time(before)
    if until is not None:
        _agreed(yes, f"Delete everything that was sent and received before {until:%Y-%m-%d %H:%M} UTC?")
    participants, connection = declared(settings), admin_connection(settings, password_file)

    def forget() -> list[str]:
        # A new client each time: one that knew a broker that is away now insists on it.
        done = Forgetting(participants, connection).forget(now(), timedelta(hours=processed_hours), until)
        deleted = [f"{topic}: {number} records deleted" for topic, number in sorted(done.deleted.items())]
        return [f"{done.rolled} partitions of lists may be compacted now", *deleted]

    if every is not None:
        keep_doing("forget", lambda: "; ".join(forget()), every, port, settings)
    for line in forget():
        typer.echo(line)


def _agreed(yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfigured("nothing was done: nobody can be asked here; to do it without asking: --yes")
    if not typer.confirm(question):
        raise typer.Exit(1)
