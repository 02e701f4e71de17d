"""Who publishes, with which secret and which key: one answer for every command that publishes."""

from __future__ import annotations

from schemas.topics import service_user
from tocsin.cli.declaration import declared
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Connection, Settings, connect, private_key_of


def publishing_as(code: str, settings: Settings, service: str | None = None) -> Connection:
    """The connection of a participant, or of a service of it, that publishes.

    Raises NotConfigured, also when it must sign and has no key to sign with: nothing that it said would pass.
    """
    user = code if service is None else service_user(code, service)
    connection = connect(user, settings)
    participants = declared(settings)
    if connection.signing_key is None and code in participants and participants.must_sign(code):
        raise NotConfigured(
            f"{connection.user} must sign what it publishes, and there is no key to sign with at"
            f" {private_key_of(connection.user, settings.state)} (TOCSIN_SIGNING_KEY names another file; a pair is made"
            " by: tocsin key new)"
        )
    return connection
