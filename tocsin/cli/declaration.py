"""Where the participants are declared: one answer for every command and every worker."""

from __future__ import annotations

from pathlib import Path

import deploy
from schemas.participants import Participants, load_participants
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


def declared(settings: Settings) -> Participants:
    """The participants that the settings point to. Raises DeclarationError."""
    return load_participants(declaration_file(settings))
