"""`tocsin key`: the keys that participants and their services sign with: made, declared, followed by others, ended."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rich.console import Console
from rich.table import Table

from deploy.provision import signing_keys
from deploy.provision.signing_keys import Holder, KeysFile, key_table
from deploy.stack import local
from schemas.participants import Participants, load_participants
from schemas.public_keys import EVERYBODYS, GOLDEN, PublicKey
from schemas.signing import SigningKey, key_id_of
from tocsin.cli.declaration import declaration_file, declared, keys_file
from tocsin.cli.reading import Json, State, member, now, point_in_time, settings_in
from tocsin.cli.showing import json_line
from tocsin.cli.terminal import visible
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.key_files import new_pair, private_key, public_key
from tocsin.runtime.settings import Settings, private_key_of

_NEW = """Examples: another key for bd of the local stack, the earlier one good for a week more; a pair of files, for
a bureau that makes its own.

    tocsin key new bd --overlap-days 7

    tocsin key new bd --out bd.pem"""
_ADD = "Example: tocsin key add bd bd.pem.pub"
_END = "Example: it was stolen on Tuesday. tocsin key end bd 56475aa75463474c --at 2026-11-24T09:30Z"

Code = Annotated[str, typer.Argument(metavar="CC", help="The participant: bd, fr, un, ccc, ...", show_default=False)]
Service = Annotated[
    str | None, typer.Option(metavar="NAME", help="The key of this service of CC, as the declaration names it.")
]
Overlap = Annotated[
    float, typer.Option("--overlap-days", metavar="N", min=0, help="Days that the earlier keys still count.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        no_args_is_help=True, help="Make, declare, rotate and end the keys that messages are signed with."
    )
    group.command("new", epilog=_NEW)(_new)
    group.command("use", epilog="Example: tocsin key use bd")(_use)
    group.command("add", epilog=_ADD)(_add)
    group.command("end", epilog=_END)(_end)
    group.command("list", epilog="Example: tocsin key list bd")(_list)
    app.add_typer(group, name="key")


def _new(
    code: Code,
    service: Service = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only make a pair: the private half here, the public one as FILE.pub."),
    ] = None,
    overlap: Overlap = 7.0,
    state: State = None,
) -> None:
    """Make a pair of keys for a participant or a service, and sign with it from now on.

    In the state folder: the public half is declared (keys.toml), the gate of the local stack is started again, and then
    the private half becomes the one that CC signs with (where the gate runs elsewhere: tocsin key use). Earlier keys of
    keys.toml count until the overlap ends. Broken off in the middle? Run it again. With --out nothing is declared: hand
    FILE.pub to your operator, who takes it in with tocsin key add, and sign with FILE (TOCSIN_SIGNING_KEY) then.
    """
    settings = settings_in(state)
    if out is not None:
        _made(out, code, service)
        return
    holder = _holder(settings, code, service)
    at = now()
    name = signing_keys.prepare(settings.state, holder, at, keys_file(settings))
    ended = _ended(settings, holder, at + timedelta(days=overlap), but=name)
    if _tell_gate(settings):
        _use(code, service, state)
    else:
        option = f" --service {service}" if service else ""
        typer.echo(f"{name} is declared for {holder}; once the gate was started again: tocsin key use {code}{option}")
    _told(ended, at + timedelta(days=overlap))


def _use(code: Code, service: Service = None, state: State = None) -> None:
    """From now on sign with the key that tocsin key new made and that waits, because the gate had to learn of it."""
    settings = settings_in(state)
    holder = _holder(settings, code, service)
    if not signing_keys.use(settings.state, holder):
        raise NotConfigured(f"no key of {holder} waits in {settings.state}; tocsin key new {code} makes one")
    typer.echo(f"{holder} signs with {_signs_with(settings, holder)}: {private_key_of(holder.user, settings.state)}")


def _made(out: Path, code: str, service: str | None) -> None:
    public = _raw(new_pair(out))
    typer.echo(f"private key: {out} (keep it to yourself; sign with it: TOCSIN_SIGNING_KEY)")
    typer.echo(f"public key:  {out}.pub, for your operator: tocsin key add {code} {out.name}.pub")
    typer.echo(f"key id:      {key_id_of(public)}")
    typer.echo(f"in the declaration:\n\n{toml_of(Holder(code, service), public, now())}")


def toml_of(holder: Holder, public: bytes, since: datetime, until: datetime | None = None) -> str:
    """The table that declares a key."""
    within = holder.code if holder.service is None else f"{holder.code}.services.{holder.service}"
    lines = [f"[participants.{within}.keys.{key_id_of(public)}]"]
    for name, value in key_table(public, since, until).items():
        lines.append(f"{name} = {value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else f'{name} = "{value}"')
    return "\n".join(lines)


def _add(
    code: Code,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The public half (PEM).", show_default=False)],
    service: Service = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="When it begins to count. Default: now.")
    ] = None,
    overlap: Overlap = 7.0,
    state: State = None,
) -> None:
    """Declare a public key that a participant or its service made, and let the earlier ones of keys.toml end.

    The gate of the local stack is started again; any other gate must be, with the same keys.toml (TOCSIN_KEYS).
    """
    settings = settings_in(state)
    holder = _holder(settings, code, service)
    begins = now() if since is None else point_in_time(since)
    public = _raw(file)
    name = key_id_of(public)
    if name == GOLDEN:
        raise NotConfigured(EVERYBODYS)
    there = {key.name: key for key in _known(settings)}
    if name in there:
        raise NotConfigured(f"{name} is declared already, for {there[name].holder}: nobody shares a key")
    KeysFile(keys_file(settings)).add(holder, public, begins)
    ended = _ended(settings, holder, begins + timedelta(days=overlap), but=name)
    _tell_gate(settings)
    typer.echo(f"{holder} may sign with {name}")
    _told(ended, begins + timedelta(days=overlap))


def _end(
    code: Code,
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of the key.", show_default=False)],
    service: Service = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="From when it counts no longer; may be past, if it was stolen. Default: now."
        ),
    ] = None,
    state: State = None,
) -> None:
    """Let a key count no longer: messages that the broker appended at that time or later are refused.

    What the gate has let in before stays. The gate of the local stack is started again; any other must be.
    """
    settings = settings_in(state)
    holder = _holder(settings, code, service)
    until = now() if at is None else point_in_time(at)
    known = next((key for key in _known(settings) if key.name == name and key.holder == holder), None)
    if known is None:
        raise NotConfigured(f"{holder} has no key {visible(name)}; tocsin key list {code} shows them")
    if known.where != keys_file(settings):
        raise NotConfigured(f"{name} is declared in {known.where}: set its valid_until there, and start the gate again")
    if not KeysFile(keys_file(settings)).end(holder, until, name):
        typer.echo(f"{name} ends before that already")
        return
    _tell_gate(settings)
    typer.echo(f"{name} of {holder} counts until {until:%Y-%m-%dT%H:%M:%SZ}")


def _list(
    code: Annotated[str | None, typer.Argument(metavar="[CC]", help="Only this participant's.")] = None,
    as_json: Json = False,
    state: State = None,
) -> None:
    """List who has which keys, from when until when they count, where they are declared, and which sign from here."""
    settings = settings_in(state)
    if code is not None:
        member(settings, code)
    table = Table(box=None, pad_edge=False)
    for column in ("who", "key", "counts from", "until", "now", "declared in"):
        table.add_column(column, overflow="fold")
    for key in _known(settings):
        if code in (None, key.holder.code):
            stands = _standing(key.key, now())
            signs = _signs_with(settings, key.holder) == key.name
            if as_json:
                typer.echo(json_line(_plain(key, stands, signs)))
                continue
            until = key.key.valid_until
            table.add_row(
                str(key.holder),
                key.name,
                _shown(key.key.valid_from),
                "" if until is None else _shown(until),
                f"{stands}{', signs here' if signs else ''}",
                key.where.name,
            )
    if as_json:
        return
    Console(highlight=False).print(table)
    participants = declared(settings)
    for said, codes in (
        ("must sign and have no key", participants.mute),
        ("publish unsigned, having no key", participants.unsigned),
    ):
        if shown := [one for one in codes if code in (None, one)]:
            typer.echo(f"{said}: {', '.join(shown)}")


@dataclass(frozen=True, slots=True)
class _Declared:
    holder: Holder
    name: str
    key: PublicKey
    where: Path


def _known(settings: Settings) -> Iterator[_Declared]:
    """Every key, with the file that declares it."""
    own = _names(load_participants(declaration_file(settings)))
    for code, member_ in declared(settings).members.items():
        for service, keys in member_.signers:
            for name, key in keys.items():
                where = declaration_file(settings) if name in own else keys_file(settings)
                yield _Declared(Holder(code, service), name, key, where)


def _names(participants: Participants) -> set[str]:
    return {name for member_ in participants.members.values() for _, keys in member_.signers for name in keys}


def _holder(settings: Settings, code: str, service: str | None) -> Holder:
    services = member(settings, code).services
    if service is not None and service not in services:
        raise NotConfigured(
            f"{code} has no service {visible(service)!r}; declared are: {', '.join(services) or 'none'}"
        )
    return Holder(code, service)


def _ended(settings: Settings, holder: Holder, until: datetime, *, but: str) -> tuple[str, ...]:
    earlier = [key.name for key in _known(settings) if key.holder == holder and key.name != but]
    return KeysFile(keys_file(settings)).end(holder, until, *earlier) if earlier else ()


def _told(ended: tuple[str, ...], until: datetime) -> None:
    for name in ended:
        typer.echo(f"{name} counts until {until:%Y-%m-%dT%H:%M:%SZ}")


def _tell_gate(settings: Settings) -> bool:
    """Start the gate of a local stack again; what arrives meanwhile waits in the topics. False: another must be."""
    stack = local.find(settings.state)
    gates = [one.name for one in stack.processes if one.role == "gate"] if stack else []
    for name in gates:
        if stack is not None and stack.pid(name) is not None:
            typer.echo(f"restarting {name} ...", err=True)
            stack.restart(name)
    ours = settings.bootstrap is None and bool(local.read_description(settings.state))
    if not ours:
        typer.echo(f"the gate reads {keys_file(settings)} when it is started: start it again", err=True)
    return ours


def _raw(file: Path) -> bytes:
    return public_key(file).public_bytes(Encoding.Raw, PublicFormat.Raw)


def _standing(key: PublicKey, at: datetime) -> str:
    if key.counts_at(at):
        return "counts"
    return "not yet" if at < key.valid_from else "ended"


def _signs_with(settings: Settings, holder: Holder) -> str | None:
    path = private_key_of(holder.user, settings.state)
    return SigningKey(private_key(path)).key_id if path.is_file() else None


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def _plain(key: _Declared, stands: str, signs: bool) -> dict[str, object]:
    until = key.key.valid_until
    return {
        "participant": key.holder.code,
        "service": key.holder.service,
        "key_id": key.name,
        "public": base64.b64encode(key.key.public).decode(),
        "valid_from": key.key.valid_from.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
        "now": stands,
        "signs_here": signs,
        "declared_in": key.where.name,
    }
