"""`tocsin subscribe`, `subscriptions`, `unsubscribe`, `rotate-secret`, `resume`: who is sent what, and where."""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from schemas.codes import Band, Instrument, Threat
from schemas.participants import Kind
from tocsin.cli.forwarder import open_base
from tocsin.cli.reading import Code, Json, State, member, now, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.terminal import visible
from tocsin.runtime.errors import NotConfigured

if TYPE_CHECKING:
    from consumers.forwarder.ledger import Notice
    from consumers.forwarder.subscription import Subscription

E = TypeVar("E", bound=StrEnum)
Id = Annotated[str, typer.Argument(metavar="ID", help="The subscription's id, or its beginning.", show_default=False)]
_SUBSCRIBE = """Example: fr wants what is sure or nearly so, of notices

    tocsin subscribe fr https://alerts.police.example/in --band EXACT --band STRONG --instrument NOTICE

An e-mail that says only that there is an alert: tocsin subscribe fr mailto:duty@police.example
An address that holds a token: tocsin subscribe fr --url-file address.txt"""
_ROTATE = "Example: tocsin rotate-secret fr 3f2a --overlap-hours 48"


def register(app: typer.Typer) -> None:
    """Add the commands of this area."""
    app.command("subscribe", epilog=_SUBSCRIBE)(_subscribe)
    app.command("subscriptions", epilog="Example: tocsin subscriptions fr")(_subscriptions)
    app.command("unsubscribe", epilog="Example: tocsin unsubscribe fr 3f2a")(_unsubscribe)
    app.command("rotate-secret", epilog=_ROTATE)(_rotate)


def _subscribe(
    code: Code,
    url: Annotated[
        str | None,
        typer.Argument(help="https://... or mailto:...; left out: you are asked for it.", show_default=False),
    ] = None,
    url_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Read the address from the first line of a file, or of standard input with -. For one that holds a"
            " token: what is typed in a command is seen in process lists and shell histories.",
        ),
    ] = None,
    bands: Annotated[list[str] | None, typer.Option("--band", help="EXACT, STRONG or POSSIBLE; repeatable.")] = None,
    instruments: Annotated[
        list[str] | None, typer.Option("--instrument", help="NOTICE, DOC_RECORD, ...; repeatable.")
    ] = None,
    threats: Annotated[
        list[str] | None, typer.Option("--threat", help="VIOLENT_EXTREMISM, DRUG_TRAFFICKING, ...; repeatable.")
    ] = None,
    operations: Annotated[
        list[str] | None, typer.Option("--operation", help="Name of a joint operation; repeatable.")
    ] = None,
    cap: Annotated[
        bool, typer.Option("--cap", help="Send Common Alerting Protocol 1.2 (XML) instead of JSON.")
    ] = False,
    state: State = None,
) -> None:
    """Send a participant's alerts to an address from now on, and print the secret that signs them: it is shown once.

    Filters of one kind are alternatives, those of different kinds must all agree; without any, every alert is sent.
    Once an alert was sent, every later revision of it is, its end too. docs/forwarder.md tells how to verify.
    """
    from consumers.forwarder import subscriptions
    from consumers.forwarder.database import transaction
    from consumers.forwarder.subscription import Channel, Filters, Format, channel_of, check_reach

    settings = settings_in(state)
    if member(settings, code).kind is Kind.CANARY:
        raise NotConfigured(f"{code} is a canary: it has no webhooks")
    filters = Filters(
        instruments=_codes(Instrument, instruments, "--instrument"),
        threats=_codes(Threat, threats, "--threat"),
        bands=_codes(Band, bands, "--band"),
        operations=tuple(operations or ()),
    )
    url = _url(url, url_file)
    channel = channel_of(url)
    base = open_base(settings)
    if channel is Channel.WEBHOOK:
        check_reach(url, base.settings.allowed_networks)
    if channel is Channel.EMAIL and base.settings.smtp_host is None:
        raise NotConfigured(
            "no mail server is known: set TOCSIN_FORWARDER_SMTP_HOST for this command and the forwarder"
        )
    with transaction(base.engine) as connection:
        made, secret = subscriptions.subscribe(
            connection, base.seal, code, url, filters, Format.CAP if cap else Format.JSON, now()
        )
    typer.echo(f"subscription  {made.id}")
    typer.echo(f"to            {visible(made.address)}")
    typer.echo(f"sends         {visible(str(filters))}")
    if channel is Channel.WEBHOOK:
        typer.echo(f"secret        {secret}")
        typer.echo("Keep the secret: it is not shown again. How to verify: docs/forwarder.md", err=True)


