"""Errors of provisioning, each one readable line for whoever typed the command."""

from __future__ import annotations

from tocsin.runtime.errors import TocsinError


class ProvisioningError(TocsinError):
    """Something could not be provisioned; the message says what and what to do."""


class ProvisioningRefused(ProvisioningError):
    """What is declared cannot be reached by adding to what is there: it needs a migration. Nothing was changed."""


class RegistryReadOnly(ProvisioningError):
    """The registry takes no changes, and schemas have to be registered."""
