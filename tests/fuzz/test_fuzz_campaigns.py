"""Hostile bytes never raise, each message to the gate is accounted for; a defect of a reader is noticed and kept."""

from __future__ import annotations

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_hostile_bytes_are_answered(name: str) -> None:
    line = fuzz.campaign(name, 1_500 if name in ("gate", "codec", "mrz") else 60, seed=7, shown=False)
    assert line["what"] == []
    if name == "gate":
        assert line["rejected"] > 1_000
        assert line["passed"] > 50
        assert line["rejected"] + line["passed"] == line["messages"]


def test_a_defect_is_named_and_its_input_kept(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    def broken(data: bytes) -> None:
        if b"\x1b" in data:
            raise ZeroDivisionError

    monkeypatch.setitem(TARGETS, "mrz", lambda: broken)
    monkeypatch.setattr(fuzz, "HERE", tmp_path)
    line = fuzz.campaign("mrz", 2_000, seed=1, shown=False)
    assert [what.split(" at ")[0] for what in line["what"]] == ["ZeroDivisionError"]
    (kept,) = (tmp_path / "found" / "mrz").iterdir()
    assert b"\x1b" in kept.read_bytes()
    assert fuzz.campaign("mrz", 1, seed=2, shown=False)["crashes"] == 1
