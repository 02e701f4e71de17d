"""Errors of provisioning, each one readable line for whoever typed the command."""

from __future__ import annotations

from tocsin.runtime.errors import TocsinError


class ProvisioningError(TocsinError):
    """Something could not be provisioned; the message says what and what to do."""


class ProvisioningRefused(ProvisioningError):
    """What is declared needs a migration, or a password of a user that was not made from here. Nothing was changed."""


class RegistryReadOnly(ProvisioningError):
    """The registry takes no changes, and schemas have to be registered."""
