"""Where the participants are declared: one answer for every command and every worker."""

from __future__ import annotations

from pathlib import Path

import deploy
from deploy.provision.signing_keys import KEYS
from schemas.participants import Participants, load_participants
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Settings

SHIPPED = Path(deploy.__file__).with_name("bureaus.toml")
"""The declaration that Tocsin ships."""


def own_declaration(settings: Settings) -> Path:
    """The declaration that is ours to change: TOCSIN_BUREAUS, else bureaus.toml in the state folder."""
    return settings.bureaus or settings.state / "bureaus.toml"


def declaration_file(settings: Settings) -> Path:
    """The declaration that counts: our own, where there is one, else the one that is shipped."""
    own = own_declaration(settings)
    return own if settings.bureaus or own.exists() else SHIPPED


def keys_file(settings: Settings) -> Path:
    """Where public keys are kept beside the declaration, if anywhere."""
    return settings.keys or settings.state / KEYS


def declared(settings: Settings) -> Participants:
    """The participants that the settings point to, with their public keys. Raises DeclarationError, NotConfigured."""
    keys = keys_file(settings)
    if settings.keys is not None and not keys.is_file():
        raise NotConfigured(f"the public keys are not there: {keys} (TOCSIN_KEYS)")
    return load_participants(declaration_file(settings), keys)
