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


def taken_unsigned(participants: Participants, settings: Settings) -> str | None:
    """Of whom the gate takes messages that nobody signed, and where keys were looked for; None: of nobody."""
    unsigned = participants.unsigned
    if not unsigned:
        return None
    who = "anybody" if unsigned == participants.codes else ", ".join(unsigned)
    return f'{_no_key_for(who, settings)}; signatures = "where declared" then takes unsigned what is published for them'


def believing(participants: Participants, settings: Settings) -> str | None:
    """What a gate warns of when it is about to believe these keys; None: everybody who takes part can sign.

    Raises NotConfigured where everybody must sign and nobody can: each event would be refused, for good.
    """
    mute = participants.mute
    if mute == participants.codes:
        raise NotConfigured(
            f'{_no_key_for("anybody", settings)}, and signatures = "required" refuses whatever is not signed: take in'
            " the public keys (tocsin key add), or say where they are (TOCSIN_KEYS)"
        )
    if mute:
        return f"{_no_key_for(', '.join(mute), settings)}: all that they publish is refused"
    return taken_unsigned(participants, settings)


def _no_key_for(who: str, settings: Settings) -> str:
    """That no key is declared for them, with the files that were read."""
    keys = keys_file(settings)
    there = "" if keys.is_file() else ", which is not there"
    return f"no public key is declared for {who}, neither in {declaration_file(settings)} nor in {keys}{there}"
