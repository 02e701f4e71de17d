"""Commands that read what Tocsin says: `watch` and `rejects` here, `screening-report` and `consumer` beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel

from consumers.reading import Got, Step, Unreadable, messages
from consumers.rejects import RepeatedRejects, reject_json, reject_lines
from consumers.watch.card import Tone, alert_card
from consumers.watch.session import Notice, Shown, Standing, watch
from schemas.alerts import Alert, Reject
from schemas.topics import alerts, rejects
from tocsin.cli import consumer, repairs, screening
from tocsin.cli.endpoint_notices import EndpointNotices
from tocsin.cli.reading import (
    Code,
    FromBeginning,
    Json,
    Limit,
    State,
    UntilIdle,
    codec,
    member,
    now,
    quiet,
    reader,
    settings_in,
)
from tocsin.cli.showing import Screen, cleaned, json_line
from tocsin.cli.terminal import visible
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost

M = TypeVar("M", bound=BaseModel)
_WATCH_EXAMPLE = """Example: all alerts that stand, then those that come.

    tocsin watch bd --from-beginning

For programs: tocsin watch bd --json --from-beginning --until-idle 10"""
_REJECTS_EXAMPLE = """Example: all that the topic still holds; the same as a file to be repaired for tocsin replay.

    tocsin rejects bd --from-beginning --until-idle 3

    tocsin rejects bd --export refused.jsonl"""


def register(app: typer.Typer) -> None:
    """Add the commands of this area."""
    app.command("watch", epilog=_WATCH_EXAMPLE)(_watch)
    app.command("rejects", epilog=_REJECTS_EXAMPLE)(_rejects)
    repairs.register(app)
    screening.register(app)
    consumer.register(app)


def _watch(
    code: Code,
    as_json: Json = False,
    from_beginning: FromBeginning = False,
    until_idle: UntilIdle = None,
    limit: Limit = None,
    state: State = None,
) -> None:
    """Show the alerts of a participant as they come: what is asked, the dangers, who met whom, and why it matches.

    Reads alerts.CC with CC's own secret, committed records only; everybody who watches sees everything. Each alert is
    shown in its newest revision, and says so when it was retracted or withdrawn. While the line is lost it says so
    and tries again: silence is no confirmation, and no match is no clearance. So it does when an endpoint of the
    participant (tocsin subscribe) gets no alerts. Ctrl-C ends it.
    """
    settings = settings_in(state)
    zone = member(settings, code).zone
    shown, notices = 0, EndpointNotices(settings, code, now)
    with (
        quiet(settings),
        reader(alerts(code), settings, code, "watch", from_beginning=from_beginning) as source,
        Screen() as screen,
    ):
        read = messages(source, codec(settings, code).decode, Alert, until_idle=until_idle)
        steps = read if as_json else (_harmless(step) for step in read)
        for sight in watch(steps, recipient=code, from_beginning=from_beginning, clock=now):
            match sight:
                case Shown(taken=taken, others=others):
                    if as_json:
                        typer.echo(json_line(taken.alert.model_dump(mode="json")))
                    else:
                        screen.card(alert_card(taken, now(), zone, others))
                    shown += 1
                case Notice(text=text, trouble=trouble):
                    _notice(screen, text, as_json, trouble)
                case Standing(text=text, once=once):
                    for line in notices.lines():
                        _notice(screen, visible(line), as_json, True)
                    if not as_json:
                        screen.standing(text, once=once)
            if limit is not None and shown >= limit:
                break


def _rejects(
    code: Code,
    as_json: Json = False,
    from_beginning: FromBeginning = False,
    until_idle: UntilIdle = None,
    limit: Limit = None,
    state: State = None,
    with_head: bool = typer.Option(
        False, "--with-head", help="With --json: the first 64 KiB of each refused event too, in base64."
    ),
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write everything refused that was not put back yet into a new file, to be repaired, and end.",
        ),
    ] = None,
) -> None:
    """Show which events of a participant were refused: reason, place in the event, what to do, and which event.

    Reads rejects.CC with CC's own secret. Everything else that CC sent was taken.
    """
    settings = settings_in(state)
    if export is not None:
        member(settings, code)
        with quiet(settings):
            repairs.export(code, settings, export)
        return
    zone = member(settings, code).zone
    repeated = RepeatedRejects()
    shown = 0
    with (
        quiet(settings),
        reader(rejects(code), settings, code, "rejects", from_beginning=from_beginning) as source,
        Screen() as screen,
    ):
        for step in messages(source, codec(settings, code).decode, Reject, until_idle=until_idle):
            match step:
                case Got(message=reject) if not repeated.is_repeat(reject):
                    if as_json:
                        typer.echo(json_line(reject_json(reject, with_head=with_head)))
                    else:
                        screen.card(reject_lines(cleaned(reject), zone))
                    shown += 1
                case Unreadable(record=record, why=why):
                    place = f"{record.topic}[{record.partition}]@{record.offset}"
                    _notice(screen, f"one record cannot be read ({place}): {why}", as_json, False)
                case LineLost(why=why):
                    _notice(screen, f"LINE LOST at {_clock()}: {why}. Trying again", as_json, True)
                case LineBack():
                    _notice(screen, f"line back at {_clock()}", as_json, False)
                case AtEnd() if not as_json:
                    screen.standing(f"line up · {shown} refused shown so far · the rest was taken", once=True)
            if limit is not None and shown >= limit:
                break


def _notice(screen: Screen, text: str, as_json: bool, trouble: bool) -> None:
    if as_json:
        typer.echo(text, err=True)
    else:
        screen.line(text, Tone.DANGER if trouble else Tone.PLAIN)


def _harmless(step: Step[M]) -> Step[M]:
    return Got(cleaned(step.message), step.record) if isinstance(step, Got) else step


def _clock() -> str:
    return f"{now():%Y-%m-%d %H:%M:%S} UTC"
