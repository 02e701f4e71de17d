"""The forwarder connects to the public Internet and to nothing else, however an address is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.forwarder.addresses import allowed, exempt, unwrapped
from consumers.forwarder.errors import BadSubscription
from consumers.forwarder.subscription import Channel, channel_of, check_reach

CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::",
]


@pytest.mark.parametrize("text", CLOSED)
def test_what_is_not_public_is_closed(text: str) -> None:
    assert not allowed(ip_address(text))


@pytest.mark.parametrize("text", OPEN)
def test_what_is_public_is_open(text: str) -> None:
    assert allowed(ip_address(text))


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_address_inside_another_is_judged_as_itself(inner: IPv4Address) -> None:
    for outer in (
        IPv6Address(0xFFFF << 32 | int(inner)),
        IPv6Address(0x2002 << 112 | int(inner) << 80),
        IPv6Address(int(IPv6Address("64:ff9b::")) | int(inner)),
    ):
        assert allowed(outer) == allowed(inner)


def test_only_what_the_operator_names_is_an_exception() -> None:
    mine = (ip_network("10.1.0.0/16"),)

    assert allowed(ip_address("10.1.2.3"), mine)
    assert allowed(ip_address("::ffff:10.1.2.3"), mine)
    assert not allowed(ip_address("10.2.0.1"), mine)
    assert not exempt(ip_address("8.8.8.8"), mine)


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("https://alerts.police.example/in?x=1", Channel.WEBHOOK),
        ("https://[2606:4700::1111]:8443/", Channel.WEBHOOK),
        ("mailto:duty@police.example", Channel.EMAIL),
    ],
)
def test_addresses_that_can_be_subscribed(url: str, channel: Channel) -> None:
    assert channel_of(url) is channel


@pytest.mark.parametrize(
    "url",
    [
        "",
        "police.example",
        "ftp://police.example/",
        "file:///etc/passwd",
        "https://",
        "https:///in",
        "https://user:secret@police.example/",
        "https://police.example/#part",
        "https://police.example:0/",
        "https://police.example:99999/",
        "https://police.example/a b",
        "https://police.example/\r\nX: y",
        "https://pölice.example/",
        "https://police.example/" + "a" * 3000,
        "mailto:",
        "mailto:duty",
        "mailto:a@b.example,c@d.example",
        "mailto:a@b.example%2cc@d.example",
        "mailto:a%0aBcc%3ax@d.example",
        "mailto:duty@police.example?bcc=x@y.example",
        "mailto:<duty@police.example>",
    ],
)
def test_addresses_that_cannot(url: str) -> None:
    with pytest.raises(BadSubscription):
        channel_of(url)


@pytest.mark.parametrize("text", CLOSED)
def test_a_closed_address_is_refused_when_it_is_subscribed(text: str) -> None:
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(BadSubscription, match="not a public address"):
        check_reach(f"https://{host}/in", ())
    check_reach(f"http://{host}/in", (ip_network(unwrapped(ip_address(text))),))


@pytest.mark.parametrize("url", ["https://localhost/in", "https://a.localhost:1/in", "http://1.1.1.1/in"])
def test_what_no_delivery_could_reach_is_refused_when_it_is_subscribed(url: str) -> None:
    with pytest.raises(BadSubscription):
        check_reach(url, (ip_network("10.0.0.0/8"),))


def test_a_name_is_judged_with_each_delivery_alone() -> None:
    check_reach("https://police.example/in", ())
