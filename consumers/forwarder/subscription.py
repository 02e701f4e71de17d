"""What a bureau asks to be sent, and where. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from consumers.forwarder.addresses import Network, allowed, exempt, stated
from consumers.forwarder.endpoint import Endpoint
from consumers.forwarder.errors import BadSubscription
from consumers.forwarder.message import band_of
from schemas.alerts import Alert
from schemas.codes import AlertStatus, Band, Instrument, Threat

LONGEST_URL = 2000


class Channel(StrEnum):
    """How alerts travel."""

    WEBHOOK = "WEBHOOK"
    """HTTP POST, signed as Standard Webhooks has it."""
    EMAIL = "EMAIL"
    """SMTP: only that there is something to look at, never what."""


class Format(StrEnum):
    """What the body of a webhook is."""

    JSON = "JSON"
    CAP = "CAP"
    """Common Alerting Protocol 1.2."""


_CODES: dict[str, type[StrEnum]] = {"instruments": Instrument, "threats": Threat, "bands": Band}


class Filters(BaseModel):
    """Which alerts are sent. An empty list lets everything through, and so does a code newer than this program."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruments: tuple[Instrument, ...] = ()
    threats: tuple[Threat, ...] = ()
    bands: tuple[Band, ...] = ()
    operations: tuple[str, ...] = ()

    @field_validator("instruments", "threats", "bands", mode="before")
    @classmethod
    def _known(cls, codes: Any, info: ValidationInfo) -> Any:
        """A code that a newer program wrote is UNKNOWN here, as it is in the alerts that carry it."""
        kind = _CODES[info.field_name or ""]
        known = {one.value for one in kind}
        return tuple(code if code in known else kind("UNKNOWN") for code in codes)

    def want(self, alert: Alert) -> bool:
        """Whether a LIVE alert is for this subscription. What was taken back has nothing left to be judged by."""
        if alert.status is not AlertStatus.LIVE or alert.entry is None:
            return False
        entry, band = alert.entry, band_of(alert)
        return (
            (not self.instruments or entry.instrument in (*self.instruments, Instrument.UNKNOWN))
            and (not self.threats or entry.threat in (*self.threats, Threat.UNKNOWN))
            and (not self.bands or band in (*self.bands, Band.UNKNOWN))
            and (not self.operations or _folded(entry.operation) in map(_folded, self.operations))
        )

    def __str__(self) -> str:
        parts = (("instrument", self.instruments), ("threat", self.threats), ("band", self.bands))
        said = [f"{name} {'|'.join(codes)}" for name, codes in parts if codes]
        if self.operations:
            said.append("operation " + "|".join(self.operations))
        return ", ".join(said) or "every alert"


def _folded(operation: str | None) -> str:
    return " ".join((operation or "").casefold().split())


@dataclass(frozen=True, slots=True)
class Subscription:
    """One endpoint of one participant."""

    id: str
    participant: str
    address: str
    """What may be shown of where it goes: https://host/…, mailto:…@domain. The whole of it may hold a token."""
    channel: Channel
    format: Format
    filters: Filters
    since: datetime
    """Alerts whose record was appended before this are not sent."""
    generation: int = 1
    """Rises with each change made by hand: a state that was worked out before it is not written over it."""
    endpoint: Endpoint = field(default_factory=Endpoint)


def channel_of(url: str) -> Channel:
    """The channel that an address means. Raises BadSubscription when it is no address that can be used."""
    if len(url) > LONGEST_URL or not url.isascii() or any(char.isspace() or ord(char) < 33 for char in url):
        raise BadSubscription(f"the address must be plain ASCII without spaces, {LONGEST_URL} characters at most")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadSubscription("that is no address: it is written https://host:port/path") from error
    if parts.scheme == "mailto":
        name, _, domain = parts.path.rpartition("@")
        if not name or not domain or parts.query or any(char in parts.path for char in '<>,;:"()\\%'):
            raise BadSubscription("an e-mail address is written mailto:name@domain, and nothing behind it")
        return Channel.EMAIL
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadSubscription("an address begins with https:// and a host, or with mailto:")
    if parts.username is not None or parts.password is not None:
        raise BadSubscription("no user or password in the address: the signature says who sends")
    if parts.fragment or port == 0:
        raise BadSubscription("no fragment (#...) and no port 0 in the address")
    return Channel.WEBHOOK


def check_reach(url: str, exceptions: Sequence[Network]) -> None:
    """Refuse at once what every delivery to this webhook address would be refused for. Raises BadSubscription.

    A name may lead elsewhere tomorrow: it is judged with each delivery, by the address that is connected to.
    """
    parts = urlsplit(url)
    address = stated(parts.hostname or "")
    if address is not None and not allowed(address, exceptions):
        raise BadSubscription(
            f"{parts.hostname} is not a public address; the operator may allow its network for this command and the"
            f" forwarder: TOCSIN_FORWARDER_ALLOW={address}/{address.max_prefixlen}"
        )
    if parts.scheme == "http" and (not exceptions or (address is not None and not exempt(address, exceptions))):
        raise BadSubscription(
            "alerts go out by https alone (http only into networks that TOCSIN_FORWARDER_ALLOW names)"
        )
