"""`tocsin deliveries`, `tocsin redeliver`, `tocsin resume`: what was sent, and sending it again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from consumers.reading import Got, messages
from schemas.alerts import Alert
from schemas.model import millis, timestamp
from schemas.topics import alerts
from tocsin.cli.forwarder import open_base
from tocsin.cli.reading import Code, Json, State, codec, member, now, point_in_time, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.subscriptions import Id
from tocsin.runtime.consuming import AtEnd, LineLost, TopicReader
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.settings import Settings, connect

if TYPE_CHECKING:
    from consumers.forwarder.ledger import Entry
    from consumers.forwarder.queueing import Read

_DELIVERIES = "Example: tocsin deliveries fr --since 2h --failed"
_REDELIVER = """Example: after fr restored its database from this morning's backup

    tocsin redeliver fr --since 2026-11-24T06:00Z"""

Since = Annotated[str, typer.Option(help="2026-11-24T06:00Z, or how long ago: 30m, 2h, 1d.")]
Reader = Annotated[
    str | None, typer.Option("--as", metavar="USER", help="Kafka user to read the alerts as. Default: the participant.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this area."""
    app.command("deliveries", epilog=_DELIVERIES)(_deliveries)
    app.command("redeliver", epilog=_REDELIVER)(_redeliver)
    app.command("resume", epilog="Example: tocsin resume fr 3f2a")(_resume)


def _deliveries(
    code: Code,
    since: Since = "1d",
    failed: Annotated[bool, typer.Option("--failed", help="Failed attempts and what was given up alone.")] = False,
    as_json: Json = False,
    state: State = None,
) -> None:
    """Show every attempt to deliver a participant's alerts: when, which alert, what came of it and how long it took."""
    from consumers.forwarder import ledger
    from consumers.forwarder.database import transaction

    settings = settings_in(state)
    member(settings, code)
    start, count = point_in_time(since), 0
    with transaction(open_base(settings).engine, write=False) as connection:
        for entry in ledger.entries(connection, code, start, failed):
            typer.echo(json_line(_plain(entry)) if as_json else _line(entry))
            count += 1
    if not count and not as_json:
        what = "failed attempt" if failed else "attempt"
        typer.echo(f"no {what} to deliver to {code} since {start:%Y-%m-%d %H:%M} UTC", err=True)


def _redeliver(
    code: Code,
    since: Annotated[str, typer.Option(help="2026-11-24T06:00Z, or how long ago: 30m, 2h, 1d.", show_default=False)],
    subscription: Annotated[
        str | None, typer.Option(metavar="ID", help="To this subscription alone. Default: to all that are enabled.")
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only what was never delivered.")] = False,
    principal: Reader = None,
    state: State = None,
) -> None:
    """Send alerts that were raised or changed since a time again, each in its newest revision.

    They are read from the topic (90 days) and put into the queue; the forwarder sends them, under the same ids as the
    first time. A receiver that still knows an id passes it over, so this mends what a receiver lost and does no harm.
    """
    from consumers.forwarder import subscriptions
    from consumers.forwarder.database import transaction
    from consumers.forwarder.resuming import store

    settings = settings_in(state)
    member(settings, code)
    start, base = point_in_time(since), open_base(settings)
    with transaction(base.engine, write=False) as connection:
        if subscription is None:
            targets = subscriptions.of_participant(connection, code)
        else:
            targets = [subscriptions.find(connection, code, subscription)]
    newest = _newest(settings, code, principal or code, start)
    count = store(base.engine, base.seal, targets, newest, missing, now)
    typer.echo(f"{count} messages queued, of {len(newest)} alerts since {start:%Y-%m-%d %H:%M:%S} UTC")


def _resume(code: Code, id_: Id, principal: Reader = None, state: State = None) -> None:
    """Let a disabled endpoint have deliveries again, and send it what it missed meanwhile.

    What it missed is read again from the topic, from the oldest alert on that was not delivered (90 days at most), and
    queued before the endpoint is enabled. If it breaks off, repeat it.
    """
    from consumers.forwarder.resuming import resume

    settings = settings_in(state)
    member(settings, code)
    base = open_base(settings)

    def read_since(since: datetime) -> list[Read]:
        return _newest(settings, code, principal or code, since)

    done = resume(base.engine, base.seal, code, id_, read_since, now)
    typer.echo(f"{done.subscription.id} takes deliveries again; {done.queued} missed alerts queued")
    if done.lost:
        typer.echo(f"{done.lost} missed alerts are no longer in the topic", err=True)


def _newest(settings: Settings, code: str, principal: str, since: datetime) -> list[Read]:
    """The newest revision of each alert with a record since a time, in the order of those records."""
    found: dict[str, Read] = {}
    columns = (SpinnerColumn(), TextColumn("reading {task.fields[topic]}: {task.completed} records"))
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
        TopicReader(
            connect(principal, settings), [alerts(code)], purpose="redeliver", from_beginning=True, since=millis(since)
        ) as source,
    ):
        task = progress.add_task("", total=None, topic=alerts(code))
        for step in messages(source, codec(settings, principal).decode, Alert):
            match step:
                case Got(message=alert, record=record) if alert.recipient == code:
                    progress.advance(task)
                    known = found.get(alert.alert_id)
                    if known is None or known[0].revision < alert.revision:
                        found.pop(alert.alert_id, None)
                        found[alert.alert_id] = alert, timestamp(record.timestamp)
                case AtEnd():
                    break
                case LineLost(why=why):
                    raise Unavailable(f"{why}; nothing was queued")
    return list(found.values())


def _line(entry: Entry) -> str:
    status = f" {entry.status}" if entry.status is not None else ""
    why = f" {entry.fault}" if entry.fault else ""
    took = f" {entry.duration} ms" if entry.duration is not None else ""
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.subscription_id[:8]}  {entry.about} r{entry.revision}"
        f"  {entry.what}{why}{status}{took}"
    )


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "subscription": entry.subscription_id,
        "about": entry.about,
        "revision": entry.revision,
        "what": entry.what.value,
        "fault": entry.fault.value if entry.fault else None,
        "status": entry.status,
        "duration_ms": entry.duration,
    }
