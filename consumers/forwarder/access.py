"""How an endpoint is reached and what signs for it. Sealed in the database, and opened where it is used alone.

Addresses are secrets too: chat and incident systems hand out ones that hold a token, and whoever knows it can write
there. Everybody else sees their beginning.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from consumers.forwarder.sealing import Seal
from consumers.forwarder.tables import SECRETS, SUBSCRIPTIONS
from schemas.model import millis, timestamp


@dataclass(frozen=True, slots=True)
class Signer:
    """A secret that signs now. `text` is what the bureau was given (whsec_...)."""

    text: str = field(repr=False)
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What a way out is made of."""

    url: str = field(repr=False)
    """https://... or mailto:..., whole."""
    signers: tuple[Signer, ...] = ()
    """Newest first."""


@dataclass(frozen=True, slots=True)
class SealedAccess:
    """The same as it lies in the database."""

    url: bytes = field(repr=False)
    signers: tuple[tuple[bytes, datetime | None], ...] = field(default=(), repr=False)
    """Each with when it ends."""

    def open(self, seal: Seal) -> Access:
        """Opened. Raises WrongKey."""
        signers = tuple(Signer(seal.open(text).decode(), ends) for text, ends in self.signers)
        return Access(seal.open(self.url).decode(), signers)


def shown(url: str) -> str:
    """What may be shown of an address: https://host:port/…, mailto:…@domain."""
    parts = urlsplit(url)
    if parts.scheme == "mailto":
        return f"mailto:…@{parts.path.rpartition('@')[2]}"
    rest = "…" if parts.path not in ("", "/") or parts.query else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{rest}"


def sealed_access(connection: Connection, ids: Collection[str], now: datetime) -> dict[str, SealedAccess]:
    """By subscription: its address, and the secrets that sign at `now` or later."""
    if not ids:
        return {}
    signers: dict[str, tuple[tuple[bytes, datetime | None], ...]] = {}
    rows = connection.execute(
        select(SECRETS)
        .where(SECRETS.c.subscription_id.in_(list(ids)))
        .where(SECRETS.c.ends_at.is_(None) | (SECRETS.c.ends_at > millis(now)))
        .order_by(SECRETS.c.id.desc())
    )
    for row in rows:
        ends = None if row.ends_at is None else timestamp(row.ends_at)
        signers[row.subscription_id] = (*signers.get(row.subscription_id, ()), (bytes(row.sealed), ends))
    columns = select(SUBSCRIPTIONS.c.id, SUBSCRIPTIONS.c.sealed_url).where(SUBSCRIPTIONS.c.id.in_(list(ids)))
    return {row.id: SealedAccess(bytes(row.sealed_url), signers.get(row.id, ())) for row in connection.execute(columns)}


def check_key(connection: Connection, seal: Seal) -> None:
    """Open what was sealed last. Raises WrongKey: before anything is sealed that nobody could open afterwards."""
    newest = select(SUBSCRIPTIONS.c.sealed_url).order_by(SUBSCRIPTIONS.c.since.desc()).limit(1)
    sealed = connection.execute(newest).scalar()
    if sealed is not None:
        seal.open(bytes(sealed))
