"""What all reading commands share: who reads, with whose secret, how it begins and how it ends."""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from consumers.reading import Step, messages
from schemas.alerts import Alert
from schemas.codec import Codec
from schemas.participants import Participant
from schemas.topics import alerts
from tocsin.cli.declaration import declared
from tocsin.runtime.consuming import LineBack, LineLost, TopicReader
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.logging import configure
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Settings, connect

INTERRUPTED = 130
_REGISTRY_PATIENCE = 5.0
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

Code = Annotated[str, typer.Argument(metavar="CC", help="The participant: bd, fr, un, ccc, ...", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line; notices go to standard error.")]
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
State = Annotated[Path | None, typer.Option(help="State folder of the stack. Default: TOCSIN_STATE, else .tocsin.")]


def settings_in(state: Path | None) -> Settings:
    """The settings, with `state` as state folder if given."""
    return Settings() if state is None else Settings(state=state)


def member(settings: Settings, code: str) -> Participant:
    """The participant with this code. Raises NotConfigured when there is none."""
    participants = declared(settings)
    if code not in participants:
        raise NotConfigured(
            f"{code!r} is no participant; declared are: {', '.join(participants.codes)}. "
            "TOCSIN_BUREAUS names the declaration of the stack you speak to."
        )
    return participants.members[code]


def reader(topic: str, settings: Settings, principal: str, purpose: str, *, from_beginning: bool) -> TopicReader:
    """A reader of `topic` with the secret of `principal`."""
    return TopicReader(connect(principal, settings), [topic], purpose=purpose, from_beginning=from_beginning)


def codec(settings: Settings, principal: str) -> Codec:
    """The codec by the registry; gives control back every few seconds while that is away."""
    connection = connect(principal, settings)
    return Codec(RegistrySchemaIds(connection.registry, patience=_REGISTRY_PATIENCE, ca_file=connection.ca_file))


@contextmanager
def alert_steps(code: str, settings: Settings) -> Iterator[Iterator[Step[Alert]]]:
    """Everything in a participant's alert topic and what comes; trouble with the line is told on standard error."""
    with reader(alerts(code), settings, code, "cases", from_beginning=True) as source:
        yield _told(messages(source, codec(settings, code).decode, Alert))


def _told(steps: Iterator[Step[Alert]]) -> Iterator[Step[Alert]]:
    for step in steps:
        match step:
            case LineLost(why=why):
                typer.echo(f"line lost: {why}; trying again", err=True)
            case LineBack():
                typer.echo("line back", err=True)
        yield step


def point_in_time(text: str) -> datetime:
    """What an option --since means: a time (UTC where it says nothing else), or how long ago. Raises BadParameter."""
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


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@contextmanager
def quiet(settings: Settings) -> Iterator[None]:
    """For commands that people look at: no log lines of the client (the line's state is told in our own words), and a
    quiet end on Ctrl-C (exit code 130) or when whoever reads our output has gone (0)."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits it ignored
    configure(json_lines=settings.log_json, level=logging.WARNING)
    logging.getLogger("tocsin.runtime.consuming").setLevel(logging.CRITICAL)
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        raise typer.Exit from None
