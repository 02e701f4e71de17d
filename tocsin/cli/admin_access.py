"""Options that say which cluster is administered, and with whose secret: never the secret itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Connection, Settings, connect

ADMIN = "admin"
"""The super user of a stack of ours, and the default on other clusters."""

Bootstrap = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT,...", help="The broker. Default: TOCSIN_BOOTSTRAP, else the local stack's."),
]
Registry = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The schema registry (Confluent API). Default: TOCSIN_REGISTRY, else the local stack's."
    ),
]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Kafka user that administers. Default: TOCSIN_USER, else admin."),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Its password, in a file; - reads it from standard input. Default: TOCSIN_PASSWORD, else the file"
        " secrets/USER in the state folder, else it is asked for.",
    ),
]
Protocol = Annotated[
    str | None, typer.Option("--protocol", help="SASL_SSL or SASL_PLAINTEXT. Default: TOCSIN_SECURITY_PROTOCOL.")
]
CaFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Certificates (PEM) to trust. Default: TOCSIN_CA_FILE.")
]


def settings_with(**given: Any) -> Settings:
    """The settings, with what was given (is not None) on top."""
    return Settings(**{name: value for name, value in given.items() if value is not None})


def admin_connection(settings: Settings, password_file: Path | None = None) -> Connection:
    """The administrator's way to the cluster; asks for the password on a terminal when it is nowhere to be found.

    Raises NotConfigured.
    """
    user = settings.user or ADMIN
    password = settings.password
    if password_file is not None:
        password = _read(password_file)
    elif password is None and not (settings.state / "secrets" / user).exists() and sys.stdin.isatty():
        password = SecretStr(typer.prompt(f"Password of {user}", hide_input=True, err=True))
    return connect(ADMIN, settings.model_copy(update={"password": password}))


def _read(file: Path) -> SecretStr:
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"the password cannot be read from {file}: {error}") from error
    if not text.strip():
        raise NotConfigured(f"no password is in {'standard input' if str(file) == '-' else file}")
    return SecretStr(text.strip())
