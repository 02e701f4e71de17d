"""Which addresses the forwarder connects to: the public Internet, and what the operator allows by name. Pure.

A subscription's address is text from outside: without this guard it could point the forwarder at the networks it runs
in (server-side request forgery).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        # What Python's is_global lets through or judges differently from version to version.
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/8",  # unspecified, loopback, IPv4-compatible; IPv4-mapped ones are unwrapped first
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def allowed(address: Address, exceptions: Sequence[Network] = ()) -> bool:
    """Whether the forwarder may connect to `address`. An IPv6 address that holds an IPv4 one is judged by that."""
    address = unwrapped(address)
    if exempt(address, exceptions):
        return True
    if address.is_multicast or not address.is_global:
        return False
    return not any(address.version == closed.version and address in closed for closed in _CLOSED)


def exempt(address: Address, exceptions: Sequence[Network]) -> bool:
    """Whether the operator allowed `address` although it is not public."""
    address = unwrapped(address)
    return any(address.version == network.version and address in network for network in exceptions)


def stated(host: str) -> Address | None:
    """The address that a host is without asking anybody: written out, or localhost (RFC 6761). Unwrapped."""
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return unwrapped(ip_address(host))
    except ValueError:
        return None


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped, 6to4 or NAT64 one, else `address` itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
