"""The doctor's looks at what is away, at processes and certificates: each says what it saw, none raises or hangs."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from typer.testing import CliRunner

import deploy
from deploy.doctor import looking
from deploy.doctor.looking import look
from deploy.stack.errors import StackError
from schemas.participants import load_participants
from tocsin.cli import build
from tocsin.runtime.settings import Connection

ENDS = datetime(2099, 5, 1, tzinfo=UTC)


PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))


@pytest.fixture(autouse=True)
def _impatient_with_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here has one."""
    monkeypatch.setattr(looking, "BROKER_S", 0.1)


def connection(**changes: object) -> Connection:
    values = {"bootstrap": "127.0.0.1:1", "registry": "http://127.0.0.1:1", "user": "admin", "password": SecretStr("x")}
    return Connection.model_validate(values | {"security_protocol": "SASL_PLAINTEXT"} | changes)


@contextmanager
def answering(health: tuple[int, str], metrics: str) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = health if self.path == "/healthz" else (200, metrics)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answers)) as port:
        yield f"127.0.0.1:{port}"


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def targets(tmp_path: Path, **addresses: str) -> Path:
    file = tmp_path / "targets.json"
    labelled = [{"targets": [at], "labels": {"instance": name, "role": name}} for name, at in addresses.items()]
    file.write_text(json.dumps(labelled))
    return file


def test_everything_away_is_said_and_not_raised(tmp_path: Path) -> None:
    file = targets(tmp_path, gate="127.0.0.1:1")
    seen = look(connection(security_protocol="SASL_SSL"), PARTICIPANTS, tmp_path / "none", file)
    assert "127.0.0.1:1" in (seen.broker.trouble or "")
    assert "does not answer" in (seen.registry.trouble or "")
    assert [(one.name, bool(one.trouble)) for one in seen.processes] == [("gate", True)]
    assert [one.where for one in seen.certificates if one.trouble] == ["127.0.0.1:1"]
    assert seen.disks == ()


def test_a_process_is_heard_in_its_own_words(tmp_path: Path) -> None:
    shown = '# TYPE tocsin_x gauge\ntocsin_x{stage="cases"} 3\n'
    with (
        answering((200, "ready\n"), shown) as well,
        answering((503, "not ready: rebalancing\n"), shown) as not_ready,
        answering((200, "ok"), "<html>somebody else</html>") as stranger,
    ):
        file = targets(tmp_path, gate=well, joins=not_ready, cases=stranger)
        gate, joins, cases = look(connection(), PARTICIPANTS, tmp_path, file).processes
    assert (gate.trouble, gate.figures) == (None, (("tocsin_x", {"stage": "cases"}, 3.0),))
    assert joins.trouble == "not ready: rebalancing"
    assert "no metrics of ours" in (cases.trouble or "")


def test_a_file_that_names_no_targets_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "targets.json"
    file.write_text('{"targets": 3}')
    for wrong in (file, tmp_path / "none.json"):
        with pytest.raises(StackError, match="file_sd"):
            look(connection(), PARTICIPANTS, tmp_path, wrong)


def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(ENDS)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "listener.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def test_a_listeners_certificate_is_looked_at_as_a_client_does(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server) as port:
        registry = f"https://127.0.0.1:{port}"
        trusting = look(connection(registry=registry, ca_file=pem), PARTICIPANTS, tmp_path)
        doubting = look(connection(registry=registry), PARTICIPANTS, tmp_path)
    (trusted,), (doubted,) = trusting.certificates, doubting.certificates
    assert (trusted.trouble, trusted.ends) == (None, ENDS.timestamp())
    assert "not to be trusted" in (doubted.trouble or "")


def test_without_a_stack_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(build(), ["doctor", "--state", str(tmp_path)])
    assert done.exit_code == 1
    assert "tocsin up" in str(done.exception)