def _subscriptions(code: Code, as_json: Json = False, state: State = None) -> None:
    """Show a participant's subscriptions, how each endpoint fares and what waits for it, and notices."""
    from consumers.forwarder import ledger, queue, subscriptions
    from consumers.forwarder.database import transaction
    from consumers.forwarder.subscription import Channel

    settings = settings_in(state)
    member(settings, code)
    with transaction(open_base(settings).engine, write=False) as connection:
        found = subscriptions.of_participant(connection, code)
        depths, missed = queue.depths(connection), queue.missed(connection)
        notices = ledger.notices(connection, code)
    for one in found:
        waiting, lacking = depths.get(one.id, (0, None))[0], missed.get(one.id, (0, None))[0]
        if as_json:
            typer.echo(json_line(_plain(one) | {"waiting": waiting, "missed": lacking}))
            continue
        typer.echo(f"{one.id}  {visible(one.address)}")
        form = "e-mail" if one.channel is Channel.EMAIL else one.format
        typer.echo(f"  sends    {visible(str(one.filters))}, as {form}")
        typer.echo(f"  state    {_state(one)}; {waiting} waiting, {lacking} missed")
    for notice in notices:
        _tell(notice, as_json)
    if not found and not as_json:
        typer.echo(f"{code} has no subscription; make one with: tocsin subscribe {code} https://...", err=True)


def _unsubscribe(code: Code, id_: Id, state: State = None) -> None:
    """Remove a subscription. What waits for it is not sent; its attempts stay in the ledger for 90 days."""
    from consumers.forwarder import subscriptions
    from consumers.forwarder.database import transaction

    settings = settings_in(state)
    member(settings, code)
    with transaction(open_base(settings).engine) as connection:
        gone = subscriptions.unsubscribe(connection, code, id_)
    typer.echo(f"removed {gone.id}")


def _rotate(
    code: Code,
    id_: Id,
    overlap: Annotated[
        float, typer.Option("--overlap-hours", min=0, max=720, help="Hours for which the old secret signs too.")
    ] = 24.0,
    state: State = None,
) -> None:
    """Make a new secret and print it, once. Until the overlap ends every message carries two signatures.

    So the receiver can take the new secret into use at any moment of the overlap. A running forwarder signs with it
    within seconds.
    """
    from consumers.forwarder import subscriptions
    from consumers.forwarder.database import transaction

    settings = settings_in(state)
    member(settings, code)
    base = open_base(settings)
    with transaction(base.engine) as connection:
        found, secret = subscriptions.rotate(connection, base.seal, code, id_, timedelta(hours=overlap), now())
    typer.echo(f"subscription  {found.id}")
    typer.echo(f"secret        {secret}")
    typer.echo(f"the secret before it signs too for {overlap:g} hours", err=True)


def _url(url: str | None, file: Path | None) -> str:
    """The address, from where it was given."""
    if url is not None and file is not None:
        raise typer.BadParameter("the address is given twice", param_hint="--url-file")
    if file is not None:
        try:
            text = sys.stdin.readline() if str(file) == "-" else file.read_text()
            return text.partition("\n")[0].strip()
        except (OSError, UnicodeError) as error:
            raise NotConfigured(f"the address cannot be read from {file}: {error}") from error
    if url is None:
        if not sys.stdin.isatty():
            raise typer.BadParameter("no address: give it, or --url-file FILE", param_hint="URL")
        return str(typer.prompt("Address (is not shown)", hide_input=True, err=True)).strip()
    return url


def _codes(kind: type[E], texts: list[str] | None, option: str) -> tuple[E, ...]:
    known = {code.value: code for code in kind if code.value != "UNKNOWN"}
    for text in texts or ():
        if text.upper() not in known:
            raise typer.BadParameter(f"{text!r} is none of {', '.join(known)}", param_hint=option)
    return tuple(dict.fromkeys(known[text.upper()] for text in texts or ()))


def _state(one: Subscription) -> str:
    endpoint = one.endpoint
    if endpoint.disabled:
        return f"DISABLED ({endpoint.disabled}); take it up again with: tocsin resume {one.participant} {one.id[:8]}"
    if endpoint.failing_since:
        return f"failing since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC ({endpoint.failures} attempts)"
    return "takes deliveries"


def _plain(one: Subscription) -> dict[str, Any]:
    since = one.endpoint.failing_since
    return {
        "id": one.id,
        "participant": one.participant,
        "address": one.address,
        "channel": one.channel.value,
        "format": one.format.value,
        "filters": one.filters.model_dump(mode="json"),
        "since": one.since.isoformat(),
        "disabled": one.endpoint.disabled.value if one.endpoint.disabled else None,
        "failures": one.endpoint.failures,
        "failing_since": since.isoformat() if since else None,
    }


def _tell(notice: Notice, as_json: bool) -> None:
    since = notice.failing_since
    if as_json:
        plain = {"notice": "endpoint.disabled", "subscription": notice.subscription_id, "why": notice.why.value}
        typer.echo(
            json_line(plain | {"at": notice.at.isoformat(), "failing_since": since.isoformat() if since else None})
        )
        return
    failing = f", failing since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    typer.echo(f"notice {notice.at:%Y-%m-%d %H:%M} UTC: {notice.subscription_id} was disabled ({notice.why}){failing}")
