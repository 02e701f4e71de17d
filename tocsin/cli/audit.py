"""`tocsin audit`: is the record of who learned what whole, and signed heads that prove it later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from consumers.auditor.heads import believed, file_of, in_turn, signed
from consumers.auditor.verifying import Chains, chains_of
from schemas.topics import AUDIT, AUDITOR_USER
from tocsin.cli.declaration import declared
from tocsin.cli.reading import State, now, quiet, reader, settings_in
from tocsin.cli.upkeep import Every, Port, keep_doing
from tocsin.runtime.consuming import AtEnd, LineLost, Record
from tocsin.runtime.errors import TocsinError
from tocsin.runtime.key_files import new_pair, private_key, public_key
from tocsin.runtime.settings import Settings

_FOUND = 1
_VERIFY = """Example: against a head that was signed earlier and kept elsewhere.

    tocsin audit verify --head heads/2026-11-24.json --key auditor.pem.pub"""
_SIGN = """Example: once a day, the heads kept where no broker's administrator can write.

    tocsin audit sign --key auditor.pem --out heads

For a supervisor or a container: stays, and signs twice a day, so that no day is left out.

    tocsin audit sign --key auditor.pem --out heads --every 12"""


class NothingSigned(TocsinError):
    """The chain is broken, or lacks what an earlier head counts. `tocsin audit verify` names where."""

    def __init__(self, summary: str) -> None:
        super().__init__(f"{summary}; nothing signed")


Key = Annotated[Path, typer.Option(help="Your private key (PEM, Ed25519).", show_default=False)]
Earlier = Annotated[
    list[Path] | None,
    typer.Option(help="The public key of who signed earlier heads, where it was another; may be repeated."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Verify the chain of audit records, and sign how far it reaches.")
    group.command("verify", epilog=_VERIFY)(_verify)
    group.command("sign", epilog=_SIGN)(_sign)
    group.command("key", epilog="Example: tocsin audit key --out auditor.pem")(_key)
    app.add_typer(group, name="audit")


def _verify(
    head: Annotated[Path | None, typer.Option(help="A signed head: what it counts must still be there.")] = None,
    key: Annotated[Path | None, typer.Option(help="The public key of whoever signed it.")] = None,
    state: State = None,
) -> None:
    """Read all audit records and name, for each chain, the first that does not follow from those before it.

    Reads the topic audit as auditor. Exit code 1 when anything is broken or missing, or there is nothing at all.
    Without a head nobody can tell whether the end was cut off. Deleting personal data breaks nothing: the records hold
    none.
    """
    if (head is None) != (key is None):
        raise typer.BadParameter("--head and --key go together")
    marks = believed(head, [public_key(key)]).chains if head is not None and key is not None else {}
    settings = settings_in(state)
    chains = Chains(marks=marks, known=_known(settings))
    with quiet(settings):
        count = _read(settings, chains)
    missing = _told_missing(chains)
    typer.echo(_summary(chains, count))
    if head is None:
        typer.echo("held against no signed head (--head): whether the end was cut off, nobody can tell")
    if chains.broken or missing or not count:
        raise typer.Exit(_FOUND)


def _sign(
    key: Key,
    out: Annotated[Path, typer.Option(help="Folder for the head: one file a day, named by the date (UTC).")],
    earlier_key: Earlier = None,
    every: Every = None,
    port: Port = 9108,
    state: State = None,
) -> None:
    """Verify the chain, also against the heads in the folder, and sign how far it reaches now.

    Each head names the one before it: one that was taken out from between others, renamed or exchanged is noticed.
    Nothing is signed, and the exit code is 1, while anything is broken or missing.
    """
    signer, settings = private_key(key), settings_in(state)
    keys = [signer.public_key(), *map(public_key, earlier_key or ())]
    if every is not None:
        keep_doing("audit sign", lambda: _signed(settings, signer, keys, out), every, port, settings)
    with quiet(settings):
        said = _signed(settings, signer, keys, out)
    typer.echo(said)


def _signed(settings: Settings, signer: Ed25519PrivateKey, keys: Sequence[Ed25519PublicKey], out: Path) -> str:
    """Write today's head; returns what is to be said of it. Raises NothingSigned, BadHead."""
    at = now()
    path = file_of(out, at)
    heads = in_turn(out.glob("*.json"), keys)
    chains = Chains(marks=heads[-1].chains if heads else {}, known=_known(settings))
    count = _read(settings, chains)
    if _told_missing(chains) or chains.broken:
        raise NothingSigned(_summary(chains, count))
    before = next((head for head in reversed(heads) if head.path != path), None)  # today's is written anew
    out.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".new")
    staging.write_text(signed(chains.heads, at, signer, before), encoding="utf-8")
    staging.replace(path)
    follows = f"follows {before.path.name}" if before else "the first of its folder: held against nothing earlier"
    return f"{path}: {_summary(chains, count)}; {follows}"


def _known(settings: Settings) -> frozenset[str]:
    return chains_of(declared(settings).partitions)


def _key(out: Annotated[Path, typer.Option(help="File for the private key; the public one stands beside it.")]) -> None:
    """Make a pair of keys (Ed25519) for signing heads."""
    typer.echo(f"private key: {out} (keep it to yourself)\npublic key:  {new_pair(out)}")


def _read(settings: Settings, chains: Chains) -> int:
    """Read the topic to its end, telling what is broken as it is found; returns how many records there were."""
    count = 0
    with _records(settings) as records:
        for record in records:
            count += 1
            broken = chains.take(record.offset, record.key_bytes, record.value, record.headers)
            if broken is not None:
                typer.echo(f"BROKEN {broken}")
    return count


@contextmanager
def _records(settings: Settings) -> Iterator[Iterator[Record]]:
    with reader(AUDIT, settings, AUDITOR_USER, "audit", from_beginning=True) as source:

        def until_end() -> Iterator[Record]:
            while True:
                match source.poll():
                    case Record() as record:
                        yield record
                    case AtEnd():
                        return
                    case LineLost(why=why):
                        typer.echo(f"line lost: {why}; trying again", err=True)

        yield until_end()


def _told_missing(chains: Chains) -> bool:
    missing = chains.missing()
    for text in missing:
        typer.echo(f"MISSING {text}")
    return bool(missing)


def _summary(chains: Chains, count: int) -> str:
    held = len(chains.heads.keys() | chains.broken.keys())
    if not count:
        return "0 records: nothing to verify"
    verdict = "every link holds" if not chains.broken else f"{len(chains.broken)} broken"
    return f"{count} records in {held} chains: {verdict}"
