"""The schema registry (Apicurio) with its database in one file, bound to loopback.

It runs in one of two ways. *Writable* while provisioning registers subjects, and *read-only* from then on: the
storage itself refuses every change, whichever API asks for it (Confluent's or Apicurio's own, administration
included), and settings cannot be changed over REST, so nobody can switch that back without the operator's files.
"""

from __future__ import annotations

from pathlib import Path

from deploy.stack import java
from deploy.stack.artifacts import Artifacts
from deploy.stack.certificates import Certificates

CCOMPAT = "/apis/ccompat/v7"
READY = "/health/ready"


def prepare(
    folder: Path,
    artifacts: Artifacts,
    port: int,
    health_port: int,
    *,
    writable: bool,
    certificates: Certificates | None = None,
) -> tuple[str, ...]:
    """The command that runs the registry; its database lies in `folder`. With `certificates` it speaks https only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = properties(folder, port, health_port, writable=writable, certificates=certificates)
    return java.command(
        artifacts.java,
        folder / ("arguments-writable" if writable else "arguments"),
        [
            "-Xms64m",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            # It answers a few questions a minute: compiling it well costs 3 s of processor time at each start.
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            *(f"-D{name}={value}" for name, value in settings.items()),
            "-jar",
            str(artifacts.registry / "quarkus-run.jar"),
        ],
    )


def properties(
    folder: Path,
    port: int,
    health_port: int,
    *,
    writable: bool,
    certificates: Certificates | None = None,
    listen: str = "127.0.0.1",
) -> dict[str, str | int]:
    """The registry's settings: its database in `folder`, served at the address `listen`, its health on loopback."""
    return _transport(port, certificates) | {
        "quarkus.http.host": listen,
        # Health and metrics are served by a second listener; left alone it binds to every address, port 9000.
        "quarkus.management.host": "127.0.0.1",
        "quarkus.management.port": health_port,
        # The audit log names every change; a line for each read as well only hides them.
        'quarkus.log.category."io.quarkus.http.access-log".level': "WARN",
        "apicurio.storage.kind": "sql",
        "apicurio.storage.sql.kind": "h2",
        "apicurio.datasource.url": f"jdbc:h2:file:{folder / 'registry'}",
        "apicurio.datasource.jdbc.initial-size": 2,
        "apicurio.datasource.jdbc.min-size": 2,
        "apicurio.datasource.jdbc.max-size": 20,
        # Opening the database takes longer than the default of 5 s on a machine that is busy, and a registry that has
        # missed it once stays unready for ever.
        "quarkus.datasource.h2.jdbc.acquisition-timeout": "PT2M",
        "apicurio.storage.read-only.enabled": str(not writable).lower(),
        # A setting changed over REST is kept in the database and wins over this list: allow none, in either way.
        "apicurio.config.dynamic.allow-all": "false",
    }


def _transport(port: int, certificates: Certificates | None) -> dict[str, str | int]:
    if certificates is None:
        return {"quarkus.http.port": port}
    return {
        "quarkus.http.ssl-port": port,
        "quarkus.http.insecure-requests": "disabled",
        "quarkus.http.ssl.certificate.files": str(certificates.certificate),
        "quarkus.http.ssl.certificate.key-files": str(certificates.key),
    }
