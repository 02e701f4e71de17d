"""The public keys that participants and their services are declared with, and what is asked of who has none."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.signing import PUBLIC_SIZE, key_id_of

GOLDEN = "56475aa75463474c"
"""Id of the key that signs the golden messages; its private half stands in schemas/golden/signing.json."""
EVERYBODYS = (
    f"{GOLDEN} is the key of the published test vectors (schemas/golden/signing.json), with which anybody can sign:"
    " declare a key of its holder's own, made by tocsin key new"
)
"""Why that key is declared for nobody."""


class SignaturePolicy(StrEnum):
    """Who must sign."""

    REQUIRED = "required"
    """Everybody: whoever is declared without a key can publish nothing."""
    WHERE_DECLARED = "where declared"
    """Whoever is declared with a key, own or a service's; the others publish unsigned."""


def _raw(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        raw = base64.b64decode(str(value), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(raw) != PUBLIC_SIZE:
        raise ValueError(f"a public Ed25519 key has {PUBLIC_SIZE} bytes, in base64 44 characters; these are {len(raw)}")
    return raw


class PublicKey(BaseModel):
    """A public key (Ed25519), and for which messages it counts: those that the broker appended within its time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public: Annotated[bytes, BeforeValidator(_raw)] = Field(repr=False)
    """Its 32 bytes; in the declaration in base64."""
    valid_from: AwareDatetime
    """Messages appended before are refused."""
    valid_until: AwareDatetime | None = None
    """Messages appended then or later are refused. A key that was stolen ends when it was."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self

    def counts_at(self, at: datetime) -> bool:
        """Whether it counts for a message that the broker appended at `at`."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def verifier(self) -> Ed25519PublicKey:
        """What verifies with it."""
        return Ed25519PublicKey.from_public_bytes(self.public)


def _by_their_ids(keys: Mapping[str, PublicKey]) -> Mapping[str, PublicKey]:
    for name, key in keys.items():
        if (wanted := key_id_of(key.public)) != name:
            raise ValueError(f"{name} is not the id of its key, which is {wanted}")
        if name == GOLDEN:
            raise ValueError(EVERYBODYS)
    return keys


PublicKeys = Annotated[dict[str, PublicKey], AfterValidator(_by_their_ids)]
"""Public keys by id (`key_id_of`): several where one follows another."""
