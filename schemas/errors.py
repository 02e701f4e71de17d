"""Errors of the contract: all mean that the bytes or the declaration are wrong, never that something is away."""

from __future__ import annotations


class SchemaError(ValueError):
    """Root: something does not follow the contract."""


class Undecodable(SchemaError):
    """The bytes are not a message in Confluent wire format with the schema they name."""


class UnknownSchema(SchemaError):
    """The registry knows no schema with this id, or it is none of ours."""

    def __init__(self, schema_id: int, why: str = "the registry does not know it") -> None:
        super().__init__(f"schema id {schema_id}: {why}; register schemas by tocsin provision, never by the client")
        self.schema_id = schema_id


class InvalidMessage(SchemaError):
    """Decoded, but a field is not what the contract says. `place` is the field's path."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place
        self.why = why


class NotProvisioned(SchemaError):
    """One of our own schemas has no id in the registry: `tocsin provision` has not run, or for another version."""


class DeclarationError(SchemaError):
    """bureaus.toml declares something that cannot be; the message says where."""
