"""The schema registry (Apicurio) with its database in one file, bound to loopback.

It runs in one of two ways. *Writable* while provisioning registers subjects, and *read-only* from then on: the
storage itself refuses every change, whichever API asks for it (Confluent's or Apicurio's own, administration
included), and settings cannot be changed over REST, so nobody can switch that back without the operator's files.
"""

from __future__ import annotations

from pathlib import Path

from deploy.stack import java
from deploy.stack.artifacts import Artifacts

CCOMPAT = "/apis/ccompat/v7"
READY = "/health/ready"


def prepare(folder: Path, artifacts: Artifacts, port: int, health_port: int, *, writable: bool) -> tuple[str, ...]:
    """The command that runs the registry; its database lies in `folder`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    properties = {
        "quarkus.http.host": "127.0.0.1",
        "quarkus.http.port": port,
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
            *(f"-D{name}={value}" for name, value in properties.items()),
            "-jar",
            str(artifacts.registry / "quarkus-run.jar"),
        ],
    )
