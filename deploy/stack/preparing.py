"""What servers in containers need before their first start: passwords, certificates, the broker's configuration.

The same files as the local stack's, for servers that somebody else starts (deploy/compose.yaml).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deploy.stack import certificates, kafka, secret_files
from tocsin.runtime.key_files import new_pair

CLIENT_PORT, CONTROLLER_PORT = 9093, 9094
FOLDERS = ("registry", "forwarder/secrets", "heads", "prometheus", "stores/joins-1", "stores/joins-2", "stores/cases")
"""What the containers write, beside the broker's own folder."""
AUDITOR_KEY = "auditor.pem"
"""The key that the heads of the audit are signed with; its public half stands beside it."""


def prepare(state: Path, broker: str, others: Sequence[str] = ()) -> None:
    """Fill `state` for a broker that clients know as `broker`, and servers called `others`.

    Run again it keeps every secret, and renews the server certificate where that is due or names change. Paths in what
    it writes are those of `state` as it is given. Raises StackError.
    """
    secret_files.folder(state)
    made = certificates.ensure(state / "tls", (broker, *others, *certificates.LOCAL))
    if not (state / AUDITOR_KEY).exists():
        new_pair(state / AUDITOR_KEY)
    (state / "keys.toml").touch()  # public keys: mounted before there are any
    for name in ("broker", *FOLDERS):
        (state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    node = kafka.Node(1, CLIENT_PORT, CONTROLLER_PORT)
    kafka.write_properties(state / "broker", state, node, [node], made, listen="0.0.0.0", advertised=broker)
