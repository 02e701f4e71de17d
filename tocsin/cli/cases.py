"""The duty officer's commands: `alerts`, `show`, `answer`; `operation` beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from consumers.duty import Encounter, encounter_lines, open_encounters
from consumers.duty.errors import NotPossible
from consumers.duty.finding import SHORTEST, find, short_ids
from consumers.duty.moves import MOVES, Said, check, is_counted, response, with_members, words_of
from consumers.duty.waiting import fold, heard, to_end
from consumers.reading import Step, messages
from consumers.watch.book import Change, Taken
from consumers.watch.card import Tone, alert_card
from consumers.watch.times import both
from consumers.watch.wording import WORKFLOW, words
from producers.country import encoded
from producers.identity import new_event_id
from schemas import topics
from schemas.alerts import Reject
from schemas.codes import AlertStatus, AnswerReason, Outcome, ResponseKind
from schemas.envelope import Delegation
from tocsin.cli import operation
from tocsin.cli.endpoint_notices import EndpointNotices
from tocsin.cli.publishing_access import publishing_as
from tocsin.cli.reading import Code, Json, State, alert_steps, codec, member, now, quiet, reader, settings_in
from tocsin.cli.showing import Screen, cleaned, json_line
from tocsin.cli.terminal import visible
from tocsin.runtime.errors import NotConfigured, Unavailable
from tocsin.runtime.producing import EventProducer
from tocsin.runtime.settings import Settings

NOT_HEARD = 3
"""Exit code of an answer that was published and of which nothing was heard in time."""
_LENGTH = re.compile(r"(\d{1,4})\s*(min|h|d)")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

Id = Annotated[str, typer.Argument(metavar="ALERT", help="Its id, or a beginning that no other alert shares.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("alerts", epilog="Example: tocsin alerts bd")(_alerts)
    app.command("show", epilog="Example: tocsin show bd 3f9a01c2")(_show)
    app.command(
        "answer",
        epilog=(
            "Examples: tocsin answer bd 3f9a01c2 request --text 'Is it him?'"
            " · tocsin answer fr 3f9a01c2 later --eta 2h"
            " · tocsin answer fr 3f9a01c2 reject --reason DIFFERENT_PERSON"
            " · tocsin answer bd 3f9a01c2 act --outcome ARRESTED"
        ),
    )(_answer)
    operation.register(app)


def _alerts(
    code: Code,
    as_json: Json = False,
    closed_too: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False,
    state: State = None,
) -> None:
    """List a participant's open cases, the most urgent first: what to do, who was met, where, and the time left.

    Alerts about the same person or thing of one incident are one case, the highest action first. Whatever was
    retracted or withdrawn is not shown. Silence is no confirmation, and no match is no clearance.
    """
    settings = settings_in(state)
    member(settings, code)
    with quiet(settings), Screen() as screen:
        with alert_steps(code, settings) as steps:
            book = fold(steps, code)
        found = open_encounters(book.oldest_first(), closed_too=closed_too)
        notices = EndpointNotices(settings, code, now).lines()
        if as_json:
            for line in notices:
                typer.echo(line, err=True)
            for encounter in found:
                for alert in encounter.alerts:
                    typer.echo(json_line(alert.model_dump(mode="json")))
            return
        ids = short_ids(alert for encounter in found for alert in encounter.alerts)
        for encounter in found:
            harmless = Encounter(tuple(cleaned(alert) for alert in encounter.alerts))
            screen.card(encounter_lines(harmless, now(), ids))
        count = sum(len(encounter.alerts) for encounter in found)
        screen.line(f"{_many(len(found), 'case')}, {_many(count, 'alert')} · tocsin show {code} ALERT tells all of one")
        screen.line("silence is no confirmation, and no match is no clearance", Tone.MUTED)
        for line in notices:
            screen.line(visible(line), Tone.DANGER)


def _show(code: Code, alert_id: Id, as_json: Json = False, state: State = None) -> None:
    """Show one alert in full: what is asked, the evidence in words, what was said so far, and what you may answer."""
    settings = settings_in(state)
    zone = member(settings, code).zone
    with quiet(settings), Screen() as screen:
        with alert_steps(code, settings) as steps:
            book = fold(steps, code)
        alert = find(with_members(book.oldest_first()), alert_id)
        if is_counted(alert):
            short = alert.alert_id[:SHORTEST]
            raise NotPossible(f"a digest counts this match; have it sent first: tocsin answer {code} {short} details")
        if as_json:
            typer.echo(json_line(alert.model_dump(mode="json")))
            return
        change = Change.NEW if alert.status is AlertStatus.LIVE else Change.TAKEN_BACK
        others = tuple(cleaned(other) for other in book.same_encounter(alert))
        screen.card(alert_card(Taken(change, cleaned(alert), None), now(), zone, others))
        if alert.allowed_moves:
            short = short_ids(book.oldest_first())[alert.alert_id]
            screen.line(f"to answer: tocsin answer {code} {short} {'|'.join(words_of(alert))}", Tone.MUTED)


def _answer(
    code: Code,
    alert_id: Id,
    move: Annotated[str, typer.Argument(metavar="MOVE", help=f"One of: {', '.join(MOVES)}.")],
    reason: Annotated[AnswerReason | None, typer.Option(help="Why not confirmed, or closed without action.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="What came of the action.")] = None,
    eta: Annotated[
        str | None, typer.Option(metavar="WHEN", help="When the answer comes: 2h, 30min, or 2026-11-24T18:00+01:00.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Free text; the other side reads it.")] = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="Publish as this service of CC, as bureaus.toml declares it.")
    ] = None,
    officer: Annotated[str | None, typer.Option(help="With --service, and needed there: the pseudonym.")] = None,
    wait: Annotated[float, typer.Option(metavar="S", min=0, help="How long to wait for its effect.")] = 20.0,
    as_json: Json = False,
    state: State = None,
) -> None:
    """Answer an alert, and wait until the answer's effect or its refusal comes back.

    Exit codes: 0 taken in, 1 refused or not possible (with what is possible), 3 published, but nothing was heard of it
    in time: it is not lost, look again with `tocsin show`.
    """
    settings = settings_in(state)
    zone = member(settings, code).zone
    said = Said(_kind(move), reason, outcome, None if eta is None else read_eta(eta, now()), text)
    _check_service(settings, code, service, officer)
    connection = publishing_as(code, settings, service)
    with quiet(settings), Screen() as screen, alert_steps(code, settings) as steps:
        alert = find(with_members(fold(steps, code).oldest_first()), alert_id)
        check(alert, said)
        if said.kind is ResponseKind.ACKNOWLEDGE and alert.acknowledged_at is not None:
            screen.line(f"acknowledged already, {both(alert.acknowledged_at, zone)}")
            return
        delegation = Delegation(service=service, officer=officer) if service else None
        made = response(alert, said, producer=code, event_id=new_event_id(), now=now(), delegation=delegation)
        with _reject_steps(code, settings) as refusals:
            to_end(refusals)
            with EventProducer(connection, patience=max(wait, 5.0)) as producer:
                producer.send(topics.responses(code), made.case_ref, encoded(codec(settings, code), made))
            if producer.refused:
                raise Unavailable(f"the broker did not take the answer: {', '.join(producer.refused)}")
            shown = heard(steps, refusals, made, alert.alert_id, within=wait)
        if shown is None:
            typer.echo(
                f"published, but nothing was heard of it within {wait:.0f} s; it is not lost: look again", err=True
            )
            raise typer.Exit(NOT_HEARD)
        if as_json:
            typer.echo(json_line(shown.model_dump(mode="json")))
            return
        if said.kind is ResponseKind.REQUEST_DETAILS:
            screen.line(f"taken in: sent by itself now; tocsin show {code} {alert.alert_id}, or tocsin alerts {code}")
            return
        due = f"; answer due {both(shown.answer_due_at, zone)}" if shown.answer_due_at else ""
        screen.line(f"taken in: {words(said.kind)}; the case is now {WORKFLOW[shown.workflow]}{due}")


def read_eta(text: str, at: datetime) -> datetime:
    """A time with its zone, or a length of time from `at`. Raises typer.BadParameter."""
    if (length := _LENGTH.fullmatch(text.strip())) is not None:
        return at + int(length[1]) * _UNITS[length[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            f"{visible(text)!r} is neither a length of time (2h, 30min, 3d) nor a time with its zone"
            " (2026-11-24T18:00+01:00)",
            param_hint="--eta",
        )
    return moment.astimezone(UTC)


def _kind(move: str) -> ResponseKind:
    if move not in MOVES:
        raise typer.BadParameter(f"{visible(move)!r} is none of {', '.join(MOVES)}", param_hint="MOVE")
    return MOVES[move]


def _check_service(settings: Settings, code: str, service: str | None, officer: str | None) -> None:
    if service is None:
        if officer is not None:
            raise NotConfigured("--officer says for whom a service publishes: name that with --service")
        return
    declared = member(settings, code).services
    if service not in declared or "responses" not in declared[service].events:
        able = ", ".join(name for name, one in declared.items() if "responses" in one.events) or "none"
        raise NotConfigured(f"no service {visible(service)!r} of {code} may publish answers; declared are: {able}")
    if officer is None or not officer.strip():
        raise NotConfigured("a service's answer says whose it is: give the officer's pseudonym with --officer")


@contextmanager
def _reject_steps(code: str, settings: Settings) -> Iterator[Iterator[Step[Reject]]]:
    with reader(topics.rejects(code), settings, code, "cases-rejects", from_beginning=False) as source:
        yield messages(source, codec(settings, code).decode, Reject)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
