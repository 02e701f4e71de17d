"""What a task itself must remember: where it is in its input, what time it is there, and its two counters.

It lies in the changelog beside the stage's values, under keys that begin with NUL, which no table name does. The
counters have a record each, so that an idle partition writes a hundred bytes and not the whole list.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from streams.tasks.store import Store

FORMAT = 1
"""Version of the layout of keys and of these records. A changelog of another version needs a migration."""

POSITION_KEY = b"\0position"
_SENT = b"\0sent\0"
_HEARD = b"\0heard\0"


class Position(BaseModel):
    """The last record of every transaction."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    born: str
    """Names this changelog: one that was deleted and made anew has another."""
    from_start: bool
    """Whether the input began at offset 0 when the task was born."""
    next: int
    """Offset of the next input record."""
    state: int = 1
    """Format of the state values that its writer wrote; older ones may be there too."""
    now: int
    """The largest append timestamp seen in the input, milliseconds; never goes back."""

    def encoded(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decoded(cls, data: bytes) -> Position:
        """Raises pydantic.ValidationError."""
        return cls.model_validate_json(data)


def counter_records(sent: Mapping[str, int], heard: Mapping[str, int]) -> dict[bytes, bytes | None]:
    """Changelog entries of changed counters."""
    records: dict[bytes, bytes | None] = {_SENT + name.encode(): b"%d" % number for name, number in sent.items()}
    records.update((_HEARD + name.encode(), b"%d" % number) for name, number in heard.items())
    return records


def stored_counters(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    """Sent and heard numbers as the store has them."""
    sent, heard = (
        {key[len(prefix) :].decode(): int(value) for key, value in store.scan(prefix)} for prefix in (_SENT, _HEARD)
    )
    return sent, heard
