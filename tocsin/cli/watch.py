"""Commands that read what Tocsin says: `watch`, `rejects`, `screening-report`, `consumer metrics`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel

import deploy
from consumers.reading import Got, Step, messages
from consumers.watch.card import Tone, alert_card
from consumers.watch.session import Notice, Shown, Standing, watch
from schemas.alerts import Alert
from schemas.codec import Codec
from schemas.participants import Participant, Participants, load_participants
from schemas.topics import alerts
from tocsin.cli.showing import Screen, cleaned, json_line
from tocsin.runtime.consuming import TopicReader
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.logging import configure
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Settings, connect

M = TypeVar("M", bound=BaseModel)
_INTERRUPTED = 130
_REGISTRY_PATIENCE = 5.0

Code = Annotated[str, typer.Argument(metavar="CC", help="The participant: bd, fr, un, ccc, ...", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output; notices on the other.")]
FromBeginning = Annotated[
    bool, typer.Option("--from-beginning", help="Begin with everything that the topic still holds.")
]
UntilIdle = Annotated[
    float | None,
    typer.Option(
        metavar="S", min=0, help="End, with exit code 0, when all was read and nothing came for so many seconds."
    ),
]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="End, with exit code 0, after so many.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("watch")(watch_alerts)


def watch_alerts(
    code: Code,
    as_json: Json = False,
    from_beginning: FromBeginning = False,
    until_idle: UntilIdle = None,
    limit: Limit = None,
) -> None:
    """Show the alerts of a participant as they come, with what is asked, the dangers, and why it matches.

    Reads alerts.CC with CC's own secret, committed records only. Everybody who watches sees everything. Each alert is
    shown in its newest revision; what was retracted or withdrawn says so. While the line is lost it says so and tries
    again: silence is no confirmation, and no match is no clearance. Ctrl-C ends it.

    Example: tocsin watch bd --from-beginning
    """
    settings = Settings()
    member = _member(_participants(settings), code)
    _quiet_logging(settings)
    with (
        _interruptible(),
        _reader(alerts(code), settings, code, "watch", from_beginning) as reader,
        Screen() as screen,
    ):
        decode = _codec(settings, code).decode
        read = messages(reader, decode, Alert, until_idle=until_idle)
        steps = read if as_json else (_harmless(step) for step in read)
        shown = 0
        for sight in watch(steps, recipient=code, from_beginning=from_beginning, clock=_now):
            match sight:
                case Shown(taken=taken) if as_json:
                    typer.echo(json_line(taken.alert.model_dump(mode="json")))
                    shown += 1
                case Shown(taken=taken, others=others):
                    screen.card(alert_card(taken, _now(), member.zone, others))
                    shown += 1
                case Notice(text=text) if as_json:
                    typer.echo(text, err=True)
                case Notice(text=text, trouble=trouble):
                    screen.line(text, Tone.DANGER if trouble else Tone.PLAIN)
                case Standing(text=text, once=once) if not as_json:
                    screen.standing(text, once=once)
            if limit is not None and shown >= limit:
                break


def _participants(settings: Settings) -> Participants:
    return load_participants(settings.bureaus or Path(deploy.__file__).with_name("bureaus.toml"))


def _member(participants: Participants, code: str) -> Participant:
    if code not in participants:
        raise NotConfigured(f"{code!r} is no participant; declared are: {', '.join(participants.codes)}")
    return participants.members[code]


def _reader(topic: str, settings: Settings, code: str, purpose: str, from_beginning: bool) -> TopicReader:
    return TopicReader(connect(code, settings), [topic], purpose=purpose, from_beginning=from_beginning)


def _codec(settings: Settings, code: str) -> Codec:
    return Codec(RegistrySchemaIds(connect(code, settings).registry, patience=_REGISTRY_PATIENCE))


def _harmless(step: Step[M]) -> Step[M]:
    return Got(cleaned(step.message), step.record) if isinstance(step, Got) else step


def _now() -> datetime:
    return datetime.now(UTC)


def _quiet_logging(settings: Settings) -> None:
    """The line's state is told in words of our own: the client's many log lines would drown it."""
    configure(json_lines=settings.log_json, level=logging.WARNING)
    logging.getLogger("tocsin.runtime.consuming").setLevel(logging.CRITICAL)


@contextmanager
def _interruptible() -> Iterator[None]:
    """End quietly on Ctrl-C, and when whoever reads our output has gone."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
