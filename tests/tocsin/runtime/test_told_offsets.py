"""An offset that the client made up is no answer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException

from tocsin.runtime.told_offsets import told_offset


def test_what_a_broker_told_is_taken() -> None:
    assert [told_offset(SimpleNamespace(offset=offset)) for offset in (0, 7, -1)] == [0, 7, -1]


def test_what_no_broker_told_is_trouble_that_passes() -> None:
    with pytest.raises(KafkaException) as raised:
        told_offset(SimpleNamespace(offset=OFFSET_INVALID))
    assert raised.value.args[0].code() == KafkaError._TIMED_OUT
