"""Provisioning waits for a broker that is away, and says so."""

from __future__ import annotations

import pytest

from tocsin.runtime.errors import Unavailable
from tocsin.runtime.patience import patiently


def test_whoever_provisions_is_told_once_why_it_waits() -> None:
    said: list[str] = []
    answers = iter([False, False, True])

    def look() -> str:
        if not next(answers):
            raise Unavailable("the broker does not answer")
        return "seen"

    assert patiently(look, 60, said.append) == "seen"
    assert said == ["the broker does not answer"]


def test_patience_ends() -> None:
    def look() -> None:
        raise Unavailable("the broker does not answer")

    with pytest.raises(Unavailable):
        patiently(look, 0, lambda why: None)
