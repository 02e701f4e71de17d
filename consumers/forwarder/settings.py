"""Settings of the forwarder: prefix TOCSIN_FORWARDER_."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from consumers.forwarder.addresses import Network


class ForwarderSettings(BaseSettings):
    """How alerts leave. Every field is also an environment variable with prefix TOCSIN_FORWARDER_."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_FORWARDER_", frozen=True, use_attribute_docstrings=True)

    database: SecretStr | None = None
    """Database address: postgresql://user:password@host/name or sqlite:///path. Unset: forwarder.db in the state folder
    (mode 0600)."""
    key: SecretStr | None = None
    """Keys that seal what the database holds. Unset: secrets/forwarder-key in the state folder."""
    allow: str = ""
    """Networks, separated by commas, that endpoints may be in although they are not public, and to which plain http is
    allowed: 127.0.0.0/8 on a test machine."""
    connections: int = Field(4, ge=1, le=64)
    """How many requests to one endpoint run at the same time."""
    connect_timeout: float = Field(5.0, gt=0)
    """Seconds to connect, TLS included."""
    timeout: float = Field(15.0, gt=0)
    """Seconds for a whole attempt, from resolving the name to the end of the answer."""
    ca_file: Path | None = None
    """Certificates to trust besides the usual ones."""
    smtp_host: str | None = None
    """Mail server. Unset: no e-mail."""
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = "tocsin@localhost"
    """Sender of e-mails."""
    smtp_start_tls: bool = True
    """STARTTLS must succeed, with a certificate that is valid. Off only towards a mail server on the same host."""

    @field_validator("allow")
    @classmethod
    def _networks(cls, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(","))):
            ip_network(part)
        return text

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """`allow`, read."""
        return tuple(ip_network(part) for part in filter(None, map(str.strip, self.allow.split(","))))
