"""One attempt over HTTP against receivers that behave as badly as they can."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import ipaddress
import socket
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook, WebhookVerificationError

from consumers.forwarder.access import Signer
from consumers.forwarder.failure import Failure, Fault, Outcome, Success, Withheld
from consumers.forwarder.looking_up import LookUp
from consumers.forwarder.message import Message
from consumers.forwarder.posting import LARGEST_ANSWER, MOST_ADDRESSES, Limits, WebhookSender
from consumers.forwarder.signing import signed_headers
from tests.consumers.forwarder.forwarder_world import LOOPBACK, PATIENT
from tests.consumers.forwarder.receiver import HANG, Answer, Receiver

NEW = "whsec_" + b64encode(b"n" * 32).decode()
OLD = "whsec_" + b64encode(b"o" * 32).decode()
MESSAGE = Message("msg_1", '{"name":"حسین"}'.encode())
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def no() -> bool:
    return False


def send_to(
    receiver: Receiver, limits: Limits = PATIENT, is_overtaken: Callable[[], bool] = no, **options: Any
) -> Outcome | Withheld:
    async def run() -> Outcome | Withheld:
        async with receiver.running():
            options.setdefault("url", receiver.url)
            sender = WebhookSender(**{"signers": (Signer(NEW),), "exceptions": LOOPBACK, "limits": limits} | options)
            try:
                return await sender.send(MESSAGE, NOW, is_overtaken)
            finally:
                await sender.close()

    return asyncio.run(run())


def answering(*addresses: str) -> Any:
    async def answer(host: str, port: int) -> Sequence[str]:
        return addresses

    return answer


def test_the_signature_is_that_of_the_specification() -> None:
    """Standard Webhooks 1.0.0: HMAC-SHA256 of `id.timestamp.body` under the base64 behind whsec_."""
    headers = signed_headers(MESSAGE, (Signer(NEW),), NOW)
    content = f"msg_1.{headers['webhook-timestamp']}.".encode() + MESSAGE.body
    expected = b64encode(hmac.new(b64decode(NEW.removeprefix("whsec_")), content, hashlib.sha256).digest()).decode()

    assert headers["webhook-timestamp"] == "1795521600"
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_while_a_secret_is_rotated_both_verify_and_afterwards_the_old_one_does_not() -> None:
    now = datetime.now(UTC)
    signers = (Signer(NEW), Signer(OLD, ends_at=now + timedelta(minutes=1)))
    during = signed_headers(MESSAGE, signers, now)
    after = signed_headers(MESSAGE, signers, now + timedelta(minutes=2))

    for secret in (NEW, OLD):
        Webhook(secret).verify(MESSAGE.body, during)
    Webhook(NEW).verify(MESSAGE.body, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(MESSAGE.body, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(MESSAGE.body + b" ", during)


def test_a_redirect_is_not_followed() -> None:
    receiver = Receiver(lambda request: Answer(307, (("location", "/elsewhere"),)))

    assert send_to(receiver) == Failure(Fault.REDIRECT, 307)
    assert [request.path for request in receiver.requests] == ["/in"]


def test_retry_after_is_heard() -> None:
    receiver = Receiver(lambda request: Answer(429, (("retry-after", "Tue, 24 Nov 2026 12:10:00 GMT"),)))

    assert send_to(receiver) == Failure(Fault.OVERLOADED, 429, timedelta(minutes=10))


def test_a_receiver_that_hangs_costs_no_more_than_the_limit() -> None:
    assert send_to(Receiver(lambda request: Answer(HANG)), Limits(total=0.2)) == Failure(Fault.TIMEOUT)


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000])
def test_what_is_no_answer_is_no_delivery(raw: bytes) -> None:
    assert send_to(Receiver(lambda request: Answer(raw=raw))) == Failure(Fault.PROTOCOL)


def test_of_a_long_answer_little_is_read_and_its_status_counts() -> None:
    assert send_to(Receiver(lambda request: Answer(200, body=b"x" * (LARGEST_ANSWER * 20)))) == Success(200)


def test_a_connection_is_used_again() -> None:
    receiver = Receiver()

    async def run() -> None:
        async with receiver.running():
            sender = WebhookSender(receiver.url, (Signer(NEW),), LOOPBACK)
            for _ in range(5):
                assert await sender.send(MESSAGE, NOW, no) == Success(200)
            await sender.close()

    asyncio.run(run())
    assert receiver.connections == 1


def test_what_is_overtaken_while_the_connection_is_made_is_not_sent() -> None:
    receiver = Receiver()

    assert send_to(receiver, is_overtaken=lambda: True) == Withheld()
    assert receiver.requests == []


def test_nobody_there_is_no_connection() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else gets the port, nobody answers
        taken.bind(("127.0.0.1", 0))
        outcome = send_to(Receiver(), url=f"http://127.0.0.1:{taken.getsockname()[1]}/")

    assert outcome == Failure(Fault.CONNECTION)


@pytest.mark.parametrize("exceptions", [(), (ipaddress.ip_network("10.0.0.0/8"),)])
def test_loopback_is_refused_unless_the_operator_says_otherwise(exceptions: Any) -> None:
    receiver = Receiver()

    assert send_to(receiver, exceptions=exceptions) == Failure(Fault.ADDRESS)
    assert receiver.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "localhost"])
def test_no_way_to_write_loopback_gets_there(host: str) -> None:
    receiver = Receiver()

    outcome = send_to(receiver, url=f"https://{host}/", exceptions=())

    assert outcome in (Failure(Fault.ADDRESS), Failure(Fault.NAME))
    assert receiver.connections == 0


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:169.254.169.254"], []])
def test_a_name_that_leads_inside_is_refused_even_if_one_of_its_addresses_is_public(addresses: list[str]) -> None:
    outcome = send_to(Receiver(), url="https://evil.example/", exceptions=(), resolve=answering(*addresses))

    assert outcome == Failure(Fault.ADDRESS)


def test_plain_http_goes_only_where_the_operator_allows_it() -> None:
    outcome = send_to(Receiver(), url="http://police.example/", resolve=answering("93.184.215.14"))

    assert outcome == Failure(Fault.ADDRESS)


def test_a_name_that_changes_its_mind_after_the_check_is_not_asked_again() -> None:
    """DNS rebinding: the address that was checked is the one that is connected to."""
    receiver, asked = Receiver(), []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async def run() -> None:
        async with receiver.running():
            url = f"http://police.example:{receiver.port}/in"
            sender = WebhookSender(url, (Signer(NEW),), LOOPBACK, resolve=rebinding)
            assert [await sender.send(MESSAGE, NOW, no) for _ in range(3)] == [Success(200)] * 3
            await sender.close()

    asyncio.run(run())
    assert asked == ["police.example"]
    assert {request.headers["host"] for request in receiver.requests} == {f"police.example:{receiver.port}"}


def test_a_name_that_does_not_exist_is_told_apart() -> None:
    async def nobody(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert send_to(Receiver(), url="https://nowhere.example/", resolve=nobody) == Failure(Fault.NAME)


def test_a_name_server_that_hangs_costs_no_more_than_the_limit() -> None:
    async def hangs(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    outcome = send_to(Receiver(), Limits(total=0.1), url="https://slow.example/", resolve=hangs)

    assert outcome == Failure(Fault.TIMEOUT)


def test_the_systems_resolver_answers_addresses() -> None:
    assert "127.0.0.1" in asyncio.run(LookUp()("127.0.0.1", 443))


def test_a_name_that_hangs_holds_one_thread_however_often_it_is_asked_and_no_other_endpoint() -> None:
    released, asked = threading.Event(), []

    def hangs(host: str, port: int, **_: Any) -> Sequence[Any]:
        asked.append(host)
        released.wait(60)
        return [(None, None, None, "", ("127.0.0.1", port))]

    async def run() -> Sequence[str]:
        stuck = LookUp(hangs)
        for _ in range(100):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stuck("slow.example", 443), 0.001)
        assert len(asked) == 1
        assert await LookUp()("127.0.0.1", 443)
        waiting = asyncio.create_task(stuck("slow.example", 443))
        await asyncio.sleep(0)
        released.set()
        return await waiting

    assert asyncio.run(run()) == ["127.0.0.1"], "who asks later gets the answer that is on its way"
    assert len(asked) == 1


def test_what_the_systems_resolver_does_not_know_is_told_as_a_name() -> None:
    def unknown(*_: Any, **__: Any) -> Sequence[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert send_to(Receiver(), url="https://x.example/", resolve=LookUp(unknown)) == Failure(Fault.NAME)


def test_each_address_of_a_host_is_tried_until_one_takes_the_connection() -> None:
    receiver = Receiver()

    async def run() -> None:
        async with receiver.running():
            url = f"http://police.example:{receiver.port}/in"
            dead = answering("127.0.0.2", "127.0.0.3", "127.0.0.1")  # nobody listens there
            sender = WebhookSender(url, (Signer(NEW),), LOOPBACK, PATIENT, resolve=dead)
            for _ in range(3):
                assert await sender.send(MESSAGE, NOW, no) == Success(200)
            await sender.close()

    asyncio.run(run())
    assert receiver.connections == 1, "later ones begin with the address that took it"


@pytest.mark.parametrize("count", range(1, MOST_ADDRESSES + 1))
def test_addresses_that_say_nothing_leave_time_for_the_last_one_and_its_answer(count: int) -> None:
    limits = Limits(connect=5, total=15)

    assert limits.connect_each(1) == 5
    assert limits.connect_each(count) * count < limits.total


def test_a_private_address_behind_public_ones_is_never_tried() -> None:
    receiver = Receiver()
    addresses = answering("93.184.215.14", "127.0.0.1")

    assert send_to(receiver, url="https://evil.example/", exceptions=(), resolve=addresses) == Failure(Fault.ADDRESS)
    assert receiver.connections == 0


@pytest.mark.parametrize(("host", "wanted"), [("police.example", Success(200)), ("other.example", Failure(Fault.TLS))])
def test_the_certificate_must_be_of_the_name_although_the_connection_goes_to_the_address(
    tmp_path: Path, host: str, wanted: Outcome
) -> None:
    certificate, key = _certificate("police.example")
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    names: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cadata=certificate.decode())

    async def run() -> Outcome | Withheld:
        receiver = Receiver(tls=served)
        async with receiver.running():
            sender = WebhookSender(
                f"https://{host}:{receiver.port}/in",
                (Signer(NEW),),
                LOOPBACK,
                tls=trusting,
                resolve=answering("127.0.0.1"),
            )
            try:
                return await sender.send(MESSAGE, NOW, no)
            finally:
                await sender.close()

    assert asyncio.run(run()) == wanted
    assert names == [host]


def _certificate(host: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), plain
