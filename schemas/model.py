"""The base of every message and state value: frozen, closed, documented field by field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

_MILLISECOND = timedelta(milliseconds=1)


class Model(BaseModel):
    """A value that is never changed after it was made. The docstring under a field is its Avro `doc`."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )


def whole_milliseconds(value: datetime) -> datetime:
    """`value` in UTC, cut to the millisecond. Raises ValueError for a time without a zone."""
    if value.tzinfo is None:
        raise ValueError("a time needs its zone (UTC)")
    value = value.astimezone(UTC)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


Timestamp = Annotated[datetime, AfterValidator(whole_milliseconds)]
"""A point in time in UTC, whole milliseconds: Avro timestamp-millis."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = 253_402_300_799_999
"""The last millisecond that is a point in time here: the end of the year 9999."""


def millis(value: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return (value - _EPOCH) // _MILLISECOND


def timestamp(value: int) -> datetime:
    """The point in time `value` milliseconds after 1970-01-01 UTC. Raises OverflowError outside the years 1 to 9999."""
    return _EPOCH + value * _MILLISECOND
