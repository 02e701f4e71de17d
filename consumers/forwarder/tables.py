"""The tables of the forwarder's database. Times are milliseconds since 1970-01-01 UTC; migrations/ makes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
_ROW = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only what it calls INTEGER

SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("participant", String(3), nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("sealed_url", LargeBinary, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("format", String(16), nullable=False),
    Column("filters", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("disabled", String(16)),
    Column("failures", Integer, nullable=False),
    Column("failing_since", BigInteger),
    Column("outages", Integer, nullable=False),
    Column("last_outage", BigInteger),
    Column("paused_until", BigInteger),
)
"""What bureaus asked for, and how each endpoint fares. `address` is what may be shown of `sealed_url`."""

SECRETS = Table(
    "secrets",
    METADATA,
    Column("id", _ROW, primary_key=True, autoincrement=True),
    Column(
        "subscription_id", String(36), ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("sealed", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
)
"""Signing secrets; several sign while one takes the place of another."""

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", _ROW, primary_key=True, autoincrement=True),
    Column("subscription_id", String(36), ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    Column("about", String(80), nullable=False),
    Column("newest", BigInteger, nullable=False),
    Column("newest_at", BigInteger),
    Column("missed", Boolean, nullable=False, server_default=false()),
    Column("taken_back", Boolean, nullable=False),
    Column("forwarded", Boolean, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("queued_revision", BigInteger),
    Column("queued_revised_at", BigInteger),
    Column("reference", String(200)),
    Column("pending", BigInteger),
    Column("queued_at", BigInteger),
    Column("due_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("failing_since", BigInteger),
    Column("body", LargeBinary),
    Column("content_type", String(80)),
    Column("changed_at", BigInteger, nullable=False, index=True),
    UniqueConstraint("subscription_id", "about"),
    Index(None, "subscription_id", "due_at"),
)
"""One row per subscription and alert (or notice). `body` is sealed and there only while something is pending;
`queued_revision` and `queued_revised_at` say what was queued last, `reference` what that one refers to (CAP)."""

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", _ROW, primary_key=True, autoincrement=True),
    Column("participant", String(3), nullable=False),
    Column("subscription_id", String(36), nullable=False),
    Column("about", String(80), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("what", String(16), nullable=False),
    Column("fault", String(16)),
    Column("status", Integer),
    Column("duration", Integer),
    Index(None, "participant", "at"),
)
"""The ledger: every attempt, and what was superseded or given up. Outlives its subscription. No personal data."""

NOTICES = Table(
    "notices",
    METADATA,
    Column("id", _ROW, primary_key=True, autoincrement=True),
    Column("participant", String(3), nullable=False, index=True),
    Column("subscription_id", String(36), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", String(16), nullable=False),
    Column("failing_since", BigInteger),
)
"""What a bureau must be told: an endpoint of it was disabled."""

POSITIONS = Table(
    "positions",
    METADATA,
    Column("topic", String(249), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""How far each topic was read: moved in the transaction that queues what was read."""
