"""Settings of every process: one prefix (TOCSIN_), secrets hidden, the environment read only when asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from tocsin.runtime.errors import NotConfigured

LONGEST_PAUSE = 2_000
"""Milliseconds that a librdkafka client pauses at most before it tries a broker again (its own default is 10,000)."""


class Settings(BaseSettings):
    """Where the stack is and who we are to it. Every field is also an environment variable with prefix TOCSIN_."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", frozen=True, use_attribute_docstrings=True)

    state: Path = Path(".tocsin")
    """Folder of the local stack: logs, secrets, stores, and stack.json, which says where broker and registry are."""
    bootstrap: str | None = None
    """Kafka bootstrap servers (host:port,...). Unset: what stack.json says."""
    registry: str | None = None
    """Base address of the schema registry's Confluent API. Unset: what stack.json says."""
    user: str | None = None
    """Kafka user (SCRAM). Unset: the principal that the command is about."""
    password: SecretStr | None = None
    """Its password. Unset: the file secrets/<user> in the state folder."""
    security_protocol: str | None = None
    """Kafka security protocol: SASL_SSL where the listener has TLS, else SASL_PLAINTEXT. Unset: as stack.json says."""
    ca_file: Path | None = None
    """Certificates to trust, the broker's with SASL_SSL and the registry's with https. Unset: as stack.json says, else
    those of the system."""
    bureaus: Path | None = None
    """The participants' declaration. Unset: bureaus.toml in the state folder, if there, else the shipped one."""
    keys: Path | None = None
    """Public keys of participants and services, beside those of the declaration. Unset: keys.toml in the state folder,
    if there."""
    signing_key: Path | None = None
    """Private key (PEM, Ed25519) that signs what is published. Unset: secrets/signing/<user>.pem in the state folder,
    if there."""
    log_json: bool | None = None
    """JSON log lines. Unset: when standard error is not a terminal."""
    answer_urgent: PositiveFloat = 600
    """Seconds to answer a request while somebody is held on the hit alone, before it is made again."""
    answer_routine: PositiveFloat = 3600
    """Seconds to answer a request while somebody is held on other grounds, before it is made again."""
    answer_supplementary: PositiveFloat = 43_200
    """Seconds to answer a request for information, before it is escalated to ccc."""
    possible_per_hour: NonNegativeInt = 20
    """POSSIBLE alerts of an entry that are sent one by one in an hour; the rest is counted in a digest."""
    cap_append_times: bool = False
    """Workers take records that were appended in the future for appended now, instead of waiting. Only once the
    broker's clock was wrong and is right again: docs/runbooks/ClockAhead.md."""
    rewrite_stores: PositiveFloat = 43_200
    """Seconds between two rewrites of a worker's stores, by which what was deleted leaves its disk."""
    host: str = "127.0.0.1"
    """Address that /metrics and /healthz bind to."""


class Connection(BaseModel):
    """One principal's way to broker and registry."""

    model_config = ConfigDict(frozen=True)

    bootstrap: str
    registry: str
    user: str
    password: SecretStr
    security_protocol: str
    ca_file: Path | None = None
    signing_key: Path | None = None
    """Where the private key is that signs what this principal publishes; None: it does not sign."""

    def as_librdkafka(self, **more: Any) -> dict[str, Any]:
        """Client configuration for confluent-kafka, with `more` (dots written as underscores) on top."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security_protocol,
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": self.user,
            "sasl.password": self.password.get_secret_value(),
            "reconnect.backoff.max.ms": LONGEST_PAUSE,
        }
        if self.ca_file:
            config["ssl.ca.location"] = str(self.ca_file)
        return config | {name.replace("_", "."): value for name, value in more.items()}


def connect(principal: str, settings: Settings | None = None) -> Connection:
    """The connection of `principal` (a bureau, `worker-gate`, `consumer-metrics`, `admin`, ...).

    Raises NotConfigured when no stack is known or the principal's secret is not there.
    """
    settings = settings or Settings()
    where = settings.state / "stack.json"
    known: dict[str, Any] = json.loads(where.read_text()) if where.exists() else {}
    bootstrap = settings.bootstrap or known.get("bootstrap")
    registry = settings.registry or known.get("registry")
    if not bootstrap or not registry:
        raise NotConfigured(
            f"no stack is known: {where} is not there and TOCSIN_BOOTSTRAP, TOCSIN_REGISTRY are not both set"
            " (start one with: tocsin up --detach)"
        )
    user = settings.user or principal
    password = settings.password
    if password is None:
        secret = settings.state / "secrets" / user
        try:
            password = SecretStr(secret.read_text().strip())
        except OSError as error:
            raise NotConfigured(
                f"no secret for {user!r} at {secret}: {error.strerror or error} (tocsin provision makes it)"
            ) from error
    own = known if settings.bootstrap in (None, known.get("bootstrap")) else {}  # else it tells of another broker's TLS
    ca_file = settings.ca_file or own.get("ca_file")
    if ca_file is not None and not Path(ca_file).is_file():
        raise NotConfigured(f"the certificates to trust are not there: {ca_file} (TOCSIN_CA_FILE)")
    if settings.signing_key is not None and not settings.signing_key.is_file():
        raise NotConfigured(f"the key to sign with is not there: {settings.signing_key} (TOCSIN_SIGNING_KEY)")
    signing_key = settings.signing_key or private_key_of(user, settings.state)
    return Connection(
        bootstrap=bootstrap,
        registry=registry,
        user=user,
        password=password,
        security_protocol=settings.security_protocol or own.get("security_protocol", "SASL_PLAINTEXT"),
        ca_file=ca_file,
        signing_key=signing_key if signing_key.is_file() else None,
    )


def private_key_of(user: str, state: Path) -> Path:
    """Where a state folder keeps the private key that a user signs with."""
    return state / "secrets" / "signing" / f"{user}.pem"
