"""One attempt over HTTP: the name resolved once, its addresses checked and connected to, TLS by the host's name."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from consumers.forwarder.access import Signer
from consumers.forwarder.addresses import Address, Network, allowed, exempt
from consumers.forwarder.failure import Failure, Fault, Outcome, Withheld, of_status
from consumers.forwarder.looking_up import LookUp, Resolve
from consumers.forwarder.message import Message
from consumers.forwarder.overtaken import IsOvertaken
from consumers.forwarder.schedule import retry_after
from consumers.forwarder.signing import signed_headers

for _name in ("httpx", "httpcore"):
    # They log each request with its whole address, and a bureau's may hold a token.
    logging.getLogger(_name).setLevel(logging.WARNING)

ADDRESS_KEPT = 60.0
"""Seconds for which checked addresses are used again. Within them the name is not asked anew, so that what was checked
is what is connected to (DNS rebinding)."""
MOST_ADDRESSES = 8
"""Of one host; they are tried in turn until one takes the connection."""
LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer's body that are read, so that the connection can be used again; a longer one is cut off."""

LONGEST_ANSWER = 1.0
"""Seconds in which the body must come, once the status is there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one attempt may take."""

    connect: float = 5.0
    total: float = 15.0
    connections: int = 4

    def connect_each(self, addresses: int) -> float:
        """Seconds for each of a host's addresses, so that the last is reached although those before say nothing."""
        return min(self.connect, self.total / (addresses + 1))


class _Refused(Exception):
    """The name leads where the forwarder does not connect to."""


class _Overtaken(Exception):
    """Something newer was read while the connection was made."""


@dataclass
class WebhookSender:
    """Sends messages to one subscription's address. Its connections are shared with no other subscription."""

    url: str = field(repr=False)
    signers: Sequence[Signer]
    exceptions: Sequence[Network] = ()
    """Networks that the operator allows although they are not public; plain http is allowed to these alone."""
    limits: Limits = field(default_factory=Limits)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    resolve: Resolve = field(default_factory=LookUp)

    def __post_init__(self) -> None:
        self._parts: SplitResult = urlsplit(self.url)
        self._host = (self._parts.hostname or "").rstrip(".")
        self._port = self._parts.port or (443 if self._parts.scheme == "https" else 80)
        self._resolving = asyncio.Lock()
        self._checked: tuple[list[Address], float] | None = None
        self._client = httpx.AsyncClient(
            verify=self.tls,
            trust_env=False,  # a proxy of the environment would connect where we cannot look
            follow_redirects=False,
            limits=httpx.Limits(max_connections=self.limits.connections, keepalive_expiry=30),
            headers={"user-agent": "tocsin-forwarder", "accept": "*/*", "accept-encoding": "identity"},
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def send(self, message: Message, now: datetime, is_overtaken: IsOvertaken) -> Outcome | Withheld:
        """One attempt. Never raises for what the other side does or fails to do."""
        try:
            async with asyncio.timeout(self.limits.total):
                return await self._post_in_turn(message, await self._addresses(), now, is_overtaken)
        except _Overtaken:
            return Withheld()
        except TimeoutError:
            return self._failed(Fault.TIMEOUT)
        except _Refused:
            return self._failed(Fault.ADDRESS)
        except (socket.gaierror, UnicodeError):
            return self._failed(Fault.NAME)
        except httpx.TimeoutException:
            return self._failed(Fault.TIMEOUT)
        except httpx.ProtocolError:
            return self._failed(Fault.PROTOCOL)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            return self._failed(Fault.TLS if _is_tls(error) else Fault.CONNECTION)

    def _failed(self, fault: Fault) -> Failure:
        self._checked = None  # it may have moved: ask its name anew
        return Failure(fault)

    async def _addresses(self) -> list[Address]:
        async with self._resolving:  # one question at a time, however many messages wait for its answer
            if self._checked is None or time.monotonic() >= self._checked[1]:
                self._checked = await self._resolved(), time.monotonic() + ADDRESS_KEPT
            return self._checked[0]

    async def _resolved(self) -> list[Address]:
        texts = await self.resolve(self._host, self._port)
        found = list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in texts))
        # One address that is not allowed among them is enough: a name that answers so is not to be trusted.
        if not found or not all(allowed(one, self.exceptions) for one in found):
            raise _Refused
        if self._parts.scheme != "https" and not all(exempt(one, self.exceptions) for one in found):
            raise _Refused
        return found[:MOST_ADDRESSES]

    async def _post_in_turn(
        self, message: Message, addresses: list[Address], now: datetime, is_overtaken: IsOvertaken
    ) -> Outcome:
        connect = self.limits.connect_each(len(addresses))
        *others, last = addresses
        for address in others:
            try:
                return await self._post(message, address, connect, now, is_overtaken)
            except (httpx.ConnectError, httpx.ConnectTimeout):  # no byte of the message has left
                if addresses[0] == address:  # whoever comes next begins behind it
                    addresses.append(addresses.pop(0))
        return await self._post(message, last, connect, now, is_overtaken)

    async def _post(
        self, message: Message, address: Address, connect: float, now: datetime, is_overtaken: IsOvertaken
    ) -> Outcome:
        async def look_again(event: str, _: Mapping[str, Any]) -> None:
            # Resolving, connecting and TLS took their time: from here on the bytes leave.
            if event.endswith(".send_request_headers.started") and is_overtaken():
                raise _Overtaken

        literal = f"[{address}]" if address.version == 6 else str(address)
        target = self._parts._replace(netloc=f"{literal}:{self._port}").geturl()
        request = self._client.build_request(
            "POST",
            target,
            content=message.body,
            timeout=httpx.Timeout(self.limits.total, connect=connect),
            headers={"host": self._parts.netloc} | signed_headers(message, self.signers, now),
            extensions={"sni_hostname": self._host, "trace": look_again},
        )
        response = await self._client.send(request, stream=True)
        try:
            await _drained(response)
        finally:
            await response.aclose()
        return of_status(response.status_code, retry_after(response.headers.get("retry-after"), now))


async def _drained(response: httpx.Response) -> None:
    """Read the body to its end if that is near; what it says is of no interest, its status counts."""
    size = 0
    with contextlib.suppress(httpx.TransportError, TimeoutError):
        async with asyncio.timeout(LONGEST_ANSWER):
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > LARGEST_ANSWER:
                    return


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
