"""`tocsin deliveries`, `tocsin redeliver`, `tocsin resume`: what was sent, and sending it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from consumers.reading import Got, messages
from schemas.alerts import Alert
from schemas.model import millis
from schemas.topics import alerts
from tocsin.cli.forwarder import Base, open_base
from tocsin.cli.reading import Code, Json, State, codec, member, now, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.subscriptions import Id
from tocsin.runtime.consuming import AtEnd, LineLost, TopicReader
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.settings import Settings, connect

if TYPE_CHECKING:
    from consumers.forwarder.ledger import Entry
    from consumers.forwarder.subscription import Subscription

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_CHUNK = 200
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
    start, count = _time(since), 0
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

    settings = settings_in(state)
    member(settings, code)
    base = open_base(settings)
    with transaction(base.engine, write=False) as connection:
        if subscription is None:
            targets = subscriptions.of_participant(connection, code)
        else:
            targets = [subscriptions.find(connection, code, subscription)]
    _send_again(settings, base, code, targets, _time(since), missing, principal)


def _resume(code: Code, id_: Id, principal: Reader = None, state: State = None) -> None:
    """Let a disabled endpoint have deliveries again, and send it what it missed meanwhile."""
    from consumers.forwarder import subscriptions
    from consumers.forwarder.database import transaction

    settings = settings_in(state)
    member(settings, code)
    base = open_base(settings)
    with transaction(base.engine) as connection:
        before = subscriptions.enable(connection, code, id_)
        enabled = subscriptions.find(connection, code, before.id)
    typer.echo(f"{before.id} takes deliveries again")
    if before.endpoint.failing_since is not None:
        _send_again(settings, base, code, [enabled], before.endpoint.failing_since, True, principal)


def _send_again(
    settings: Settings,
    base: Base,
    code: str,
    targets: Sequence[Subscription],
    since: datetime,
    missing: bool,
    principal: str | None,
) -> None:
    from consumers.forwarder import queueing
    from consumers.forwarder.database import transaction

    newest = _newest(settings, code, principal or code, since)
    count = 0
    for start in range(0, len(newest), _CHUNK):
        with transaction(base.engine) as connection:
            chunk = newest[start : start + _CHUNK]
            count += len(queueing.redeliver(connection, base.seal, targets, chunk, missing, now()))
    typer.echo(f"{count} messages queued, of {len(newest)} alerts since {since:%Y-%m-%d %H:%M:%S} UTC")


def _newest(settings: Settings, code: str, principal: str, since: datetime) -> list[Alert]:
    """The newest revision of each alert with a record since a time, in the order of those records."""
    found: dict[str, Alert] = {}
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
                case Got(message=alert) if alert.recipient == code:
                    progress.advance(task)
                    known = found.get(alert.alert_id)
                    if known is None or known.revision < alert.revision:
                        found.pop(alert.alert_id, None)
                        found[alert.alert_id] = alert
                case AtEnd():
                    break
                case LineLost(why=why):
                    raise Unavailable(f"{why}; nothing was queued")
    return list(found.values())


def _time(text: str) -> datetime:
    ago = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    if ago:
        return now() - int(ago[1]) * _UNITS[ago[2]]
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time: 2026-11-24T06:00Z, 30m, 2h or 1d", param_hint="--since"
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


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
